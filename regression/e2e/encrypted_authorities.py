"""DNS over TLS to name servers: found out by probing (RFC 9539) or demanded, with BIND, NSD and a server that misbehaves."""
from contextlib import ExitStack, contextmanager

import dns.message
from authorities import BIND, HINTS, NSD, PLAIN, PLAYED, Bind, Nsd, Plain, PlayedAuthority, Root, data_of
from client import question
from encrypted import Certificates
from lab import expect, expect_data, expect_equal, expect_rcode
from process import wait_until

PROBING = {"max_busy_dot_probes": 10}
STATES = {"Unknown", "Busy", "Bad", "Good"}


@contextmanager
def resolver(lab, **settings):
    """Resolves from the root of these servers, on one worker."""
    with lab.new_recursor(**{"files": {"hints": HINTS}, "hint_file": "@FOLDER@/hints", "lua_config_file": "", "dnssec": "off",
                             "dont_query": "", "threads": 1, "failure_cache_ttl": 1, **settings}) as recursor:
        yield recursor


@contextmanager
def world(*kinds, **options):
    """The root, and servers with TLS."""
    with ExitStack() as stack:
        certificates = stack.enter_context(Certificates())
        stack.enter_context(Root())
        stack.enter_context(Plain())
        yield [stack.enter_context(kind(certificates, **options)) for kind in kinds]


def state(recursor, address):
    """What is known of DNS over TLS at the address."""
    lines = recursor.control("dump-dot-probe-map", "-").stdout.splitlines()
    found = {row[0]: row[3] for row in (line.split("\t") for line in lines) if len(row) == 5 and not row[0].startswith(";")}
    expect(set(found.values()) <= STATES, found)
    return found.get(address, "Unknown")


def wait_for_state(recursor, address, wanted):
    wait_until(lambda: state(recursor, address) == wanted, 10, f"{address} is {wanted}: {state(recursor, address)}")


def find_out(recursor, zone, address, wanted="Good"):
    """A first question, and the probe behind it."""
    expect_data(recursor.ask(f"first.{zone}"), "A", data_of(zone))
    wait_for_state(recursor, address, wanted)


def asked_over_tls(recursor, name):
    """How the name was asked for: (questions to servers, those of them over TLS)."""
    before = recursor.metric("all-outqueries"), recursor.metric("dot-outqueries")
    answer = recursor.ask(name)
    expect_rcode(answer, "NOERROR")
    return recursor.metric("all-outqueries") - before[0], recursor.metric("dot-outqueries") - before[1]


def found_out_and_used(kind):
    def run(lab):
        with world(kind) as [server], resolver(lab, **PROBING) as recursor:
            find_out(recursor, server.zone, server.address)
            expect_equal(asked_over_tls(recursor, f"second.{server.zone}"), (1, 1))
            answers = recursor.client().ask_many([question(f"n{i}.{server.zone}") for i in range(50)])
            expect_equal({answer.rcode for answer in answers}, {"NOERROR"})
            expect_equal(recursor.metric("dot-fallbacks"), 0)
            expect_equal(recursor.metric("dot-connections"), recursor.metric("dot-probes"))
            expect(recursor.metric("dot-connection-reuses") >= 51, recursor.ordered("get-all"))
    return run


def demanded(kind):
    def run(lab):
        with world(kind) as [server], resolver(lab, dot_to_auth_names=f"ns.{server.zone}") as recursor:
            for name in "first", "second":
                expect_data(recursor.ask(f"{name}.{server.zone}"), "A", data_of(server.zone))
            expect_equal(asked_over_tls(recursor, f"third.{server.zone}"), (1, 1))
            expect_data(recursor.ask("www.plain.test"), "A", data_of("plain.test"))
            expect_equal(recursor.metric("dot-required-failures"), 0)
            expect_equal(recursor.metric("dot-probes"), 0)
            expect_equal(recursor.metric("dot-probe-map-entries"), 0)
    return run


def cases(lab):
    for kind in Bind, Nsd:
        yield (f"{kind.program} is probed behind the first question and asked over one connection from then on",
               lambda k=kind: found_out_and_used(k)(lab))
        yield (f"{kind.program} is asked over TLS from the first question on where dot-to-auth-names names it",
               lambda k=kind: demanded(k)(lab))
    for fault in "hangs", "stalls", "garbage", "junk", "drips":
        yield (f"a server that {fault} when it is probed is left alone, and answers as ever",
               lambda f=fault: bad_at_first(lab, f))
        yield (f"a server that {fault} after it was good costs no answer and is not asked over TLS any more",
               lambda f=fault: bad_later(lab, f))
        yield (f"a server that {fault} and has to be asked over TLS is asked in no other way",
               lambda f=fault: bad_but_demanded(lab, f))


def bad_at_first(lab, fault):
    with world(PlayedAuthority, fault=fault) as [server], resolver(lab, dot_probe_timeout=600, **PROBING) as recursor:
        find_out(recursor, server.zone, PLAYED, "Bad")
        expect_equal(asked_over_tls(recursor, "second.played.test"), (1, 0))
        expect_equal(recursor.metric("dot-probe-failures") >= 1, True)
        expect_equal(recursor.metric("dot-busy-probes"), 0)


def bad_later(lab, fault):
    with world(PlayedAuthority) as [server], resolver(lab, tcp_out_max_idle_ms=50, **PROBING) as recursor:
        find_out(recursor, server.zone, PLAYED)
        expect_equal(asked_over_tls(recursor, "second.played.test"), (1, 1))
        wait_until(lambda: server.open == 0, 5, "the connection is closed")
        server.fault = fault
        expect_data(recursor.ask("third.played.test"), "A", data_of("played.test"))
        wait_for_state(recursor, PLAYED, "Bad")
        expect(recursor.metric("dot-fallbacks") >= 1, recursor.ordered("get-all"))
        expect_equal(asked_over_tls(recursor, "fourth.played.test"), (1, 0))


def bad_but_demanded(lab, fault):
    with world(PlayedAuthority, fault=fault) as [server], resolver(lab, dot_to_auth_names="played.test") as recursor:
        answer = recursor.ask("first.played.test")
        expect_rcode(answer, "SERVFAIL")
        expect(any("over DoT, which is required: " in text for _, text in answer.extended_errors()), answer)
        expect_equal(server.udp_questions, [])


def test_plain(lab):
    """a server without TLS is found out by one probe, and answers as ever"""
    with world() as _, resolver(lab, **PROBING) as recursor:
        find_out(recursor, "plain.test", PLAIN, "Bad")
        expect_equal(asked_over_tls(recursor, "second.plain.test"), (1, 0))
        expect_equal(recursor.metric("dot-probes"), 2)  # and one of the root's server


def test_off(lab):
    """without the settings nobody is probed"""
    with world(Bind) as [server], resolver(lab) as recursor:
        for name in "first", "second":
            expect_data(recursor.ask(f"{name}.{server.zone}"), "A", data_of(server.zone))
        expect_equal(recursor.metric("dot-outqueries"), 0)
        expect_equal(recursor.metric("dot-probes"), 0)


def test_demanded_of_plain(lab):
    """a server that has to be asked over TLS and does not speak it is a failure with its reason, which is logged once"""
    with world() as _, resolver(lab, dot_to_auth_names="ns.plain.test") as recursor:
        for name in "first", "second", "third":
            answer = recursor.ask(f"{name}.plain.test")
            expect_rcode(answer, "SERVFAIL")
            expect(any("over DoT, which is required: connection refused" in text for _, text in answer.extended_errors()), answer)
            expect({22, 23} <= {code for code, _ in answer.extended_errors()}, answer)
        line = f"name server {PLAIN} does not answer over DoT, which is required: connection refused"
        expect_equal(recursor.log().count(line), 1)
        expect(recursor.metric("dot-required-failures") >= 3, recursor.ordered("get-all"))


def test_port(lab):
    """a server of forward-zones with port 853 is asked over TLS"""
    with world(Nsd) as [server], resolver(lab, forward_zones=f"{server.zone}={NSD}:853") as recursor:
        expect_data(recursor.ask("www.nsd.test"), "A", data_of("nsd.test"))
        expect_equal(recursor.metric("all-outqueries"), recursor.metric("dot-outqueries"))


def test_stopped(lab):
    """when nobody listens for TLS any more questions go without, and with TLS again when the damping is over"""
    with world(Bind) as [server], resolver(lab, dot_probe_damping=1, **PROBING) as recursor:
        find_out(recursor, server.zone, BIND)
        server.child.stop(2)
        server.write("config", server.config().replace("port 853 tls", "port 8853 tls"))
        server.ports = (53,)
        server.start()
        expect_equal(asked_over_tls(recursor, "second.bind.test"), (2, 1))
        server.child.stop(2)
        server.write("config", server.config())
        server.ports = (53, 853)
        server.start()

        def is_good():
            expect_rcode(recursor.ask("again.bind.test"), "NOERROR")
            recursor.ordered("wipe-cache", "again.bind.test")
            return state(recursor, BIND) == "Good"
        wait_until(is_good, 15, "TLS is found again")


def test_greeting(lab):
    """the server is told ALPN dot and no name; questions are padded and carry no cookie; sessions are resumed"""
    with world(PlayedAuthority) as [server], resolver(lab, tcp_out_max_idle_ms=50, **PROBING) as recursor:
        find_out(recursor, server.zone, PLAYED)
        for number in range(3):
            wait_until(lambda: server.open == 0, 5, "the connection is closed")
            expect_equal(asked_over_tls(recursor, f"n{number}.played.test"), (1, 1))
        expect_equal(server.resumed, [False, True, True, True])
        expect_equal(set(server.protocols), {"dot"})
        expect(set(server.names) <= {None}, server.names)
        expect_equal({len(wire) % 128 for wire in server.tls_questions}, {0})
        options = {int(option.otype) for wire in server.tls_questions for option in dns.message.from_wire(wire).options}
        expect_equal(options, {11, 12})  # edns-tcp-keepalive, padding


def test_closes(lab):
    """a server that closes after each answer loses no question and stays good"""
    with world(PlayedAuthority, fault="closes") as [server], resolver(lab, **PROBING) as recursor:
        find_out(recursor, server.zone, PLAYED)
        for number in range(10):
            expect_data(recursor.ask(f"n{number}.played.test"), "A", data_of("played.test"))
        answers = recursor.client().ask_many([question(f"m{number}.played.test") for number in range(20)])
        expect_equal({answer.rcode for answer in answers}, {"NOERROR"})


def test_connections(lab):
    """a server that does not answer has no more connections to it than allowed, and none a while later"""
    settings = {"dot_to_auth_names": "played.test", "dot_max_connections_per_auth": 3, "max_total_msec": 1500}
    with world(PlayedAuthority, fault="stalls") as [server], resolver(lab, **settings) as recursor:
        answers = recursor.client().ask_many([question(f"n{number}.played.test") for number in range(400)])
        expect_equal({answer.rcode for answer in answers}, {"SERVFAIL"})
        expect(1 <= server.most_open <= 3, server.most_open)
        expect_equal(server.udp_questions, [])
        wait_until(lambda: server.open == 0, 10, f"connections are closed: {server.open}")


def test_explained(lab):
    """explain and traces tell what was asked over DoT, and why not"""
    with world(PlayedAuthority) as [server], resolver(lab, **PROBING) as recursor:
        find_out(recursor, server.zone, PLAYED)
        told = recursor.ordered("explain", "second.played.test", "--trace")
        expect(f"asking {PLAYED} (played.test.) for second.played.test. A over DoT" in told, told)
        server.fault = "garbage"
        server.refuse()
        told = recursor.ordered("explain", "third.played.test", "--trace")
        expect("over DoT" in told, told)
