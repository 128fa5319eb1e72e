"""addProxyMapping of lua-config-file: access lists and servers see the mapped address, everybody else the client's."""
import netns

from client import Client
from lab import expect, expect_data, expect_equal
from process import wait_until
from web import Web

HIDDEN, OTHER = "127.0.0.2", "127.0.0.3"
NEAR = "203.0.113.7"  # whom subnet.example's servers know


def mapping(lab, lua, **settings):
    with open(lab.internet.anchor, encoding="utf-8") as file:
        anchor = file.read()
    return lab.new_recursor(**{"files": {"map.lua": anchor + "\n" + lua}, "lua_config_file": "@FOLDER@/map.lua",
                               "allow_from": f"{NEAR}, ::1", "probe": "::1", "threads": 1, **settings})


def ask(recursor, source, name="www.wide.com", tcp=False, timeout=8.0):
    return Client("127.0.0.1", recursor.port, timeout, source=source).ask(name, tcp=tcp)


def unauthorized(recursor, source):
    """Over UDP there is no answer, over TCP no connection."""
    for metric, tcp in (("unauthorized-udp", False), ("unauthorized-tcp", True)):
        before = recursor.metric(metric)
        expect_equal(ask(recursor, source, tcp=tcp, timeout=0.5).rcode, "none")
        wait_until(lambda b=before, m=metric: recursor.metric(m) > b, 15, f"{metric} counts it")


def test_access(lab):
    """who may ask is the mapped address, over UDP and TCP; a reload puts another table in force, and 0 in its counters"""
    with mapping(lab, f'addProxyMapping("{HIDDEN}", "{NEAR}")', webserver="yes", webserver_port=8083, api_key="key") as recursor:
        for tcp in (False, True):
            expect_data(ask(recursor, HIDDEN, tcp=tcp), "A", "192.0.2.12")
        unauthorized(recursor, OTHER)
        rows = [line.split("\t") for line in recursor.ordered("get-proxymapping-stats").splitlines()]
        expect_equal(rows, [["subnet", "address", "matches", "suffixmatches"], [f"{HIDDEN}/32", NEAR, "2", "0"]])
        text = Web(port=8083, key="key").get("/metrics").body
        expect(f'pdns_recursor_proxy_mapping_total{{netmask="{HIDDEN}/32",count="netmaskmatches"}} 2' in text, text[-2000:])
        expect(HIDDEN in recursor.ordered("top-remotes"), "the client's own address is shown")
        with open(lab.internet.anchor, encoding="utf-8") as file:
            recursor.write("map.lua", file.read() + f'\naddProxyMapping("{OTHER}/32", "{NEAR}")\n')
        recursor.ordered("reload-lua-config")
        unauthorized(recursor, HIDDEN)
        expect_data(ask(recursor, OTHER), "A", "192.0.2.12")
        expect(f"{OTHER}/32\t{NEAR}\t1\t0\n" in recursor.ordered("get-proxymapping-stats"), "counted anew")


def test_subnet(lab):
    """servers are told the mapped address, for the domains when there are any"""
    netns.ip(f"addr replace {NEAR}/32 dev lo")
    listed = {"edns_subnet_allow_list": "subnet.example", "allow_from": "0.0.0.0/0, ::/0"}
    for lua, networks in ((f'addProxyMapping("{HIDDEN}", "{NEAR}")', {"203.0.113.0/24"}),
                          (f'addProxyMapping("{HIDDEN}", "{NEAR}", {{"s24.subnet.example", "wide.com"}})', {"203.0.113.0/24"}),
                          (f'addProxyMapping("{HIDDEN}", "{NEAR}", {{"wide.com"}})', None)):
        with mapping(lab, lua, **listed) as recursor:
            mark = lab.internet.mark()
            answer = ask(recursor, HIDDEN, "s24.subnet.example")
            expect_equal(answer.rcode, "NOERROR", answer)
            told = {row["ecs"] for row in lab.internet.queries(mark, name="s24.subnet.example")}
            expect(told == networks or (networks is None and "203.0.113.0/24" not in told), (lua, told))
            ask(recursor, HIDDEN, "www.wide.com")
            suffixes = recursor.ordered("get-proxymapping-stats").splitlines()[1].split("\t")[3]
            expect_equal(int(suffixes), 0 if "{" not in lua else 1 + ("s24" in lua))
