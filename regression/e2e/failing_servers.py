"""Half of the servers fail under load, by death, stop, delay or black hole: no answer is lost that the other half could give."""
import itertools
import threading

from client import question
from lab import expect, expect_data

HALF = ("root2", "tld2", "alpha2", "beta2", "gamma2")
OTHER_HALF = ("root1", "tld1", "alpha1", "beta1", "gamma1")
SERIAL = itertools.count()


def load(recursor, batches, failures, between=lambda batch: None):
    """Batches of fresh names (never in the cache) in many zones; every one has an answer."""
    from healthy import FILLER_TLDS, FILLER_WORDS
    zones = [f"{word}.{tld}" for word in FILLER_WORDS[:10] for tld in FILLER_TLDS]
    for batch in range(batches):
        between(batch)
        questions = [question(f"n{next(SERIAL)}.{zone}") for zone in zones]
        for query, answer in zip(questions, recursor.client().ask_many(questions, timeout=6)):
            if answer.rcode != "NOERROR" or len(answer.data("A")) != 1:
                failures.append((query.question[0].name.to_text(), answer))


def run_load_while(lab, breaking):
    """Starts with a warm cache, breaks half of the servers in the middle, mends them, goes on."""
    failures = []
    with lab.new_recursor() as recursor:
        load(recursor, 2, failures)
        broken = threading.Event()
        loader = threading.Thread(target=load, args=(recursor, 6, failures, lambda batch: batch == 1 and broken.set()))
        loader.start()
        broken.wait()
        with breaking:
            loader.join()
            load(recursor, 2, failures)
        load(recursor, 2, failures)
    expect(not failures, f"{len(failures)} of 1200 without their answer, the first: {failures[:1]}")


def test_killed(lab):
    """half of the servers die under load"""
    run_load_while(lab, lab.internet.killed(*HALF))


def test_stopped(lab):
    """half of the servers stop (SIGSTOP) under load"""
    run_load_while(lab, lab.internet.paused(*HALF))


def test_delayed(lab):
    """half of the servers answer 300 ms late under load"""
    run_load_while(lab, lab.internet.delayed(*HALF))


def test_black_holed(lab):
    """half of the servers become black holes under load"""
    run_load_while(lab, lab.internet.silenced(*OTHER_HALF))


def test_cold_start(lab):
    """a recursor that starts while half of the servers are silent answers"""
    for half in (HALF, OTHER_HALF):
        with lab.internet.silenced(*half), lab.new_recursor() as recursor:
            for name, address in (("www.wide.com", "192.0.2.12"), ("www.tall.org", "192.0.2.21"),
                                  ("www.glueless.de", "192.0.2.50")):
                answer = recursor.ask(name)
                expect_data(answer, "A", address)
                expect(answer.seconds < 5, answer)


def test_recovery(lab):
    """a zone whose servers were all silent is resolved soon after they come back"""
    from process import wait_until
    with lab.new_recursor(packetcache_servfail_ttl=1, server_down_throttle_time=2) as recursor:
        with lab.internet.silenced("alpha1", "alpha2"):
            expect(recursor.ask("www.wide.com").rcode == "SERVFAIL", "resolved without servers")
        wait_until(lambda: recursor.ask("www.wide.com").rcode == "NOERROR", 20, "www.wide.com resolves again")
