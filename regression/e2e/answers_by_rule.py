"""What lua-config-file says of answers: addresses in an order of the client's own (addSortList), and records that come along
(addAllowedAdditionalQType)."""
from lab import expect_data, expect_equal
from process import wait_until

ZONE = """@ 300 IN SOA ns host 1 2 3 4 60
@ IN NS ns
www IN A 192.0.2.1
www IN A 198.51.100.1
www IN A 203.0.113.1
@ IN MX 10 mail
mail IN A 192.0.2.7
_sip._udp IN SRV 1 1 5060 mail
"""
SORTED = ["203.0.113.1", "192.0.2.1", "198.51.100.1"]


def with_rules(lab, script, **settings):
    """A recursor with the lab's trust anchor, this script behind it, and a zone of its own."""
    with open(lab.internet.anchor, encoding="ascii") as file:
        anchors = file.read()
    return lab.new_recursor(files={"answers.lua": f"{anchors}\n{script}\n", "zone": ZONE},
                            lua_config_file="@FOLDER@/answers.lua", auth_zones="sorted.example=@FOLDER@/zone", **settings)


def additional(answer, rdtype="A"):
    return answer.data(rdtype, "additional")


def test_sort_list(lab):
    """clients of a sort list have addresses in its order, always; others as ever, and neither gets the other's answer"""
    script = 'addSortList("127.0.0.0/8", "203.0.113.0/24")\naddSortList("127.0.0.0/8", {"192.0.2.0/24"})'
    with with_rules(lab, script, local_address="127.0.0.1, ::1") as recursor:
        for _ in range(6):
            recursor.client("::1").ask("www.sorted.example")
            expect_equal([rdata.to_text() for rrset in recursor.ask("www.sorted.example").message.answer for rdata in rrset], SORTED)
        before = recursor.metric("packetcache-hits")
        recursor.ask("www.sorted.example")
        expect_equal(recursor.metric("packetcache-hits"), before)
        recursor.write("answers.lua", "clearSortlist()")
        recursor.ordered("reload-lua-config")
        recursor.ask("www.sorted.example")
        wait_until(lambda: recursor.ask("www.sorted.example") and recursor.metric("packetcache-hits") > before, 15, "hits again")


def test_additional_records(lab):
    """addresses come along with what names them: from the caches, asked for first, or asked for afterwards"""
    script = ("addAllowedAdditionalQType(pdns.MX, {pdns.A}, {mode=pdns.AdditionalMode.%s})\n"
              "addAllowedAdditionalQType(pdns.SRV, {pdns.A})")
    both = ["192.0.2.25", "192.0.2.27"]
    with with_rules(lab, script % "CacheOnlyRequireAuth") as recursor:
        expect_data(recursor.ask("sorted.example", "MX"), "MX", "10 mail.sorted.example.")
        expect_equal(additional(recursor.ask("sorted.example", "MX")), ["192.0.2.7"])
        expect_equal(additional(recursor.ask("_sip._udp.sorted.example", "SRV")), ["192.0.2.7"])
        expect_equal(additional(recursor.ask("wide.com", "MX")), [])
    with with_rules(lab, script % "ResolveImmediately") as recursor:
        for _ in range(3):
            expect_equal(sorted(additional(recursor.ask("wide.com", "MX"))), both)
    with with_rules(lab, script % "ResolveDeferred") as recursor:
        expect_equal(additional(recursor.ask("wide.com", "MX")), [])
        wait_until(lambda: sorted(additional(recursor.ask("wide.com", "MX"))) == both, 15, "they are there later")
    with with_rules(lab, script % "Ignore") as recursor:
        expect_equal(additional(recursor.ask("sorted.example", "MX")), [])
