"""EDNS Client Subnet (RFC 7871): servers that are listed are told a client's network, and clients get their network's
answer and nobody else's, whatever servers and forgers say."""
import re

import netns
from dns.edns import ECSOption, GenericOption

from client import question
from lab import expect, expect_data, expect_equal, expect_rcode

A, NEAR_A, B, SIX = "203.0.113.7", "203.0.113.200", "198.51.100.7", "2001:db8:1:2ff::7"
ADDRESS_OF = {A: "203.0.113.1", B: "198.51.100.1"}  # what a scope of 24 brings
PLAIN, POISON = "192.0.2.80", "203.0.113.66"
EVERYBODY = {"allow_from": "0.0.0.0/0, ::/0"}
SETTINGS = dict(EVERYBODY, edns_subnet_allow_list="subnet.example")


def own_addresses():
    """The clients' addresses, in the namespace of this lane."""
    netns.ip(*(f"addr replace {address}/{128 if ':' in address else 32} dev lo{' nodad' if ':' in address else ''}"
               for address in (A, NEAR_A, B, SIX)))


def client(recursor, source):
    own_addresses()
    asking = recursor.client("::1" if ":" in source else None)
    asking.source = source
    return asking


def ask(recursor, source, name, rdtype="A", **options):
    return client(recursor, source).ask(name, rdtype, **options)


def all_at_once(recursor, name):
    """(source, answer) of twenty clients in each of two networks."""
    own_addresses()
    sources = [A, B] * 20
    return zip(sources, recursor.client().ask_many([question(name) for _ in sources], sources=sources))


def told(lab, mark, name):
    """The networks that came with questions for a name, "-" for none, in order."""
    return [row["ecs"] for row in lab.internet.queries(mark, name=name)]


def naming(network, length):
    return {"options": [ECSOption(network, length)]}


def subnet_in(answer):
    option = answer.option(8)
    return option and (option.address, option.srclen, option.scopelen)


def test_each_network_its_own(lab):
    """clients of two networks get two answers, and each is served to its own network from the cache"""
    with lab.new_recursor(**SETTINGS) as recursor:
        mark = lab.internet.mark()
        for _ in range(2):
            for source in (A, B):
                expect_data(ask(recursor, source, "s24.subnet.example"), "A", ADDRESS_OF[source])
            expect_data(ask(recursor, NEAR_A, "s24.subnet.example"), "A", ADDRESS_OF[A])
        expect_equal(told(lab, mark, "s24.subnet.example"), ["203.0.113.0/24", "198.51.100.0/24"])
        expect_equal(recursor.metric("packetcache-hits"), 0)
        expect_equal(recursor.metric("ecs-queries"), 2)
        expect_equal(recursor.metric("ecs-responses"), 2)
        expect_equal(recursor.metric("ecs-v4-response-bits-24"), 2)
        expect_equal(recursor.metric("ecs-cache-entries"), 1)
        expect(recursor.metric("ecs-cache-hits") >= 4, "found in the cache")


def test_all_at_once(lab):
    """questions of several networks at the same time are several questions, those of one network are one"""
    name = "slow24.subnet-slow.example"
    for listed, networks in (("subnet.example", ["-"]), ("subnet-slow.example", ["198.51.100.0/24", "203.0.113.0/24"])):
        with lab.new_recursor(**dict(SETTINGS, edns_subnet_allow_list=listed)) as recursor:
            mark = lab.internet.mark()
            for source, answer in all_at_once(recursor, name):
                expect_data(answer, "A", PLAIN if networks == ["-"] else ADDRESS_OF[source])
            asked = told(lab, mark, name)
            expect(sorted(set(asked)) == networks and len(asked) <= 2 * len(networks), f"hedged at most: {asked}")


def test_scopes(lab):
    """a shorter scope serves all its clients, scope 0 everybody: that is a hit in the packet cache"""
    with lab.new_recursor(**SETTINGS) as recursor:
        mark = lab.internet.mark()
        expect_data(ask(recursor, A, "s1.subnet.example"), "A", "128.0.0.1")
        expect_data(ask(recursor, B, "s1.subnet.example"), "A", "128.0.0.1")
        expect_equal(told(lab, mark, "s1.subnet.example"), ["203.0.113.0/24"])
        expect_data(ask(recursor, A, "s32.subnet.example"), "A", ADDRESS_OF[A])
        expect_data(ask(recursor, NEAR_A, "s32.subnet.example"), "A", ADDRESS_OF[A])
        expect_equal(told(lab, mark, "s32.subnet.example"), ["203.0.113.0/24"])
        before = recursor.metric("packetcache-hits")
        for source in (A, B, B):
            expect_data(ask(recursor, source, "s0.subnet.example"), "A", "0.0.0.1")
        expect_equal(told(lab, mark, "s0.subnet.example"), ["203.0.113.0/24"])
        expect(recursor.metric("packetcache-hits") > before, "the last of them is a hit")


def test_ipv6(lab):
    """a client over IPv6 is told of by 56 bits"""
    with lab.new_recursor(**SETTINGS) as recursor:
        mark = lab.internet.mark()
        expect_data(ask(recursor, SIX, "s48.subnet.example"), "A", "10.0.1.0")
        expect_equal(told(lab, mark, "s48.subnet.example"), ["2001:db8:1:200::/56"])
        expect_equal(recursor.metric("ecs-v6-response-bits-48"), 1)


def test_nobody_else_is_told(lab):
    """other domains, name server addresses, keys, cuts and minimised names are asked for nobody in particular"""
    with lab.new_recursor(**SETTINGS) as recursor:
        mark = lab.internet.mark()
        ask(recursor, A, "f1.watch.example")
        ask(recursor, A, "a.b.c24.subnet.example")
        for rdtype in ("DS", "DNSKEY", "NS", "SOA"):
            ask(recursor, A, "subnet.example", rdtype)
        rows = [row for row in lab.internet.queries(mark) if row["ecs"] != "-"]
        expect_equal({(row["name"].lower(), row["type"]) for row in rows}, {("a.b.c24.subnet.example.", "A")}, rows)


def test_servers_by_address(lab):
    """a server is told when its network is listed, and not when it is excluded"""
    server = lab.internet.description.zones["subnet.example"].servers[0]
    with lab.new_recursor(**dict(SETTINGS, edns_subnet_allow_list="198.19.0.0/18, 2001:2:0:101::/64")) as recursor:
        expect_data(ask(recursor, A, "s24.subnet.example"), "A", ADDRESS_OF[A])
    with lab.new_recursor(**dict(SETTINGS, edns_subnet_allow_list=f"198.19.0.0/18, !{server.v4}/32, !198.19.0.0/18")) as recursor:
        expect_data(ask(recursor, A, "s24.subnet.example"), "A", PLAIN)


def test_clients_that_are_not_told_of(lab):
    """for clients outside of ecs-add-for, and for those that ask for it, another address is told"""
    with lab.new_recursor(**SETTINGS, ecs_scope_zero_address="192.0.2.200") as recursor:
        mark = lab.internet.mark()
        expect_data(recursor.ask("s24.subnet.example"), "A", "192.0.2.1")
        expect_data(ask(recursor, A, "s24.subnet.example", **naming("0.0.0.0", 0)), "A", "192.0.2.1")
        expect_data(ask(recursor, A, "s24.subnet.example"), "A", ADDRESS_OF[A])
        expect_equal(told(lab, mark, "s24.subnet.example"), ["192.0.2.200/32", "203.0.113.0/24"])


def test_incoming(lab):
    """what a client says of its network counts with use-incoming-edns-subnet, and it is told for whom the answer is"""
    with lab.new_recursor(**SETTINGS, use_incoming_edns_subnet="yes") as recursor:
        mark = lab.internet.mark()
        answer = ask(recursor, A, "s16.subnet.example", **naming("198.51.100.0", 24))
        expect_data(answer, "A", "198.51.0.1")
        expect_equal(subnet_in(answer), ("198.51.100.0", 24, 16))
        again = ask(recursor, A, "s16.subnet.example", **naming("198.51.7.0", 24))
        expect_data(again, "A", "198.51.0.1")
        expect_equal(subnet_in(again), ("198.51.7.0", 24, 16))
        expect_equal(told(lab, mark, "s16.subnet.example"), ["198.51.100.0/24"])
        expect_equal(subnet_in(ask(recursor, A, "www.wide.com", **naming("198.51.7.0", 24))), ("198.51.7.0", 24, 0))
        expect_equal(subnet_in(ask(recursor, A, "s16.subnet.example")), None)
        opened = ask(recursor, A, "s16.subnet.example", **naming("0.0.0.0", 0))
        expect_equal(subnet_in(opened), ("0.0.0.0", 0, 0))


def test_incoming_not_used(lab):
    """otherwise the option changes nothing: no option comes back, and the answer is a hit in the packet cache"""
    with lab.new_recursor(**SETTINGS) as recursor:
        for _ in range(6):
            expect_equal(subnet_in(ask(recursor, A, "www.wide.com", **naming("198.51.100.0", 24))), None)
        expect(recursor.metric("packetcache-hits") >= 4, "once for each of two workers it is none")
        expect_data(ask(recursor, A, "s24.subnet.example", **naming("198.51.100.0", 24)), "A", ADDRESS_OF[A])


def test_malformed_questions(lab):
    """an option that is not well formed, or says a scope, is FORMERR, whether or not the answer is cached"""
    bad = [GenericOption(8, bytes(octets)) for octets in (
        [0, 1, 24], [0, 1, 24, 0, 192, 0], [0, 1, 23, 0, 192, 0, 3], [0, 1, 33, 0, 192, 0, 2, 0, 0], [0, 3, 8, 0, 1])]
    bad.append(ECSOption("192.0.2.0", 24, 24))
    expect_rcode(lab.recursor.ask("www.wide.com"), "NOERROR")
    for option in bad:
        expect_rcode(lab.recursor.ask("www.wide.com", options=[option]), "FORMERR")
    twice = [ECSOption("192.0.2.0", 24), ECSOption("192.0.3.0", 24)]
    expect_rcode(lab.recursor.ask("www.wide.com", options=twice), "FORMERR")


def hostile(lab, mode, queries, **settings):
    """Asks a server of that mode; the answer is nobody's in particular, after these questions."""
    zone = f"subnet-{mode}.example"
    with lab.new_recursor(**dict(SETTINGS, edns_subnet_allow_list=zone, **settings)) as recursor:
        mark = lab.internet.mark()
        expect_data(ask(recursor, A, f"s24.{zone}"), "A", PLAIN)
        expect_data(ask(recursor, B, f"s24.{zone}"), "A", PLAIN)
        expect_equal([network == "-" for network in told(lab, mark, f"s24.{zone}")], queries)
        return {name: recursor.metric(f"ecs-{name}") for name in ("missing", "mismatched", "refused", "fallbacks")}


def test_answers_without_the_subnet(lab):
    """an answer that lacks the option is not believed but asked for again without, and that one is for everybody"""
    counts = hostile(lab, "missing", [False, True])
    expect_equal(counts, {"missing": 1, "mismatched": 0, "refused": 0, "fallbacks": 1})


def test_answers_to_another_subnet(lab):
    """an answer to another network, length or family, or one that cannot be read, is never believed"""
    for mode in ("other", "other-length", "other-family", "malformed"):
        for harden in ("yes", "no"):
            counts = hostile(lab, mode, [False, True], edns_subnet_harden=harden)
            expect_equal(counts, {"missing": 0, "mismatched": 1, "refused": 0, "fallbacks": 1}, mode)


def test_servers_that_refuse(lab):
    """a server that says FORMERR or REFUSED to the option is asked again without"""
    for mode in ("formerr", "refused"):
        counts = hostile(lab, mode, [False, True])
        expect_equal(counts, {"missing": 0, "mismatched": 0, "refused": 1, "fallbacks": 1}, mode)


def test_not_hardened(lab):
    """edns-subnet-harden=no takes an answer without the option as one for everybody"""
    settings = dict(SETTINGS, edns_subnet_allow_list="subnet-missing.example", edns_subnet_harden="no")
    with lab.new_recursor(**settings) as recursor:
        mark = lab.internet.mark()
        for source in (A, B):
            expect_data(ask(recursor, source, "s24.subnet-missing.example"), "A", ADDRESS_OF[A])
        expect_equal(told(lab, mark, "s24.subnet-missing.example"), ["203.0.113.0/24"])


def test_forged(lab):
    """a forged answer, right but for the option, that comes before the real one does not win"""
    zone = "subnet-forged.example"
    with lab.new_recursor(**dict(SETTINGS, edns_subnet_allow_list=zone)) as recursor:
        for number in range(3):
            answer = ask(recursor, (A, B, NEAR_A)[number], f"s24.{zone}")
            expect(POISON not in answer.data("A"), answer)
            expect_rcode(answer, "NOERROR")


def test_over_tcp(lab):
    """a truncated answer is asked for again over TCP with the same network"""
    zone = "subnet-truncated.example"
    with lab.new_recursor(**dict(SETTINGS, edns_subnet_allow_list=zone)) as recursor:
        mark = lab.internet.mark()
        expect_data(ask(recursor, A, f"s24.{zone}"), "A", ADDRESS_OF[A])
        rows = lab.internet.queries(mark, name=f"s24.{zone}")
        expect_equal([(row["proto"], row["ecs"]) for row in rows], [("udp", "203.0.113.0/24"), ("tcp", "203.0.113.0/24")])


def test_alias_to_a_listed_domain(lab):
    """an alias of another domain leads each network to its own answer, also when all ask at once"""
    with lab.new_recursor(**SETTINGS) as recursor:
        for source, answer in all_at_once(recursor, "www.subnet-shop.example"):
            expect_data(answer, "A", ADDRESS_OF[source])
            expect_equal(answer.data("CNAME"), ["s24.subnet.example."])
    with lab.new_recursor(**SETTINGS, disable_packetcache="yes") as recursor:
        mark = lab.internet.mark()
        for source in (A, B, A):
            expect_data(ask(recursor, source, "alias24.subnet.example"), "A", ADDRESS_OF[source])
        expect_equal(told(lab, mark, "alias24.subnet.example"), ["203.0.113.0/24", "198.51.100.0/24"])


def test_denials(lab):
    """a denial for one network is not kept, one for everybody is"""
    with lab.new_recursor(**SETTINGS) as recursor:
        mark = lab.internet.mark()
        for name, times in (("nx24.subnet.example", 2), ("nx0.subnet.example", 1)):
            for _ in range(2):
                expect_rcode(ask(recursor, A, name), "NXDOMAIN")
            expect_equal(len(told(lab, mark, name)), times)


def test_through_an_upstream(lab):
    """an upstream resolver that uses incoming subnets is told, and each network gets its own answer through both"""
    with lab.new_recursor(**SETTINGS, use_incoming_edns_subnet="yes") as upper:
        with lab.new_recursor(**EVERYBODY, edns_subnet_allow_list="127.0.0.1", dont_query="",
                              forward_zones_recurse=f".=127.0.0.1:{upper.port}") as recursor:
            mark = lab.internet.mark()
            for source in (A, B, NEAR_A):
                expect_data(ask(recursor, source, "s24.subnet.example"), "A", ADDRESS_OF.get(source, ADDRESS_OF[A]))
                expect_data(ask(recursor, source, "www.subnet-shop.example"), "A", ADDRESS_OF.get(source, ADDRESS_OF[A]))
            expect_equal(told(lab, mark, "s24.subnet.example"), ["203.0.113.0/24", "198.51.100.0/24"])
            expect_data(ask(recursor, A, "www.wide.com"), "A", *recursor.ask("www.wide.com").data("A"))


def test_limits(lab):
    """answers for one network are not kept when that is wished, and live longer when that is"""
    with lab.new_recursor(**SETTINGS, ecs_ipv4_never_cache="yes") as recursor:
        mark = lab.internet.mark()
        for _ in range(2):
            expect_data(ask(recursor, A, "s24.subnet.example"), "A", ADDRESS_OF[A])
        expect_equal(len(told(lab, mark, "s24.subnet.example")), 2)
    with lab.new_recursor(**SETTINGS) as recursor:
        expect_equal(recursor.ordered("set-ecs-minimum-ttl", "40000"), "New minimum ECS TTL: 40000\n")
        expect(ask(recursor, A, "s24.subnet.example").ttl("A") > 39000, "the TTL is raised")
        expect(ask(recursor, A, "www.wide.com").ttl("A") < 39000, "of others it is not")


def test_tools(lab):
    """dumps, traces and explanations tell for whom answers are, wiping takes them all, get-all leaves 160 metrics out"""
    with lab.new_recursor(**SETTINGS) as recursor:
        for source in (A, B):
            ask(recursor, source, "s24.subnet.example")
        recursor.ordered("dump-cache", f"{recursor.folder}/dump")
        with open(f"{recursor.folder}/dump", encoding="utf-8") as file:
            lines = [line for line in file if line.startswith("s24.subnet.example.")]
        expect_equal(sorted(re.findall(r"subnet=(\S+) scope=24", "".join(lines))), ["198.51.100.0/24", "203.0.113.0/24"])
        text = recursor.ordered("explain", "s24.subnet.example", "--subnet=203.0.113.0/24", "--trace")
        expect("203.0.113.1" in text and "only for clients in 203.0.113.0/24" in text, text)
        fresh = recursor.ordered("explain", "s16.subnet.example", "--subnet=203.0.113.0/24", "--trace", "--fresh")
        expect("for 203.0.113.0/24" in fresh and "for 203.0.0.0/16 (scope 16)" in fresh, fresh)
        expect(recursor.ordered("wipe-cache", "s24.subnet.example").startswith("wiped 2 records"), "both")
        everything = recursor.ordered("get-all")
        expect("ecs-queries" in everything and "response-bits" not in everything, everything)
