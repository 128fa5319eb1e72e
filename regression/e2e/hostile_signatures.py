"""Zones signed to exhaust a validator (regression/internet/hostile_signed.py) cost little CPU and nobody else's answer."""
import threading

from hostile_signed import HOSTILE
from lab import expect, expect_equal

SETTINGS = {"dnssec": "validate", "threads": "1"}
LIMIT_MS, REPEATS = 50, 3


def cases(lab):
    for zone, (label, what) in HOSTILE.items():
        yield f"{zone}, {what}, costs less than {LIMIT_MS} ms", lambda z=zone, n=label: check(lab, z, n)


def check(lab, zone, label):
    """Counts all of a query's work, the walk to the zone included; asked again it costs no more."""
    with lab.new_recursor(**SETTINGS) as recursor:
        recursor.ask("www.alg13.signed")
        for turn in range(REPEATS):
            name = f"{label}.{zone}.hostile" if turn == 0 else f"t{turn}{label[2:] or 'x'}.{zone}.hostile"
            before = recursor.cpu_seconds()
            answer = recursor.ask(name, ad=True)
            spent = (recursor.cpu_seconds() - before) * 1000
            expect(answer.message is not None and answer.seconds < 5, f"{name}: {answer}")
            expect(answer.rcode in ("SERVFAIL", "NXDOMAIN", "NOERROR"), answer)
            expect(spent < LIMIT_MS, f"{name}: {spent:.1f} ms of CPU: {answer}")


def test_verdicts(lab):
    """nothing of it is taken for secure unless it is"""
    for zone in ("keytrap-ed25519", "keytrap-rsa", "many-signatures", "many-keys", "keytrap-dnskey", "hash-trap"):
        answer = lab.ask(f"www.{zone}.hostile", ad=True)
        expect_equal((answer.rcode, bool(answer.failure_reasons())), ("SERVFAIL", True), f"{zone}: {answer}")
    for zone in ("nsec3-above-limit", "nsec3-far-above"):
        answer = lab.ask(f"absent.{zone}.hostile", ad=True)
        expect_equal((answer.rcode, answer.has_flag("AD")), ("NXDOMAIN", False), f"{zone}: {answer}")
        expect_equal([code for code, _ in answer.failure_reasons()], [27], f"{zone}: {answer}")
    answer = lab.ask("absent.nsec3-at-limit.hostile", ad=True)
    expect_equal((answer.rcode, answer.has_flag("AD")), ("NXDOMAIN", True), answer)


def test_others_are_answered(lab):
    """while many of them are asked for, another client's questions are answered without delay"""
    with lab.new_recursor(**SETTINGS) as recursor:
        recursor.ask("www.alg13.signed")
        done, client = threading.Event(), recursor.client()

        def attack():
            from client import question
            names = [f"a{n}.{zone}.hostile" for n in range(10) for zone in HOSTILE]
            client.ask_many([question(name, dnssec=True) for name in names])
            done.set()
        thread = threading.Thread(target=attack)
        thread.start()
        slowest, asked = 0.0, 0
        while not done.is_set() or asked < 20:
            answer = recursor.ask("www.alg13.signed" if asked % 2 else f"other{asked}.names.signed", ad=True)
            expect(answer.has_flag("AD"), answer)
            slowest, asked = max(slowest, answer.seconds), asked + 1
        thread.join()
        expect(slowest < 0.5, f"the slowest of {asked} answers took {slowest:.3f} s")
