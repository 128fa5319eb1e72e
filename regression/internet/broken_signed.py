"""The signed part of the bundled internet that is wrong: each zone below "bogus" in the one way its words say. The table
builds the zones (words: plan.py; `server:TRICK` and `child:` here) and drives e2e/validation.py, which asks each question
twice. Result: rcode (NODATA: no error, no data), AD, and the extended error (RFC 8914): one of the codes, none when no
code is there."""
from signed import RECORDS, SITES, insecure_child, lines_of, row, signed_zone

#   zone                    words                               question       result
BROKEN = """
  # --- dates, said before any cryptography (7 expired, 8 not yet valid, 25 expired before valid)
    expired-answer        | rrsig:A:expired                   | www A        | SERVFAIL 7
    expired-answer        | -                                 | www AAAA     | NOERROR AD
    expired-dnskey        | rrsig:DNSKEY:expired              | www A        | SERVFAIL 7
    expired-dnskey        | -                                 | @ DNSKEY     | SERVFAIL 7
    expired-ds            | rrsig:DS:expired                  | www A        | SERVFAIL 7
    expired-ds            | -                                 | @ DS         | SERVFAIL 7
    expired-soa           | rrsig:SOA:expired                 | zz A         | SERVFAIL 7
    expired-soa           | -                                 | www MX       | SERVFAIL 7
    expired-nsec          | rrsig:NSEC:expired                | zz A         | SERVFAIL 7
    expired-nsec          | -                                 | www MX       | SERVFAIL 7
    expired-nsec          | -                                 | x.wild A     | SERVFAIL 7
    expired-nsec3         | nsec3 rrsig:NSEC3:expired         | zz A         | SERVFAIL 7
    expired-cname         | rrsig:CNAME:expired               | alias A      | SERVFAIL 7
    expired-dname         | rrsig:DNAME:expired               | host.tree A  | SERVFAIL 7
    expired-all           | rrsig:*:expired                   | www A        | SERVFAIL 7
    not-yet-answer        | rrsig:A:not-yet                   | www A        | SERVFAIL 8
    not-yet-dnskey        | rrsig:DNSKEY:not-yet              | www A        | SERVFAIL 8
    not-yet-ds            | rrsig:DS:not-yet                  | www A        | SERVFAIL 8
    not-yet-soa           | rrsig:SOA:not-yet                 | zz A         | SERVFAIL 8
    not-yet-nsec          | rrsig:NSEC:not-yet                | zz A         | SERVFAIL 8
    not-yet-all           | rrsig:*:not-yet                   | www A        | SERVFAIL 8
    reversed-answer       | rrsig:A:reversed                  | www A        | SERVFAIL 25
    reversed-past         | rrsig:A:long-ago-reversed         | www A        | SERVFAIL 25
    reversed-dnskey       | rrsig:DNSKEY:reversed             | www A        | SERVFAIL 25
    reversed-ds           | rrsig:DS:reversed                 | www A        | SERVFAIL 25
    reversed-all          | rrsig:*:reversed                  | www A        | SERVFAIL 25
  # --- signatures that are none
    garbage-answer        | rrsig:A:garbage                   | www A        | SERVFAIL 6
    garbage-dnskey        | rrsig:DNSKEY:garbage              | www A        | SERVFAIL 6
    garbage-ds            | rrsig:DS:garbage                  | www A        | SERVFAIL 6
    garbage-soa           | rrsig:SOA:garbage                 | zz A         | SERVFAIL 6
    garbage-nsec          | rrsig:NSEC:garbage                | zz A         | SERVFAIL 6
    garbage-nsec3         | nsec3 rrsig:NSEC3:garbage         | www MX       | SERVFAIL 6
    garbage-dname         | rrsig:DNAME:garbage               | host.tree A  | SERVFAIL 6
    garbage-wildcard      | rrsig:A:garbage                   | x.wild A     | SERVFAIL 6
    garbage-alg5          | alg:5 rrsig:A:garbage             | www A        | SERVFAIL 6
    garbage-alg8          | alg:8 rrsig:A:garbage             | www A        | SERVFAIL 6
    garbage-alg14         | alg:14 rrsig:A:garbage            | www A        | SERVFAIL 6
    garbage-alg15         | alg:15 rrsig:A:garbage            | www A        | SERVFAIL 6
    garbage-alg16         | alg:16 rrsig:A:garbage            | www A        | SERVFAIL 6
    altered-data          | zone:altered-address              | www A        | SERVFAIL 6
    same-tag-wrong-key    | rrsig:A:stranger-with-tag         | www A        | SERVFAIL 6
  # --- signed by somebody else
    stranger              | rrsig:A:stranger                  | www A        | SERVFAIL 9
    wrong-tag             | rrsig:A:wrong-tag                 | www A        | SERVFAIL 9
    stranger-soa          | rrsig:SOA:stranger                | zz A         | SERVFAIL 9
    only-other-algorithm  | rrsig:A:algorithm-200             | www A        | SERVFAIL 9/10
    parent-signs          | rrsig:A:parent-signs              | www A        | SERVFAIL 6
    child-signs           | rrsig:A:child-signs               | www A        | SERVFAIL 6
    other-zone-signs      | rrsig:A:stranger-zone-signs       | www A        | SERVFAIL 6
    labels-more           | rrsig:A:labels-more               | www A        | SERVFAIL 6
    labels-fewer          | rrsig:A:labels-fewer              | www A        | SERVFAIL 6
    wildcard-made         | rrsig:A:wildcard-made             | www A        | SERVFAIL 6/12
  # --- signatures that are not there
    no-rrsig-answer       | rrsig:A:missing                   | www A        | SERVFAIL 10
    no-rrsig-answer       | -                                 | www AAAA     | NOERROR AD
    no-rrsig-dnskey       | rrsig:DNSKEY:missing              | www A        | SERVFAIL 10
    no-rrsig-soa          | rrsig:SOA:missing                 | zz A         | SERVFAIL 10
    no-rrsig-nsec         | rrsig:NSEC:missing                | zz A         | SERVFAIL 10
    no-rrsig-nsec3        | nsec3 rrsig:NSEC3:missing         | zz A         | SERVFAIL 10
    no-rrsig-cname        | rrsig:CNAME:missing               | alias A      | SERVFAIL 10
    no-rrsig-ds           | rrsig:DS:missing                  | www A        | SERVFAIL 10
    no-rrsig-all          | rrsig:*:missing                   | www A        | SERVFAIL 10
    no-rrsig-all          | -                                 | @ NS         | SERVFAIL 10
    ksk-does-not-sign     | keys:ksk-does-not-sign            | www A        | SERVFAIL 10/9
    other-algorithm-only  | keys:algorithm-roll rrsig:A:only-rsa | www A     | NOERROR AD
  # --- keys and DS
    ds-wrong-tag          | ds:wrong-tag                      | www A        | SERVFAIL 9
    ds-wrong-digest       | ds:wrong-digest                   | www A        | SERVFAIL 9
    ds-wrong-algorithm    | ds:wrong-algorithm                | www A        | SERVFAIL 9
    ds-sha1-does-not-help | ds:sha1-wrong-sha256              | www A        | SERVFAIL 9
    ds-of-lost-key        | keys:no-ksk                       | www A        | SERVFAIL 9
    ds-but-unsigned       | keys:none                         | www A        | SERVFAIL 9/10
    no-dnskey             | keys:no-dnskey                    | www A        | SERVFAIL 9
    no-zsk                | keys:no-zsk                       | www A        | SERVFAIL 9
    short-zsk             | keys:short-zsk                    | www A        | SERVFAIL 6/9
    no-zone-bit-ksk       | keys:no-zone-bit-ksk              | www A        | SERVFAIL 11
    no-zone-bit-zsk       | keys:no-zone-bit-zsk              | www A        | SERVFAIL 11
    no-zone-bits          | keys:no-zone-bits                 | www A        | SERVFAIL 11
    revoked-ksk           | keys:revoked                      | www A        | SERVFAIL 9/6
    revoked-zsk           | keys:revoked-zsk                  | www A        | SERVFAIL 9/6
    wrong-protocol        | keys:wrong-protocol               | www A        | SERVFAIL 9/6
    wrong-protocol-zsk    | keys:wrong-protocol-zsk           | www A        | SERVFAIL 9/6
  # --- nobody's algorithm or digest: insecure, not bogus (RFC 4035 section 5.2)
    unknown-algorithm     | keys:unknown-algorithm            | www A        | NOERROR 1
    unknown-algorithm     | -                                 | zz A         | NXDOMAIN 1
    ds-unknown-algorithm  | ds:unknown-algorithm              | www A        | NOERROR 1
    ds-reserved-algorithm | ds:reserved-algorithm             | www A        | NOERROR 1
    ds-unknown-digest     | ds:unknown-digest                 | www A        | NOERROR 2
    ds-gost-digest        | ds:gost-digest                    | www A        | NOERROR 2
  # --- denials without a proof
    no-nsec               | server:no-denial                  | zz A         | SERVFAIL 12
    no-nsec               | -                                 | www MX       | SERVFAIL 12
    no-nsec               | -                                 | x.wild A     | SERVFAIL 12
    no-nsec               | -                                 | x.wild MX    | SERVFAIL 12
    no-nsec               | -                                 | www A        | NOERROR AD
    no-nsec3              | nsec3 server:no-denial            | zz A         | SERVFAIL 12
    no-nsec3              | -                                 | www MX       | SERVFAIL 12
    no-nsec3              | -                                 | x.wild A     | SERVFAIL 12
    empty-denial          | server:empty-denial               | zz A         | SERVFAIL 12
    empty-denial          | -                                 | www MX       | SERVFAIL 12
    other-nsec            | server:denial-of:exact.wild       | zz A         | SERVFAIL 12
    other-nsec            | -                                 | www MX       | SERVFAIL 12
    other-nsec3           | nsec3 server:denial-of:exact.wild | www MX       | SERVFAIL 12
    denies-what-exists    | server:denies:zz                  | www A        | SERVFAIL 12
    nodata-that-exists    | server:nodata-of:www              | www A        | SERVFAIL 12
    nodata-for-nxdomain   | server:noerror                    | zz A         | SERVFAIL 12
    nxdomain-for-nodata   | server:nxdomain                   | www MX       | SERVFAIL 12
    wildcard-for-existing | server:wildcard-for:exact.wild    | exact.wild A | SERVFAIL 12
    wildcard-for-any      | server:wildcard-for:www           | www A        | SERVFAIL 6/12
    next-outside          | zone:next-outside                 | zz A         | SERVFAIL 12/6
    nsec3-wrong-next      | nsec3 zone:wrong-next             | zz A         | SERVFAIL 12
    nsec3-other-salt      | nsec3:0:ab zone:hash-of-other-salt | zz A        | SERVFAIL 12
    nsec3-other-salt      | -                                 | www MX       | SERVFAIL 12
    nsec3-unknown-hash    | nsec3 zone:unknown-hash           | zz A         | SERVFAIL 12
    nsec3-iterations      | nsec3:200:ab                      | zz A         | NXDOMAIN 27
    nsec3-iterations      | -                                 | www MX       | NODATA 27
    nsec3-iterations      | -                                 | x.wild A     | NOERROR 27
    nsec3-iterations      | -                                 | www A        | NOERROR AD
    nsec-of-delegation    | server:parent-nsec child:signed   | secure A     | SERVFAIL 12
    nsec-of-delegation    | -                                 | www.secure A | SERVFAIL 12
    unproven-child        | server:no-denial child:insecure   | www.insecure A | SERVFAIL 12
    unproven-child3       | nsec3 server:no-denial child:insecure | www.insecure A | SERVFAIL 12
    ds-denied             | server:ds-denied child:signed     | www.secure A | SERVFAIL 12
  # --- aliases into what is broken, and children of it
    alias-to-bogus        | child:insecure                    | www A        | SERVFAIL 7
    alias-to-bogus        | -                                 | to-bogus.insecure A | SERVFAIL 7
    bogus-parent          | rrsig:DNSKEY:expired child:signed | www.secure A | SERVFAIL 7
    bogus-parent          | -                                 | secure DS    | SERVFAIL 7
    bogus-parent-insecure | rrsig:DNSKEY:garbage child:insecure | www.insecure A | SERVFAIL 6
  # --- servers
    one-garbled           | server:garbled,good               | www A        | NOERROR AD
    one-strips            | server:strips,good                | www A        | NOERROR AD
    one-strips            | -                                 | zz A         | NXDOMAIN AD
    one-no-denial         | server:no-denial,good             | zz A         | NXDOMAIN AD
    one-refuses-dnskey    | server:refuses-dnskey,good        | www A        | NOERROR AD
    all-garbled           | server:garbled                    | www A        | SERVFAIL 6
    all-strip             | server:strips                     | www A        | SERVFAIL 10
    all-refuse-dnskey     | server:refuses-dnskey             | www A        | SERVFAIL 9/22/23
    all-fail-dnskey       | server:fails-dnskey               | www A        | SERVFAIL 9/22/23
    all-silent-dnskey     | server:silent-for-dnskey          | www A        | SERVFAIL 9/22/23
    no-dnskey-answer      | server:empty-dnskey               | www A        | SERVFAIL 9
  # --- odd, but right
    three-bad-one-good    | rrsig:*:three-bad-besides         | www A        | NOERROR AD
    lower-original-ttl    | rrsig:A:lower-ttl                 | www A        | NOERROR AD
"""
EXTRA_RECORDS = {"alias-to-bogus": "www CNAME www.expired-answer.bogus."}


def table():
    """(zone, words, Row) of each line."""
    for line in lines_of(BROKEN):
        zone, words, question, result = (text.strip() for text in line.split("|"))
        yield zone, words, row(f"{zone}.bogus", question, result)


def broken_rows():
    return [found for _, _, found in table()]


def describe(d):
    for zone, words, _ in table():
        name = f"{zone}.bogus"
        if name not in d.zones:
            add_zone(d, name, words, EXTRA_RECORDS.get(zone, RECORDS))


def add_zone(d, name, words, records):
    said = dict(word.split(":", 1) for word in words.split() if word.startswith(("server:", "child:")))
    options = {}
    if "server" in said:
        options = {"servers": servers(said["server"]), "behind": "alpha1"}
    signed_zone(d, name, words, records=records, **options)
    if said.get("child") == "insecure":
        insecure_child(d, name)
    elif said.get("child") == "signed":
        signed_zone(d, f"secure.{name}", "", site="beta")


def servers(tricks):
    """`trick` for two servers that play it, `trick,good` for one that does and one that does not."""
    trick, _, other = tricks.partition(",")
    return f"ns1=!{trick} ns2=alpha2" if other else f"ns1=!{trick} ns2=!{trick}"
