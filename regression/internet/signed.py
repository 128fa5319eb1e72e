"""The signed part of the bundled internet that is right: root and top-level domains, and below "signed" a zone for each
algorithm, kind of denial, layout of keys and DS. Tables, read by build.py; the words in them are those of plan.py.
e2e/validation.py asks each zone the standard questions and what OTHER says, and expects what is said here."""
from dataclasses import dataclass

from plan import plan

WWW = "192.0.2.80"
SIGNED_TLDS = """
    .            alg:8
    com          alg:13 nsec3:0:-:opt-out
    net          alg:13 nsec3:0:-:opt-out
    org          alg:8  nsec3:1:beef:opt-out
    info         alg:8
    edu          alg:13
    de           alg:8  nsec3:15:ba5eba11:opt-out
    nl           alg:13 nsec3:0:-:opt-out
    eu           alg:7  nsec3:1:5ca1ab1e:opt-out
    uk           alg:8  nsec3:0
    example      alg:13
    arpa         alg:8
    signed       alg:13
    bogus        alg:13 nsec3:0
"""
RECORDS = f"""
    @ A {WWW}
    @ MX 10 mail
    www A {WWW}
    www AAAA 2001:db8::80
    www TXT "still here"
    *.wild A 192.0.2.81
    *.wild TXT "any name below"
    exact.wild A 192.0.2.82
    *.wildalias CNAME www
    host.ent A 192.0.2.83
    alias CNAME www
    tree DNAME ent
    MiXed MX 10 MAIL.Example.COM.
    odd TYPE65400 \\# 4 0a0b0c0d
    abroad CNAME www.wide.com.
    friend CNAME www.alg8.signed.
    far DNAME wide.com.
"""
# What every zone of GOOD is asked. NODATA: no error, no data.
STANDARD = """
    www A              | NOERROR AD
    www AAAA           | NOERROR AD
    @ SOA              | NOERROR AD
    @ NS               | NOERROR AD
    @ DNSKEY           | NOERROR AD
    @ DS               | NOERROR AD
    www MX             | NODATA AD
    zz A               | NXDOMAIN AD
    zz.zz A            | NXDOMAIN AD
    x.wild A           | NOERROR AD
    x.y.wild TXT       | NOERROR AD
    exact.wild A       | NOERROR AD
    x.wild MX          | NODATA AD
    x.wildalias A      | NOERROR AD
    ent A              | NODATA AD
    x.ent A            | NXDOMAIN AD
    alias A            | NOERROR AD
    host.tree A        | NOERROR AD
    x.tree A           | NXDOMAIN AD
    mixed MX           | NOERROR AD
    odd TYPE65400      | NOERROR AD
    friend A           | NOERROR AD
    abroad A           | NOERROR
    www.far A          | NOERROR
    insecure DS        | NODATA AD
    www.insecure A     | NOERROR
    to-good.insecure A | NOERROR
    x.moved.insecure A | NXDOMAIN
"""
GOOD = """
    alg5                alg:5
    alg7                alg:7 nsec3:1:aabbccdd
    alg8                alg:8
    alg10               alg:10
    alg13
    alg14               alg:14
    alg15               alg:15
    alg16               alg:16
    nsec3               nsec3:0
    nsec3-20            nsec3:20:c0ffee
    nsec3-50            nsec3:50:-
    opt-out             nsec3:0:-:opt-out
    csk                 keys:csk
    csk-without-sep     keys:csk-without-sep
    ds-sha1             ds:sha1
    ds-sha384           ds:sha384
    ds-mixed            ds:sha1-and-sha256
    ds-all              ds:all-digests
    ds-unknown-besides  ds:known-and-unknown-digest
    ds-standby          ds:standby
    ds-other-algorithm  ds:unknown-algorithm-besides
    ds-wrong-besides    ds:wrong-digest-besides
    zsk-prepublished    keys:prepublished
    zsk-double          keys:double-signed
    ksk-double          keys:double-ksk
    ksk-double-ds       ds:double
    ksk-revoked         keys:revoked-besides
    roll-signatures     keys:algorithm-roll-signatures
    roll-keys           keys:algorithm-roll
    roll-ds             keys:algorithm-roll-ds
    key-tag-collision   keys:colliding
    rsa-large           alg:8 keys:large
    rsa-small           alg:8 keys:small
    garbage-first       rrsig:*:garbage-first
    expired-besides     rrsig:*:expired-besides
    soon-over           rrsig:*:soon-over
    one-algorithm-of-two keys:algorithm-roll rrsig:A,AAAA,TXT:only-rsa
"""
OPT_OUT_EXCEPTIONS = ("zz A", "zz.zz A", "x.ent A", "x.tree A", "x.wild A", "x.y.wild TXT", "x.wild MX", "x.wildalias A",
                      "insecure DS")
#   question, result; below "signed" like those above
OTHER = """
    www.island A             | NOERROR
    zz.island A              | NXDOMAIN
    @ SOA                    | NOERROR AD
    @ DS                     | NOERROR AD
    zz A                     | NXDOMAIN AD
    island DS                | NODATA AD
    www.inner.outer A        | NOERROR AD
    inner.outer DS           | NOERROR AD
    www.outer A              | NOERROR AD
    www.c.b.a.deep A         | NOERROR AD
    zz.c.b.a.deep A          | NXDOMAIN AD
    www.alone.plain A        | NOERROR
    www.lower-ttl A          | NOERROR AD
    www.alg13.signed. DS     | NODATA AD
    large.large TXT          | NOERROR AD
"""


@dataclass
class Row:
    """One expectation: a question, the rcode (NODATA: NOERROR without data), AD, and the extended error's code: one of
    `codes`, none when that is empty."""
    zone: str
    name: str
    rdtype: str
    rcode: str
    ad: bool
    codes: tuple


def row(zone, question, result):
    label, rdtype = question.split()
    name = zone + "." if label == "@" else label if label.endswith(".") else f"{label}.{zone}."
    rcode, *rest = result.split()
    codes = tuple(int(code) for word in rest if word != "AD" for code in word.split("/"))
    return Row(zone, name, rdtype, rcode, "AD" in rest, codes)


def lines_of(table):
    return [line.strip() for line in table.strip().splitlines() if line.strip() and not line.strip().startswith("#")]


def good_rows():
    """Every question of the tables above, with what it must lead to."""
    rows = []
    for line in lines_of(GOOD):
        zone = line.split()[0] + ".signed"
        for question, result in (text.split("|") for text in lines_of(STANDARD)):
            found = row(zone, question, result)
            if zone == "opt-out.signed" and question.strip() in OPT_OUT_EXCEPTIONS:
                found.ad = False
            rows.append(found)
    return rows + [row("signed", *text.split("|")) for text in lines_of(OTHER)]


def describe(d):
    for line in lines_of(SIGNED_TLDS):
        name, words = line.split(None, 1)
        if name not in d.zones:
            d.zone(name, f"a.ns.{name}.=tld1 b.ns.{name}.=tld2", glue="sibling", ttl=172800)
        d.zones[name].plan = plan(name, words)
    d.zone("hoster-signed.net", "ns1=alpha1 ns2=alpha2 ns3=beta1 ns4=beta2 ns5=gamma1 ns6=gamma2")
    for line in lines_of(GOOD):
        name, _, words = line.partition(" ")
        signed_zone(d, f"{name}.signed", words)
        insecure_child(d, f"{name}.signed")
    others(d)


SITES = {"alpha": "ns1.hoster-signed.net. ns2.hoster-signed.net.", "beta": "ns3.hoster-signed.net. ns4.hoster-signed.net.",
         "gamma": "ns5.hoster-signed.net. ns6.hoster-signed.net."}


def signed_zone(d, name, words, site="alpha", records=RECORDS, servers=None, **options):
    d.zone(name, servers or SITES[site], records, plan=plan(name, words), **options)


def insecure_child(d, parent, site="beta"):
    d.zone(f"insecure.{parent}", SITES[site], f"""
        @ A {WWW}
        www A {WWW}
        to-good CNAME www.alg13.signed.
        to-bogus CNAME www.expired-answer.bogus.
        moved DNAME ent.alg13.signed.
    """)


def others(d):
    """What is about more than one zone."""
    signed_zone(d, "island.signed", "ds:none")
    signed_zone(d, "outer.signed", "")
    signed_zone(d, "inner.outer.signed", "alg:15", site="alpha")    # parent and child on the same servers
    signed_zone(d, "deep.signed", "nsec3:0", site="beta")
    signed_zone(d, "a.deep.signed", "alg:15", site="gamma")
    signed_zone(d, "b.a.deep.signed", "alg:14 nsec3:3:ab", site="alpha")
    signed_zone(d, "c.b.a.deep.signed", "alg:8", site="beta")
    d.zone("plain.signed", SITES["alpha"], f"www A {WWW}")
    signed_zone(d, "alone.plain.signed", "", site="beta")           # signed, and a DS in a zone that is not
    signed_zone(d, "lower-ttl.signed", "rrsig:*:lower-ttl")
    text = " ".join('"%s"' % (letter * 250) for letter in "abcdefghijklmnop")
    signed_zone(d, "large.signed", "alg:8", records=f"{RECORDS}\nlarge TXT {text}")
