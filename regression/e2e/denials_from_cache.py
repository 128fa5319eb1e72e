"""Denials that were proven answer for names never asked before (RFC 8198): how many questions reach the zone's servers,
counted by the recursor's metric, and that what is made so is right."""
import random
import socket

import dns.rcode
from client import question
from lab import expect, expect_equal

SETTINGS = {"dnssec": "validate", "threads": "1"}
NAMES, ALLOWED, WINDOW = 10000, 1100, 8
RANDOM = random.Random(8198)


def random_names(zone, count):
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    return ["n" + "".join(RANDOM.choices(letters, k=8)) + f".{zone}" for _ in range(count)]


def ask_all(recursor, names):
    """Few at a time, so that an answer is known before the next questions come; the rcodes that came."""
    rcodes = set()
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.connect((recursor.address(), recursor.port))
        sock.settimeout(5)
        for index, name in enumerate(names):
            sock.send(question(name, ad=True).to_wire())
            if index >= WINDOW:
                rcodes.add(sock.recv(4096)[3] & 15)
        for _ in range(min(WINDOW, len(names))):
            rcodes.add(sock.recv(4096)[3] & 15)
    return {dns.rcode.to_text(rcode) for rcode in rcodes}


def upstream_queries(lab, zone, **settings):
    with lab.new_recursor(**{**SETTINGS, **settings}) as recursor:
        before = recursor.metric("all-outqueries")
        expect_equal(ask_all(recursor, random_names(zone, NAMES)), {"NXDOMAIN"})
        return recursor.metric("all-outqueries") - before


def test_nsec(lab):
    """10,000 random names under an NSEC zone of 1,000 names: fewer than 1,100 questions"""
    asked = upstream_queries(lab, "names.signed")
    expect(asked < ALLOWED, f"{asked} questions")


def test_nsec3(lab):
    """10,000 random names under an NSEC3 zone of 1,000 names: fewer than 1,100 questions"""
    asked = upstream_queries(lab, "names3.signed", **{"aggressive-cache-min-nsec3-hit-ratio": "1000000"})
    expect(asked < ALLOWED, f"{asked} questions")


def test_nsec3_by_default(lab):
    """the same with the default ratio, which leaves narrow records aside: fewer than 2,500 questions"""
    asked = upstream_queries(lab, "names3.signed")
    expect(asked < 2500, f"{asked} questions")


def test_switched_off(lab):
    """aggressive-nsec-cache-size=0 asks for each name"""
    with lab.new_recursor(**{**SETTINGS, "aggressive-nsec-cache-size": "0"}) as recursor:
        before = recursor.metric("all-outqueries")
        ask_all(recursor, random_names("names.signed", 200))
        expect(recursor.metric("all-outqueries") - before >= 200, "fewer questions than names")


def neighbours(lab, zone, first, second, types=("A",)):
    """The answer to the second question when those to the first are known, and how many questions it cost."""
    with lab.new_recursor(**SETTINGS) as recursor:
        for rdtype in types:
            recursor.ask(f"{first}.{zone}", rdtype, ad=True)
        before = recursor.metric("all-outqueries")
        answer = recursor.ask(f"{second}.{zone}", ad=True, dnssec=True)
        return answer, recursor.metric("all-outqueries") - before


def test_synthesized_name(lab):
    """a name denied from the cache is NXDOMAIN with AD, SOA and the whole proof"""
    answer, cost = neighbours(lab, "alg13.signed", "zz1", "zz2")
    expect_equal((answer.rcode, answer.has_flag("AD"), cost), ("NXDOMAIN", True, 0), answer)
    expect(answer.data("SOA", "authority") and answer.data("NSEC", "authority"), answer)
    expect(len(answer.data("RRSIG", "authority")) >= 2, answer)


def test_synthesized_wildcard(lab):
    """a wildcard that is known, with its NSEC, answers for other names without a question"""
    answer, cost = neighbours(lab, "alg13.signed", "x1.wild", "x2.wild", ("A", "MX"))
    expect_equal((answer.rcode, answer.has_flag("AD"), cost), ("NOERROR", True, 0), answer)
    expect_equal(answer.data("A"), ["192.0.2.81"], answer)
    expect(len(answer.data("RRSIG")) == 1 and answer.data("RRSIG", "authority"), answer)


def test_existing_name(lab):
    """a name that exists is never denied from the neighbours' proofs"""
    for zone in ("alg13.signed", "nsec3.signed"):
        answer, _ = neighbours(lab, zone, "wwv", "www")
        expect_equal((answer.rcode, answer.data("A")), ("NOERROR", ["192.0.2.80"]), answer)
        answer, _ = neighbours(lab, zone, "x1.wild", "exact.wild")
        expect_equal((answer.rcode, answer.data("A")), ("NOERROR", ["192.0.2.82"]), answer)


def test_opt_out(lab):
    """opt-out spans deny nothing: a delegation in one is found"""
    answer, _ = neighbours(lab, "com", "absent-one", "www.wide")
    expect_equal((answer.rcode, answer.data("A")), ("NOERROR", ["192.0.2.12"]), answer)


def test_bogus_denials(lab):
    """what is bogus denies nothing"""
    answer, cost = neighbours(lab, "expired-nsec.bogus", "zz1", "zz2")
    expect_equal(answer.rcode, "SERVFAIL", answer)
    expect(cost > 0, "answered from bogus records")
