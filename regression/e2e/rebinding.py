"""Protection against DNS rebinding: private addresses in answers from the public DNS are removed or the question is
refused, from every cache and behind aliases; what the operator speaks for is left alone. Addresses of the bundled
internet stand in for private ones."""
import json

from lab import expect, expect_data, expect_equal, expect_rcode

# www.wide.com, and what abroad.wide.com is an alias to.
PRIVATE = "192.0.2.12/32, 192.0.2.21/32"


def test_removed(lab):
    """private addresses are removed with a reason, the same from the packet cache and the record cache"""
    with lab.new_recursor(stop_dns_rebind="remove", private_address=PRIVATE, threads=1) as recursor:
        for _ in range(2):
            answer = recursor.ask("www.wide.com")
            expect_data(answer, "A")
            expect_equal(answer.extended_errors(), [(15, "it has a private address (stop-dns-rebind)")])
            expect(not answer.has_flag("AD"), answer)
        expect_equal(recursor.metric("packetcache-hits"), 1)
        expect_data(recursor.ask("www.wide.com", dnssec=True), "A")  # the record cache
        expect_equal(recursor.metric("cache-hits"), 1)
        expect_equal(recursor.metric("dns-rebind-removed"), 2)
        expect_equal(recursor.log().count("possible DNS rebinding: www.wide.com."), 1, recursor.log())
        expect_data(recursor.ask("mail.wide.com"), "A", "192.0.2.25")
        explained = recursor.ordered("explain", "www.wide.com")
        expect("Rebinding   192.0.2.12 of www.wide.com. is private: such addresses are removed" in explained, explained)
        explained = json.loads(recursor.ordered("explain", "www.wide.com", "--json"))
        expect_equal(explained["rebinding"], {"address": "192.0.2.12", "owner": "www.wide.com.", "action": "remove"})
        expect_equal(recursor.metric("dns-rebind-removed"), 2)


def test_alias(lab):
    """the end of an alias is looked at: the alias stays, the address goes; or all is refused"""
    with lab.new_recursor(stop_dns_rebind="remove", private_address=PRIVATE) as recursor:
        answer = recursor.ask("abroad.wide.com")
        expect_data(answer, "A")
        expect_equal(len(answer.data("CNAME")), 1, answer)
    with lab.new_recursor(stop_dns_rebind="refuse", private_address=PRIVATE, threads="1") as recursor:
        for _ in range(2):
            answer = recursor.ask("abroad.wide.com")
            expect_rcode(answer, "REFUSED")
            expect(not answer.data("CNAME"), answer)
        expect_equal(recursor.metric("dns-rebind-refused"), 1)


def test_exempt(lab):
    """private-domain, forwarded zones and local data may have private addresses; a forwarder for everything may not"""
    zone = "inside.test. 300 IN SOA ns.inside.test. host.inside.test. 1 3600 600 86400 60\n" \
           "inside.test. 300 IN NS ns.inside.test.\nwww.inside.test. 300 IN A 192.0.2.12\n"
    private = {"stop_dns_rebind": "refuse", "private_address": PRIVATE, "dnssec": "off"}
    with lab.new_recursor(private_domain="wide.com", files={"zone": zone}, auth_zones="inside.test=@FOLDER@/zone",
                          **private) as recursor:
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        expect_data(recursor.ask("www.inside.test"), "A", "192.0.2.12")
    with lab.new_recursor() as upstream:
        at = f"{upstream.address()}:{upstream.port}"
        with lab.new_recursor(forward_zones_recurse=f"wide.com={at}", **private) as recursor:
            expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        with lab.new_recursor(forward_zones_recurse=f".={at}", **private) as recursor:
            expect_rcode(recursor.ask("www.wide.com"), "REFUSED")


def test_off(lab):
    """unless asked for nothing is looked at"""
    with lab.new_recursor(private_address=PRIVATE) as recursor:
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        expect("Rebinding" not in recursor.ordered("explain", "www.wide.com"), "explained")
