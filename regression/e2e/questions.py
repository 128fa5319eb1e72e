"""What a client may put in the header and question: opcodes, RD, case, classes, ANY, CHAOS names, NSID."""
import dns.edns
import dns.flags
import dns.opcode

from client import question
from lab import expect, expect_data, expect_equal, expect_rcode

SETTINGS = {"server-id": "bundled-one", "version-string": "Rootwalk test"}


def test_other_opcodes(lab):
    """NOTIFY, UPDATE, IQUERY and STATUS are NOTIMP"""
    for opcode in ("NOTIFY", "UPDATE", "IQUERY", "STATUS"):
        query = question("wide.com", "SOA", edns=False)
        query.set_opcode(dns.opcode.from_text(opcode))
        expect_rcode(lab.client().send(query.to_wire()), "NOTIMP")


def test_case_is_echoed(lab):
    """the question comes back in the case it was asked, from the servers and from the cache"""
    for name in ("wWw.WiDe-BaCkUp.NeT", "MAIL.wide-BACKUP.net", "mail.WIDE-backup.NET"):
        answer = lab.ask(name)
        expect_equal(answer.message.question[0].name.to_text(), name + ".")
    answer = lab.client().ask("MAIL.Wide-Backup.net", tcp=True)
    expect_equal(answer.message.question[0].name.to_text(), "MAIL.Wide-Backup.net.")


def test_not_recursive_refused(lab):
    """RD=0 is refused unless allow-no-rd is set"""
    mark = lab.internet.mark()
    expect_rcode(lab.ask("rd0.watch.example", rd=False), "REFUSED")
    expect_equal(lab.internet.queries(mark, zone="watch.example"), [])


def test_not_recursive_from_cache(lab):
    """with allow-no-rd, RD=0 is answered from the cache and asks no server"""
    with lab.new_recursor(allow_no_rd="yes") as recursor:
        mark = lab.internet.mark()
        expect_equal(recursor.ask("cold.watch.example", rd=False).data("A"), [])
        expect_equal(lab.internet.queries(mark, zone="watch.example"), [])
        expect_data(recursor.ask("warm.watch.example"), "A", "192.0.2.84")
        answer = recursor.ask("warm.watch.example", rd=False)
        expect_data(answer, "A", "192.0.2.84")
        expect(not answer.has_flag("RD"), answer)


def test_any_over_udp(lab):
    """ANY over UDP is truncated or minimal, never large (RFC 8482)"""
    answer = lab.ask("wide.com", "ANY", payload=4096)
    expect(answer.has_flag("TC") or len(answer.message.answer) <= 1, answer)
    expect(len(answer.wire) < 300, answer)


def test_any_over_tcp(lab):
    """ANY over TCP is answered"""
    answer = lab.ask("wide.com", "ANY", tcp=True)
    expect_rcode(answer, "NOERROR")
    expect(answer.message.answer, answer)


def test_chaos(lab):
    """version.bind, version.server, id.server and hostname.bind in class CHAOS"""
    for name, text in (("version.bind", "Rootwalk test"), ("id.server", "bundled-one"), ("hostname.bind", "bundled-one")):
        expect_data(lab.ask(name, "TXT", rdclass="CH"), "TXT", f'"{text}"')


def test_other_class(lab):
    """other classes and CHAOS names are not resolved"""
    expect(lab.ask("www.wide.com", rdclass="HS").rcode in ("NOTIMP", "REFUSED", "SERVFAIL", "FORMERR"), "class HS")
    expect(lab.ask("www.wide.com", "TXT", rdclass="CH").rcode in ("NOTIMP", "REFUSED", "NXDOMAIN", "SERVFAIL"), "CHAOS")


def test_nsid(lab):
    """the server identifies itself when asked to (RFC 5001), and only then"""
    answer = lab.ask("www.wide.com", options=[dns.edns.GenericOption(3, b"")])
    expect_equal(answer.option(3).data, b"bundled-one")
    expect_equal(lab.ask("www.wide.com").option(3), None)


def test_meta_types(lab):
    """transfers and meta types are not resolved"""
    for rdtype in ("AXFR", "IXFR"):
        answer = lab.client().send(question("wide.com", rdtype).to_wire(), tcp=True)
        expect(answer.rcode in ("NOTIMP", "REFUSED", "FORMERR", "SERVFAIL"), answer)


def test_checking_disabled_is_echoed(lab):
    """the CD bit is copied from question to answer (RFC 4035 section 3.1.6)"""
    query = question("www.wide.com")
    query.flags |= dns.flags.CD
    expect(lab.client().send(query.to_wire()).has_flag("CD"), "CD is missing")
