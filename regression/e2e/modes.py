"""dnssec= in its five modes, the bits DO, AD and CD of clients (RFC 4035 section 3.2, RFC 6840 section 5), and the packet
cache, which must not give one client the answer to another's bits."""
import itertools

from lab import expect, expect_equal

GOOD, BOGUS, INSECURE = "www.alg13.signed", "www.garbage-answer.bogus", "www.wide.com"
NAMES = (GOOD, BOGUS, INSECURE)
SETTINGS = {"dnssec": "validate"}
BITS = [dict(zip(("dnssec", "ad", "cd"), bits)) for bits in itertools.product((False, True), repeat=3)]


def told(answer):
    """What a client sees: rcode, data, AD, signatures."""
    return (answer.rcode, bool(answer.data("A")), answer.has_flag("AD"), bool(answer.data("RRSIG")))


def wanted(name, mode, bits):
    """What it is to see. An answer to CD may be without AD: it need not have been validated."""
    asks = bits["dnssec"] or bits["ad"]
    validates = mode == "validate" or mode in ("process", "log-fail") and asks
    if name == BOGUS and validates and not bits["cd"]:
        return ("SERVFAIL", False, False, False)
    signatures = mode != "off" and bits["dnssec"] and name != INSECURE
    return ("NOERROR", True, name == GOOD and validates and asks, signatures)


def check(name, mode, bits, answer):
    found, expected = told(answer), wanted(name, mode, bits)
    if bits["cd"]:
        found, expected = found[:2] + found[3:], expected[:2] + expected[3:]
        expect(name == GOOD or not answer.has_flag("AD"), f"{name} {bits}: {answer}")
    expect_equal(found, expected, f"{name} {bits}: {answer}")
    expect_equal(answer.has_flag("CD"), bits["cd"], f"CD is not copied: {answer}")
    if answer.rcode == "NOERROR" and name != BOGUS:
        expect_equal(answer.extended_errors(), [], answer)


def cases(lab):
    for mode in ("off", "process-no-validate", "process", "log-fail", "validate"):
        yield f"dnssec={mode}: each client sees what its bits ask for", lambda m=mode: check_mode(lab, m)


def check_mode(lab, mode):
    """Every set of bits comes first for one of the names, later ones find what it left in the caches."""
    with lab.new_recursor(dnssec=mode, threads=1) as recursor:
        for turn, bits in enumerate(BITS):
            order = BITS[turn:] + BITS[:turn]
            recursor.ordered("wipe-cache", *NAMES)
            for name in NAMES:
                for other in order + [bits]:
                    check(name, mode, other, recursor.ask(name, **other))


def test_log_fail(lab):
    """log-fail tells the operator of what is bogus, for whoever asks"""
    with lab.new_recursor(dnssec="log-fail") as recursor:
        expect_equal(recursor.ask(BOGUS).rcode, "NOERROR")
        expect("garbage-answer.bogus" in recursor.log(), recursor.log()[-1500:])


def test_log_bogus(lab):
    """dnssec-log-bogus=yes tells it, too, while clients get SERVFAIL; without it nothing is logged"""
    with lab.new_recursor(dnssec="validate", dnssec_log_bogus="yes") as recursor:
        expect_equal(recursor.ask(BOGUS).rcode, "SERVFAIL")
        expect("garbage-answer.bogus" in recursor.log(), recursor.log()[-1500:])
    expect_equal(lab.ask(BOGUS).rcode, "SERVFAIL")
    expect("garbage-answer.bogus" not in lab.recursor.log(), lab.recursor.log()[-1500:])


def test_without_edns(lab):
    """a client without EDNS can ask for AD by the bit alone, and gets SERVFAIL without an extended error"""
    answer = lab.ask(GOOD, edns=False, ad=True)
    expect(answer.has_flag("AD") and not answer.data("RRSIG"), answer)
    answer = lab.ask(BOGUS, edns=False)
    expect_equal((answer.rcode, answer.message.edns), ("SERVFAIL", -1), answer)


def test_negative_trust_anchor(lab):
    """a negative trust anchor makes a bogus zone insecure until it is cleared"""
    with lab.new_recursor(dnssec="validate") as recursor:
        expect_equal(recursor.ask(BOGUS).rcode, "SERVFAIL")
        recursor.ordered("add-nta", "garbage-answer.bogus", "mistake of the operator")
        answer = recursor.ask(BOGUS, ad=True)
        expect_equal(told(answer), ("NOERROR", True, False, False), answer)
        recursor.ordered("clear-nta", "garbage-answer.bogus")
        expect_equal(recursor.ask(BOGUS).rcode, "SERVFAIL")


def test_no_trust_anchor(lab):
    """without a trust anchor for the root nothing is secure and nothing bogus; an island's own anchor counts"""
    key = lab.internet.description.zones["island.signed"].plan.keys[0]
    island = anchor_line("island.signed", key)
    with lab.new_recursor(dnssec="validate", files={"ta.lua": f'clearTA(".")\n{island}\n'},
                          lua_config_file="@FOLDER@/ta.lua") as recursor:
        expect_equal(told(recursor.ask(GOOD, ad=True)), ("NOERROR", True, False, False))
        expect_equal(told(recursor.ask(BOGUS, ad=True)), ("NOERROR", True, False, False))
        expect_equal(told(recursor.ask("www.island.signed", ad=True)), ("NOERROR", True, True, False))


def test_wrong_trust_anchor(lab):
    """an anchor that no key of the root matches makes everything bogus, with extended error 9"""
    wrong = f'clearTA(".")\naddTA(".", "12345 13 2 {"ab" * 32}")\n'
    with lab.new_recursor(dnssec="validate", files={"ta.lua": wrong}, lua_config_file="@FOLDER@/ta.lua") as recursor:
        answer = recursor.ask(INSECURE)
        expect_equal(answer.rcode, "SERVFAIL", answer)
        expect(9 in [code for code, _ in answer.failure_reasons()], answer)


def anchor_line(zone, key):
    from build import ds_text
    import dns.name
    return f'addTA("{zone}", "{ds_text(key.ds(dns.name.from_text(zone)))}")'


def test_ttl_capped(lab):
    """a TTL above the original one is cut to it (RFC 4035 section 5.3.3), one beyond the expiration to that"""
    with lab.new_recursor(dnssec="validate") as recursor:
        expect(recursor.ask("www.lower-original-ttl.bogus").ttl("A") <= 1800, "more than the original TTL")
        expect(recursor.ask("www.soon-over.signed").ttl("A") <= 600, "lives longer than its signature")


def test_disabled_algorithm(lab):
    """a zone signed with an algorithm that the operator disabled is insecure"""
    with lab.new_recursor(dnssec="validate", dnssec_disabled_algorithms="15") as recursor:
        answer = recursor.ask("www.alg15.signed", ad=True)
        expect_equal(told(answer), ("NOERROR", True, False, False), answer)
        expect_equal([code for code, _ in answer.failure_reasons()], [1], answer)
        expect(recursor.ask(GOOD, ad=True).has_flag("AD"), "another algorithm suffers")
