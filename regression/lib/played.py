"""Upstream resolvers played by a thread of the test: over UDP and TCP, closed and opened again within microseconds, late or
wrong on demand, and counting what they are asked."""
import heapq
import selectors
import socket
import threading
import time

import dns.edns
import dns.message
import dns.rcode
import dns.rrset

from encrypted import framed

DATA = "192.0.2.15"


class PlayedUpstream:
    """Answers every question with DATA, `delay` seconds later; use as a context manager. `keepalive` is what it says of idle
    connections (RFC 7828), in units of 100 ms; names that contain `fails` get SERVFAIL."""

    def __init__(self, address, port=53, delay=0.0, keepalive=None, fails=None):
        self.place, self.delay, self.keepalive, self.fails = (address, port), delay, keepalive, fails
        self.names, self.options = [], []  # of the questions, in the order of their arrival
        self.thread = self.wake = None

    def __enter__(self):
        self.open()
        return self

    def __exit__(self, *_):
        self.close()

    def text(self, scheme="udp"):
        return f"{scheme}://{self.place[0]}:{self.place[1]}"

    def asked(self, name):
        return sum(1 for other in list(self.names) if other == name.rstrip(".") + ".")

    def open(self):
        if self.thread:
            return
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.udp.bind(self.place)
        self.tcp = socket.create_server(self.place)
        self.wake, sleeper = socket.socketpair()
        self.thread = threading.Thread(target=self.serve, args=(sleeper,), daemon=True)
        self.thread.start()

    def close(self):
        if not self.thread:
            return
        self.wake.close()
        self.thread.join()
        self.thread = None

    def serve(self, sleeper):
        selector, due, count = selectors.DefaultSelector(), [], 0
        for sock in sleeper, self.udp, self.tcp:
            selector.register(sock, selectors.EVENT_READ)
        while True:
            wait = max(0, due[0][0] - time.monotonic()) if due else None
            for key, _ in selector.select(wait):
                if key.fileobj is sleeper:
                    for other in list(selector.get_map().values()):
                        other.fileobj.close()
                    return
                if key.fileobj is self.tcp:
                    selector.register(self.tcp.accept()[0], selectors.EVENT_READ, bytearray())
                    continue
                for send, wire in self.read(key, selector):
                    count += 1
                    heapq.heappush(due, (time.monotonic() + self.delay, count, send, self.reply(wire)))
            while due and due[0][0] <= time.monotonic():
                *_, send, answer = heapq.heappop(due)
                try:
                    send(answer)
                except OSError:
                    pass

    def read(self, key, selector):
        """The questions that have arrived, each with what sends the answer."""
        if key.fileobj is self.udp:
            wire, client = self.udp.recvfrom(4096)
            return [(lambda answer: self.udp.sendto(answer, client), wire)]
        connection, buffer = key.fileobj, key.data
        try:
            octets = connection.recv(65536)
        except OSError:
            octets = b""
        if not octets:
            selector.unregister(connection)
            connection.close()
        buffer += octets
        found = []
        while len(buffer) >= 2 and len(buffer) >= 2 + int.from_bytes(buffer[:2], "big"):
            size = int.from_bytes(buffer[:2], "big")
            found.append((lambda answer: connection.sendall(framed(answer)), bytes(buffer[2:2 + size])))
            del buffer[:2 + size]
        return found

    def reply(self, wire):
        query = dns.message.from_wire(wire)
        name = query.question[0].name
        self.names.append(name.to_text().lower())
        self.options.append([int(option.otype) for option in query.options])
        answer = dns.message.make_response(query, recursion_available=True)
        if self.fails and self.fails in name.to_text().lower():
            answer.set_rcode(dns.rcode.SERVFAIL)
        else:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "A", DATA))
        if self.keepalive is not None:
            answer.use_edns(0, options=[dns.edns.GenericOption(11, self.keepalive.to_bytes(2, "big"))])
        return answer.to_wire()
