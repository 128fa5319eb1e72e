"""Records that need TCP between recursor and server, and clients that get what they can take."""
from lab import expect, expect_data, expect_equal


def texts(answer):
    return sum(len(text.replace('"', "").replace(" ", "")) for text in answer.data("TXT"))


def test_truncated_for_client(lab):
    """an answer larger than the client takes is truncated: TC and no partial record set"""
    for edns, payload in ((False, 0), (True, 512), (True, 1232), (True, 4096)):
        answer = lab.ask("large.wide.com", "TXT", edns=edns, payload=payload)
        expect(answer.has_flag("TC"), answer)
        expect_equal(answer.data("TXT"), [], answer)
        expect(len(answer.wire) <= max(512, payload), answer)


def test_whole_over_tcp(lab):
    """the same question over TCP gets the whole answer"""
    answer = lab.ask("large.wide.com", "TXT", tcp=True)
    expect_equal(answer.rcode, "NOERROR", answer)
    expect_equal(texts(answer), 4000)
    expect(not answer.has_flag("TC"), answer)


def test_large_payload_is_bounded(lab):
    """a client that claims a huge UDP size gets no more than udp-truncation-threshold"""
    answer = lab.ask("large.wide.com", "TXT", payload=65535)
    expect(answer.has_flag("TC") and len(answer.wire) <= 1232, answer)


def test_upstream_tcp(lab):
    """a server that truncates every UDP answer is asked over TCP"""
    mark = lab.internet.mark()
    expect_data(lab.ask("truncating.example", "A"), "A", "192.0.2.80")
    protocols = {row["proto"] for row in lab.internet.queries(mark, zone="truncating.example")}
    expect_equal(protocols, {"udp", "tcp"})
