"""Response policy zones: every trigger and action, zones in their order, files, transfers from knotd and nsd with TSIG,
incremental changes, NOTIFY, refresh, seed and dump files, primaries that are broken, reloads."""
import os

import dns.message
import dns.opcode

from client import Client
from lab import expect, expect_data, expect_equal, expect_rcode
from primary import SECRET, Broken, Knot, Nsd, zone_text
from process import wait_until
import rpzsoak

HEAD = "$ORIGIN rpz.test.\n$TTL 60\n" + zone_text("")
KEY = ("transfer.", "hmac-sha256")
TSIG = f'tsigname="{KEY[0]}", tsigalgo="{KEY[1]}", tsigsecret="{SECRET}"'
NAME = "www.wide.com"  # exists


def with_zones(lab, script, files=None, **settings):
    """A recursor with the lab's trust anchor and this script behind it."""
    with open(lab.internet.anchor, encoding="ascii") as file:
        anchors = file.read()
    return lab.new_recursor(files={"rpz.lua": f"{anchors}\n{script}\n", **(files or {})},
                            lua_config_file="@FOLDER@/rpz.lua", **settings)


def with_rules(lab, rules, options="", **settings):
    """A recursor with one zone from a file. The script cannot know its folder: the file is in one of its own."""
    return with_files(lab, [(rules, options)], **settings)


class with_files:
    """Zones from files, in their order: [(rules, options)]."""

    def __init__(self, lab, zones, **settings):
        self.inner = lab.new_recursor(**settings)
        with open(lab.internet.anchor, encoding="ascii") as file:
            script = file.read() + "\n"
        for number, (rules, options) in enumerate(zones):
            self.inner.write(f"zone{number}", HEAD + rules)
            name = "" if "policyName" in options else f'policyName="z{number}"' + (", " if options else "")
            script += f'rpzFile("{self.inner.folder}/zone{number}", {{{name}{options}}})\n'
        self.inner.write("rpz.lua", script)
        with open(f"{self.inner.folder}/recursor.conf", "a", encoding="utf-8") as file:
            file.write(f"lua-config-file={self.inner.folder}/rpz.lua\n")

    def __enter__(self):
        return self.inner.__enter__()

    def __exit__(self, *what):
        return self.inner.__exit__(*what)


def statistics(recursor, name):
    """What get-rpz-statistics says of a zone."""
    lines = recursor.ordered("get-rpz-statistics", name).splitlines()
    return dict(line.split(None, 1) for line in lines[1:])


def serial_of(recursor, name="rpz.test"):
    return int(statistics(recursor, name)["serial"])


def primaries(lab, count=1):
    """Ports of their own for primaries."""
    lab.next_primary = getattr(lab, "next_primary", 7300) + count
    return lab.next_primary


def is_blocked(recursor, name):
    """Whether a rule denies the name: such a denial has no SOA."""
    answer = recursor.ask(name)
    return answer.rcode == "NXDOMAIN" and not answer.data("SOA", "authority")


# ---- actions and triggers

def test_actions(lab):
    """each action does what the format says"""
    rules = ("nx.wide.com CNAME .\nnodata.wide.com CNAME *.\nwww.wide.com CNAME rpz-passthru.\n*.wide.com CNAME .\n"
             "drop.example CNAME rpz-drop.\ntcp.wide.com CNAME rpz-tcp-only.\nlocal.example A 192.0.2.201\n"
             "local.example A 192.0.2.202\nlocal.example TXT \"hello there\"\nalias.example CNAME www.wide.com.\n"
             "*.sub.example CNAME *.walled.example.\n*.walled.example A 192.0.2.203\n")
    with with_rules(lab, rules) as recursor:
        expect_rcode(recursor.ask("nx.wide.com"), "NXDOMAIN")
        expect_data(recursor.ask("nodata.wide.com"), "A")
        expect(recursor.ask(NAME).data("A"), "passthru was not let through")
        expect_rcode(recursor.ask("other.wide.com"), "NXDOMAIN")
        expect(recursor.client(timeout=0.5).ask("drop.example").message is None, "dropped questions are answered")
        truncated = recursor.ask("tcp.wide.com")
        expect(truncated.has_flag("TC"), truncated)
        expect(not recursor.ask("tcp.wide.com", tcp=True).has_flag("TC"), "truncated over TCP")
        expect_data(recursor.ask("local.example"), "A", "192.0.2.201", "192.0.2.202")
        expect_data(recursor.ask("local.example", "TXT"), "TXT", '"hello there"')
        expect_data(recursor.ask("local.example", "AAAA"), "AAAA")
        followed = recursor.ask("alias.example")
        expect_equal(followed.data("CNAME"), ["www.wide.com."], followed)
        expect_equal(followed.data("A"), recursor.ask(NAME).data("A"), followed)
        garden = recursor.ask("a.b.sub.example")
        expect_equal(garden.data("CNAME"), ["a.b.sub.example.walled.example."], garden)


def test_client_address(lab):
    """a rule about clients is for them alone, and not for the packet cache"""
    with with_rules(lab, "32.1.0.0.127.rpz-client-ip CNAME .\n", local_address="127.0.0.1, ::1") as recursor:
        for _ in range(2):
            expect_rcode(recursor.ask(NAME), "NXDOMAIN")
            expect_rcode(recursor.client("::1").ask(NAME), "NOERROR")


def test_response_address(lab):
    """a rule about addresses looks at what came out"""
    with lab.new_recursor() as plain:
        address = plain.ask(NAME).data("A")[0]
    reversed_address = ".".join(reversed(address.split(".")))
    with with_rules(lab, f"32.{reversed_address}.rpz-ip CNAME .\n") as recursor:
        expect_rcode(recursor.ask(NAME), "NXDOMAIN")
        expect_rcode(recursor.ask(NAME), "NXDOMAIN")
        expect_rcode(recursor.ask("wide.com", "SOA"), "NOERROR")
        expect(int(statistics(recursor, "z0")["hits"]) >= 1, statistics(recursor, "z0"))


def servers_of(lab, zone):
    with lab.new_recursor() as plain:
        names = plain.ask(zone, "NS").data("NS")
        return names, plain.ask(names[0]).data("A")


def test_server_name(lab):
    """a zone whose servers have a bad name is not asked, nor answered from the caches"""
    names, _ = servers_of(lab, "wide.com")
    with with_rules(lab, f"{names[0]}rpz-nsdname CNAME .\n") as recursor:
        for _ in range(2):
            expect_rcode(recursor.ask(NAME), "NXDOMAIN")
        expect_rcode(recursor.ask("c0.chain-a.net"), "NOERROR")
        recursor.write("zone0", HEAD)
        recursor.ordered("reload-lua-config")
        expect_rcode(recursor.ask(NAME), "NOERROR")
        recursor.write("zone0", HEAD + f"*.{names[0].split('.', 1)[1]}rpz-nsdname CNAME *.\n")
        recursor.ordered("reload-lua-config")
        answer = recursor.ask(NAME)
        expect_data(answer, "A")


def test_server_address(lab):
    """a zone whose servers have a bad address is not asked; another zone may exempt it before"""
    _, addresses = servers_of(lab, "wide.com")
    rule = f"32.{'.'.join(reversed(addresses[0].split('.')))}.rpz-nsip"
    with with_rules(lab, f"{rule} CNAME .\n") as recursor:
        expect_rcode(recursor.ask(NAME), "NXDOMAIN")
    with with_files(lab, [(f"{rule} CNAME rpz-passthru.\n", ""), (f"{rule} CNAME .\nabsent CNAME .\n", "")]) as recursor:
        expect_rcode(recursor.ask(NAME), "NOERROR")


def test_alias_targets(lab):
    """the target of an alias is judged like a name that was asked"""
    with lab.new_recursor() as plain:
        target = plain.ask("c0.chain-a.net").data("CNAME")[0]
    with with_rules(lab, f"{target.rstrip('.')} A 192.0.2.199\n") as recursor:
        expect_equal(recursor.ask("c0.chain-a.net").data("A"), ["192.0.2.199"])


# ---- zones in their order, options

def test_zones_in_order(lab):
    """the first zone that matches decides, its passthru ends the look-up"""
    zones = [("www.wide.com CNAME rpz-passthru.\nboth.example A 192.0.2.1\n", ""),
             ("*.wide.com CNAME .\nboth.example A 192.0.2.2\nonly.example A 192.0.2.3\n", "")]
    with with_files(lab, zones) as recursor:
        expect_rcode(recursor.ask(NAME), "NOERROR")
        expect_rcode(recursor.ask("mail.wide.com"), "NXDOMAIN")
        expect_data(recursor.ask("both.example"), "A", "192.0.2.1")
        expect_data(recursor.ask("only.example"), "A", "192.0.2.3")


def test_earlier_zone_beats_earlier_trigger(lab):
    """a name rule of the first zone goes before a client rule of the second"""
    zones = [("www.wide.com A 192.0.2.7\n", ""), ("8.0.0.0.127.rpz-client-ip CNAME .\n", "")]
    with with_files(lab, zones) as recursor:
        expect_data(recursor.ask(NAME), "A", "192.0.2.7")
        expect_rcode(recursor.ask("c0.chain-a.net"), "NXDOMAIN")


def test_default_policy(lab):
    """defpol, defcontent, defttl, defpolOverrideLocalData and maxTTL"""
    rules = "bad.example CNAME .\nlocal.example A 192.0.2.5\n"
    options = 'defpol=Policy.Custom, defcontent="www.wide.com", defttl=7, defpolOverrideLocalData=false'
    with with_files(lab, [(rules, options), ("late.example A 192.0.2.6\n", "maxTTL=3")]) as recursor:
        answer = recursor.ask("bad.example")
        expect_equal((answer.data("CNAME"), answer.ttl("CNAME")), (["www.wide.com."], 7), answer)
        expect_data(recursor.ask("local.example"), "A", "192.0.2.5")
        expect_equal(recursor.ask("late.example").ttl("A"), 3)
    with with_rules(lab, rules, "defpol=Policy.NODATA") as recursor:
        expect_data(recursor.ask("local.example"), "A")


def test_extended_error_and_soa(lab):
    """an answer names the reason, and the zone where the operator wants it; it is never authentic"""
    options = 'extendedErrorCode=15, extendedErrorExtra="not here", includeSOA=true'
    with with_rules(lab, "bad.example CNAME .\n", options) as recursor:
        for _ in range(2):
            answer = recursor.ask("bad.example", dnssec=True)
            expect_equal(answer.extended_errors(), [(15, "not here")], answer)
            expect(answer.data("SOA", "additional"), answer)
            expect(not answer.has_flag("AD") and not answer.data("RRSIG"), answer)


def test_malformed_rules(lab):
    """rules that make no sense are passed over, counted and told"""
    with with_rules(lab, "ok.example CNAME .\n99.1.2.3.4.rpz-ip CNAME .\nx.example CNAME rpz-nonsense.\n") as recursor:
        expect_rcode(recursor.ask("ok.example"), "NXDOMAIN")
        expect_equal(statistics(recursor, "z0")["passed-over"], "2")
        expect("99.1.2.3.4.rpz-ip" in recursor.log(), recursor.log())


# ---- files

def test_reload(lab):
    """reload-lua-config takes all or nothing; an unreadable zone leaves what there was and is named"""
    with with_files(lab, [("a.example A 192.0.2.1\n", ""), ("b.example A 192.0.2.2\n", "")]) as recursor:
        expect_data(recursor.ask("a.example"), "A", "192.0.2.1")
        recursor.write("zone0", HEAD + "a.example A 192.0.2.11\n")
        recursor.write("zone1", HEAD + "b.example NONSENSE\n")
        failed = recursor.control("reload-lua-config")
        expect(failed.returncode == 1 and "zone1:5:" in failed.stderr, failed)
        expect_data(recursor.ask("a.example"), "A", "192.0.2.1")
        recursor.write("zone1", HEAD + "b.example A 192.0.2.22\n")
        recursor.ordered("reload-lua-config")
        expect_data(recursor.ask("a.example"), "A", "192.0.2.11")
        expect_data(recursor.ask("b.example"), "A", "192.0.2.22")
        recursor.write("rpz.lua", "\nrpzFile('/x', {nonsense=1})\n")
        failed = recursor.control("reload-lua-config")
        expect("rpz.lua:2:" in failed.stderr, failed)
        expect_data(recursor.ask("a.example"), "A", "192.0.2.11")


def test_dump(lab):
    """dump-rpz writes a zone that can be loaded again"""
    rules = ("a.example CNAME .\n*.a.example CNAME .\nb.example TXT \"x\"\n24.0.2.0.192.rpz-ip CNAME rpz-drop.\n"
             "64.zz.db8.2001.rpz-nsip CNAME *.\nns.example.rpz-nsdname CNAME .\n")
    with with_rules(lab, rules) as recursor:
        path = f"{recursor.folder}/dump"
        expect_equal(recursor.ordered("dump-rpz", "z0", path), "done\n")
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        expect_equal(len(lines), 7, lines)
        os.replace(path, f"{recursor.folder}/zone0")
        recursor.ordered("reload-lua-config")
        expect_equal(statistics(recursor, "z0")["records"], "6")
        expect_equal(statistics(recursor, "z0")["passed-over"], "0")
        expect(recursor.control("dump-rpz", "nowhere", path).returncode == 1, "a zone that is not there was dumped")


def test_statistics(lab):
    """hits are counted by zone and by rule, and are metrics"""
    with with_rules(lab, "*.bad.example CNAME .\n") as recursor:
        for number in range(3):
            expect_rcode(recursor.ask(f"n{number}.bad.example"), "NXDOMAIN")
        expect_equal(statistics(recursor, "z0")["rule"], "3 *.bad.example")
        expect_equal(recursor.metric("rpz-z0-hits"), 3)
        expect_equal(recursor.metric("rpz-z0-rules"), 1)


# ---- transfers

def test_transfer_and_changes(lab):
    """a zone comes by AXFR, its changes by IXFR after a NOTIFY, signed"""
    port = primaries(lab)
    script = f'rpzPrimary("127.0.0.1:{port}", "rpz.test", {{{TSIG}}})'
    with with_zones(lab, script) as recursor, \
            Knot(port, "bad.example CNAME .\nworse.example CNAME .\n", KEY, notify=recursor.port) as knot:
        wait_until(lambda: is_blocked(recursor, "bad.example") and serial_of(recursor) == 1, 20, "the zone comes")
        knot.change(add=["new.example 60 A 192.0.2.77", "bad.example 60 CNAME *."], remove=["bad.example", "worse.example"])
        wait_until(lambda: serial_of(recursor) == 2, 10, "the change comes")
        wait_until(lambda: recursor.ask("new.example").data("A") == ["192.0.2.77"], 2, "the new rule applies")
        wait_until(lambda: recursor.ask("bad.example").rcode == "NOERROR", 2, "the changed rule applies")
        found = statistics(recursor, "rpz.test")
        expect_equal((found["transfers_full"], found["transfers_success"], found["records"]), ("1", "2", "2"), found)
        expect("IXFR from 127.0.0.1" in recursor.log(), recursor.log())


def test_other_answers_stay(lab):
    """after a change by IXFR what is about other names is still in the packet cache, what aliases lead to it is not"""
    port = primaries(lab)
    script = f'rpzPrimary("127.0.0.1:{port}", "rpz.test", {{{TSIG}}})'
    with with_zones(lab, script, threads=1) as recursor, Knot(port, "bad.example CNAME .\n", KEY, notify=recursor.port) as knot:
        wait_until(lambda: serial_of(recursor) == 1, 15, "the zone comes")
        for name in (NAME, "alias.wide.com", "www.tall.org"):
            wait_until(lambda: recursor.ask(name).rcode == "NOERROR", 15, f"{name} is answered")  # noqa: B023
        for change, code in (({"add": [f"{NAME} 60 CNAME ."]}, "NXDOMAIN"), ({"remove": [NAME]}, "NOERROR")):
            knot.change(**change)
            for name in (NAME, "alias.wide.com"):
                wait_until(lambda: recursor.ask(name).rcode == code, 15, f"{name}: {code}")  # noqa: B023
            before = recursor.metric("packetcache-misses")
            expect_rcode(recursor.ask("www.tall.org"), "NOERROR")
            expect_equal(recursor.metric("packetcache-misses"), before)


def test_algorithms(lab):
    """every algorithm of TSIG works with knotd; a wrong secret does not, and is told"""
    for algorithm in ("hmac-sha1", "hmac-sha224", "hmac-sha384", "hmac-sha512"):
        port = primaries(lab)
        script = (f'rpzPrimary("127.0.0.1:{port}", "rpz.test", {{tsigname="k", tsigalgo="{algorithm}", '
                  f'tsigsecret="{SECRET}"}})')
        with Knot(port, "bad.example CNAME .\n", ("k.", algorithm)), with_zones(lab, script) as recursor:
            wait_until(lambda: serial_of(recursor) == 1, 10, f"{algorithm}: the zone comes")  # noqa: B023
    port = primaries(lab)
    wrong = f'rpzPrimary("127.0.0.1:{port}", "rpz.test", {{tsigname="k", tsigalgo="hmac-sha256", tsigsecret="d3Jvbmc="}})'
    with Knot(port, "bad.example CNAME .\n", ("k.", "hmac-sha256")), with_zones(lab, wrong) as recursor:
        wait_until(lambda: int(statistics(recursor, "rpz.test")["transfers_failed"]) > 0, 10, "it fails")
        expect(f"127.0.0.1:{port}: TSIG" in recursor.log(), recursor.log())
        expect_equal(statistics(recursor, "rpz.test")["records"], "0")


def test_nsd(lab):
    """a zone comes from nsd, signed; refresh finds a new serial without a NOTIFY"""
    port = primaries(lab)
    script = f'rpzPrimary("127.0.0.1:{port}", "rpz.test", {{{TSIG}, refresh=1}})'
    with Nsd(port, "bad.example CNAME .\n", KEY) as nsd, with_zones(lab, script) as recursor:
        wait_until(lambda: is_blocked(recursor, "bad.example"), 10, "the zone comes")
        nsd.child.stop()
        nsd.write("zone", zone_text("other.example CNAME .\n", serial=2))
        nsd.start()
        wait_until(lambda: serial_of(recursor) == 2, 10, "the next version comes")
        wait_until(lambda: is_blocked(recursor, "other.example"), 2, "and applies")


def test_without_ixfr(lab):
    """a primary without a journal gives the whole zone again"""
    port = primaries(lab)
    script = f'rpzPrimary("127.0.0.1:{port}", "rpz.test", {{refresh=1}})'
    with Knot(port, "bad.example CNAME .\n", ixfr=False) as knot, with_zones(lab, script) as recursor:
        wait_until(lambda: serial_of(recursor) == 1, 10, "the zone comes")
        knot.write("zone", zone_text("next.example CNAME .\n", serial=9))
        knot.control("zone-reload")
        wait_until(lambda: serial_of(recursor) == 9, 10, "the next version comes")
        wait_until(lambda: is_blocked(recursor, "next.example"), 2, "and applies")
        expect_equal(statistics(recursor, "rpz.test")["transfers_full"], "2")


def test_several_primaries(lab):
    """when the first primary is not there the second is asked, whose name and reason are told"""
    port = primaries(lab, 2)
    script = f'rpzPrimary({{"127.0.0.1:{port - 1}", "127.0.0.1:{port}"}}, "rpz.test", {{refresh=1}})'
    with Knot(port, "bad.example CNAME .\n"), with_zones(lab, script) as recursor:
        wait_until(lambda: serial_of(recursor) == 1, 10, "the zone comes")
        expect(f"127.0.0.1:{port - 1}: cannot connect: Connection refused" in recursor.log(), recursor.log())


def notify(recursor, zone="rpz.test."):
    query = dns.message.make_query(zone, "SOA")
    query.set_opcode(dns.opcode.NOTIFY)
    return recursor.client().send(query.to_wire())


def test_notify(lab):
    """a NOTIFY counts when it comes from a primary, and is signed where there is a key"""
    port = primaries(lab)
    with Knot(port, "a.example CNAME .\n"), with_zones(lab, f'rpzPrimary("127.0.0.1:{port}", "rpz.test")') as recursor:
        wait_until(lambda: serial_of(recursor) == 1, 10, "the zone comes")
        expect_rcode(notify(recursor), "NOERROR")
        expect_rcode(notify(recursor, "other.test."), "NOTIMP")
    with with_zones(lab, f'rpzPrimary("127.0.0.1:{port}", "rpz.test", {{{TSIG}}})') as recursor:
        expect_rcode(notify(recursor), "NOTAUTH")
    with with_zones(lab, 'rpzPrimary("127.0.0.9:53", "rpz.test")') as recursor:
        expect_rcode(notify(recursor), "NOTIMP")


def test_broken_primaries(lab):
    """a transfer that is broken, cut off, backwards or too large leaves the zone as it was, and the reason in the log"""
    soa = "rpz.test. 60 IN SOA ns. host. {} 3600 1 86400 30"
    rule = "x.rpz.test. 60 IN CNAME ."
    cases = [([[soa.format(2), soa.format(1), "absent.rpz.test. 60 IN CNAME .", soa.format(2), soa.format(2)]], "",
              "removes a record that there is not"),
             ([[soa.format(2), rule]], "", "closed before the end"),
             ([[soa.format(2), rule, soa.format(3)]], "", "changed while it was transferred"),
             ([[rule]], "", "not the SOA"),
             ([[soa.format(2)]] + [[f"n{i}.rpz.test. 60 IN TXT {'x' * 200}" for i in range(100)]] * 60,
              "maxReceivedMBytes=1, ", "more than maxReceivedMBytes")]
    for messages, options, reason in cases:
        port = primaries(lab)
        with Broken(port, 2, messages), with_zones(lab, "") as recursor:
            recursor.write("seed", HEAD + "kept.example CNAME .\n")
            recursor.write("rpz.lua", f'rpzPrimary("127.0.0.1:{port}", "rpz.test", '
                                      f'{{{options}seedFile="{recursor.folder}/seed"}})\n')
            recursor.ordered("reload-lua-config")
            wait_until(lambda: f"127.0.0.1:{port}: " in recursor.log() and reason in recursor.log(), 10,  # noqa: B023
                       f"'{reason}' in the log")
            expect_rcode(recursor.ask("kept.example"), "NXDOMAIN")
            expect_equal(serial_of(recursor), 1)


def test_silent_ixfr(lab):
    """a primary that does not answer IXFR has the whole time for AXFR left"""
    port = primaries(lab)
    soa = "rpz.test. 60 IN SOA ns. host. 2 3600 1 86400 30"
    messages = [[soa, "new.example.rpz.test. 60 IN CNAME .", soa]]
    with Broken(port, 2, messages, silent_ixfr=True), with_zones(lab, "") as recursor:
        recursor.write("seed", HEAD + "kept.example CNAME .\n")
        recursor.write("rpz.lua", f'rpzPrimary("127.0.0.1:{port}", "rpz.test", '
                                  f'{{axfrTimeout=2, seedFile="{recursor.folder}/seed"}})\n')
        recursor.ordered("reload-lua-config")
        wait_until(lambda: serial_of(recursor) == 2, 15, "the zone comes")
        expect("no IXFR from" in recursor.log(), recursor.log())
        expect(is_blocked(recursor, "new.example"), "the new rule does not apply")


def test_endless_transfer(lab):
    """a transfer without an end is given up in time, and does not keep a reload or the end waiting"""
    port = primaries(lab)
    with Broken(port, 2, [], endless=True), with_zones(lab, "") as recursor:
        line = f'rpzPrimary("127.0.0.1:{port}", "rpz.test", {{axfrTimeout=%d}})\n'
        recursor.write("rpz.lua", line % 1)
        recursor.ordered("reload-lua-config")
        wait_until(lambda: f"127.0.0.1:{port}: not done in time" in recursor.log(), 15, "it is given up")
        recursor.write("rpz.lua", line % 0)
        recursor.ordered("reload-lua-config")
        recursor.write("rpz.lua", "")
        recursor.ordered("reload-lua-config")
        expect_equal(recursor.ordered("get-rpz-statistics"), "")


def test_older_serial(lab):
    """a primary that has an older version than ours is not believed"""
    port = primaries(lab)
    with Broken(port, 4294967000, [[]], close=False), with_zones(lab, "") as recursor:
        recursor.write("seed", HEAD + "kept.example CNAME .\n")
        recursor.write("rpz.lua", f'rpzPrimary("127.0.0.1:{port}", "rpz.test", {{seedFile="{recursor.folder}/seed"}})\n')
        recursor.ordered("reload-lua-config")
        wait_until(lambda: "is older than ours" in recursor.log(), 10, "it is told")
        expect_rcode(recursor.ask("kept.example"), "NXDOMAIN")


def test_expiry(lab):
    """a zone that no primary confirms any more is not applied when it has expired"""
    port = primaries(lab)
    script = f'rpzPrimary("127.0.0.1:{port}", "rpz.test")'
    text = zone_text("bad.example CNAME .\n", refresh=1, retry=1, expire=3)
    with with_zones(lab, script) as recursor:
        with Knot(port, "", text=text):
            wait_until(lambda: serial_of(recursor) == 1, 10, "the zone comes")
            expect_rcode(recursor.ask("bad.example"), "NXDOMAIN")
        wait_until(lambda: statistics(recursor, "rpz.test")["records"] == "0", 15, "the zone goes")
        expect("has expired" in recursor.log(), recursor.log())


def test_expiry_through_reloads(lab):
    """a reload that changes the options of a zone does not make it any fresher"""
    port = primaries(lab)
    text = zone_text("bad.example CNAME .\n", refresh=1, retry=1, expire=4)
    with with_zones(lab, f'rpzPrimary("127.0.0.1:{port}", "rpz.test")') as recursor:
        with Knot(port, "", text=text):
            wait_until(lambda: serial_of(recursor) == 1, 10, "the zone comes")
        seconds = iter(range(100, 1000))

        def is_gone_after_reload():
            recursor.write("rpz.lua", f'rpzPrimary("127.0.0.1:{port}", "rpz.test", {{maxTTL={next(seconds)}}})\n')
            recursor.ordered("reload-lua-config")
            return statistics(recursor, "rpz.test")["records"] == "0"
        wait_until(is_gone_after_reload, 15, "the zone goes")


def test_seed_and_dump(lab):
    """what was transferred is written, and serves at the next start before any primary answers"""
    port = primaries(lab)
    with with_zones(lab, "") as recursor:
        script = (f'rpzPrimary("127.0.0.1:{port}", "rpz.test", {{dumpFile="{recursor.folder}/saved", '
                  f'seedFile="{recursor.folder}/saved"}})\n')
        recursor.write("rpz.lua", script)
        with Knot(port, "bad.example CNAME .\nlocal.example A 192.0.2.9\n"):
            recursor.ordered("reload-lua-config")
            wait_until(lambda: os.path.exists(f"{recursor.folder}/saved"), 10, "the dump is written")
        recursor.child.stop(3)
        recursor.start()
        expect_rcode(recursor.ask("bad.example"), "NXDOMAIN")
        expect_data(recursor.ask("local.example"), "A", "192.0.2.9")
        expect_equal(serial_of(recursor), 1)


def test_reload_keeps_transferred(lab):
    """a zone whose configuration is the same goes on without a new transfer; another option takes what is there"""
    port = primaries(lab)
    script = f'rpzPrimary("127.0.0.1:{port}", "rpz.test", {{refresh=600}})\n'
    with with_zones(lab, script) as recursor:
        with Knot(port, "bad.example CNAME .\n"):
            wait_until(lambda: serial_of(recursor) == 1, 10, "the zone comes")
        recursor.ordered("reload-lua-config")
        expect_equal(statistics(recursor, "rpz.test")["transfers_success"], "1")
        recursor.write("rpz.lua", script.replace("refresh=600", "refresh=600, defpol=Policy.NODATA"))
        recursor.ordered("reload-lua-config")
        expect_rcode(recursor.ask("bad.example"), "NOERROR")
        recursor.write("rpz.lua", "")
        recursor.ordered("reload-lua-config")
        expect_equal(recursor.ordered("get-rpz-statistics"), "")


def test_changes_are_logged(lab):
    """log-rpz-changes names what an incremental transfer adds and removes"""
    port = primaries(lab)
    script = f'rpzPrimary("127.0.0.1:{port}", "rpz.test")'
    with with_zones(lab, script, log_rpz_changes="yes") as recursor, \
            Knot(port, "bad.example CNAME .\n", notify=recursor.port) as knot:
        wait_until(lambda: serial_of(recursor) == 1, 20, "the zone comes")
        knot.change(add=["new.example 60 A 192.0.2.77"], remove=["bad.example"])
        wait_until(lambda: "had addition of new.example.rpz.test. A" in recursor.log(), 10, "the addition is told")
        expect("had removal of bad.example.rpz.test. CNAME" in recursor.log(), recursor.log())


def test_client_of_primary_alone(lab):
    """a recursor without any zone answers as ever and knows no statistics"""
    with lab.new_recursor() as recursor:
        expect_equal(recursor.ordered("get-rpz-statistics"), "")
        expect_rcode(Client(recursor.address(), recursor.port).ask(NAME), "NOERROR")


def test_changes_under_load(lab):
    """while a zone changes round after round no answer is lost, none is stale, and no rule is lost"""
    rpzsoak.run(lab.new_recursor, lab.internet.anchor, primaries(lab), 3000, 12, rate=300, primary=Knot)


def test_changes_from_named(lab):
    """the same with rules from knotd first, then with changes that named makes"""
    rpzsoak.run(lab.new_recursor, lab.internet.anchor, primaries(lab), 3000, 4, rate=300)
