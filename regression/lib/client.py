"""Asks DNS questions the way a client does, over UDP or TCP, IPv4 or IPv6, one or thousands at once.
Used by the end-to-end tests; answers are dnspython messages with a few readable shortcuts."""
import selectors
import socket
import struct
import time

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

EDE_OPTION = 15


class Answer:
    """What came back to one question; `message` is None when nothing came in time."""

    def __init__(self, wire, seconds):
        self.wire, self.seconds = wire, seconds
        self.message = parsed(wire) if wire else None

    def __repr__(self):
        if self.message is None:
            return f"<no answer in {self.seconds:.1f} s>"
        return f"<{self.seconds:.3f} s, extended errors {self.extended_errors()}>\n{self.message}"

    @property
    def rcode(self):
        return dns.rcode.to_text(self.message.rcode()) if self.message else "none"

    def has_flag(self, flag):
        return bool(self.message.flags & getattr(dns.flags, flag))

    def data(self, rdtype, section="answer"):
        """The texts of all records of a type in a section, sorted."""
        wanted = dns.rdatatype.from_text(rdtype)
        sets = getattr(self.message, section) if self.message else []
        return sorted(rdata.to_text() for rrset in sets if rrset.rdtype == wanted for rdata in rrset)

    def ttl(self, rdtype, section="answer"):
        wanted = dns.rdatatype.from_text(rdtype)
        return next(rrset.ttl for rrset in getattr(self.message, section) if rrset.rdtype == wanted)

    def extended_errors(self):
        """(code, text) of each extended error (RFC 8914)."""
        options = self.message.options if self.message else []
        return [(int(o.code), o.text or "") for o in options if o.otype == EDE_OPTION]

    def failure_reasons(self):
        """The extended errors without 13, Cached Error, which only says that they were found in the cache."""
        return [error for error in self.extended_errors() if error[0] != 13]

    def option(self, number):
        return next((o for o in self.message.options if o.otype == number), None)


def parsed(wire):
    """The message; None for one that dnspython has no words for, such as a reply to an unassigned opcode."""
    try:
        return dns.message.from_wire(wire)
    except (dns.exception.DNSException, ValueError):
        return None


def question(name, rdtype="A", rd=True, edns=True, dnssec=False, payload=1232, options=None, rdclass="IN", ad=False,
             cd=False):
    """`dnssec`: the DO bit; `ad`: the client understands AD (RFC 6840 section 5.7); `cd`: it wants what is bogus, too."""
    query = dns.message.make_query(name, rdtype, rdclass, want_dnssec=dnssec)
    query.flags |= (dns.flags.AD if ad else 0) | (dns.flags.CD if cd else 0)
    if edns:
        query.use_edns(0, dns.flags.DO if dnssec else 0, payload, options=options)
    else:
        query.use_edns(False)
    if not rd:
        query.flags &= ~dns.flags.RD
    return query


class Client:
    """Questions to one server; address and port of a started recursor or authoritative server."""

    def __init__(self, address, port=53, timeout=8.0, source=None):
        self.address, self.port, self.timeout = address, port, timeout
        self.source = source  # the address to ask from
        self.family = socket.AF_INET6 if ":" in address else socket.AF_INET

    def ask(self, name, rdtype="A", tcp=False, **options):
        return self.send(question(name, rdtype, **options).to_wire(), tcp)

    def send(self, wire, tcp=False, timeout=None):
        """Sends raw bytes; the Answer is empty when nothing, or only a closed connection, came back."""
        start = time.monotonic()
        try:
            reply = self.over_tcp([wire])[0] if tcp else self.over_udp(wire, timeout or self.timeout)
        except (OSError, EOFError):
            reply = b""
        return Answer(reply, time.monotonic() - start)

    def over_udp(self, wire, timeout):
        with self.socket() as sock:
            sock.settimeout(timeout)
            sock.send(wire)
            return sock.recv(65535)

    def socket(self, source=None):
        sock = socket.socket(self.family, socket.SOCK_DGRAM)
        if source or self.source:
            sock.bind((source or self.source, 0))
        sock.connect((self.address, self.port))
        return sock

    def connect(self):
        sock = socket.create_connection((self.address, self.port), self.timeout, (self.source, 0) if self.source else None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def over_tcp(self, wires):
        """Sends all questions at once on one connection; the replies in the order they came."""
        with self.connect() as sock:
            sock.sendall(b"".join(struct.pack("!H", len(wire)) + wire for wire in wires))
            return [read_framed(sock) for _ in wires]

    def ask_many(self, questions, timeout=8.0, sources=None):
        """Asks all at once over UDP, each from a socket of its own, or an address of its own; the Answers in the order of
        the questions."""
        selector, start, answers = selectors.DefaultSelector(), time.monotonic(), [None] * len(questions)
        for index, query in enumerate(questions):
            sock = self.socket(sources and sources[index])
            sock.send(query.to_wire())
            selector.register(sock, selectors.EVENT_READ, index)
        while selector.get_map() and time.monotonic() < start + timeout:
            for key, _ in selector.select(start + timeout - time.monotonic()):
                answers[key.data] = Answer(receive(key.fileobj), time.monotonic() - start)
                selector.unregister(key.fileobj)
                key.fileobj.close()
        for key in list(selector.get_map().values()):
            key.fileobj.close()
        return [answer or Answer(b"", timeout) for answer in answers]


def receive(sock):
    try:
        return sock.recv(65535)
    except OSError:
        return b""


def read_framed(sock):
    """One length-prefixed message (RFC 1035 section 4.2.2); EOFError when the other side closes before it is complete."""
    length = struct.unpack("!H", read_exactly(sock, 2))[0]
    return read_exactly(sock, length)


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise EOFError("connection closed")
        data += more
    return data
