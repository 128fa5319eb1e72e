"""TCP from clients (RFC 7766): pipelining, order of answers, limits, timeouts."""
import socket
import struct
import time

import dns.message

from client import question, read_framed
from lab import expect, expect_equal
from process import wait_until

SETTINGS = {"client-tcp-timeout": 2, "max-tcp-clients": 20, "max-tcp-per-client": 0}


def framed(wire):
    return struct.pack("!H", len(wire)) + wire


def closed(sock):
    try:
        return sock.recv(100) == b""
    except ConnectionError:
        return True


def test_out_of_order(lab):
    """a slow question does not hold up the quick one behind it on the same connection"""
    lab.ask("www.wide.com")
    slow, quick = question("fresh.watch-slow.example"), question("www.wide.com")
    replies = [dns.message.from_wire(wire) for wire in lab.client().over_tcp([slow.to_wire(), quick.to_wire()])]
    expect_equal([reply.id for reply in replies], [quick.id, slow.id])


def test_pipelined(lab):
    """fifty questions sent at once on one connection are all answered"""
    questions = [question(f"n{n}.wild.wide.com") for n in range(50)]
    replies = lab.client().over_tcp([q.to_wire() for q in questions])
    expect_equal(sorted(dns.message.from_wire(wire).id for wire in replies), sorted(q.id for q in questions))


def test_byte_by_byte(lab):
    """a question that arrives in single bytes is answered"""
    with lab.client().connect() as sock:
        for byte in framed(question("www.wide.com").to_wire()):
            sock.sendall(bytes([byte]))
        expect(len(read_framed(sock)) > 12, "no reply")


def test_idle_timeout(lab):
    """an idle connection is closed after client-tcp-timeout"""
    with lab.client().connect() as sock:
        start = time.monotonic()
        expect(closed(sock), "the recursor sent something")
        expect(1.5 < time.monotonic() - start < 4, time.monotonic() - start)


def test_half_a_message(lab):
    """a connection that stops in the middle of a message is closed too"""
    with lab.client().connect() as sock:
        sock.sendall(b"\x00\x40\x12")
        expect(closed(sock), "the recursor sent something")


def test_half_closed(lab):
    """a client that shuts down its sending side still gets its answers"""
    with lab.client().connect() as sock:
        sock.sendall(framed(question("half.watch-slow.example").to_wire()))
        sock.shutdown(socket.SHUT_WR)
        expect(len(read_framed(sock)) > 12, "no reply")


def test_total_limit(lab):
    """no more than max-tcp-clients connections stay open; when they end others are served"""
    held = []
    try:
        for _ in range(40):
            held.append(lab.client().connect())
        served = sum(1 for sock in held if answered(sock))
        expect(0 < served <= 20, f"{served} connections were served")
    finally:
        for sock in held:
            sock.close()
    wait_until(lambda: lab.client(timeout=1).ask("www.wide.com", tcp=True).message, 5, "TCP works again")


def answered(sock):
    try:
        sock.settimeout(0.5)
        sock.sendall(framed(question("www.wide.com").to_wire()))
        return len(read_framed(sock)) > 12
    except (OSError, EOFError):
        return False


def test_limit_per_client(lab):
    """no more than max-tcp-per-client connections of one address are served"""
    with lab.new_recursor(max_tcp_per_client=3) as recursor:
        held = [recursor.client().connect() for _ in range(6)]
        served = sum(1 for sock in held if answered(sock))
        for sock in held:
            sock.close()
        expect_equal(served, 3)


def test_queries_per_connection(lab):
    """a connection is closed after max-tcp-queries-per-connection questions"""
    with lab.new_recursor(max_tcp_queries_per_connection=2) as recursor:
        with recursor.client().connect() as sock:
            expect(answered(sock) and answered(sock), "the first two are answered")
            expect(not answered(sock), "the third was answered")
