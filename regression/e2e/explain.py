"""rec_control explain: why a name validates, does not, or does not resolve, and what is to be done."""
import json

from lab import expect, expect_equal
from process import wait_until

SETTINGS = {"dnssec": "process"}

# Question, what the first line ends with, and what the text must have, in this order.
CASES = [
    ("www.alg13.signed", "NOERROR, Secure (clients get AD)",
     "Chain of trust to www.alg13.signed.", "trust anchor ", " -> keys ", "signed.", "DS ",
     "alg13.signed.", "signed by key", "(ECDSAP256SHA256) of alg13.signed., 20", "days left"),
    ("www.inner.outer.signed", "NOERROR, Secure (clients get AD)", "outer.signed.", "inner.outer.signed.", "(ED25519)"),
    ("www.insecure.alg13.signed", "NOERROR, Insecure", "insecure.alg13.signed. Insecure because its parent has no DS",
     "insecure.alg13.signed. NSEC ", "not signed"),
    ("www.insecure.opt-out.signed", "NOERROR, Insecure", "within what NSEC3 opt-out leaves open:", " NSEC3 1 1 "),
    ("www.expired-answer.bogus", "SERVFAIL, Bogus", "www.expired-answer.bogus. 3600 IN A 192.0.2.80",
     "extended error 7", "expired-answer.bogus. Secure", "expired 2 days ago", "Fault ", "expired on 20",
     "The owner of expired-answer.bogus. should sign it again", "add-nta expired-answer.bogus. "),
    ("www.ds-wrong-tag.bogus", "SERVFAIL, Bogus", "extended error 9", "ds-wrong-tag.bogus. Bogus", "DS ", "-> keys ",
     "because ", "matches", "should have the DS at the parent bogus. changed"),
    ("www.no-dnskey.bogus", "SERVFAIL, Bogus", "extended error 9", "should publish its DNSKEYs"),
    ("www.unknown-algorithm.bogus", "NOERROR, Insecure", "extended error 1", "(ALG200 SHA256)", "Note ",
     "could sign with algorithm 13 or 8"),
    ("x.wild.alg13.signed", "NOERROR, Secure (clients get AD)", "made from the wildcard *.wild.alg13.signed.", " NSEC "),
    ("zz.alg13.signed", "NXDOMAIN, Secure (clients get AD)", "the name does not exist, says alg13.signed.", "denied by",
     " NSEC "),
    ("zz.nsec3.signed", "NXDOMAIN, Secure (clients get AD)", "denied by", " NSEC3 1 0 "),
    ("www.alg13.signed MX", "NOERROR without records, Secure (clients get AD)", "the name has no records of this type"),
    ("zz.no-nsec.bogus", "SERVFAIL, Bogus", "extended error 12", "leave out NSEC or NSEC3"),
    ("to-bogus.insecure.alg13.signed", "SERVFAIL, Bogus", "Chain of trust to to-bogus.insecure.alg13.signed.", "CNAME",
     "Chain of trust to www.expired-answer.bogus., below what is shown already", "expired-answer.bogus. Secure",
     "expired 2 days ago", "The owner of expired-answer.bogus. should"),
    ("www.all-silent.example", "SERVFAIL, nothing to validate", "extended error 22", "all-silent.example.",
     "none of its servers answers", "Fault ", "timed out after", "should see why they do not answer"),
    ("www.all-silent-dnskey.bogus", "SERVFAIL, Bogus", "all-silent-dnskey.bogus. Bogus", "Fault ", "timed out after",
     "do not answer questions for its DNSKEY"),
    ("localhost", "NOERROR, nothing to validate", "Answer from local data", "none, it is local data"),
]


def cases(lab):
    for question, *wanted in CASES:
        yield f"{question}: {wanted[0]}", lambda q=question, w=wanted: check(lab, q, *w)


def check(lab, question, headline, *parts):
    """The text, twice: the second time much of it comes from the caches."""
    for _ in range(2):
        text = lab.recursor.ordered("explain", *question.split(), "--trace")
        expect(text.splitlines()[0].endswith(": " + headline), text)
        at, words = 0, " ".join(text.split())
        for part in parts:
            found = words.find(part, at)
            expect(found >= 0, f"{part!r} is missing, or not where it should be:\n{text}")
            at = found + len(part)


def test_negative_anchor(lab):
    """a negative trust anchor is named with its reason where it cuts the chain"""
    with lab.new_recursor(dnssec="validate") as recursor:
        recursor.ordered("add-nta", "expired-answer.bogus", "they", "know")
        text = recursor.ordered("explain", "www.expired-answer.bogus")
        expect("NOERROR, Insecure" in text and "because of a negative trust anchor: they know" in text, text)
        expect("bogus. Secure" in " ".join(text.split()) and "Fault" not in text, text)


def test_what_was_cached(lab):
    """zones whose trust is known already are shown with DS and keys, and the answer is said to come from the caches"""
    with lab.new_recursor(dnssec="validate") as recursor:
        recursor.ask("www.alg13.signed")
        text = recursor.ordered("explain", "www.alg13.signed")
        expect("Answer from the caches" in text and text.count("-> keys ") == 3, text)
        expect(text.count(" DS ") == 2, text)


def test_fresh(lab):
    """--fresh asks the servers again and leaves the caches as they are, --trace prints the walk"""
    with lab.new_recursor(dnssec="validate") as recursor:
        recursor.ask("www.alg13.signed")
        before = recursor.metric("all-outqueries")
        text = recursor.ordered("explain", "www.alg13.signed", "--trace")
        expect_equal(recursor.metric("all-outqueries"), before)
        expect("in the cache: www.alg13.signed. A" in text, text)
        text = recursor.ordered("explain", "--fresh", "www.alg13.signed", "--trace")
        expect("Answer from its servers" in text and "asking " in text and "www.alg13.signed. A is Secure" in text, text)
        expect(recursor.metric("all-outqueries") > before, "nobody was asked")


def test_json(lab):
    """--json prints the same as an object"""
    told = json.loads(lab.recursor.ordered("explain", "www.expired-answer.bogus", "--json", "--trace"))
    expect_equal((told["rcode"], told["security"], told["errors"][0]["code"]), ("SERVFAIL", "Bogus", 7))
    zones = told["links"][0]["zones"]
    expect_equal([zone["zone"] for zone in zones], [".", "bogus.", "expired-answer.bogus."])
    expect({key["flags"] for key in zones[0]["keys"]} == {256, 257} and zones[0]["anchor"], zones[0])
    expect_equal(told["links"][0]["records"][0]["signatures"][0]["signer"], "expired-answer.bogus.")
    expect("sign it again" in told["todo"] and told["walk"], told)


def test_no_side_effects(lab):
    """an explained question is counted neither as a question nor as a validation"""
    with lab.new_recursor(dnssec="validate") as recursor:
        names = ("questions", "dnssec-validations", "dnssec-result-secure", "dnssec-result-bogus", "servfail-answers")
        before = {name: recursor.metric(name) for name in names}
        recursor.ordered("explain", "www.alg13.signed")
        recursor.ordered("explain", "www.expired-answer.bogus")
        expect_equal({name: recursor.metric(name) for name in names}, before)


def test_off(lab):
    """with dnssec=off there is an answer and no chain"""
    with lab.new_recursor(dnssec="off") as recursor:
        text = recursor.ordered("explain", "www.expired-answer.bogus")
        expect(text.startswith("www.expired-answer.bogus. A: NOERROR, not validated (dnssec=off)"), text)
        expect("Chain of trust" not in text, text)


def test_hooks_and_policy(lab):
    """what scripts and policies would do is shown, in the text and as JSON, and no hook is called"""
    script = ("function prerpz(dq) pdnslog('prerpz was called') return false end\n"
              "function nxdomain(dq) pdnslog('nxdomain was called') return false end\n")
    with lab.new_recursor(files={"hooks.lua": script, "list": "www.alg13.signed\n"}, lua_dns_script="@FOLDER@/hooks.lua",
                          blocklist_files="@FOLDER@/list") as recursor:
        wait_until(lambda: "Policy      NXDOMAIN" in recursor.ordered("explain", "www.alg13.signed"), 15, "the list is there")
        text = recursor.ordered("explain", "www.alg13.signed")
        expect(text.startswith("Scripts     prerpz            "), text)
        expect("nxdomain          " in text and "(not with this result)" in text, text)
        told = json.loads(recursor.ordered("explain", "www.alg13.signed", "A", "192.0.2.1", "--json"))
        expect_equal([(one["stage"], one["action"], one["hit"]) for one in told["policy"]],
                     [("question", "NXDOMAIN", "www.alg13.signed")])
        expect_equal([(one["hook"], one["asked"]) for one in told["hooks"]], [("prerpz", True), ("nxdomain", False)])
        expect("was called" not in recursor.log(), recursor.log())


def test_mistakes(lab):
    """a name that is none, an unknown type and an unknown option are refused with the reason"""
    for words, reason in ((["a..b"], "'a..b'"), (["a", "NOTYPE"], "'NOTYPE' is not a record type"),
                          (["a", "--quick"], "--quick: unknown option"), ([], "a name is needed")):
        done = lab.recursor.control("explain", *words)
        expect(done.returncode == 1 and done.stderr.startswith(reason), done)
