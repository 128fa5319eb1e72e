# The clients of a scenario: sends scripted questions to the recursor over UDP and TCP and keeps the answers.
# Called by play.py; it judges nothing.
import random
import re
import socket
import struct
import time

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from . import network, replies, script

SERVER4, SERVER6, PORT = '127.0.0.1', '::1', 5300
SIMPLE = {'NORD', 'DO', 'CD', 'AD', 'NOEDNS', 'TCP', 'NSID', 'V6'}
VALUED = {'AT', 'EDNS', 'EDNSVER', 'FROM', 'AS', 'OVER', 'TIMES', 'OPCODE', 'CLASS', 'OPTION'}
NSID, DEFAULT_SIZE = 3, 1232


class Exchange:
    """One question on its way and, once it came, its answer."""

    def __init__(self, wire, query, label):
        self.wire, self.query, self.label = wire, query, label
        self.sent, self.took, self.reply, self.reply_wire, self.broken = time.monotonic(), None, None, None, None

    def arrived(self, wire):
        if self.reply_wire is not None:
            return
        self.took, self.reply_wire = (time.monotonic() - self.sent) * 1000.0, wire
        try:
            self.reply = dns.message.from_wire(wire, ignore_trailing=False)
        except (dns.exception.DNSException, ValueError) as e:
            self.broken = '%s: %s' % (type(e).__name__, e)


class Question:
    """The words of a QUERY step: name type and options, or an entry of the long form."""

    def __init__(self, step):
        self.words = set()
        self.values = {}
        if step.entry is not None:
            self.read_options(step.words.split())
            self.from_entry(step.entry)
        else:
            words = step.words.split()
            if len(words) < 2:
                raise script.ScriptError('line %d: QUERY name type' % step.line)
            self.read_options(words[2:])
            self.from_words(words[0], words[1])

    def read_options(self, words):
        for word in words:
            name, _, value = word.partition('=')
            if name in VALUED and value:
                self.values.setdefault(name, []).append(value)
            elif word in SIMPLE:
                self.words.add(word)
            elif not word.startswith('ADDRESS') and '.' not in word:
                raise script.ScriptError('unknown QUERY word: %s' % word)

    def value(self, name, default=None):
        return self.values.get(name, [default])[-1]

    def from_words(self, name, rdtype):
        message = dns.message.Message(id=random.randrange(65536))
        message.flags = 0 if 'NORD' in self.words else dns.flags.RD
        for word in ('AD', 'CD'):
            message.flags |= dns.flags.from_text(word) if word in self.words else 0
        message.set_opcode(dns.opcode.from_text(self.value('OPCODE', 'QUERY')))
        rdclass = dns.rdataclass.from_text(self.value('CLASS', 'IN'))
        message.question = [dns.rrset.RRset(dns.name.from_text(name), rdclass, dns.rdatatype.from_text(rdtype))]
        if 'NOEDNS' not in self.words:
            message.use_edns(int(self.value('EDNSVER', 0)), dns.flags.DO if 'DO' in self.words else 0,
                             int(self.value('EDNS', DEFAULT_SIZE)), options=self.options())
        self.query, self.wire = message, message.to_wire()

    def options(self):
        out = [dns.edns.GenericOption(NSID, b'')] if 'NSID' in self.words else []
        for text in self.values.get('OPTION', []):
            code, data, times = re.fullmatch(r'(\d+):([0-9a-fA-F]*)(?:\*(\d+))?', text).groups()
            out += [dns.edns.GenericOption(int(code), bytes.fromhex(data))] * int(times or 1)
        return out

    def from_entry(self, entry):
        self.query, self.wire = None, entry.raw
        if entry.raw is not None:
            return
        message = dns.message.Message(id=random.randrange(65536))
        for word in entry.reply:
            if word in ('RD', 'AD', 'CD', 'QR', 'AA', 'TC', 'RA'):
                message.flags |= dns.flags.from_text(word)
            elif word in replies.OPCODES:
                message.set_opcode(replies.OPCODES[word])
        if entry.question:
            message.question = [dns.rrset.RRset(*entry.question)]
        message.use_edns(0, dns.flags.DO if 'DO' in entry.reply else 0, 4096)
        if 'TCP' in entry.match:
            self.words.add('TCP')
        self.query, self.wire = message, message.to_wire()


class Clients:
    def __init__(self, loop):
        self.loop, self.connections, self.exchanges = loop, {}, []

    def ask(self, question):
        """Sends the question as often as it says; returns the exchanges of this step."""
        made = []
        for i in range(int(question.value('TIMES', 1))):
            wire = question.wire if i == 0 else random.randrange(65536).to_bytes(2, 'big') + question.wire[2:]
            exchange = Exchange(wire, question.query, question.value('AS'))
            made.append(exchange)
            if question.value('OVER') or 'TCP' in question.words:
                self.send_tcp(exchange, question)
            else:
                self.send_udp(exchange, question)
        self.exchanges += made
        return made

    def socket(self, kind, question):
        source = question.value('FROM')
        six = ':' in source if source else 'V6' in question.words
        sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET, kind)
        if source:
            sock.bind((source, 0))
        elif six:
            sock.bind((network.OWN_ADDRESS6, 0))
        sock.settimeout(3)
        sock.connect((question.value('AT', SERVER6 if six else SERVER4), PORT))
        return sock

    def send_udp(self, exchange, question):
        sock = self.socket(socket.SOCK_DGRAM, question)

        def readable():
            try:
                wire = sock.recv(65535)
            except OSError:
                return
            if wire[:2] == exchange.wire[:2]:
                exchange.arrived(wire)
        self.loop.watch(sock, readable)
        exchange.sent = time.monotonic()
        sock.send(exchange.wire)

    def send_tcp(self, exchange, question):
        label = question.value('OVER') or object()
        if label not in self.connections:
            self.connections[label] = Connection(self.loop, self.socket(socket.SOCK_STREAM, question))
        connection = self.connections[label]
        exchange.sent = time.monotonic()
        connection.send(exchange)


class Connection:
    """A TCP connection whose answers are told apart by id (RFC 7766 section 6.2.1.1)."""

    def __init__(self, loop, sock):
        self.loop, self.sock, self.buffer, self.waiting, self.closed = loop, sock, bytearray(), [], False
        loop.watch(sock, self.readable)

    def send(self, exchange):
        self.waiting.append(exchange)
        try:
            self.sock.setblocking(True)
            self.sock.sendall(struct.pack('!H', len(exchange.wire)) + exchange.wire)
            self.sock.setblocking(False)
        except OSError:
            self.closed = True    # a connection beyond a limit may be closed before the question is out

    def readable(self):
        try:
            data = self.sock.recv(65535)
        except OSError:
            data = b''
        if not data:
            self.closed = True
            self.loop.forget(self.sock)
            return
        self.buffer += data
        while len(self.buffer) >= 2 and len(self.buffer) >= 2 + struct.unpack('!H', self.buffer[:2])[0]:
            size = struct.unpack('!H', self.buffer[:2])[0]
            self.deliver(bytes(self.buffer[2:2 + size]))
            del self.buffer[:2 + size]

    def deliver(self, wire):
        for exchange in self.waiting:
            if exchange.wire[:2] == wire[:2] and exchange.reply_wire is None:
                exchange.arrived(wire)
                return
