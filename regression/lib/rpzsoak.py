"""A response policy zone that changes all the time: so many rules by AXFR from knotd, and then, from a primary whose changes
cost little, so many rounds of IXFR, while clients ask. After each round what was added applies and what was removed does not,
also for whoever asked before; at the end every rule is compared.
Used by rpz-soak and, with small numbers, by the end-to-end tests."""
import os
import random
import select
import socket
import threading
import time

import dns.rcode

from client import question
from lab import expect_equal
from primary import SECRET, Bind, Knot
from process import wait_until

KEY = ("soak.", "hmac-sha256")
ASKED = 8  # times, each from a port of its own: all workers are to say the same
CHANGED = 50  # names that go, and as many that come, in each round
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def resident_megabytes(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


class Load:
    """Asks at an even rate from one socket and checks every answer; `wrong` are those with another code than expected."""

    def __init__(self, port, questions, rate):
        self.questions, self.rate = questions, rate
        self.wires = [(bytearray(question(name).to_wire()), dns.rcode.from_text(code)) for name, code in questions]
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.connect(("127.0.0.1", port))
        self.sent = self.answered = self.wrong = 0
        self.slowest = 0.0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()
        self.socket.close()

    @property
    def lost(self):
        return self.sent - self.answered

    def run(self):
        begun, under_way = time.monotonic(), {}
        while not self.ending.is_set() or (under_way and time.monotonic() < self.last_sent + 3):
            due = 0 if self.ending.is_set() else int((time.monotonic() - begun) * self.rate) - self.sent
            for _ in range(min(due, 100)):
                self.send(under_way)
            if select.select([self.socket], [], [], 0.001)[0]:
                self.receive(under_way)

    def send(self, under_way):
        wire, code = self.wires[self.sent % len(self.wires)]
        number = self.sent % 65536
        wire[0:2] = number.to_bytes(2, "big")
        self.last_sent = time.monotonic()
        under_way[number] = (self.last_sent, code)
        self.socket.send(wire)
        self.sent += 1

    def receive(self, under_way):
        while select.select([self.socket], [], [], 0)[0]:
            reply = self.socket.recv(4096)
            asked = under_way.pop(int.from_bytes(reply[:2], "big"), None)
            if asked:
                self.answered += 1
                self.wrong += (reply[3] & 15) != asked[1]
                self.slowest = max(self.slowest, time.monotonic() - asked[0])


def names(count, choose):
    made = set()
    while len(made) < count:
        made.add("".join(choose.choices(LETTERS, k=choose.randint(6, 14))) + "." + "".join(choose.choices(LETTERS, k=4)) + ".test")
    return made


def exchange(primary, listed, choose, number, before):
    """One round: some of the names go, others come. Returns an example of each; `before` is given them before anything changes."""
    going = choose.sample(list(listed)[:5000], CHANGED)
    coming = [f"r{number}-{i}.{choose.randrange(10**9)}.test" for i in range(CHANGED)]
    before(coming[0], going[0])
    primary.change(add=[f"{name} 60 CNAME ." for name in coming], remove=going)
    for name in going:
        del listed[name]
    listed.update(dict.fromkeys(coming))
    return coming[0], going[0]


def dumped(recursor):
    path = f"{recursor.folder}/soak.dump"
    recursor.ordered("dump-rpz", "rpz.test", path)
    with open(path, encoding="ascii") as file:
        rules = {line.split(" ", 1)[0][:-len(".rpz.test.")] for line in file if " CNAME " in line}
    os.remove(path)
    return rules


def script_for(anchors, port, rules):
    with open(anchors, encoding="ascii") as file:
        script = file.read()
    script += (f'\nrpzPrimary("127.0.0.1:{port}", "rpz.test", {{tsigname="{KEY[0]}", tsigalgo="{KEY[1]}", '
               f'tsigsecret="{SECRET}", axfrTimeout=300, zoneSizeHint={rules}}})\n')
    return script


def statistics(recursor):
    return recursor.ordered("get-rpz-statistics", "rpz.test")


def wait_whole(recursor, listed, show, whose):
    """Until the zone is there; every rule is compared."""
    begun = time.monotonic()
    wait_until(lambda: "serial 1" in " ".join(statistics(recursor).split()), 300, "the zone comes")
    show(f"{len(listed)} rules by AXFR from {whose} after {time.monotonic() - begun:.1f} s, "
         f"{resident_megabytes(recursor.child.pid):.0f} MB")
    expect_equal(dumped(recursor) ^ set(listed), set(), f"rules that {whose} has and we do not, or the other way round")


def run(new_recursor, anchors, port, rules, rounds, rate=1000, show=lambda text: None, primary=Bind):
    """`new_recursor`: makes one from settings; `anchors`: the script with the trust anchors. Returns the figures."""
    choose = random.Random(7)
    listed = dict.fromkeys(sorted(names(rules, choose)))
    for _ in range(2):
        listed.setdefault(f"always{_}.test")
    settings = dict(lua_config_file="@FOLDER@/rpz.lua", loglevel=5, threads=2,
                    files={"rpz.lua": script_for(anchors, port, rules)})
    text = "".join(f"{name} CNAME .\n" for name in listed)
    if primary is not Knot:
        with Knot(port, text, KEY) as knot, new_recursor(**settings) as recursor:
            wait_whole(recursor, listed, show, "knotd")
            assert knot.child.running()
    with new_recursor(**settings) as recursor, primary(port, text, KEY, notify=recursor.port) as changing:
        serial = lambda: int(statistics(recursor).split("serial", 1)[1].split()[0])  # noqa: E731
        wait_whole(recursor, listed, show, primary.__name__)
        steady = [("www.wide.com", "NOERROR"), ("always0.test", "NXDOMAIN"), ("mail.wide.com", "NOERROR"), ("always1.test", "NXDOMAIN")]
        del listed["always0.test"], listed["always1.test"]  # they stay
        recursor.ask("www.wide.com")
        figures = soak(recursor, changing, listed, choose, rounds, rate, serial, steady, show)
        listed.update({"always0.test": None, "always1.test": None})
        expect_equal(dumped(recursor) ^ set(listed), set(), "rules lost or left over")
        return figures


def soak(recursor, primary, listed, choose, rounds, rate, serial, steady, show):
    memory, waits = [], []
    with Load(recursor.port, steady, rate) as load:
        for number in range(1, rounds + 1):
            coming, going = exchange(primary, listed, choose, number, lambda *both: asked_before(recursor, *both))
            changed = time.monotonic()
            wait_until(lambda: serial() == number + 1, 30, f"serial {number + 1}")  # noqa: B023
            wait_until(lambda: all(answers(recursor, coming)), 15, f"round {number}: {coming} was added")  # noqa: B023
            wait_until(lambda: not any(answers(recursor, going)), 15, f"round {number}: {going} was removed")  # noqa: B023
            waits.append(time.monotonic() - changed)
            if number % max(1, rounds // 20) == 0:
                memory.append(resident_megabytes(recursor.child.pid))
                show(f"round {number:5}  {memory[-1]:7.1f} MB  {load.answered} answers, {load.lost} under way or lost, "
                     f"{load.wrong} wrong, slowest {load.slowest * 1000:.0f} ms")
    expect_equal((load.lost, load.wrong), (0, 0), "answers lost, or stale")
    waits.sort()
    return {"answers": load.answered, "slowest_ms": load.slowest * 1000, "memory_mb": memory,
            "median_until_in_force_ms": waits[len(waits) // 2] * 1000, "longest_ms": waits[-1] * 1000}


def asked_before(recursor, coming, going):
    """All workers know answers of both names as they are before the change."""
    wait_until(lambda: not any(answers(recursor, coming)), 15, f"{coming} is not listed")
    wait_until(lambda: all(answers(recursor, going)), 15, f"{going} is listed")


def answers(recursor, name):
    """Whether a rule decides about the name, by each of some answers: a denial that a rule makes has no SOA."""
    all_answers = recursor.client().ask_many([question(name)] * ASKED)
    return [answer is not None and answer.rcode == "NXDOMAIN" and not answer.data("SOA", "authority") for answer in all_answers]
