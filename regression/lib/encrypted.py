"""Resolvers that are asked over TLS and HTTPS (unbound, knot-resolver, dnsdist, and one played by Python), and the
certificates they show. Used by the end-to-end tests of encrypted upstreams; each server answers www.peer.net with an address
of its own."""
import base64
import datetime
import hashlib
import ipaddress
import os
import shutil
import socket
import ssl
import tempfile
import threading

import dns.message
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from client import read_framed
from served import Listening

NAME = "dns.example.net"  # that the certificates are for
DAY = datetime.timedelta(days=1)


class Certificates:
    """A folder with an authority, and what it signs; use as a context manager."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="rootwalk-certificates.")
        os.chmod(self.folder, 0o755)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.authority = self.sign("Test Authority", self.key.public_key(), [], authority=True)
        self.ca = self.write("ca.pem", self.authority.public_bytes(serialization.Encoding.PEM))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, name, content):
        path = f"{self.folder}/{name}"
        with open(path, "wb") as file:
            file.write(content)
        os.chmod(path, 0o644)
        return path

    def sign(self, subject, key, names, authority=False, last_day=10):
        def named(text):
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
        today = datetime.datetime.utcnow()
        builder = (x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named("Test Authority"))
                   .public_key(key).serial_number(x509.random_serial_number())
                   .not_valid_before(today - 20 * DAY).not_valid_after(today + last_day * DAY)
                   .add_extension(x509.BasicConstraints(authority, None), critical=True))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, file, address, last_day=10):
        """A certificate for NAME and the address: (path of it, path of its key, its pin)."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address(address))]
        signed = self.sign(NAME, key.public_key(), names, last_day=last_day)
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                serialization.NoEncryption())
        info = key.public_key().public_bytes(serialization.Encoding.DER,
                                             serialization.PublicFormat.SubjectPublicKeyInfo)
        pin = base64.b64encode(hashlib.sha256(info).digest()).decode()
        return self.write(file + ".pem", signed.public_bytes(serialization.Encoding.PEM)), self.write(file + ".key", pem), pin


class Server(Listening):
    """A program that answers www.peer.net with `data` over TLS (port 853) and HTTPS (port 443) at `address`."""
    data, ports = "", (853, 443)

    def __init__(self, certificates):
        super().__init__()
        self.certificate, self.key, self.pin = certificates.issue(self.program, self.address)


class Unbound(Server):
    program, address, data = "unbound", "127.0.0.11", "192.0.2.11"

    def options(self):
        return ["-d", "-p", "-c", self.file]

    def config(self):
        return f"""server:
  interface: {self.address}@853
  interface: {self.address}@443
  tls-port: 853
  https-port: 443
  tls-service-key: {self.key}
  tls-service-pem: {self.certificate}
  access-control: 127.0.0.0/8 allow
  username: ""
  chroot: ""
  use-syslog: no
  local-zone: "peer.net." static
  local-data: "www.peer.net. 60 A {self.data}"
remote-control:
  control-enable: no
"""


class KnotResolver(Server):
    program, address, data = "kresd", "127.0.0.12", "192.0.2.12"

    def options(self):
        return ["-n", "-q", "-c", self.file, self.folder]

    def config(self):
        return f"""net.listen('{self.address}', 853, {{ kind = 'tls' }})
net.listen('{self.address}', 443, {{ kind = 'doh2' }})
net.tls('{self.certificate}', '{self.key}')
modules = {{ 'hints > iterate' }}
hints.set('www.peer.net {self.data}')
trust_anchors.remove('.')
cache.size = 10 * MB
"""


class Dnsdist(Server):
    program, address, data = "dnsdist", "127.0.0.13", "192.0.2.13"

    def options(self):
        return ["--supervised", "--disable-syslog", "-C", self.file]

    def config(self):
        return f"""setSecurityPollSuffix('')
addTLSLocal('{self.address}:853', '{self.certificate}', '{self.key}')
addDOHLocal('{self.address}:443', '{self.certificate}', '{self.key}', '/dns-query')
newServer('127.0.0.1:9')
addAction("peer.net.", SpoofAction({{'{self.data}'}}))
"""


class PlayedServer:
    """DNS over TLS, one thread a connection. `drop` is how many connections are closed at their second question. Notes
    the questions and, of each connection, whether it was resumed."""
    address = "127.0.0.14"

    def __init__(self, certificates, last_day=10, drop=0):
        certificate, key, self.pin = certificates.issue("played", self.address, last_day)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.context.set_alpn_protocols(["dot"])
        self.drop, self.questions, self.resumed = drop, [], []

    def __enter__(self):
        self.listener = socket.create_server((self.address, 853))
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def serve(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.converse, args=(raw,), daemon=True).start()

    def converse(self, raw):
        try:
            with self.context.wrap_socket(raw, server_side=True) as connection:
                self.resumed.append(connection.session_reused)
                drops = self.drop >= len(self.resumed)
                for number in range(1000):
                    wire = read_framed(connection)
                    self.questions.append(wire)
                    if drops and number == 1:
                        connection.shutdown(socket.SHUT_WR)  # a reset would take back what was sent before, tickets too
                        while connection.recv(4096):
                            pass
                        return
                    connection.sendall(framed(reply(wire)))
        except (OSError, EOFError):
            return


def framed(wire):
    return len(wire).to_bytes(2, "big") + wire


def reply(wire):
    answer = dns.message.make_response(dns.message.from_wire(wire), recursion_available=True)
    answer.answer.append(dns.rrset.from_text(answer.question[0].name, 60, "IN", "A", "192.0.2.14"))
    return answer.to_wire()
