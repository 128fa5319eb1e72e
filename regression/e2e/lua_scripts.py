"""Each script of lua-scripts/ does what its first lines say."""
import os

from lab import expect, expect_data, expect_equal
from luatest import ask_from
from recursor import ROOT

FOLDER = f"{ROOT}/lua-scripts"


def example(lab, name, environment=None, **settings):
    recursor = lab.new_recursor(lua_dns_script=f"{FOLDER}/{name}.lua", **{"threads": 1, **settings})
    recursor.environment = environment or {}
    return recursor


def test_all_are_tested(lab):
    """there is a test for each of them"""
    with open(__file__, encoding="ascii") as file:
        text = file.read()
    for script in os.listdir(FOLDER):
        expect(not script.endswith(".lua") or f'lab, "{script[:-4]}"' in text, f"{script} is not tested")


def test_blocklist(lab):
    """blocklist.lua: listed names and all below do not exist, allowed ones do"""
    recursor = example(lab, "blocklist")
    recursor.write("blocked.txt", "# a list\nwide.com\ntall.org # why\n")
    recursor.write("allowed.txt", "www.wide.com\n")
    recursor.environment = {"BLOCKLIST_FILE": f"{recursor.folder}/blocked.txt",
                            "BLOCKLIST_ALLOW_FILE": f"{recursor.folder}/allowed.txt"}
    with recursor:
        for name in ("wide.com", "mail.wide.com", "tall.org"):
            answer = recursor.ask(name)
            expect_equal((answer.rcode, answer.extended_errors()), ("NXDOMAIN", [(15, "on the block list")]))
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        expect_data(recursor.ask("amber.com"), "A", "203.0.113.1")
        expect_equal(recursor.metric("script-blocklist-hits"), 3)


def test_splithorizon(lab):
    """splithorizon.lua: inside and outside have answers of their own, also from the packet cache"""
    with example(lab, "splithorizon", allow_from="") as recursor:
        for _ in range(2):
            expect_data(recursor.ask("www.example.com"), "A", "10.0.0.20")
            expect_data(recursor.ask("intranet.example.com"), "A", "10.0.0.10")
            expect_equal(recursor.ask("www.example.com", "AAAA").data("AAAA"), [])
            expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")


def test_clientpolicy(lab):
    """clientpolicy.lua: each network may ask for what its rule says"""
    with example(lab, "clientpolicy") as recursor:
        expect_equal(ask_from(recursor, "127.0.0.1", "www.wide.com").rcode, "NOERROR")
        for _ in range(2):
            answer = ask_from(recursor, "127.0.0.2", "www.wide.com")
            expect_equal((answer.rcode, answer.extended_errors()), ("REFUSED", [(18, "")]))
        expect(ask_from(recursor, "127.0.0.2", "update.example.com").rcode != "REFUSED", "allowed name")
        expect_equal(ask_from(recursor, "127.0.0.3", "a.social.example.com").rcode, "REFUSED")
        expect_equal(ask_from(recursor, "127.0.0.3", "www.wide.com", "TXT").rcode, "REFUSED")
        expect_equal(ask_from(recursor, "127.0.0.3", "www.wide.com").rcode, "NOERROR")


def test_sinkhole(lab):
    """sinkhole.lua: the sinkhole's address, one log line a client, every question counted"""
    with example(lab, "sinkhole") as recursor:
        for _ in range(3):
            expect_data(recursor.ask("a.malware.example.com"), "A", "192.0.2.66")
        expect_data(recursor.ask("botnet.example.net", "AAAA"), "AAAA", "2001:db8::66")
        expect_equal(recursor.metric("script-sinkhole-hits"), 4)
        expect_equal(recursor.log().count("sinkhole: 127.0.0.1 asked for a.malware.example.com."), 1)


def test_safesearch(lab):
    """safesearch.lua: the alias for the safe name, and its addresses"""
    with example(lab, "safesearch", {"SAFESEARCH_EXTRA": "search.example=www.wide.com"}) as recursor:
        for _ in range(2):
            answer = recursor.ask("Search.example")
            expect_data(answer, "CNAME", "www.wide.com.")
            expect_data(answer, "A", "192.0.2.12")
        expect_equal(recursor.ask("www.bing.com").data("CNAME"), ["strict.bing.com."])
        expect_data(recursor.ask("mail.wide.com", "MX"), "MX")


def test_rewrite(lab):
    """rewrite.lua: addresses of a network become those of another, but not for those who validate"""
    with example(lab, "rewrite") as recursor:
        found = recursor.ask("ns1.wide.com").data("A")
        expect(found and all(a.startswith("10.1") for a in found), found)
        expect(all(a.startswith("198.1") for a in recursor.ask("ns1.wide.com", dnssec=True).data("A")), "rewritten with DO")
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")


def test_ratelimit(lab):
    """ratelimit.lua: what is more than the burst is dropped, others are answered"""
    with example(lab, "ratelimit", {"RATELIMIT_RATE": "0.01", "RATELIMIT_BURST": "5"}) as recursor:
        rcodes = [ask_from(recursor, "127.0.1.7", f"n{n}.wildcard.wide.com", timeout=0.5).rcode for n in range(8)]
        expect_equal(rcodes.count("none"), 3, rcodes)
        expect_equal(recursor.metric("script-ratelimit-drops"), 3)
        expect_equal(recursor.ask("www.wide.com").rcode, "NOERROR")


def test_parental(lab):
    """parental.lua: children are denied categories, and everything but homework at bedtime"""
    with example(lab, "parental", {"PARENTAL_HOUR": "12"}) as recursor:
        answer = ask_from(recursor, "127.0.0.2", "x.games.example.com")
        expect_equal((answer.rcode, answer.extended_errors()), ("NXDOMAIN", [(17, "games")]))
        expect_equal(ask_from(recursor, "127.0.0.3", "adult.example.com").extended_errors(), [(17, "adult")])
        expect_equal(ask_from(recursor, "127.0.0.2", "www.wide.com").rcode, "NOERROR")
    with example(lab, "parental", {"PARENTAL_HOUR": "22"}) as recursor:
        for _ in range(2):
            expect_equal(ask_from(recursor, "127.0.0.2", "www.wide.com").extended_errors(), [(17, "bedtime")])
            expect_equal(ask_from(recursor, "127.0.0.3", "www.wide.com").rcode, "NOERROR")
        expect(ask_from(recursor, "127.0.0.2", "school.example.org").extended_errors() != [(17, "bedtime")], "homework")
