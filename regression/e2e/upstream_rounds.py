"""Forwarding as time goes by: many clients with one question, upstreams that all die and come back, again and again."""
import os
from contextlib import ExitStack, contextmanager

from client import question
from lab import expect, expect_data, expect_equal, expect_rcode
from played import DATA, PlayedUpstream
from process import wait_until

ADDRESSES = "127.0.0.21", "127.0.0.22", "127.0.0.23"


@contextmanager
def forwarding(lab, scheme="udp", count=3, settings=None, **played):
    with ExitStack() as stack:
        uppers = [stack.enter_context(PlayedUpstream(address, 5353, **played)) for address in ADDRESSES[:count]]
        servers = ";".join(upper.text(scheme) for upper in uppers)
        yield uppers, stack.enter_context(lab.new_recursor(
            forward_zones_recurse=f".={servers}", dont_query="", dnssec="off", use_0x20="no",
            **{"threads": 1, "failure_cache_ttl": 1, **(settings or {})}))


def states(recursor):
    return [line.split()[1] for line in recursor.ordered("get-upstreams").splitlines()[1:]]


def test_one_question_each(lab):
    """fifty clients that ask one name at once make one question to each upstream that the strategy asks"""
    for strategy, asked in (("parallel", 3), ("hedged", 1), ("failover", 1)):
        with forwarding(lab, delay=0.15, settings={"forward_strategy": strategy, "hedge_percentage": 0}) as (uppers, recursor):
            for i in range(3):  # how long they take is known now
                expect_data(recursor.ask(f"before{i}.test"), "A", DATA)
            answers = recursor.client().ask_many([question("same.test") for _ in range(50)])
            expect_equal({tuple(answer.data("A")) for answer in answers}, {(DATA,)})
            expect_equal(sorted(upper.asked("same.test") for upper in uppers), [0] * (3 - asked) + [1] * asked, strategy)


def test_failure_frees_all(lab):
    """when the upstreams fail, or the time is over, all who wait are freed with that one answer"""
    with forwarding(lab, delay=0.15, fails="bad", settings={"hedge_percentage": 0}) as (uppers, recursor):
        for i in range(3):
            expect_data(recursor.ask(f"before{i}.test"), "A", DATA)
        answers = recursor.client().ask_many([question("bad.test") for _ in range(50)])
        expect_equal({answer.rcode for answer in answers}, {"SERVFAIL"})
        expect_equal([upper.asked("bad.test") for upper in uppers], [1, 1, 1])
    with forwarding(lab, count=1, delay=30, settings={"max_total_msec": 300}) as (uppers, recursor):
        answers = recursor.client().ask_many([question("late.test") for _ in range(50)])
        expect_equal({answer.rcode for answer in answers}, {"SERVFAIL"})
        expect_equal(len({tuple(answer.failure_reasons()) for answer in answers}), 1)
        expect(uppers[0].asked("late.test") <= 3, uppers[0].names)


def test_same_name(lab):
    """what failed because no upstream was there is answered within two seconds of one's return"""
    with forwarding(lab, settings={"failure_cache_ttl": 30, "threads": 2}) as (uppers, recursor):
        expect_data(recursor.ask("first.test"), "A", DATA)
        for number in range(3):
            for upper in uppers:
                upper.close()
            for _ in range(3):
                expect_rcode(recursor.ask(f"same{number}.test"), "SERVFAIL")
            uppers[number].open()
            wait_until(lambda: recursor.ask(f"same{number}.test").rcode == "NOERROR", 2.2, "it is answered")
    with forwarding(lab, count=1, fails="bad") as (uppers, recursor):  # what an upstream says is remembered as ever
        for _ in range(3):
            expect_rcode(recursor.ask("bad.test"), "SERVFAIL")
        expect_equal(uppers[0].asked("bad.test"), 1)


def footprint(recursor, uppers):
    """Frames and descriptors when no upstream is down and no connection open."""
    for upper in uppers:
        upper.open()
    wait_until(lambda: "down" not in states(recursor), 10, "no upstream is down")
    wait_until(lambda: recursor.metric("idle-tcpout-connections") == 0, 5, "no connection is open")
    return recursor.metric("coroutine-frames"), len(os.listdir(f"/proc/{recursor.child.pid}/fd"))


def rounds(recursor, uppers, numbers, back):
    for number in numbers:
        for upper in uppers:
            upper.close()
        expect_rcode(recursor.ask(f"dead{number}.test"), "SERVFAIL")
        uppers[back(number)].open()
        names = (f"back{number}-{i}.test" for i in range(10000))
        wait_until(lambda: recursor.ask(next(names)).rcode == "NOERROR", 2, f"answers come again in round {number}")


def endure(lab, scheme, back):
    settings = {"forward_strategy": "failover", "tcp_out_max_idle_ms": 100, "forward_probe_interval": 1}
    with forwarding(lab, scheme, settings=settings) as (uppers, recursor):
        for i in range(3):
            expect_data(recursor.ask(f"first{i}.test"), "A", DATA)
        rounds(recursor, uppers, range(5), back)
        frames, descriptors = footprint(recursor, uppers)
        rounds(recursor, uppers, range(5, 100), back)
        wait_until(lambda: footprint(recursor, uppers)[0] <= frames, 10, "no frame is left over")
        found = footprint(recursor, uppers)[1]
        expect(found <= descriptors + 4, f"{found} descriptors after 100 rounds, {descriptors} after 5")


def test_hundred_rounds(lab):
    """a hundred times all upstreams die and one comes back: answers come again at once, and nothing is left over"""
    endure(lab, "udp", lambda number: number % 3)


def test_hundred_rounds_tcp(lab):
    """the same over TCP, with the same one coming back"""
    endure(lab, "tcp", lambda number: 0)


def test_keepalive(lab):
    """over TCP the server is asked for its keepalive, and heeded; over UDP it is not asked"""
    with forwarding(lab, "tcp", count=1, keepalive=2) as (uppers, recursor):
        expect_data(recursor.ask("one.test"), "A", DATA)
        expect(11 in uppers[0].options[0], uppers[0].options)
        expect_equal(recursor.metric("tcp-out-connects"), 1)
        wait_until(lambda: recursor.metric("idle-tcpout-connections") == 0, 5, "the connection is closed")
    with forwarding(lab, count=1) as (uppers, recursor):
        expect_data(recursor.ask("one.test"), "A", DATA)
        expect(11 not in uppers[0].options[0], uppers[0].options)
