"""Extended errors (RFC 8914): which server failed and how is in the text, to the operator's use."""
from lab import expect, expect_equal, expect_rcode


def failure(lab, name):
    answer = lab.ask(name)
    expect_rcode(answer, "SERVFAIL")
    expect(answer.extended_errors(), answer)
    return answer


def test_each_failure_is_named(lab):
    """four servers that fail in four ways: the text names each with what it did"""
    answer = failure(lab, "www.mixed-failures.example")
    text = " ".join(text for _, text in answer.extended_errors()).lower()
    zone = lab.internet.description.zones["mixed-failures.example"]
    for server in zone.servers:
        expect(server.host.rstrip(".") in text or any(a in text for a in server.addresses()), f"{server.host}: {text}")
    for word in ("refused", "servfail"):
        expect(word in text, f"{word} is missing: {text}")


def test_code_for_unreachable(lab):
    """servers that never answer are code 22 or 23"""
    codes = [code for code, _ in failure(lab, "www.all-silent.example").extended_errors()]
    expect(set(codes) & {22, 23}, codes)


def test_closed_ports(lab):
    """servers that nobody listens at refuse at once, asked from sockets that were used before, too, and it is said"""
    with lab.new_recursor() as recursor:
        for name in ("one", "two", "three"):
            expect_rcode(recursor.ask(f"{name}.watch.example"), "NOERROR")
        answer = recursor.ask("www.all-dead.example")
    expect_rcode(answer, "SERVFAIL")
    expect("connection refused" in " ".join(text for _, text in answer.extended_errors()), answer)
    expect(answer.seconds < 2.5, answer)


def test_same_over_tcp(lab):
    """the cached failure carries the same extended error over TCP"""
    over_udp = failure(lab, "www.all-refused.example")
    over_tcp = lab.ask("www.all-refused.example", tcp=True)
    expect_equal(over_tcp.failure_reasons(), over_udp.failure_reasons(), over_tcp)


def test_other_name_in_dead_zone(lab):
    """another name of a zone known to be dead fails fast, and still says why"""
    failure(lab, "www.all-dead.example")
    answer = failure(lab, "other.all-dead.example")
    expect(answer.seconds < 2.5, answer)


def test_no_edns_no_option(lab):
    """a client without EDNS gets a plain SERVFAIL"""
    answer = lab.ask("www.all-dead.example", edns=False)
    expect_rcode(answer, "SERVFAIL")
    expect_equal(answer.message.edns, -1)


def test_black_holes_within_five_seconds(lab):
    """all servers silent, IPv4 or IPv6: an answer in less than five seconds, from an empty cache"""
    for name in ("www.all-silent.example", "www.all-silent-v6.example"):
        with lab.new_recursor() as recursor:
            answer = recursor.ask(name)
            expect(answer.rcode == "SERVFAIL" and answer.extended_errors() and answer.seconds < 5, answer)


def test_silent_root(lab):
    """no root server answers: an answer in less than five seconds, and recovery when they are back"""
    with lab.new_recursor() as recursor:
        with lab.internet.silenced("root1", "root2"):
            answer = recursor.ask("www.wide.com")
            expect(answer.rcode == "SERVFAIL" and answer.seconds < 5, answer)
        expect_rcode(recursor.ask("www.tall.org"), "NOERROR")
