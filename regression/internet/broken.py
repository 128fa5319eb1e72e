"""The broken part of the bundled internet: each zone below "example" is wrong in the one way its name says.
A table, read by build.py; regression/e2e/broken_zones.py asks `www.ZONE.example A` and expects what is said here,
in at most 5 s. OK: the address WWW. HIDDEN: the address of the deeper name. FAIL: SERVFAIL with an extended error
(RFC 8914) of the given codes whose text names a server. LOOP: SERVFAIL. EITHER: OK or SERVFAIL.
NO_ADDRESS: anything but an address."""

WWW = "192.0.2.80"
OK, FAIL = ("ok",), ("servfail", (22, 23))
LOOP = ("servfail", None)
HIDDEN = ("ok", "hidden.below", "192.0.2.81")
NO_ADDRESS, EITHER = ("no-address",), ("either",)
RECORDS = f"@ A {WWW}\nwww A {WWW}\nwww TXT \"still here\""

#   name               servers                                    expectation
ONE_BAD = """
    one-lame           ns1=~gamma1          ns2=alpha1
    one-dead           ns1=dead             ns2=alpha1
    one-silent         ns1=silent           ns2=alpha1
    one-noroute        ns1=noroute          ns2=alpha1
    one-slow           ns1=!slow:1200       ns2=alpha1
    one-refused        ns1=!refused         ns2=alpha1
    one-servfail       ns1=!servfail        ns2=alpha1
    one-formerr        ns1=!formerr         ns2=alpha1
    one-notimp         ns1=!notimp          ns2=alpha1
    one-garbage        ns1=!garbage         ns2=alpha1
    one-upward         ns1=!upward          ns2=alpha1
    one-wrong-id       ns1=!wrong-id        ns2=alpha1
    one-wrong-question ns1=!wrong-question  ns2=alpha1
    one-wrong-source   ns1=!wrong-source    ns2=alpha1
    one-tc-no-tcp      ns1=!tc-no-tcp       ns2=alpha1
    one-echo           ns1=!echo            ns2=alpha1
    one-of-six         ns1=silent ns2=dead ns3=!refused ns4=silent ns5=dead ns6=beta1
    silent-v6          ns1=alpha1/4         ns2=silent/6
    noroute-v6         ns1=alpha1/4         ns2=noroute/6
    silent-v4          ns1=silent/4         ns2=alpha1/6
"""
ALL_BAD = """
    all-lame           ns1=~gamma1          ns2=~gamma2
    all-dead           ns1=dead             ns2=dead
    all-silent         ns1=silent           ns2=silent
    all-silent-v6      ns1=silent/6         ns2=silent/6
    all-noroute        ns1=noroute          ns2=noroute
    all-too-slow       ns1=!slow:9000       ns2=!slow:9000
    all-refused        ns1=!refused         ns2=!refused
    all-servfail       ns1=!servfail        ns2=!servfail
    all-formerr        ns1=!formerr         ns2=!formerr
    all-notimp         ns1=!notimp          ns2=!notimp
    all-garbage        ns1=!garbage         ns2=!garbage
    all-short          ns1=!short           ns2=!short
    all-upward         ns1=!upward          ns2=!upward
    all-sideways       ns1=!sideways        ns2=!sideways
    all-deeper         ns1=!deeper          ns2=!deeper
    all-wrong-id       ns1=!wrong-id        ns2=!wrong-id
    all-wrong-question ns1=!wrong-question  ns2=!wrong-question
    all-wrong-source   ns1=!wrong-source    ns2=!wrong-source
    all-tc-no-tcp      ns1=!tc-no-tcp       ns2=!tc-no-tcp
    all-tcp-hangs      ns1=!tcp-hangs       ns2=!tcp-hangs
    all-echo           ns1=!echo            ns2=!echo
    mixed-failures     ns1=silent ns2=dead ns3=!refused ns4=!servfail
"""
ODD = """
    slow               ns1=!slow:400        ns2=!slow:400
    lossy              ns1=!drop:20         ns2=!drop:20
    truncating         ns1=!tc              ns2=!tc
    formerr-edns       ns1=!formerr-edns    ns2=!formerr-edns
    notimp-edns        ns1=!notimp-edns     ns2=!notimp-edns
    badvers-edns       ns1=!badvers         ns2=!badvers
    ignores-edns       ns1=!ignores-edns    ns2=!ignores-edns
    drops-options      ns1=!drops-options   ns2=!drops-options
    lower-case         ns1=!lower-case      ns2=!lower-case
    no-aa              ns1=!no-aa           ns2=!no-aa
    id-then-right      ns1=!spoof-id        ns2=!spoof-id
    question-then-right ns1=!spoof-question ns2=!spoof-question
    source-then-right  ns1=!spoof-source    ns2=!spoof-source
    junk-then-right    ns1=!spoof-junk      ns2=!spoof-junk
    cookies            ns1=!cookies         ns2=!cookies
    badcookie          ns1=!badcookie       ns2=!badcookie
    no-aaaa            ns1=!silent-for:AAAA ns2=!silent-for:AAAA
    zero-ttl           ns1=!ttl:0           ns2=!ttl:0
    huge-ttl           ns1=!ttl:2147483647  ns2=!ttl:2147483647
    top-bit-ttl        ns1=!ttl:4294967295  ns2=!ttl:4294967295
"""
DEEP = """
    qmin-nxdomain      ns1=!ent-nxdomain    ns2=!ent-nxdomain
    qmin-refused       ns1=!qmin-refused    ns2=!qmin-refused
    qmin-servfail      ns1=!qmin-servfail   ns2=!qmin-servfail
"""


def describe(d):
    for table, expect in ((ONE_BAD, OK), (ALL_BAD, FAIL), (ODD, OK), (DEEP, HIDDEN)):
        for line in table.strip().splitlines():
            name, servers = line.split(None, 1)
            d.zone(f"{name}.example", servers, RECORDS + "\nhidden.below A 192.0.2.81", expect=expect)
    wrong_delegations(d)
    loops(d)
    attacks(d)
    watched(d)
    subnets(d)


def wrong_delegations(d):
    d.zone("wrong-glue.example", "ns1=alpha1 ns2=alpha2", RECORDS, false_glue={"ns1": "silent"}, expect=OK)
    d.zone("all-wrong-glue.example", "ns1=alpha1 ns2=alpha2", RECORDS, expect=FAIL,
           false_glue={"ns1": "dead", "ns2": "dead"})
    d.zone("no-glue.example", "ns1=alpha1 ns2=alpha2", RECORDS, glue="none", expect=FAIL)
    d.zone("no-such-host.example", "ns1.missing.wide.com.=absent ns2.missing.wide.com.=absent", RECORDS, expect=FAIL)
    d.zone("other-child-ns.example", "ns1=alpha1 ns2=alpha2", RECORDS, child_ns="ns3=beta1 ns4=beta2", expect=OK)
    d.zone("bad-child-ns.example", "ns1=alpha1 ns2=alpha2", RECORDS, child_ns="ns3=dead ns4=silent", expect=OK)
    d.zone("cname-ns.example", "ns1.aliases.example.=alpha1 ns2=alpha2", RECORDS, expect=OK)
    d.zone("aliases.example", "ns9=beta1", "ns1 CNAME ns9")
    d.zone("empty-answer.example", "ns1=!empty ns2=!empty", RECORDS, expect=NO_ADDRESS)
    d.zone("drops-edns.example", "ns1=!drops-edns ns2=!drops-edns", RECORDS, expect=EITHER)
    d.zone("drops-mixed-case.example", "ns1=!drops-mixed-case ns2=!drops-mixed-case", RECORDS)
    d.zone("wrong-zone.example", "ns1=!wrong-zone ns2=!wrong-zone", RECORDS, expect=NO_ADDRESS)


def loops(d):
    d.zone("lost-ns.example", "ns8.all-refused.example.=absent ns9.all-refused.example.=absent", RECORDS, expect=LOOP)
    d.zone("cyclic-a.example", "ns1.cyclic-b.example.=alpha1 ns2.cyclic-b.example.=alpha2", RECORDS, expect=LOOP)
    d.zone("cyclic-b.example", "ns1.cyclic-a.example.=alpha1 ns2.cyclic-a.example.=alpha2", RECORDS, expect=LOOP)
    d.zone("self-cname.example", "ns1=alpha1 ns2=alpha2", "www CNAME www", expect=LOOP)
    d.zone("cname-loop.example", "ns1=alpha1 ns2=alpha2", "www CNAME a\na CNAME b\nb CNAME www", expect=LOOP)
    chain = "\n".join(f"c{step} CNAME c{step + 1}" for step in range(40))
    d.zone("cname-chain.example", "ns1=!plain ns2=!plain", "www CNAME c0\n" + chain + "\nc40 A 192.0.2.80", expect=LOOP)
    d.zone("dname-loop.example", "ns1=alpha1 ns2=alpha2", "@ A 192.0.2.82\nsub DNAME sub.sub\nwww CNAME x.sub", expect=LOOP)


def attacks(d):
    """Servers that mean harm: records for other zones, delegations made to multiply work."""
    d.zone("poison.example", "ns1=!poison ns2=!poison", RECORDS, expect=OK)
    d.zone("poison-referral.example", "ns1=!poison-referral ns2=!poison-referral", RECORDS, expect=FAIL)
    d.zone("victim.example", "ns1=!plain ns2=!plain", "@ A 192.0.2.83\nwww A 192.0.2.83")
    d.zone("multiply.example", "ns1=!multiply:victim.example ns2=!multiply:victim.example", RECORDS, expect=LOOP)
    d.zone("many-records.example", "ns1=!many-records:600 ns2=!many-records:600", RECORDS, expect=("servfail", None))


def watched(d):
    """Well-behaved, but each query is written to the log, so that tests can count what reaches a server."""
    d.zone("watch.example", "ns1=!plain ns2=!plain", f"{RECORDS}\n* A 192.0.2.84\nsub.a.b.c A 192.0.2.85\n*.brief 1 A 192.0.2.86")
    d.zone("watch-slow.example", "ns1=!slow:300 ns2=!slow:300", RECORDS + "\n* A 192.0.2.84")
    d.zone("pair.example", "ns1=alpha1 ns2=alpha2", RECORDS + "\n* A 192.0.2.87")


def subnets(d):
    """Servers that answer by EDNS Client Subnet, rightly or in the way that the name says: see subnettricks.py."""
    names = "\n".join(f"s{bits} A {WWW}" for bits in (0, 1, 16, 24, 32, 48))
    names += f"\nalias24 CNAME s24\na.b.c24 A {WWW}\nslow24 A {WWW}"
    d.zone("subnet.example", "ns1=!subnet ns2=!subnet", names)
    d.zone("subnet-slow.example", "ns1=!subnet:slow ns2=!subnet:slow", names)
    d.zone("subnet-shop.example", "ns1=alpha1 ns2=alpha2", "www CNAME s24.subnet.example.")
    for mode in ("missing", "other", "other-length", "other-family", "malformed", "formerr", "refused", "forged", "truncated"):
        d.zone(f"subnet-{mode}.example", f"ns1=!subnet:{mode} ns2=!subnet:{mode}", names)
