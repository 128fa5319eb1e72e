"""The hit path: answers from the packet cache cost receiving, sending and waiting, and nothing else of the kernel."""
import os
import shutil
import signal
import socket
import subprocess

from dns.edns import ECSOption, GenericOption

from client import parsed, question
from lab import Skip, expect, expect_equal, expect_rcode
from process import wait_until

SETTINGS = {"threads": "1"}
# Receiving and sending by batches; waiting for events, or for questions to gather.
HIT_CALLS = {"recvmmsg", "sendmmsg", "epoll_wait", "epoll_pwait", "epoll_pwait2", "ppoll"}
BURSTS, BURST = 40, 50
COOKIE = GenericOption(10, b"8 octets")
# What clients send in plain resolving, and what of it needs no answer of its own.
CLIENTS = {
    "no EDNS": {"edns": False},
    "EDNS": {},
    "EDNS and DO": {"dnssec": True},
    "a small buffer": {"payload": 512},
    "AD": {"ad": True},
    "CD": {"cd": True},
    "a client cookie (RFC 7873)": {"options": [COOKIE]},
    "client and server cookie": {"options": [GenericOption(10, b"8 octetsand sixteen more"[:24])]},
    "padding (RFC 7830)": {"options": [GenericOption(12, bytes(20))]},
    "a client subnet (RFC 7871), which is not used": {"options": [ECSOption("192.0.2.0", 24)]},
    "an option nobody knows": {"options": [GenericOption(65001, b"x")]},
    "cookie and padding": {"options": [COOKIE, GenericOption(12, bytes(7))]},
}


def thread_of(recursor, name):
    folder = f"/proc/{recursor.child.pid}/task"
    for task in os.listdir(folder):
        with open(f"{folder}/{task}/comm", encoding="utf-8") as file:
            if file.read().strip() == name:
                return int(task)
    raise AssertionError(f"no thread {name}")


def is_traced(recursor, thread):
    with open(f"/proc/{recursor.child.pid}/task/{thread}/status", encoding="utf-8") as file:
        return "TracerPid:\t0\n" not in file.read()


def is_stopped(recursor):
    folder = f"/proc/{recursor.child.pid}/task"
    states = []
    for task in os.listdir(folder):
        with open(f"{folder}/{task}/stat", encoding="utf-8") as file:
            states.append(file.read().rpartition(")")[2].split()[0])
    return set(states) == {"T"}


class SystemCalls:
    """Counts the system calls of a thread; `counts` is there when the context has ended."""

    def __init__(self, recursor, thread):
        self.recursor, self.thread, self.counts = recursor, thread, {}

    def __enter__(self):
        self.strace = subprocess.Popen(["strace", "-q", "-c", "-U", "name,calls", "-p", str(self.thread)],
                                       stderr=subprocess.PIPE, text=True)
        wait_until(lambda: self.strace.poll() is not None or is_traced(self.recursor, self.thread), 10, "strace is there")
        if self.strace.poll() is not None:
            raise Skip(f"strace may not trace here: {self.strace.stderr.read()}")
        return self

    def __exit__(self, *_):
        self.strace.terminate()
        report = self.strace.communicate(timeout=10)[1]
        for line in report.splitlines():
            words = line.split()
            if len(words) == 2 and words[1].isdigit() and words[0] != "total":
                self.counts[words[0]] = int(words[1])


def ask_in_bursts(recursor, wire):
    """Sends BURSTS times BURST copies with ids of their own; all answers must come."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(8)
        sock.connect((recursor.address(), recursor.port))
        for burst in range(BURSTS):
            ids = {(burst * BURST + i).to_bytes(2, "big") for i in range(BURST)}
            for each in ids:
                sock.send(each + wire[2:])
            expect_equal({sock.recv(4096)[:2] for _ in range(BURST)}, ids)


def test_hits_make_no_other_system_calls(lab):
    """two thousand hits make no system call but receiving and sending by batches, and waiting: no lock, no memory"""
    if not shutil.which("strace"):
        raise Skip("no strace here")
    wire = question("www.wide.com").to_wire()
    for _ in range(2):
        expect_rcode(lab.recursor.client().send(wire), "NOERROR")
    ask_in_bursts(lab.recursor, wire)  # whatever is done once is done now
    before = lab.recursor.metric("packetcache-hits")
    calls = SystemCalls(lab.recursor, thread_of(lab.recursor, "worker/0"))
    with calls:
        ask_in_bursts(lab.recursor, wire)
    expect_equal(lab.recursor.metric("packetcache-hits") - before, BURSTS * BURST)
    others = {name: count for name, count in calls.counts.items() if name not in HIT_CALLS}
    expect(sum(others.values()) <= 5, f"beside receiving, sending and waiting: {others}")
    expect("futex" not in others, others)
    expect(0 < calls.counts["sendmmsg"] <= BURSTS * BURST, calls.counts)


def test_hits_lock_no_shard(lab):
    """two thousand hits take no lock of the record cache's shards, which are taken without a system call"""
    recursor, wire = lab.recursor, question("www.wide.com").to_wire()
    for _ in range(2):
        expect_rcode(recursor.client().send(wire), "NOERROR")
    hits, locks = recursor.metric("packetcache-hits"), recursor.metric("record-cache-acquired")
    ask_in_bursts(recursor, wire)
    expect_equal(recursor.metric("packetcache-hits") - hits, BURSTS * BURST)
    taken = recursor.metric("record-cache-acquired") - locks
    expect(taken <= 5, f"{taken} locks for {BURSTS * BURST} hits")  # whatever else goes on meanwhile
    recursor.ordered("wipe-cache", "www.wide.com")
    locks = recursor.metric("record-cache-acquired")
    expect_rcode(recursor.client().send(wire), "NOERROR")
    expect(recursor.metric("record-cache-acquired") > locks, "a question that is resolved takes some")


def ask_at_once(recursor, names):
    """Questions for all names from one socket wait for a worker that is held up; the answers, by name."""
    asked = {name: question(name).to_wire() for name in names}
    for wire in asked.values():
        for _ in range(2):
            expect_rcode(recursor.client().send(wire), "NOERROR")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(8)
        sock.connect((recursor.address(), recursor.port))
        recursor.child.signal(signal.SIGSTOP)
        try:
            wait_until(lambda: is_stopped(recursor), 10, "all threads have stopped")
            for wire in asked.values():
                sock.send(wire)
        finally:
            recursor.child.signal(signal.SIGCONT)
        answers = [parsed(sock.recv(4096)) for _ in asked]
    return {str(answer.question[0].name): answer for answer in answers}


def test_answers_to_one_client_leave_together(lab):
    """answers to one client's socket that are ready together leave as one message, each arrives; a setting turns it off"""
    names = ("www.wide.com.", "wide.com.", "com.", "nl.")
    recursor = lab.recursor
    before = recursor.metric("udp-joined-answers")
    answers = ask_at_once(recursor, names)
    expect_equal(sorted(answers), sorted(names))
    for answer in answers.values():
        expect_equal(answer.rcode(), 0)
    expect(recursor.metric("udp-joined-answers") - before >= 2, "some left together")
    expect_equal(recursor.metric("udp-segmentation-refusals"), 0)
    expect_equal(recursor.metric("udp-send-drops"), 0)
    with lab.new_recursor(threads=1, udp_segmentation="no") as apart:
        expect_equal(sorted(ask_at_once(apart, names)), sorted(names))
        expect_equal(apart.metric("udp-joined-answers"), 0)


def test_common_clients_hit(lab):
    """what common clients add to a question does not keep it from the packet cache"""
    for what, options in CLIENTS.items():
        wire = question("www.wide.com", **options).to_wire()
        expect_rcode(lab.recursor.client().send(wire), "NOERROR")
        before = lab.recursor.metric("packetcache-hits")
        expect_rcode(lab.recursor.client().send(wire), "NOERROR")
        expect_equal(lab.recursor.metric("packetcache-hits") - before, 1, what)


def test_histograms(lab):
    """each kind of answer has a histogram of how long it took"""
    wire = question("www.twice.nl").to_wire()
    recursor = lab.recursor

    def count(source, what="count"):
        return recursor.metric(f"cumul-clientanswers-{source}-{what}")
    resolved, hits, short = count("resolved"), count("packetcache"), count("packetcache", "le-4194304")
    for _ in range(3):
        expect_rcode(recursor.client().send(wire), "NOERROR")
    expect_equal(count("resolved"), resolved + 1)
    expect_equal(count("packetcache"), hits + 2)
    expect_equal(count("packetcache", "le-4194304"), short + 2)
    expect(count("resolved", "sum") > 0, "resolving takes time")


def test_socket_settings(lab):
    """workers that take questions by CPU answer, and drops of listening sockets are known"""
    with lab.new_recursor(threads=2, udp_steer_by_cpu="yes", udp_receive_buffer=65536, udp_send_buffer=0,
                          udp_gather_time=0) as recursor:
        for name in ("www.wide.com", "www.twice.nl"):
            expect_rcode(recursor.ask(name), "NOERROR")
        expect_equal(recursor.metric("udp-listener-drops"), 0)
        expect("udp-steer-by-cpu" not in recursor.log(), recursor.log())
