"""Right answers of every everyday type, over UDP and TCP, IPv4 and IPv6, from the root down."""
from lab import expect, expect_data, expect_equal, expect_rcode

RECORDS = [
    ("wide.com", "A", "192.0.2.10", "192.0.2.11"),
    ("www.wide.com", "A", "192.0.2.12"),
    ("www.wide.com", "AAAA", "2001:db8::12"),
    ("wide.com", "MX", "10 mail.wide.com.", "20 mail.wide-backup.net."),
    ("wide.com", "TXT", '"v=spf1 mx -all"', '"second string" "in two parts"'),
    ("wide.com", "CAA", '0 issue "ca.wide.com"'),
    ("wide.com", "HTTPS", '1 . alpn="h2,h3" ipv4hint="192.0.2.10"'),
    ("_dns.wide.com", "SVCB", '1 mail.wide.com. alpn="dot" port="853"'),
    ("_imap._tcp.wide.com", "SRV", "10 60 143 mail.wide.com."),
    ("wide.com", "NS", "ns1.wide.com.", "ns2.wide.com."),
    ("wide.com", "SOA", "ns1.wide.com. hostmaster.wide.com. 1 7200 900 1209600 300"),
    ("odd.wide.com", "TYPE65400", r"\# 4 0a0b0c0d"),
    ("com", "NS", *(f"{x}.gtld-servers.net." for x in "abcd")),
    (".", "NS", *(f"{x}.root-servers.net." for x in "abcdefghijklm")),
    ("10.7.44.233.in-addr.arpa", "PTR", "www.wide.com."),
    ("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.0.3.0.a.2.ip6.arpa", "PTR", "www.wide.com."),
    ("www.nested.co.uk", "A", "192.0.2.36"),
    ("amber.com", "A", "203.0.113.1"),
    ("any.amber.com", "A", "198.51.100.251"),
]
WAYS = [("127.0.0.1", False), ("127.0.0.1", True), ("::1", False), ("::1", True)]


def cases(lab):
    for index, (name, rdtype, *wanted) in enumerate(RECORDS):
        yield f"{name} {rdtype}", lambda n=name, t=rdtype, w=wanted, i=index: check_record(lab, n, t, w, i)


def check_record(lab, name, rdtype, wanted, index):
    """Asks by all four ways, a different one first for each record."""
    for address, tcp in WAYS[index % 4:] + WAYS[:index % 4]:
        answer = lab.client(address).ask(name, rdtype, tcp=tcp)
        expect_data(answer, rdtype, *wanted)
        expect(answer.has_flag("QR") and answer.has_flag("RA") and answer.has_flag("RD"), answer)
        expect(not answer.has_flag("AA"), answer)


def test_nxdomain(lab):
    """a name that does not exist is NXDOMAIN with the zone's SOA"""
    for address, tcp in WAYS:
        answer = lab.client(address).ask("absent.wide.com", tcp=tcp)
        expect_rcode(answer, "NXDOMAIN")
        expect_equal(len(answer.data("SOA", "authority")), 1, answer)


def test_nxdomain_tld(lab):
    """a top-level domain that does not exist is NXDOMAIN with the root's SOA"""
    answer = lab.ask("www.no-such-tld")
    expect_rcode(answer, "NXDOMAIN")
    expect_equal(answer.message.authority[0].name.to_text(), ".", answer)


def test_nodata(lab):
    """a name without the type asked is NOERROR with the zone's SOA"""
    for name, rdtype in (("v4only.wide.com", "AAAA"), ("v6only.wide.com", "A"), ("www.wide.com", "MX")):
        for address, tcp in WAYS:
            answer = lab.client(address).ask(name, rdtype, tcp=tcp)
            expect_data(answer, rdtype)
            expect_equal(len(answer.data("SOA", "authority")), 1, answer)


def test_empty_non_terminal(lab):
    """a name with only other names below it exists and has no data"""
    answer = lab.ask("deep.below.wide.com")
    expect_data(answer, "A")
    expect_data(lab.ask("service.deep.below.wide.com"), "A", "192.0.2.13")


def test_without_edns(lab):
    """a client without EDNS gets an answer without EDNS"""
    answer = lab.ask("www.wide.com", edns=False)
    expect_data(answer, "A", "192.0.2.12")
    expect_equal(answer.message.edns, -1, answer)


def test_filler(lab):
    """two hundred ordinary zones resolve when asked for at once"""
    from client import question
    from healthy import FILLER_TLDS, FILLER_WORDS
    names = [f"{word}.{tld}" for tld in FILLER_TLDS[:8] for word in FILLER_WORDS]
    answers = lab.client().ask_many([question(f"www.{name}") for name in names])
    wrong = [(n, a) for n, a in zip(names, answers) if a.rcode != "NOERROR" or len(a.data("A")) != 1]
    expect(not wrong, f"{len(wrong)} of {len(names)} wrong, the first: {wrong[:1]}")
