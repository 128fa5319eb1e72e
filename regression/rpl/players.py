# The scripted servers: every address of the scenario on port 53, UDP and TCP, in the runner's own loop.
# Called by play.py; records each upstream query it sees. It never decides whether a step passes.
import socket
import struct
import time

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from . import authority, behaviour, network, replies
from .loop import listen


class Seen:
    """One upstream query: when, where, how, what, and what was answered in a word."""

    def __init__(self, step, address, transport, query, port):
        self.at, self.step, self.address, self.transport = time.monotonic(), step, address, transport
        self.query, self.port = query, port
        self.outcome = 'no answer'

    def question(self):
        if self.query is None or not self.query.question:
            return '(unreadable)'
        q = self.query.question[0]
        return '%s %s' % (q.name, dns.rdatatype.to_text(q.rdtype))


class Players:
    def __init__(self, loop, ranges, hold):
        self.loop, self.ranges, self.step, self.seen, self.strangers, self.pending = loop, ranges, 0, [], {}, []
        self.hold = hold    # queries to addresses that nobody plays wait for a REPLY step
        self.zones = {id(r): [authority.Contents(z) for z in r.zones] for r in ranges}
        for address in {a for r in ranges for a in r.addresses}:
            self.open(address)
        if not any('closed' in r.behaviour for r in ranges):
            self.open_sink()

    def words_of(self, address):
        """Behaviour for the address's sockets: that of all its ranges."""
        return behaviour.Words(*[r.behaviour for r in self.ranges if address in r.addresses])

    def open(self, address):
        words = self.words_of(address)
        if 'unreachable' in words:
            return network.make_unreachable(address)
        if 'closed' in words:
            return None
        udp = listen(socket.SOCK_DGRAM, address)
        self.loop.watch(udp, lambda: self.on_udp(udp, address))
        if 'no_tcp' not in words:
            tcp = listen(socket.SOCK_STREAM, address)
            tcp.listen(64)
            self.loop.watch(tcp, lambda: self.on_accept(tcp, address))
        return None

    def on_udp(self, sock, address):
        for _ in range(64):
            try:
                wire, peer = sock.recvfrom(65535)
            except (BlockingIOError, ConnectionError):
                return
            self.handle(wire, address, 'udp', lambda p, peer=peer: self.send_udp(sock, address, peer, p), peer[1])

    def send_udp(self, sock, address, peer, packet):
        if packet.source or packet.port:
            sock = self.stranger(packet.source or address, packet.port or 53)
        try:
            sock.sendto(packet.wire, peer)
        except OSError:
            pass    # the resolver has closed the port: as on a real network, nobody hears of it

    def stranger(self, address, port):
        if (address, port) not in self.strangers:
            self.strangers[address, port] = listen(socket.SOCK_DGRAM, address, port)
        return self.strangers[address, port]

    def on_accept(self, listener, address):
        try:
            sock = listener.accept()[0]
        except OSError:
            return
        if 'tcp_close' in self.words_of(address):
            sock.close()
            return
        buffer = bytearray()
        self.loop.watch(sock, lambda: self.on_tcp(sock, address, buffer))

    def on_tcp(self, sock, address, buffer):
        try:
            data = sock.recv(65535)
        except OSError:
            data = b''
        if not data:
            self.loop.forget(sock)
            return
        buffer += data
        while len(buffer) >= 2 and len(buffer) >= 2 + struct.unpack('!H', buffer[:2])[0]:
            size = struct.unpack('!H', buffer[:2])[0]
            wire = bytes(buffer[2:2 + size])
            del buffer[:2 + size]
            if 'tcp_silent' not in self.words_of(address):
                self.handle(wire, address, 'tcp', lambda p: self.send_tcp(sock, p))

    def send_tcp(self, sock, packet):
        try:
            sock.setblocking(True)
            sock.settimeout(2)
            sock.sendall(struct.pack('!H', len(packet.wire)) + packet.wire)
            sock.setblocking(False)
        except OSError:
            pass

    def open_sink(self):
        """Addresses that nobody plays answer REFUSED, and the question shows in the log."""
        for any_address in ('0.0.0.0', '::'):
            sock = listen(socket.SOCK_DGRAM, any_address)
            sock.setsockopt(*((socket.IPPROTO_IP, 8, 1) if any_address == '0.0.0.0' else (socket.IPPROTO_IPV6, 49, 1)))
            self.loop.watch(sock, lambda sock=sock: self.on_sink(sock))

    def on_sink(self, sock):
        try:
            wire, control, _, peer = sock.recvmsg(65535, 256)
        except OSError:
            return
        data = control[0][2]
        v4 = sock.family == socket.AF_INET
        address = socket.inet_ntop(sock.family, data[4:8] if v4 else data[:16])
        seen = self.note(wire, address, 'udp')
        if seen.query is None or not seen.query.question:
            return
        info = data[4:8] if v4 else data
        packed = struct.pack('=I4s4s', 0, info, bytes(4)) if v4 else info
        control = [(socket.IPPROTO_IP if v4 else socket.IPPROTO_IPV6, 8 if v4 else 50, packed)]
        if self.hold:
            self.pending.append((seen, lambda packet: sock.sendmsg([packet.wire], control, 0, peer)))
            return
        seen.outcome = 'nobody plays this address: REFUSED'
        reply = dns.message.make_response(seen.query)
        reply.set_rcode(dns.rcode.REFUSED)
        sock.sendmsg([reply.to_wire()], control, 0, peer)

    def note(self, wire, address, transport, port=0):
        try:
            query = dns.message.from_wire(wire, ignore_trailing=True)
        except (dns.exception.DNSException, ValueError):
            query = None
        self.seen.append(Seen(self.step, address, transport, query, port))
        return self.seen[-1]

    def handle(self, wire, address, transport, send, port=0):
        seen = self.note(wire, address, transport, port)
        if seen.query is None or not seen.query.question or seen.query.flags & dns.flags.QR:
            return
        if not self.live_ranges(address):
            self.pending.append((seen, send))    # a REPLY step may answer it
            return
        self.deliver(self.reply_to(seen, address, transport), send)

    def deliver(self, packets, send):
        for packet in packets:
            if packet.delay:
                self.loop.later(packet.delay, lambda packet=packet: send(packet))
            else:
                send(packet)

    def live_ranges(self, address):
        return [r for r in self.ranges if address in r.addresses and r.first <= self.step <= r.last]

    def reply_to(self, seen, address, transport):
        query, live = seen.query, self.live_ranges(address)
        entry = next((e for r in live for e in r.entries if replies.matches(e, query, transport)), None)
        words = behaviour.Words(*[r.behaviour for r in live], entry.adjust if entry else [])
        reply = dns.message.make_response(query)
        reply.flags &= ~dns.flags.RD
        raw = None
        early = behaviour.early(query, words, transport)
        if early == 'drop' or (entry and 'do_not_answer' in entry.adjust + entry.reply):
            return []
        if early is not None:
            reply.set_rcode(early)
        elif entry is not None:
            replies.from_entry(entry, query, reply)
            raw = entry.raw
        else:
            self.from_zones(live, query, reply, seen)
        behaviour.finish(query, reply, words)
        seen.outcome = seen.outcome if seen.outcome.startswith('not scripted') else replies.summary(reply, words)
        return behaviour.packets(query, reply, words, transport, 6 if ':' in address else 4, raw)

    def reply_now(self, entry):
        """Answers the oldest pending query with the entry, as testbound's REPLY step does; False when none waits."""
        if not self.pending:
            return False
        seen, send = self.pending.pop(0)
        reply = dns.message.make_response(seen.query)
        words = behaviour.Words(entry.adjust)
        replies.from_entry(entry, seen.query, reply)
        behaviour.finish(seen.query, reply, words)
        seen.outcome = replies.summary(reply, words)
        self.deliver(behaviour.packets(seen.query, reply, words, seen.transport, 4, entry.raw), send)
        return True

    def from_zones(self, live, query, reply, seen):
        zones = [z for r in live for z in self.zones[id(r)]]
        if zones:
            authority.answer(zones, query, reply)
        else:
            seen.outcome = 'not scripted: SERVFAIL'
            reply.set_rcode(dns.rcode.SERVFAIL)
