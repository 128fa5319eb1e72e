"""Forwarding to several resolvers at once: strategies, health, what happens when they die and come back."""
import signal
from contextlib import ExitStack, contextmanager

from lab import expect, expect_data, expect_equal, expect_rcode
from process import wait_until

STRATEGIES = "hedged", "parallel", "balanced", "failover"


@contextmanager
def forwarding(lab, count=3, **settings):
    """Some resolvers and one that forwards everything to them."""
    with ExitStack() as stack:
        uppers = [stack.enter_context(lab.new_recursor(threads=1)) for _ in range(count)]
        servers = ";".join(f"127.0.0.1:{upper.port}" for upper in uppers)
        yield uppers, stack.enter_context(lab.new_recursor(forward_zones_recurse=f".={servers}", dont_query="", threads=1,
                                                           failure_cache_ttl=1, **settings))


def rows(recursor):
    """What get-upstreams says, by upstream."""
    head, *lines = recursor.ordered("get-upstreams").splitlines()
    return {line.split()[0]: dict(zip(head.split(), line.split())) for line in lines}


def names(count, start=0):
    return [f"s{start + i}.watch.example" for i in range(count)]


def test_strategies(lab):
    """each strategy gives the upstreams' answers, data and denials alike"""
    for strategy in STRATEGIES:
        with forwarding(lab, forward_strategy=strategy) as (_, recursor):
            expect_data(recursor.ask("c0.chain-a.net"), "A", "192.0.2.88")
            expect_rcode(recursor.ask("absent.wide.com"), "NXDOMAIN")
            expect_rcode(recursor.ask("www.all-refused.example"), "SERVFAIL")


def test_parallel_asks_all(lab):
    """parallel asks every upstream, failover only the first, balanced all of them in turn"""
    for strategy, asked in (("parallel", 3), ("failover", 1), ("balanced", 3)):
        with forwarding(lab, forward_strategy=strategy, dnssec="off") as (_, recursor):
            for name in names(24):
                expect_rcode(recursor.ask(name), "NOERROR")
            found = [row for row in rows(recursor).values() if int(row["asked"]) > 0]
            expect_equal(len(found), asked, f"{strategy}: {rows(recursor)}")


def test_silent_upstream(lab):
    """an upstream that falls silent costs no answer with any strategy; who is asked first all the same is found to be down"""
    for strategy in STRATEGIES:
        with forwarding(lab, forward_strategy=strategy, dnssec="off") as (uppers, recursor):
            for name in names(8):
                expect_rcode(recursor.ask(name), "NOERROR")
            busiest = max(rows(recursor).items(), key=lambda item: int(item[1]["asked"]))[0]
            victim = next(upper for upper in uppers if busiest.endswith(f":{upper.port}"))
            victim.child.signal(signal.SIGSTOP)
            try:
                for name in names(16, 100):
                    expect_rcode(recursor.ask(name), "NOERROR")
                if strategy == "failover":
                    expect_equal(rows(recursor)[busiest]["state"], "down", rows(recursor))
                    expect_equal(recursor.metric("upstreams-down"), 1)
            finally:
                victim.child.signal(signal.SIGCONT)
            wait_until(lambda: rows(recursor)[busiest]["state"] == "up", 10, "the upstream is seen to answer again")


def test_all_die_one_returns(lab):
    """when all upstreams are gone questions fail; when one comes back answers do within 2 seconds"""
    with forwarding(lab, dnssec="off") as (uppers, recursor):
        expect_rcode(recursor.ask("s1.watch.example"), "NOERROR")
        for upper in uppers:
            upper.child.kill()
        failed = recursor.ask("s2.watch.example")
        expect_rcode(failed, "SERVFAIL")
        expect(any("connection refused" in text for _, text in failed.extended_errors()), failed.extended_errors())
        uppers[1].start()
        wait_until(lambda: recursor.ask("s2.watch.example").rcode == "NOERROR", 2, "answers come again")


def test_forward_first(lab):
    """with forward-first the zone's own servers are asked when no upstream has an answer"""
    with lab.new_recursor(forward_zones_recurse="watch.example=127.0.0.1:9", dont_query="",
                          forward_first="watch.example") as recursor:
        expect_data(recursor.ask("f9.watch.example"), "A", "192.0.2.84")
    with lab.new_recursor(forward_zones_recurse="watch.example=127.0.0.1:9", dont_query="") as recursor:
        expect_rcode(recursor.ask("f9.watch.example"), "SERVFAIL")


def test_strategy_of_a_zone(lab):
    """forward-strategy-zones says otherwise for a zone"""
    with ExitStack() as stack:
        uppers = [stack.enter_context(lab.new_recursor(threads=1)) for _ in range(2)]
        servers = ";".join(f"127.0.0.1:{upper.port}" for upper in uppers)
        recursor = stack.enter_context(lab.new_recursor(
            forward_zones_recurse=f"watch.example={servers}", dont_query="", dnssec="off", threads=1,
            forward_strategy="failover", forward_strategy_zones="watch.example=parallel"))
        expect_rcode(recursor.ask("f10.watch.example"), "NOERROR")
        expect_equal([int(row["asked"]) for row in rows(recursor).values()], [1, 1])
