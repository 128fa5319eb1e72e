"""What trust anchors do to answers: islands of security, zones that are waived, and what clients can find out."""
import dns.dnssec
import dns.name
import dns.rdatatype as T
from lab import expect, expect_equal
from process import wait_until

BROKEN = "www.expired-all.bogus"


def is_secure(recursor, name):
    answer = recursor.ask(name, dnssec=True)
    expect_equal(answer.rcode, "NOERROR", answer)
    return answer.has_flag("AD")


def entry_ds(recursor, zone):
    """The DS of the zone's keys with the SEP bit, as text."""
    keys = next(s for s in recursor.ask(zone, "DNSKEY", dnssec=True).message.answer if s.rdtype == T.DNSKEY)
    entry = next(key for key in keys if key.flags & 1)
    return dns.dnssec.make_ds(dns.name.from_text(zone), entry, "SHA256").to_text()


def test_island(lab):
    """an island of security is secure as long as it has an anchor"""
    with lab.new_recursor(dnssec="validate") as recursor:
        expect(not is_secure(recursor, "www.island.signed"), "secure without an anchor")
        recursor.ordered("add-ta", "island.signed", *entry_ds(recursor, "island.signed").split())
        expect(is_secure(recursor, "www.island.signed"), "not secure with its anchor")
        recursor.ordered("clear-ta", "island.signed")
        expect(not is_secure(recursor, "www.island.signed"), "secure after clear-ta")


def test_wrong_anchor(lab):
    """below an anchor that does not match everything is bogus"""
    with lab.new_recursor(dnssec="validate") as recursor:
        recursor.ordered("add-ta", "island.signed", "11111", "13", "2", "00" * 32)
        answer = recursor.ask("www.island.signed")
        expect_equal((answer.rcode, answer.extended_errors()[0][0]), ("SERVFAIL", 9), answer)


def test_waived(lab):
    """a negative anchor lets a broken zone be resolved, without AD, until it is cleared"""
    with lab.new_recursor(dnssec="validate") as recursor:
        expect_equal(recursor.ask(BROKEN).rcode, "SERVFAIL")
        recursor.ordered("add-nta", "expired-all.bogus", "their signatures expired")
        expect(not is_secure(recursor, BROKEN), "AD on what was not validated")
        expect(is_secure(recursor, "www.alg13.signed"), "other zones are waived, too")
        recursor.ordered("clear-nta", "expired-all.bogus")
        expect_equal(recursor.ask(BROKEN).rcode, "SERVFAIL")


def test_waived_for_a_while(lab):
    """when the time of a negative anchor is over the zone fails again"""
    with lab.new_recursor(dnssec="validate") as recursor:
        recursor.ordered("add-nta", "bogus", "--lifetime", "2")
        expect_equal(recursor.ask(BROKEN).rcode, "NOERROR")
        wait_until(lambda: recursor.ask(BROKEN).rcode == "SERVFAIL", 20, "it fails again")


def test_log(lab):
    """set-dnssec-log-bogus logs what fails from then on"""
    with lab.new_recursor(dnssec="validate") as recursor:
        recursor.ask(BROKEN)
        expect("bogus: " not in recursor.log(), recursor.log())
        recursor.ordered("set-dnssec-log-bogus", "yes")
        recursor.ordered("wipe-cache", "bogus$")
        recursor.ask(BROKEN)
        wait_until(lambda: f"bogus: {BROKEN}." in recursor.log(), 5, "it is logged")


def test_sentinel(lab):
    """the root key sentinel tells a validating client's user which keys are trusted"""
    with lab.new_recursor(dnssec="validate") as recursor:
        tag = int(recursor.ordered("get-tas").splitlines()[2].split()[0])
        for kind, number, rcode in (("is", tag, "NOERROR"), ("not", tag, "SERVFAIL"),
                                    ("is", tag ^ 1, "SERVFAIL"), ("not", tag ^ 1, "NOERROR")):
            name = f"root-key-sentinel-{kind}-ta-{number:05}.wild.alg13.signed"
            for _ in range(2):
                expect_equal(recursor.ask(name).rcode, rcode, name)
            expect_equal(recursor.ask(name, "TXT").rcode, "NOERROR", name)
            expect_equal(recursor.ask(name, cd=True).rcode, "NOERROR", name)
            expect_equal(recursor.ask(name.replace("alg13", "island")).rcode, "NOERROR", name)


def test_asked_for(lab):
    """trustanchor.server and negativetrustanchor.server, CHAOS TXT, when that is allowed"""
    with lab.new_recursor(lua_config_file="", allow_trust_anchor_query="yes") as recursor:
        recursor.ordered("add-nta", "a.example", "broken", "by")
        for name, text in (("trustanchor.server", ". 20326 38696"), ("negativetrustanchor.server", "a.example. broken by")):
            expect_equal(recursor.ask(name, "TXT", rdclass="CH").data("TXT"), [f'"{text}"'])
    with lab.new_recursor() as recursor:
        expect_equal(recursor.ask("trustanchor.server", "TXT", rdclass="CH").rcode, "REFUSED")
