"""Every signed zone of the bundled internet is judged as the tables in regression/internet/signed.py and
broken_signed.py say: rcode, AD bit, extended error; the same when asked again; data to clients that set CD."""
from concurrent.futures import ThreadPoolExecutor

import broken_signed
import signed
import dns.rdatatype
from lab import expect, expect_equal

SETTINGS = {"dnssec": "validate", "max-cnames-followed": 10}
RRSIG = dns.rdatatype.RRSIG
LIMIT, LIMIT_CACHED = 5.0, 1.0
OUTSTANDING = 30
# Asked in this order: for the verdict, again from the cache, with DO, with CD.
WAYS = {"first": {"ad": True}, "again": {"ad": True}, "do": {"dnssec": True}, "cd": {"cd": True}}


def cases(lab):
    """All questions are asked before the first check, some at once; the answers to one follow each other."""
    good, broken = signed.good_rows(), broken_signed.broken_rows()
    answers = {}

    def answers_to(row):
        if not answers:
            client = lab.client()
            with ThreadPoolExecutor(OUTSTANDING) as pool:
                answers.update(pool.map(lambda r: ((r.name, r.rdtype), asked(client, r)), good + broken))
        return answers[row.name, row.rdtype]
    for zone in dict.fromkeys(row.zone for row in good):
        rows = [row for row in good if row.zone == zone]
        yield f"{zone} is as it should be", lambda r=rows: [check(row, answers_to(row)) for row in r]
    for row in broken:
        yield f"{row.name} {row.rdtype} is {described(row)}", lambda r=row: check(r, answers_to(r))


def asked(client, row):
    return {way: ask(client, row, options) for way, options in WAYS.items()}


def ask(client, row, options):
    answer = client.ask(row.name, row.rdtype, **options)
    if answer.message and answer.has_flag("TC"):
        answer = client.ask(row.name, row.rdtype, tcp=True, **options)
    return answer


def described(row):
    codes = " or ".join(str(code) for code in row.codes)
    return f"{row.rcode}{' with AD' if row.ad else ''}{f', extended error {codes}' if codes else ''}"


def check(row, answers):
    for way, answer in answers.items():
        expect(answer.message is not None, f"{row.name} {row.rdtype} ({way}): no answer in {answer.seconds} s")
    check_verdict(row, answers["first"])
    check_again(answers["first"], answers["again"])
    check_with_do(row, answers["do"])
    check_with_cd(row, answers["cd"])


def outcome(row, answer):
    """The rcode; NODATA when there is no error and no data of the type."""
    return "NODATA" if answer.rcode == "NOERROR" and not answer.data(row.rdtype) else answer.rcode


def check_verdict(row, answer):
    """AD and extended error as said, in time, and no records of DNSSEC for a client that did not ask for them."""
    expect_equal(outcome(row, answer), row.rcode, answer)
    expect_equal(answer.has_flag("AD"), row.ad, f"AD: {answer}")
    found = [code for code, _ in answer.failure_reasons()]
    if row.codes:
        expect(any(code in row.codes for code in found), f"extended error {row.codes} is missing: {answer}")
        expect(all(text for _, text in answer.failure_reasons()), f"an extended error without text: {answer}")
    else:
        expect_equal(found, [], f"an extended error on a good answer: {answer}")
    expect(answer.seconds < LIMIT, answer)
    expect_equal([answer.data(t, s) for t in ("RRSIG", "NSEC", "NSEC3") for s in ("answer", "authority")], [[]] * 6, answer)


def check_again(before, answer):
    expect_equal(answer.rcode, before.rcode, answer)
    expect_equal(answer.has_flag("AD"), before.has_flag("AD"), f"AD: {answer}")
    expect_equal(answer.failure_reasons(), before.failure_reasons(), answer)
    expect(answer.seconds < LIMIT_CACHED, answer)


def check_with_do(row, answer):
    """The same verdict; whoever gets a secure answer and set DO gets the signatures, too."""
    expect_equal((outcome(row, answer), answer.has_flag("AD")), (row.rcode, row.ad), answer)
    if row.ad:
        section = "answer" if row.rcode == "NOERROR" else "authority"
        expect(answer.data("RRSIG", section), f"no signatures: {answer}")
        check_ttls(answer)
    if row.rcode == "SERVFAIL":
        expect(not answer.message.answer, f"data that is bogus: {answer}")


def check_ttls(answer):
    """No set lives longer than its signature says (RFC 4035 section 5.3.3)."""
    for rrset in answer.message.answer + answer.message.authority:
        if rrset.rdtype == RRSIG:
            original = max(rdata.original_ttl for rdata in rrset)
            expect(rrset.ttl <= original, f"the TTL of {rrset.name} {rrset.covers} is above the original {original}: {answer}")


def check_with_cd(row, answer):
    """Data, whatever validation says; AD never on what is bogus."""
    expect(answer.rcode != "SERVFAIL", f"with CD: {answer}")
    expect(row.ad or not answer.has_flag("AD"), f"AD with CD: {answer}")
    if row.rcode != "SERVFAIL":
        expect_equal(outcome(row, answer), row.rcode, answer)
