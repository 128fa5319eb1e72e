"""The healthy part of the bundled internet: root, top-level domains, reverse trees, hosters and well-kept zones.
A table, read by build.py; see model.py for its words. Tests in regression/e2e quote these records."""
from model import ROOT_SERVERS

HOSTER_SITES = {"one": "alpha", "two": "beta", "three": "gamma", "four": "alpha", "five": "beta", "six": "gamma"}
FILLER_WORDS = ("amber birch cedar delta ember fjord grove haven inlet juniper kestrel lagoon meadow nectar orchid "
                "pebble quarry ridge saffron timber umber valley willow yarrow zephyr").split()
FILLER_TLDS = "com net org info de edu nl io eu co.uk".split()
LONG_TEXT = " ".join('"%s"' % (letter * 250) for letter in "abcdefghijklmnop")

TLDS = {
    "com": "a.gtld-servers.net.=tld1 b.gtld-servers.net.=tld2 c.gtld-servers.net.=tld1 d.gtld-servers.net.=tld2",
    "net": "a.gtld-servers.net. b.gtld-servers.net. c.gtld-servers.net. d.gtld-servers.net.",
    "org": "a0.org.registry-one.info.=tld1 b0.org.registry-one.info.=tld2",
    "info": "a0.info.registry-one.info.=tld1 b0.info.registry-one.info.=tld2",
    "edu": "a.edu-servers.net.=tld1 b.edu-servers.net.=tld2",
    "de": "a.nic.de.=tld1 f.nic.de.=tld2",
    "nl": "ns1.dns.nl.=tld1 ns2.dns.nl.=tld2",
    "eu": "w.dns.eu.=tld1/6 x.dns.eu.=tld2 y.dns.eu.=tld1/4",
    "uk": "nsa.nic.uk.=tld1 nsb.nic.uk.=tld2",
    "io": "a0.nic.io.=tld1 b0.nic.io.=tld2",
    "example": "a.nic.example.=tld1 b.nic.example.=tld2",
    "arpa": "a.ns.arpa.=tld1 b.ns.arpa.=tld2",
}


def describe(d):
    root(d)
    hosters(d)
    reverse(d)
    plain(d)
    delegations(d)
    filler(d)


def root(d):
    letters = " ".join(f"{letter}.root-servers.net.=root{1 if letter < 'h' else 2}" for letter in ROOT_SERVERS)
    d.zone(".", letters, ttl=518400)
    for letter, (v4, v6) in ROOT_SERVERS.items():
        host = d.hosts[f"{letter}.root-servers.net."]
        host.v4, host.v6 = v4, v6
    for name, servers in TLDS.items():
        d.zone(name, servers, glue="sibling", ttl=172800)
    d.zone("root-servers.net", " ".join(f"{letter}.root-servers.net." for letter in ROOT_SERVERS), ttl=518400)
    d.zone("gtld-servers.net", "ns1=beta1 ns2=beta2")
    d.zone("edu-servers.net", "ns1=beta1 ns2=beta2")
    d.zone("registry-one.info", "ns1=beta1 ns2=beta2")
    d.zone("co.uk", "ns1.nic.uk.=gamma1 ns2.nic.uk.=gamma2", glue="sibling")


def hosters(d):
    """Companies whose name servers serve other people's zones; hoster one's servers are glueless, below a second zone."""
    for number, site in HOSTER_SITES.items():
        tld = {"one": "net", "two": "com", "three": "de"}.get(number, "net")
        d.zone(f"hoster-{number}.{tld}", f"ns1={site}1 ns2={site}2", "@ A 192.0.2.53\nwww A 192.0.2.53")


def hoster(number):
    tld = {"one": "net", "two": "com", "three": "de"}.get(number, "net")
    return f"ns1.hoster-{number}.{tld}. ns2.hoster-{number}.{tld}."


def reverse(d):
    d.zone("in-addr.arpa", "a.in-addr-servers.arpa.=alpha1 b.in-addr-servers.arpa.=alpha2", glue="sibling")
    d.zone("ip6.arpa", "a.ip6-servers.arpa.=alpha1 b.ip6-servers.arpa.=alpha2", glue="sibling")
    d.zone("44.233.in-addr.arpa", hoster("two"), "10.7 PTR www.wide.com.\n11.7 PTR mail.wide.com.")
    d.zone("8.e.f.0.3.0.a.2.ip6.arpa", hoster("two"),
           "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 PTR www.wide.com.")


def plain(d):
    """Zones with all the everyday record types, and the answers that are more than one record set."""
    d.zone("wide.com", "ns1=alpha1 ns2=alpha2", f"""
        @ A 192.0.2.10
        @ A 192.0.2.11
        @ AAAA 2001:db8::10
        @ MX 10 mail
        @ MX 20 mail.wide-backup.net.
        @ TXT "v=spf1 mx -all"
        @ TXT "second string" "in two parts"
        @ CAA 0 issue "ca.wide.com"
        @ HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.10
        www A 192.0.2.12
        www AAAA 2001:db8::12
        mail A 192.0.2.25
        v4only A 192.0.2.40
        v6only AAAA 2001:db8::60
        _imap._tcp SRV 10 60 143 mail
        _dns SVCB 1 mail.wide.com. alpn=dot port=853
        alias CNAME www
        alias2 CNAME alias
        nowhere CNAME missing
        abroad CNAME www.tall.org.
        service.deep.below A 192.0.2.13
        *.wild A 192.0.2.77
        *.wild TXT "any name below"
        exact.wild A 192.0.2.78
        *.wildalias CNAME www
        large TXT {LONG_TEXT}
        odd TYPE65400 \\# 4 0a0b0c0d
        ten TXT "one"
        ten TXT "two"
        ten TXT "three"
        sshfp SSHFP 4 2 9c5a3c6ba1d0bf4ba2c8a0cd7f44e2ffd0a5f60d9c8c6c66e8b97a3bcab4c5d5
        naptr NAPTR 100 10 "U" "E2U+sip" "!^.*$!sip:info@wide.com!" .
        loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m
    """)
    d.zone("tall.org", hoster("one"), "@ A 192.0.2.20\nwww A 192.0.2.21\nwww AAAA 2001:db8::21\n@ MX 5 mx.wide.com.")
    d.zone("wide-backup.net", hoster("two"), "@ A 192.0.2.26\nmail A 192.0.2.27")
    chain = "\n".join(f"c{step} CNAME c{step + 1}.chain-{'b' if step % 2 == 0 else 'a'}.net." for step in range(8))
    d.zone("chain-a.net", hoster("one"), chain + "\nc8 A 192.0.2.88")
    d.zone("chain-b.net", hoster("two"), chain)
    d.zone("moved.info", hoster("two"), "old DNAME new.moved.info.\nstretch DNAME a-name.much.longer.than.before.info.\nhost.new A 192.0.2.91\nfar DNAME tall.org.")
    d.zone("short.io", hoster("three"), "@ A 192.0.2.30\nflash 0 A 192.0.2.31\nbrief 2 A 192.0.2.32\nhour 3600 A 192.0.2.33",
           ttl=60)
    d.zone("nested.co.uk", hoster("one"), "@ A 192.0.2.35\nwww A 192.0.2.36")


def delegations(d):
    """The many shapes a delegation has: no glue, sibling glue, deep, many servers, one address family."""
    d.zone("glueless.de", "ns1.farm-a.net.=beta1 ns2.farm-b.net.=beta2", "www A 192.0.2.50")
    d.zone("farm-a.net", hoster("one"), "www A 192.0.2.54")
    d.zone("farm-b.net", hoster("three"), "www A 192.0.2.55")
    d.zone("twice.nl", "ns1.outer-x.eu.=alpha1 ns2.outer-y.eu.=alpha2", "www A 192.0.2.56")
    d.zone("outer-x.eu", "ns1.inner-x.io.=beta1 ns2.inner-x.io.=beta2", "@ A 192.0.2.57")
    d.zone("outer-y.eu", "ns1.inner-x.io. ns2.inner-x.io.", "@ A 192.0.2.58")
    d.zone("inner-x.io", hoster("three"), "@ A 192.0.2.59")
    d.zone("sibling.org", "ns1.kin.org.=alpha1 ns2.kin.org.=alpha2", "www A 192.0.2.61", glue="sibling")
    d.zone("kin.org", "ns1.kin.org. ns2.kin.org.", "www A 192.0.2.62")
    for depth, site in enumerate(("alpha", "beta", "gamma", "alpha", "beta", "gamma")):
        name = ".".join(f"l{level}" for level in range(depth, 0, -1)) + (".deep.edu" if depth else "deep.edu")
        d.zone(name, f"ns1={site}1 ns2={site}2", f"www A 192.0.2.{100 + depth}")
    d.zone("many.com", " ".join(f"ns{n}={site}{1 + n % 2}" for n, site in enumerate(("alpha", "beta", "gamma") * 6)),
           "www A 192.0.2.70", glue="own")
    d.zone("six.net", "ns1=alpha1/6 ns2=alpha2/6", "www A 192.0.2.66\nwww AAAA 2001:db8::66")
    d.zone("four.net", "ns1=alpha1/4 ns2=alpha2/4", "www A 192.0.2.64\nwww AAAA 2001:db8::64")
    d.zone("split.com", "ns1=gamma1 ns2=gamma2", "www A 192.0.2.72")
    d.zone("in.split.com", "ns1.split.com. ns2.split.com.", "www A 192.0.2.73", glue="sibling")


def filler(d):
    """A few hundred ordinary zones: half with servers of their own, half at hosters."""
    numbers = list(HOSTER_SITES)
    for index, (word, tld) in enumerate((w, t) for t in FILLER_TLDS for w in FILLER_WORDS):
        sites = ("alpha", "beta") if tld == "co.uk" else ("alpha", "beta", "gamma")
        site = sites[index % len(sites)]
        hoster_number = numbers[index % 2] if tld == "co.uk" else numbers[index % len(numbers)]
        servers = f"ns1={site}1 ns2={site}2" if index % 2 else hoster(hoster_number)
        last = 1 + index % 250
        d.zone(f"{word}.{tld}", servers, f"""
            @ A 203.0.113.{last}
            @ AAAA 2001:db8:1::{last}
            @ MX 10 mail
            @ TXT "{word} in {tld}"
            mail A 198.51.100.{last}
            www {'CNAME @' if index % 3 == 0 else f'A 203.0.113.{last}'}
            api A 198.51.100.{last}
            * A 198.51.100.{251 + index % 4}
        """)
