"""rec_control top-*: the busiest names, clients and servers."""
import re

from lab import expect, expect_equal, expect_rcode

COMMANDS = ("top-queries", "top-pub-queries", "top-remotes", "top-servfail-queries", "top-pub-servfail-queries",
            "top-servfail-remotes", "top-bogus-queries", "top-pub-bogus-queries", "top-bogus-remotes",
            "top-largeanswer-remotes", "top-timeouts")


def rows(recursor, command):
    """What the command lists, as {text: percent}, and the number of entries."""
    lines = recursor.ordered(command).splitlines()
    head = re.fullmatch(r"Over last (\d+) entries:", lines[0])
    expect(head, lines)
    found = dict(reversed(re.fullmatch(r"(\d+\.\d\d)%\t(.+)", line).groups()) for line in lines[1:] if line)
    expect(not found or "rest" in found and abs(sum(map(float, found.values())) - 100) < 0.2, lines)
    return found, int(head[1])


def test_empty(lab):
    """without questions, and with stats-ringbuffer-entries=0, every list is empty"""
    with lab.new_recursor(stats_ringbuffer_entries=0) as recursor:
        recursor.ask("www.wide.com")
        for command in COMMANDS:
            expect_equal(recursor.ordered(command), "Over last 0 entries:\n", command)


def test_queries(lab):
    """top-queries and top-remotes count hits and misses of all workers"""
    with lab.new_recursor() as recursor:
        for _ in range(6):
            expect_rcode(recursor.ask("WWW.wide.com"), "NOERROR")
        expect_rcode(recursor.ask("www.wide.com", tcp=True), "NOERROR")
        expect_rcode(recursor.ask("www.tall.org", "TXT"), "NOERROR")
        found, total = rows(recursor, "top-queries")  # with those that showed that it answers
        expect_equal(round(float(found["www.wide.com|A"]) * total / 100), 7, found)
        expect_equal(round(float(found["www.tall.org|TXT"]) * total / 100), 1, found)
        found, total = rows(recursor, "top-remotes")
        expect_equal(found, {"127.0.0.1": "100.00", "rest": "0.00"})
        expect(total >= 8, total)


def test_public_suffixes(lab):
    """top-pub-queries counts names that can be registered"""
    with lab.new_recursor() as recursor:
        for name in ("www.wide.com", "absent.wide.com", "wide.com", "a.b.absent.co.uk"):
            recursor.ask(name)
        found, _ = rows(recursor, "top-pub-queries")
        expect("wide.com|A" in found and "absent.co.uk|A" in found, found)
        expect("www.wide.com|A" not in found, found)


def test_failures(lab):
    """SERVFAIL and the servers that did not answer"""
    with lab.new_recursor() as recursor:
        expect_rcode(recursor.ask("www.all-silent.example"), "SERVFAIL")
        for command in ("top-servfail-queries", "top-pub-servfail-queries"):
            found, _ = rows(recursor, command)
            expect(any("all-silent.example|A" in name for name in found), found)
        expect_equal(rows(recursor, "top-servfail-remotes")[0].get("127.0.0.1"), "100.00")
        found, _ = rows(recursor, "top-timeouts")
        expect(any(re.match(r"198\.18\.|2001:2:", server) for server in found), found)


def test_bogus(lab):
    """names that fail validation and who asks for them"""
    with lab.new_recursor() as recursor:
        expect_rcode(recursor.ask("www.expired-answer.bogus"), "SERVFAIL")
        for command in ("top-bogus-queries", "top-pub-bogus-queries"):
            found, _ = rows(recursor, command)
            expect(any("expired-answer.bogus|A" in name for name in found), found)
        expect_equal(rows(recursor, "top-bogus-remotes")[0].get("127.0.0.1"), "100.00")


def test_large_answers(lab):
    """clients that get more than 1000 octets, also from the packet cache"""
    with lab.new_recursor() as recursor:
        recursor.ask("www.wide.com", tcp=True)
        expect_equal(rows(recursor, "top-largeanswer-remotes")[1], 0)
        for _ in range(6):
            expect_rcode(recursor.ask("large.wide.com", "TXT", tcp=True), "NOERROR")
        expect_equal(rows(recursor, "top-largeanswer-remotes"), ({"127.0.0.1": "100.00", "rest": "0.00"}, 6))
