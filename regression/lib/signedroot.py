"""A root zone that signs its answers as they are asked for, by a clock that can be stepped, with whatever keys it is told
to publish. Used by the tests that follow a roll-over of the root's keys; answers over UDP and TCP from one thread each."""
import socket
import struct
import threading

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass as C
import dns.rdatatype as T
import dns.rrset
from cryptography.hazmat.primitives.asymmetric import ec

ROOT, SERVER = dns.name.root, dns.name.from_text("ns.")
ADDRESS, TTL, DAY = "127.99.0.1", 172800, 86400
SEP, REVOKE, ZONE = 0x0001, 0x0080, 0x0100


class Key:
    """A key pair; `revoked` is the same key with the bit set."""

    def __init__(self, flags=ZONE | SEP, private=None):
        self.private = private or ec.generate_private_key(ec.SECP256R1())
        self.record = dns.dnssec.make_dnskey(self.private.public_key(), "ECDSAP256SHA256", flags=flags)

    def revoked(self):
        return Key(ZONE | SEP | REVOKE, self.private)

    def ds(self):
        return dns.dnssec.make_ds(ROOT, self.record, "SHA256").to_text()

    def sign(self, rrset, now):
        begin = int(now) // DAY * DAY - DAY
        return dns.dnssec.sign(rrset, self.private, ROOT, self.record, inception=begin, expiration=begin + 15 * DAY)


class SignedRoot:
    """Names are `NAME.` with a TXT record each, whatever they are. `now` gives the seconds since 1970."""

    def __init__(self, now):
        self.now, self.zone_key = now, Key(ZONE)
        self.published, self.signing = [], []
        self.asked = []
        self.sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()]
        for one in self.sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((ADDRESS, 53))
            one.settimeout(0.1)
        self.sockets[1].listen()
        self.closing = False
        self.threads = [threading.Thread(target=serve, daemon=True) for serve in (self.serve_udp, self.serve_tcp)]
        for thread in self.threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closing = True
        for thread in self.threads:
            thread.join()
        for one in self.sockets:
            one.close()

    def publish(self, keys, signing):
        self.published, self.signing = list(keys), list(signing)

    def count(self, rdtype):
        return sum(1 for _, asked in list(self.asked) if asked == rdtype)

    def serve_udp(self):
        while not self.closing:
            try:
                wire, client = self.sockets[0].recvfrom(4096)
                self.sockets[0].sendto(self.answer(wire), client)
            except OSError:  # nothing to read for a while
                continue

    def serve_tcp(self):
        while not self.closing:
            try:
                client, _ = self.sockets[1].accept()
                with client:
                    size = struct.unpack("!H", client.recv(2))[0]
                    wire = self.answer(client.recv(size))
                    client.sendall(struct.pack("!H", len(wire)) + wire)
            except (OSError, struct.error):
                continue

    def records(self, name, rdtype):
        """The set that is at this name and type; None when there is none."""
        if name == ROOT and rdtype == T.DNSKEY:
            keys = [key.record for key in [*self.published, self.zone_key]]
            return dns.rrset.from_rdata_list(name, TTL, keys)
        texts = {(ROOT, T.NS): "ns.", (ROOT, T.SOA): "ns. . 1 1800 900 604800 60", (SERVER, T.A): ADDRESS}
        text = texts.get((name, rdtype))
        if text is None and name not in (ROOT, SERVER) and rdtype == T.TXT:
            text = '"here"'
        return dns.rrset.from_text(name, 3600, C.IN, rdtype, text) if text else None

    def signed(self, rrset):
        keys = self.signing if rrset.rdtype == T.DNSKEY else [self.zone_key]
        signatures = [key.sign(rrset, self.now()) for key in keys]
        return [rrset, dns.rrset.from_rdata_list(rrset.name, rrset.ttl, signatures)] if signatures else [rrset]

    def denial(self, name):
        """NODATA, with the one NSEC that says so."""
        types = {ROOT: "NS SOA RRSIG NSEC DNSKEY", SERVER: "A RRSIG NSEC"}.get(name, "TXT RRSIG NSEC")
        following = dns.name.Name([b"\0", *name.labels])
        nsec = dns.rrset.from_text(name, 60, C.IN, T.NSEC, f"{following} {types}")
        return self.signed(self.records(ROOT, T.SOA)) + self.signed(nsec)

    def answer(self, wire):
        question = dns.message.from_wire(wire)
        reply = dns.message.make_response(question)
        reply.use_edns(0, dns.flags.DO, payload=4096)
        reply.flags |= dns.flags.AA
        name, rdtype = question.question[0].name, question.question[0].rdtype
        self.asked.append((str(name), rdtype))
        found = self.records(name, rdtype)
        if found is not None:
            reply.answer += self.signed(found)
        else:
            reply.authority += self.denial(name)
        return reply.to_wire(max_size=65535)
