"""What the misbehaving server can do: one function for each trick, from a Request to the list of replies sent.
Called by trickster.py; a reply is a message, raw bytes, or a Later. No trick does I/O or keeps state."""
import hashlib
import os
import random

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

import signedtricks  # noqa: F401  (fills the table with more)
import subnettricks  # noqa: F401  (likewise)
from request import POISON, TRICKS, Later, trick

NO_TCP = {"tc-no-tcp"}


def rcode_trick(name, rcode, only_edns=False):
    def reply(r):
        if only_edns and r.query.edns < 0:
            return [r.answer()]
        message = r.rcode(rcode)
        if only_edns and rcode != dns.rcode.BADVERS:
            message.use_edns(False)
        return [message]
    TRICKS[name] = reply


for code in ("refused", "servfail", "formerr", "notimp"):
    rcode_trick(code, dns.rcode.from_text(code))
    rcode_trick(code + "-edns", dns.rcode.from_text(code), only_edns=True)
rcode_trick("badvers", dns.rcode.BADVERS, only_edns=True)


@trick
def plain(r):
    return [r.answer()]


@trick
def slow(r):
    return [Later(r.answer(), int(r.argument) / 1000)]


@trick
def drop(r):
    return [r.answer()] if random.randrange(100) >= int(r.argument) else []


@trick
def silent_for(r):
    return [] if r.query.question[0].rdtype == dns.rdatatype.from_text(r.argument) else [r.answer()]


@trick
def tc(r):
    reply = r.answer()
    if not r.tcp:
        reply.answer, reply.authority = [], []
        reply.flags |= dns.flags.TC
    return [reply]


@trick
def tc_no_tcp(r):
    return tc(r)


@trick
def tcp_hangs(r):
    return [] if r.tcp else tc(r)


@trick
def garbage(r):
    return [r.wire[:2] + os.urandom(40)]


@trick
def short(r):
    return [r.wire[:5]]


@trick
def echo(r):
    return [r.wire]


@trick
def empty(r):
    return [r.rcode(dns.rcode.NOERROR)]


@trick
def upward(r):
    return [r.referral(".", ["a.root-servers.net.", "b.root-servers.net."])]


@trick
def sideways(r):
    return [r.referral(r.zone.origin, [f"ns1.{r.zone.origin}", f"ns2.{r.zone.origin}"], r.address)]


@trick
def deeper(r):
    return [r.referral(r.query.question[0].name, [f"ns1.{r.zone.origin}"], r.address)]


@trick
def wrong_id(r):
    reply = r.answer()
    reply.id ^= 1
    return [reply]


@trick
def wrong_question(r):
    reply = r.answer()
    other = dns.name.Name((b"other",) + r.query.question[0].name.labels[1:])
    reply.question = [dns.rrset.RRset(other, r.query.question[0].rdclass, r.query.question[0].rdtype)]
    return [reply]


@trick
def wrong_source(r):
    return [r.answer()] if r.tcp else [Later(r.answer(), other_source=True)]


@trick
def wrong_zone(r):
    reply = dns.message.make_response(r.query)
    reply.flags |= dns.flags.AA
    reply.answer.append(dns.rrset.from_text("www.elsewhere.test.", 3600, "IN", "A", POISON))
    return [reply]


@trick
def spoof_id(r):
    forged = r.poisoned()
    forged.id ^= 1
    return [r.answer()] if r.tcp else [forged, r.answer()]


@trick
def spoof_question(r):
    forged = r.poisoned()
    forged.question = wrong_question(r)[0].question
    return [r.answer()] if r.tcp else [forged, r.answer()]


@trick
def spoof_source(r):
    return [r.answer()] if r.tcp else [Later(r.poisoned(), other_source=True), r.answer()]


@trick
def spoof_junk(r):
    return [r.answer()] if r.tcp else [r.wire[:7], r.wire, os.urandom(300), r.answer()]


@trick
def drops_edns(r):
    return [] if r.query.edns >= 0 else [r.answer()]


@trick
def ignores_edns(r):
    reply = r.answer()
    reply.use_edns(False)
    return [reply]


@trick
def drops_options(r):
    return [] if r.query.options else [r.answer()]


@trick
def lower_case(r):
    reply = r.answer()
    question = reply.question[0]
    lower = dns.name.Name(tuple(label.lower() for label in question.name.labels))
    reply.question = [dns.rrset.RRset(lower, question.rdclass, question.rdtype)]
    return [reply]


@trick
def drops_mixed_case(r):
    text = r.query.question[0].name.to_text()
    return [r.answer()] if text == text.lower() else []


@trick
def no_aa(r):
    reply = r.answer()
    reply.flags &= ~dns.flags.AA
    return [reply]


@trick
def cookies(r):
    """RFC 7873: gives a server cookie, and answers BADCOOKIE to a server cookie that is not the one given."""
    return [with_cookie(r, insist=False)]


@trick
def badcookie(r):
    """RFC 7873 section 5.2.3: answers a client that sends a cookie only when it has the server's."""
    return [with_cookie(r, insist=True)]


def with_cookie(r, insist):
    sent = next((o.data for o in r.query.options if o.otype == 10), b"")
    if not sent:
        return r.answer()
    expected = hashlib.sha256(sent[:8] + r.zone.origin.to_text().encode()).digest()[:8]
    bad = sent[8:] != expected if insist else sent[8:] not in (b"", expected)
    reply = r.rcode(dns.rcode.BADCOOKIE) if bad and not r.tcp else r.answer()
    reply.use_edns(0, 0, 1232, options=[dns.edns.GenericOption(10, sent[:8] + expected)])
    if bad and not r.tcp:
        reply.set_rcode(dns.rcode.BADCOOKIE)
    return reply


@trick
def ent_nxdomain(r):
    """Denies names that have only other names below them (RFC 8020 section 3.1 says they exist)."""
    reply = r.answer()
    if not reply.answer and r.query.question[0].name != r.zone.origin and not r.zone.has_node(r.query.question[0].name):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return [reply]


@trick
def qmin_refused(r):
    return [r.answer()] if r.has_data() else [r.rcode(dns.rcode.REFUSED)]


@trick
def qmin_servfail(r):
    return [r.answer()] if r.has_data() else [r.rcode(dns.rcode.SERVFAIL)]


@trick
def ttl(r):
    """Sets every TTL; values above 2^31-1 (RFC 2181 section 8) are patched into the wire, dnspython refuses them."""
    reply, value = r.answer(), int(r.argument)
    for rrset in reply.answer + reply.authority:
        rrset.ttl = min(value, 2**31 - 1)
    wire = reply.to_wire()
    return [wire.replace(b"\x7f\xff\xff\xff", value.to_bytes(4, "big")) if value >= 2**31 else wire]


@trick
def poison(r):
    reply = r.answer()
    for owner in ("www.victim.example.", "www.wide.com.", "ns1.wide.com."):
        reply.additional.append(dns.rrset.from_text(owner, 86400, "IN", "A", POISON))
    for owner in ("victim.example.", "com.", "."):
        reply.authority.append(dns.rrset.from_text(owner, 86400, "IN", "NS", f"ns1.{r.zone.origin}"))
    if reply.answer:
        reply.answer.append(dns.rrset.from_text("www.tall.org.", 86400, "IN", "A", POISON))
    return [reply]


@trick
def poison_referral(r):
    return [r.referral("victim.example.", ["ns1.victim.example."], r.address)]


@trick
def multiply(r):
    """The NXNSAttack shape: a delegation to many name servers of a victim's zone, none with an address."""
    tag = random.randrange(10**6)
    return [r.referral(r.query.question[0].name, [f"n{tag}x{n}.{r.argument}." for n in range(40)])]


@trick
def many_records(r):
    reply = r.answer()
    if r.query.question[0].rdtype == dns.rdatatype.A and reply.answer:
        addresses = [f"198.51.{100 + n // 250}.{1 + n % 250}" for n in range(int(r.argument))]
        reply.answer = [dns.rrset.from_text(r.query.question[0].name, 3600, "IN", "A", *addresses)]
    return [reply]
