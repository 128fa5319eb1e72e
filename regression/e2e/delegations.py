"""The shapes a delegation has in the wild, each resolved from an empty cache."""
from lab import expect, expect_data

SHAPES = [
    ("www.glueless.de", "192.0.2.50", "name servers without glue, in two other zones"),
    ("www.twice.nl", "192.0.2.56", "name servers whose zones are themselves without glue"),
    ("www.sibling.org", "192.0.2.61", "glue of a sibling zone"),
    ("www.l5.l4.l3.l2.l1.deep.edu", "192.0.2.105", "six cuts one below the other"),
    ("www.many.com", "192.0.2.70", "eighteen name servers"),
    ("www.six.net", "192.0.2.66", "name servers that have IPv6 alone"),
    ("www.four.net", "192.0.2.64", "name servers that have IPv4 alone"),
    ("www.in.split.com", "192.0.2.73", "parent and child on the same servers"),
    ("www.tall.org", "192.0.2.21", "a hoster's name servers below another top-level domain"),
    ("www.nested.co.uk", "192.0.2.36", "a registry below a country"),
]


def cases(lab):
    for name, address, sentence in SHAPES:
        yield sentence, lambda n=name, a=address: check(lab, n, a)


def check(lab, name, address):
    with lab.new_recursor() as recursor:
        answer = recursor.ask(name)
        expect_data(answer, "A", address)
        expect(answer.seconds < 2, answer)


def test_ipv4_only_resolver(lab):
    """a resolver without IPv6 reaches all but the IPv6-only zone, and says why"""
    with lab.new_recursor(query_local_address="0.0.0.0") as recursor:
        expect_data(recursor.ask("www.twice.nl"), "A", "192.0.2.56")
        answer = recursor.ask("www.six.net")
        expect(answer.rcode == "SERVFAIL" and answer.extended_errors() and answer.seconds < 5, answer)


def test_ipv6_only_resolver(lab):
    """a resolver without IPv4 reaches what has IPv6"""
    with lab.new_recursor(query_local_address="::") as recursor:
        expect_data(recursor.ask("www.six.net"), "A", "192.0.2.66")
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
