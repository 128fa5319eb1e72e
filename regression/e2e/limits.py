"""Limits on clients and zones: random names below a slow zone take the resolver from nobody else, neither from other
clients nor other zones nor from what is cached; whoever is limited can find out why, and can come over TCP."""
import itertools
import json

from client import Client, question
from lab import expect, expect_data, expect_equal, expect_rcode

ATTACKER, BYSTANDER = "127.0.0.66", "127.0.0.77"
SERIAL = itertools.count()
# All of these clients have addresses of the loopback network, which is exempt unless something else is.
SETTINGS = {"rate_limit_exempt_clients": "127.0.0.1/32", "local_address": "127.0.0.1", "aggressive_nsec_cache_size": "0"}


def limited(lab, **settings):
    return lab.new_recursor(**{**SETTINGS, **settings})


def client(recursor, source):
    return Client(recursor.address(), recursor.port, source=source)


def random_names(zone, count):
    return [question(f"r{next(SERIAL)}.{zone}") for _ in range(count)]


def kinds(answers):
    """How many answers there are of each kind."""
    def kind(answer):
        return "TC" if answer.message and answer.has_flag("TC") else answer.rcode
    found = [kind(answer) for answer in answers]
    return {each: found.count(each) for each in set(found)}


def test_water_torture(lab):
    """random names below a zone are limited for the network that asks, below that zone, with a reason and in the log"""
    with limited(lab, rate_limit_random_subdomains="5") as recursor:
        attacker, bystander = client(recursor, ATTACKER), client(recursor, BYSTANDER)
        expect_data(attacker.ask("www.slow.example"), "A", "192.0.2.80")
        answers = [answer for _ in range(4) for answer in attacker.ask_many(random_names("slow.example", 40))]
        found = kinds(answers)
        expect(found.get("NXDOMAIN", 0) >= 10 and found.get("REFUSED", 0) >= 30 and found.get("TC", 0) >= 30, found)
        expect_equal(found.get("none", 0), 0, found)
        refused = next(answer for answer in answers if answer.rcode == "REFUSED")
        expect_equal(refused.extended_errors(), [(18, "too many questions (rate-limit-random-subdomains)")])
        for name in ("www.wide.com", "www.tall.org"):
            expect_rcode(attacker.ask(name), "NOERROR")
        expect_data(attacker.ask("www.slow.example"), "A", "192.0.2.80")
        expect_rcode(bystander.ask("unheard-of.slow.example"), "NXDOMAIN")
        said = recursor.ordered("limits")
        expect(f"questions of {ATTACKER}/32 over UDP for names of slow.example. (rate-limit-random-subdomains)" in said,
               said)
        expect_equal(said.count("slow.example."), 1, said)
        expect_equal(recursor.log().count("limited: "), 1, recursor.log())
        explained = recursor.ordered("explain", "another.slow.example", "A", ATTACKER)
        expect("Limits      beyond rate-limit-random-subdomains over UDP" in explained, explained)
        expect("Limits" not in recursor.ordered("explain", "another.slow.example", "A", BYSTANDER), "a bystander")
        explained = json.loads(recursor.ordered("explain", "another.slow.example", "A", ATTACKER, "--json"))
        expect_equal(explained["limits"][0], {"limit": "rate-limit-random-subdomains", "transport": "UDP", "zone": None,
                                              "in_force": True})
        explained = json.loads(recursor.ordered("explain", "another.slow.example", "A", BYSTANDER, "--json"))
        expect_equal((explained["limits"], explained["rebinding"]), ([], None))
        counted = recursor.metric("rate-limit-random-subdomains-exceeded")
        expect_equal(counted, found["REFUSED"] + found["TC"])
        expect_equal(counted, recursor.metric("rate-limit-refused") + recursor.metric("rate-limit-truncated"))


def test_waiting(lab):
    """while so many questions of a client wait for a slow zone the rest of them fail, and nobody waits for that"""
    with limited(lab, wait_limit_zone="6", wait_limit="8") as recursor:
        attacker, bystander = client(recursor, ATTACKER), client(recursor, BYSTANDER)
        expect_data(attacker.ask("www.slow.example"), "A", "192.0.2.80")
        mixed = random_names("slow.example", 30) + [question("www.wide.com")]
        answers = attacker.ask_many(mixed)
        expect_equal(kinds(answers[:-1]).get("NXDOMAIN"), 6)
        expect_data(answers[-1], "A", "192.0.2.12")
        expect_equal(recursor.metric("wait-limit-zone-exceeded"), 24)
        spread = [question(f"www.r{next(SERIAL)}.slow.example") for _ in range(20)]
        both = attacker.ask_many(spread + random_names("watch-slow.example", 20))
        expect_equal(recursor.metric("wait-limit-exceeded"), 40 - 8 - (recursor.metric("wait-limit-zone-exceeded") - 24))
        expect(kinds(both).get("none", 0) == 0, kinds(both))
        expect_equal(kinds(bystander.ask_many(random_names("slow.example", 6))), {"NXDOMAIN": 6})


def test_fetches(lab):
    """a zone keeps so many questions busy at most, whoever asks: the others are told, and other zones are not concerned"""
    with limited(lab, fetches_per_zone="5", wait_limit_zone="0", wait_limit="0") as recursor:
        expect_data(recursor.ask("www.slow.example"), "A", "192.0.2.80")
        asked = random_names("slow.example", 30) + [question("www.tall.org")]
        answers = client(recursor, None).ask_many(asked, sources=[f"127.0.1.{number + 1}" for number in range(31)])
        found = kinds(answers[:-1])
        expect_equal(found, {"NXDOMAIN": 5, "SERVFAIL": 25})
        failed = next(answer for answer in answers if answer.rcode == "SERVFAIL")
        expect(any(code == 14 and "fetches-per-zone" in text for code, text in failed.extended_errors()), failed)
        expect_rcode(answers[-1], "NOERROR")
        expect(recursor.metric("fetches-per-zone-exceeded") >= 25, "not counted")
        name = next(q.question[0].name.to_text() for q, a in zip(asked, answers) if a.rcode == "SERVFAIL")
        expect_rcode(recursor.ask(name), "NXDOMAIN")
        expect("questions for names of slow.example. (fetches-per-zone)" in recursor.ordered("limits"), "not listed")


def test_tcp(lab):
    """who is limited over UDP is sent to TCP, and is answered there; what came over TCP is counted apart"""
    with limited(lab, rate_limit_resolutions="3", rate_limit_slip="1") as recursor:
        attacker = client(recursor, ATTACKER)
        answers = attacker.ask_many(random_names("wide.com", 60))
        expect(kinds(answers).get("TC", 0) > 20, kinds(answers))
        expect_rcode(attacker.ask("www.tall.org", tcp=True), "NOERROR")
        expect_equal(recursor.metric("rate-limit-refused"), 0)


def test_actions(lab):
    """a limited question is refused, fails, or gets no answer, as the setting says"""
    for action, rcode, metric in (("servfail", "SERVFAIL", "rate-limit-servfail"), ("drop", "none", "rate-limit-dropped"),
                                  ("truncate", "TC", "rate-limit-truncated")):
        with limited(lab, rate_limit_resolutions="3", rate_limit_slip="0", rate_limit_action=action) as recursor:
            found = kinds(client(recursor, ATTACKER).ask_many(random_names("wide.com", 40), timeout=3))
            expect(found.get(rcode, 0) > 10, (action, found))
            expect_equal(recursor.metric(metric), found[rcode])


def test_exempt(lab):
    """exempt networks and zones are not limited, also after reload-acls"""
    with limited(lab, rate_limit_resolutions="3", rate_limit_exempt_zones="tall.org") as recursor:
        attacker = client(recursor, ATTACKER)
        expect_equal(kinds(attacker.ask_many(random_names("tall.org", 40))), {"NXDOMAIN": 40})
        expect(kinds(attacker.ask_many(random_names("wide.com", 40))).get("NXDOMAIN", 0) < 40, "not limited")
        recursor.settings["rate-limit-exempt-clients"] = "127.0.0.0/24"
        recursor.write("recursor.conf", "".join(f"{k}={v}\n" for k, v in recursor.settings.items()))
        recursor.ordered("reload-acls")
        expect_equal(kinds(attacker.ask_many(random_names("wide.com", 40))), {"NXDOMAIN": 40})


def test_off(lab):
    """rate-limiting=no limits nobody, log-only only counts, and the defaults leave an ordinary client alone"""
    tight = {"rate_limit_resolutions": "1", "rate_limit_random_subdomains": "1", "wait_limit": "1", "wait_limit_zone": "1"}
    for settings in ({"rate_limiting": "no", **tight}, {"rate_limiting": "log-only", **tight}, {}):
        with limited(lab, **settings) as recursor:
            attacker = client(recursor, ATTACKER)
            expect_equal(kinds(attacker.ask_many(random_names("slow.example", 60))), {"NXDOMAIN": 60}, settings)
            would = settings.get("rate_limiting") == "log-only"
            expect_equal(recursor.metric("rate-limit-log-only") > 0, would, settings)
            expect_equal(recursor.log().count("would be limited: "), int(would), settings)
