"""Answers of the recursor's own: auth-zones, the hosts file, special-use and locally served zones."""
from lab import expect, expect_data, expect_rcode

ZONE = """$ORIGIN local-zone.com.
$TTL 300
@ IN SOA ns hostmaster 7 3600 900 604800 60
@ IN NS ns
ns IN A 192.0.2.200
www IN A 192.0.2.201
alias IN CNAME www
abroad IN CNAME www.tall.org.
*.wild IN A 192.0.2.202
sub IN NS ns.sub
ns.sub IN A 198.18.5.1
"""
HOSTS = "192.0.2.210 printer printer.office\n2001:db8::210 printer6.office\n# comment\n192.0.2.211 scanner\n"
SETTINGS = {"auth-zones": "local-zone.com=@FOLDER@/local.zone", "export-etc-hosts": "yes",
            "etc-hosts-file": "@FOLDER@/hosts", "export-etc-hosts-search-suffix": "home.arpa",
            "files": {"local.zone": ZONE, "hosts": HOSTS}}


def test_auth_zone(lab):
    """a zone from a file is answered without asking a server: data, aliases, wildcards, denials"""
    expect_data(lab.ask("www.local-zone.com"), "A", "192.0.2.201")
    expect_data(lab.ask("alias.local-zone.com"), "A", "192.0.2.201")
    expect_data(lab.ask("abroad.local-zone.com"), "A", "192.0.2.21")
    expect_data(lab.ask("any.wild.local-zone.com"), "A", "192.0.2.202")
    expect_data(lab.ask("www.local-zone.com", "MX"), "MX")
    answer = lab.ask("absent.local-zone.com")
    expect_rcode(answer, "NXDOMAIN")
    expect(answer.data("SOA", "authority")[0].split()[2] == "7", answer)


def test_auth_zone_reload(lab):
    """reload-zones reads the file again"""
    with lab.new_recursor(**{key.replace("-", "_"): value for key, value in SETTINGS.items()}) as recursor:
        expect_data(recursor.ask("www.local-zone.com"), "A", "192.0.2.201")
        recursor.write("local.zone", ZONE.replace("192.0.2.201", "192.0.2.203"))
        recursor.ordered("reload-zones")
        expect_data(recursor.ask("www.local-zone.com"), "A", "192.0.2.203")


def test_hosts_file(lab):
    """names of the hosts file have its addresses, with the suffix for those without a dot, and back"""
    expect_data(lab.ask("printer.office"), "A", "192.0.2.210")
    expect_data(lab.ask("printer6.office", "AAAA"), "AAAA", "2001:db8::210")
    expect_data(lab.ask("scanner.home.arpa"), "A", "192.0.2.211")
    expect("scanner.home.arpa." in lab.ask("211.2.0.192.in-addr.arpa", "PTR").data("PTR"), "no PTR")


def test_localhost(lab):
    """localhost is answered here (RFC 6761 section 6.3)"""
    expect_data(lab.ask("localhost"), "A", "127.0.0.1")
    expect_data(lab.ask("localhost", "AAAA"), "AAAA", "::1")
    expect_data(lab.ask("1.0.0.127.in-addr.arpa", "PTR"), "PTR", "localhost.")


def test_private_reverse_zones(lab):
    """reverse names of private addresses never leave (RFC 6303)"""
    for name in ("1.0.0.10.in-addr.arpa", "1.1.168.192.in-addr.arpa", "5.16.172.in-addr.arpa",
                 "255.255.255.255.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa",
                 "a.e.f.ip6.arpa", "d.f.ip6.arpa"):
        expect_rcode(lab.ask("x." + name, "PTR"), "NXDOMAIN")


def test_invalid(lab):
    """names below invalid do not exist (RFC 6761 section 6.4)"""
    expect_rcode(lab.ask("www.invalid"), "NXDOMAIN")
