"""Caches: what is asked again, what is not, what wipe-cache forgets, TTLs."""
from client import question
from lab import expect, expect_data, expect_equal, expect_rcode
from process import wait_until


def asked(lab, mark, name):
    return len(lab.internet.queries(mark, name=name))


def test_answer_is_cached(lab):
    """a second question of the same kind asks no server, over UDP or TCP, with or without EDNS"""
    expect_data(lab.ask("kept.watch.example"), "A", "192.0.2.84")
    mark = lab.internet.mark()
    for options in ({}, {"tcp": True}, {"edns": False}, {"dnssec": True}):
        expect_data(lab.ask("kept.watch.example", **options), "A", "192.0.2.84")
    expect_equal(asked(lab, mark, "kept.watch.example"), 0)


def test_ttl_counts_down(lab):
    """the TTL of a cached answer counts down, and never starts above max-cache-ttl"""
    first = lab.ask("hour.short.io").ttl("A")
    expect(3595 <= first <= 3600, first)
    wait_until(lambda: lab.ask("hour.short.io").ttl("A") < first, 3, "the TTL is smaller")
    expect(lab.ask("www.huge-ttl.example").ttl("A") <= 86400, "above max-cache-ttl")


def test_expired_is_asked_again(lab):
    """a record past its TTL is fetched again"""
    expect_data(lab.ask("now.brief.watch.example"), "A", "192.0.2.86")
    mark = lab.internet.mark()
    wait_until(lambda: lab.ask("now.brief.watch.example").message and asked(lab, mark, "now.brief.watch.example"), 4,
               "the server is asked again")


def test_top_bit_of_ttl(lab):
    """a TTL with its top bit set counts as zero (RFC 2181 section 8) or as the greatest (RFC 8767 section 4)"""
    answer = lab.ask("www.top-bit-ttl.example")
    expect_data(answer, "A", "192.0.2.80")
    expect(answer.ttl("A") <= 86400, answer)


def test_negative_is_cached(lab):
    """a denial is cached for the SOA's time (RFC 2308)"""
    expect_rcode(lab.ask("x.no.below.www.watch.example"), "NXDOMAIN")
    mark = lab.internet.mark()
    answer = lab.ask("x.no.below.www.watch.example")
    expect_rcode(answer, "NXDOMAIN")
    expect(answer.ttl("SOA", "authority") <= 300, answer)
    expect_equal(asked(lab, mark, "x.no.below.www.watch.example"), 0)


def test_no_data_is_per_type(lab):
    """no data for one type does not deny another"""
    expect_data(lab.ask("www.watch.example", "AAAA"), "AAAA")
    expect_data(lab.ask("www.watch.example"), "A", "192.0.2.80")


def test_wipe_name(lab):
    """wipe-cache of a name forgets it alone; with $ behind it, all below too"""
    for name in ("one.watch.example", "two.watch.example"):
        lab.ask(name)
    lab.recursor.ordered("wipe-cache", "one.watch.example")
    expect_equal([forgotten(lab, n) for n in ("one.watch.example", "two.watch.example")], [True, False])
    lab.recursor.ordered("wipe-cache", "watch.example$")
    expect_equal([forgotten(lab, n) for n in ("one.watch.example", "two.watch.example")], [True, True])


def forgotten(lab, name):
    mark = lab.internet.mark()
    lab.ask(name)
    return asked(lab, mark, name) > 0


def test_many_names_stay_within_limit(lab):
    """max-cache-entries bounds the record cache"""
    with lab.new_recursor(max_cache_entries=500, max_packetcache_entries=100) as recursor:
        for batch in range(10):
            recursor.client().ask_many([question(f"b{batch}n{n}.wild.wide.com") for n in range(200)])
        wait_until(lambda: recursor.metric("cache-entries") <= 700, 5, "the cache shrinks to its limit")
