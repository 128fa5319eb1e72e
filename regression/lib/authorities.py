"""Authoritative servers with and without TLS (BIND, NSD, and one played by Python that does what it should not), below a
root of their own. Used by the end-to-end tests of DNS over TLS to name servers. Each serves one zone with a wildcard."""
import socket
import ssl
import struct
import threading
import time

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

import netns
from client import read_framed
from served import Listening

ROOT, BIND, NSD, PLAIN, PLAYED = (f"127.0.0.{number}" for number in range(20, 25))
ZONES = {"plain.test": PLAIN, "bind.test": BIND, "nsd.test": NSD, "played.test": PLAYED}
HINTS = f". 3600000 IN NS ns.root.\nns.root. 3600000 IN A {ROOT}\n"


def root_zone():
    lines = [". 86400 IN SOA ns.root. host.root. 1 3600 600 86400 60", ". 86400 IN NS ns.root.", f"ns.root. 86400 IN A {ROOT}"]
    for zone, address in ZONES.items():
        lines += [f"{zone}. 86400 IN NS ns.{zone}.", f"ns.{zone}. 86400 IN A {address}"]
    return "\n".join(lines) + "\n"


def zone_text(zone):
    if zone == ".":
        return root_zone()
    address = ZONES[zone]
    return (f"{zone}. 3600 IN SOA ns.{zone}. host.{zone}. 1 3600 600 86400 60\n{zone}. 3600 IN NS ns.{zone}.\n"
            f"ns.{zone}. 3600 IN A {address}\n*.{zone}. 60 IN A {data_of(zone)}\n")


def data_of(zone):
    return ZONES[zone].replace("127.0.0.", "192.0.2.")


class Authority(Listening):
    """A program that serves its zone at its address, over UDP, TCP and, with certificates, TLS."""
    zone = ""

    def __init__(self, certificates=None):
        super().__init__()
        self.ports = (53, 853) if certificates else (53,)
        self.certificates = certificates
        if certificates:
            self.certificate, self.key, _ = certificates.issue(self.zone, self.address)
        self.write("zone", zone_text(self.zone))


class Bind(Authority):
    program, address, zone = "named", BIND, "bind.test"

    def start(self):
        netns.ip(f"addr replace {self.address}/32 dev lo")  # it listens on addresses of interfaces only
        super().start()

    def options(self):
        return ["-g", "-4", "-n", "1", "-c", f"{self.folder}/config"]

    def config(self):
        return f"""tls local {{ cert-file "{self.certificate}"; key-file "{self.key}"; }};
options {{
  directory "{self.folder}";
  listen-on port 53 {{ {self.address}; }};
  listen-on port 853 tls local {{ {self.address}; }};
  listen-on-v6 {{ none; }};
  recursion no; dnssec-validation no; pid-file none; session-keyfile none; lock-file none;
}};
controls {{ }};
zone "{self.zone}" {{ type primary; file "zone"; }};
"""


class Nsd(Authority):
    program, address, zone = "nsd", NSD, "nsd.test"

    def options(self):
        return ["-d", "-c", f"{self.folder}/config"]

    def config(self):
        tls = f"""  ip-address: {self.address}@853
  tls-port: 853
  tls-service-key: "{self.key}"
  tls-service-pem: "{self.certificate}"
""" if self.certificates else ""
        return f"""server:
  ip-address: {self.address}@53
{tls}  server-count: 1
  username: ""
  chroot: ""
  database: ""
  zonesdir: "{self.folder}"
  pidfile: "{self.folder}/pid"
  xfrdfile: "{self.folder}/xfrd"
  xfrdir: "{self.folder}"
  zonelistfile: "{self.folder}/zonelist"
remote-control:
  control-enable: no
zone:
  name: {self.zone}
  zonefile: zone
"""


class Root(Nsd):
    """Without TLS."""
    address, zone = ROOT, "."


class Plain(Nsd):
    """Likewise."""
    address, zone = PLAIN, "plain.test"


class PlayedAuthority:
    """Serves played.test over UDP and over TLS, where `fault` says what is wrong with it:
    none, hangs (no handshake), stalls (no answer), garbage (no TLS), junk (no DNS), closes (after each answer), drips
    (an octet now and then), refuses (servers that do not listen)."""
    address, zone = PLAYED, "played.test"

    def __init__(self, certificates, fault="none"):
        certificate, key, _ = certificates.issue("played", self.address)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.context.set_alpn_protocols(["dot"])
        self.context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self.fault, self.open, self.most_open = fault, 0, 0
        self.udp_questions, self.tls_questions, self.resumed, self.protocols, self.names = [], [], [], [], []
        self.lock = threading.Lock()

    def __enter__(self):
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((self.address, 53))
        self.listener = socket.create_server((self.address, 853), backlog=256)
        self.udp.settimeout(0.1)
        self.threads = [threading.Thread(target=serve, daemon=True) for serve in (self.serve_udp, self.serve_tls)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.fault = "over"
        self.refuse()
        for thread in self.threads:
            thread.join()
        self.udp.close()

    def refuse(self):
        """From now on nobody listens for TLS."""
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def serve_udp(self):
        while self.fault != "over":
            try:
                wire, client = self.udp.recvfrom(4096)
            except TimeoutError:
                continue
            self.udp_questions.append(wire)
            self.udp.sendto(reply(wire), client)

    def serve_tls(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.counted, args=(raw,), daemon=True).start()

    def counted(self, raw):
        with self.lock:
            self.open += 1
            self.most_open = max(self.most_open, self.open)
        try:
            self.converse(raw)
        except (OSError, EOFError, ValueError):
            pass
        finally:
            raw.close()
            with self.lock:
                self.open -= 1

    def wait_while(self, fault, connection):
        """Until another fault is in force or the other side has gone."""
        connection.settimeout(0.05)
        while self.fault == fault:
            try:
                if not connection.recv(4096):
                    return
            except (TimeoutError, ssl.SSLWantReadError):
                pass

    def converse(self, raw):
        if self.fault == "hangs":
            return self.wait_while("hangs", raw)
        if self.fault == "garbage":
            raw.sendall(b"220 mail.example.net ESMTP\r\n" * 20)
            return self.wait_while("garbage", raw)
        with self.context.wrap_socket(raw, server_side=True) as connection:
            self.resumed.append(connection.session_reused)
            self.protocols.append(connection.selected_alpn_protocol())
            while self.answer(connection):
                pass
        return None

    def answer(self, connection):
        """One question; false: the connection is over."""
        wire = read_framed(connection)
        self.tls_questions.append(wire)
        fault = self.fault
        if fault == "stalls":
            self.wait_while("stalls", connection)
            return False
        if fault == "junk":
            connection.sendall(framed(wire[:2] + b"\xff" * 40))
            return True
        if fault == "drips":
            for octet in framed(reply(wire)):
                connection.sendall(bytes([octet]))
                time.sleep(0.2)
            return True
        connection.sendall(framed(reply(wire)))
        return fault != "closes"


def framed(wire):
    return struct.pack("!H", len(wire)) + wire


def reply(wire):
    query = dns.message.from_wire(wire)
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.AA
    asked = query.question[0]
    if asked.rdtype == dns.rdatatype.A:
        answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", "A", data_of("played.test")))
    elif asked.rdtype == dns.rdatatype.SOA and asked.name.to_text() == "played.test.":
        answer.answer.append(soa())
    else:
        answer.authority.append(soa())
    return answer.to_wire()


def soa():
    return dns.rrset.from_text("played.test.", 60, "IN", "SOA", "ns.played.test. host.played.test. 1 3600 600 86400 60")
