"""Tricks about signed zones: each takes the genuine answer from the server behind and spoils it. Imported by tricks.py,
so that its functions are in the table of tricks; played by trickster.py."""
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from request import trick

A, SOA, DS, NSEC, NSEC3, RRSIG, DNSKEY = (dns.rdatatype.from_text(t) for t in "A SOA DS NSEC NSEC3 RRSIG DNSKEY".split())


def covered(rrset):
    return rrset.covers if rrset.rdtype == RRSIG else rrset.rdtype


def without(rrsets, types):
    """The sets without those of some types, and without the signatures over them."""
    return [rrset for rrset in rrsets if covered(rrset) not in types]


def rdtype_asked(r):
    return r.query.question[0].rdtype


def named(r, label):
    return dns.name.from_text(label, r.zone_name)


def with_authority_of(r, reply, name, rdtype=DS):
    """The reply with the denial that belongs to another question."""
    reply.answer, reply.authority = [], r.genuine(name, rdtype).authority
    reply.flags |= dns.flags.AA
    return reply


def is_denial(reply):
    return not reply.answer and any(rrset.rdtype == SOA for rrset in reply.authority)


@trick
def no_denial(r):
    reply = r.genuine()
    reply.authority = without(reply.authority, (NSEC, NSEC3))
    return [reply]


@trick
def empty_denial(r):
    reply = r.genuine()
    if is_denial(reply):
        reply.authority = []
    return [reply]


@trick
def denial_of(r):
    """Every denial carries the proof that belongs to one other name."""
    reply = r.genuine()
    return [with_authority_of(r, reply, named(r, r.argument)) if is_denial(reply) else reply]


@trick
def denies(r):
    """Addresses do not exist, says the proof of another name."""
    reply = r.genuine()
    if rdtype_asked(r) == A and r.query.question[0].name != r.zone_name:
        reply = with_authority_of(r, reply, named(r, r.argument))
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return [reply]


@trick
def nodata_of(r):
    """Names have no addresses, says the record that lists them."""
    reply = r.genuine()
    return [with_authority_of(r, reply, named(r, r.argument)) if rdtype_asked(r) == A else reply]


@trick
def noerror(r):
    reply = r.genuine()
    reply.set_rcode(dns.rcode.NOERROR)
    return [reply]


@trick
def nxdomain(r):
    reply = r.genuine()
    if is_denial(reply):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return [reply]


@trick
def wildcard_for(r):
    """A name that exists is answered from the wildcard of x.wild; what exists is the argument."""
    name = r.query.question[0].name
    if name != named(r, r.argument) or rdtype_asked(r) != A:
        return [r.genuine()]
    reply = r.genuine(named(r, "x.wild"), A)
    reply.question = r.query.question
    reply.answer = [renamed(rrset, name) for rrset in reply.answer]
    return [reply]


def renamed(rrset, name):
    copy = rrset.copy()
    copy.name = name
    return copy


@trick
def parent_nsec(r):
    """Below a delegation all is denied with the delegation's own NSEC (RFC 6840 section 4.1)."""
    name, cut = r.query.question[0].name, named(r, "secure")
    reply = r.genuine()
    if name.is_subdomain(cut) and rdtype_asked(r) != DS:
        reply = with_authority_of(r, reply, named(r, "secure0"), A)
        reply.set_rcode(dns.rcode.NOERROR if name == cut else dns.rcode.NXDOMAIN)
    return [reply]


@trick
def ds_denied(r):
    """The DS of the child is denied with the proof of another name's; the child is signed."""
    reply = r.genuine()
    if rdtype_asked(r) == DS and r.query.question[0].name != r.zone_name:
        return [with_authority_of(r, reply, named(r, "exact.wild"))]
    if not reply.answer and any(rrset.rdtype == DS for rrset in reply.authority):
        reply.authority = without(reply.authority, (DS,))
    return [reply]


@trick
def garbled(r):
    """Every signature has an octet changed."""
    reply = r.genuine()
    for rrset in reply.answer + reply.authority:
        if rrset.rdtype == RRSIG:
            rdatas = [rdata.replace(signature=rdata.signature[:-1] + bytes((rdata.signature[-1] ^ 0x55,))) for rdata in rrset]
            rrset.clear()
            for rdata in rdatas:
                rrset.add(rdata)
    return [reply]


@trick
def strips(r):
    """Knows nothing of DNSSEC records."""
    reply = r.genuine()
    reply.authority = [rrset for rrset in without(reply.authority, (NSEC, NSEC3, DS)) if rrset.rdtype != RRSIG]
    if rdtype_asked(r) != DNSKEY:
        reply.answer = [rrset for rrset in reply.answer if rrset.rdtype != RRSIG]
    return [reply]


def dnskey_trick(name, replies):
    def play(r):
        return replies(r) if rdtype_asked(r) == DNSKEY else [r.genuine()]
    play.__name__ = name
    return trick(play)


dnskey_trick("refuses_dnskey", lambda r: [r.rcode(dns.rcode.REFUSED)])
dnskey_trick("fails_dnskey", lambda r: [r.rcode(dns.rcode.SERVFAIL)])
dnskey_trick("silent_for_dnskey", lambda r: [])
dnskey_trick("empty_dnskey", lambda r: [r.genuine(r.zone_name, dns.rdatatype.HINFO)])


@trick
def all_nsec3(r):
    """Each denial carries every NSEC3 of the zone."""
    reply = r.genuine()
    if is_denial(reply):
        reply.authority = without(reply.authority, (NSEC3,)) + r.zone
    return [reply]


def denial_sets(path):
    """Every NSEC3 set of a zone file as signing.py writes it, and the signatures over them."""
    sets = []
    with open(path, encoding="ascii") as file:
        for line in file:
            owner, ttl, _, rdtype, *rdata = line.split()
            if rdtype == "NSEC3" or rdtype == "RRSIG" and rdata[2].startswith("0032"):
                wire = bytes.fromhex(rdata[2])
                parsed = dns.rdata.from_wire(dns.rdataclass.IN, dns.rdatatype.from_text(rdtype), wire, 0, len(wire))
                sets.append(dns.rrset.from_rdata(dns.name.from_text(owner), int(ttl), parsed))
    return sets
