# Sockets and timers of one scenario in one thread: scripted servers and clients share it. Called by players.py, clients.py,
# play.py and daemon.py. Real time only; the recursor's clock is clock.py's.
import heapq
import itertools
import selectors
import socket
import time

POLL_SECONDS = 0.02


class Loop:
    """Sockets and timers of one scenario: servers and clients alike."""

    def __init__(self):
        self.selector, self.timers, self.order, self.busy = selectors.DefaultSelector(), [], itertools.count(), 0.0

    def watch(self, sock, callback):
        sock.setblocking(False)
        self.selector.register(sock, selectors.EVENT_READ, callback)

    def forget(self, sock):
        self.selector.unregister(sock)
        sock.close()

    def later(self, seconds, callback):
        heapq.heappush(self.timers, (time.monotonic() + seconds, next(self.order), callback))

    def run(self, seconds, done=lambda: False):
        """Runs until done() or the time is up."""
        end = time.monotonic() + seconds
        while not done() and time.monotonic() < end:
            wait = min([end, time.monotonic() + POLL_SECONDS] + [t[0] for t in self.timers[:1]]) - time.monotonic()
            for key, _ in self.selector.select(max(0, wait)):
                self.busy = time.monotonic()
                key.data()
            while self.timers and self.timers[0][0] <= time.monotonic():
                heapq.heappop(self.timers)[2]()

    def settle(self, seconds):
        """Runs until nothing has come in for so long."""
        while time.monotonic() - self.busy < seconds:
            self.run(self.busy + seconds - time.monotonic())


def listen(kind, address, port=53):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    sock = socket.socket(family, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind((address, port))
    return sock
