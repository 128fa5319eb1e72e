"""Every hook of lua-dns-script: when it is called, what it may change, and what its answer does; tags and the packet
cache; reload."""
import os
import socket
import threading

from lab import expect, expect_data, expect_equal
from luatest import ask_from, with_script
from process import wait_until


def test_preresolve(lab):
    """preresolve answers instead of resolving, from the packet cache the second time; other names are resolved"""
    script = """
    count = getMetric("preresolve-calls")
    function preresolve(dq)
      count:inc()
      if dq.qname:equal("made.up.example") then
        dq.rcode = 0
        dq:addAnswer(pdns.A, "192.0.2.200", 60)
        dq:addAnswer(pdns.A, "192.0.2.201", 60)
        return true
      end
      if dq.qname:equal("denied.example") then dq.rcode = pdns.NXDOMAIN return true end
    end"""
    with with_script(lab, script) as recursor:
        for tcp in (False, True):
            expect_data(recursor.ask("made.up.example", tcp=tcp), "A", "192.0.2.200", "192.0.2.201")
        expect_equal(recursor.ask("denied.example").rcode, "NXDOMAIN")
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        calls = recursor.metric("preresolve-calls")
        for name in ("made.up.example", "denied.example", "www.wide.com"):
            recursor.ask(name)
        expect_equal(recursor.metric("preresolve-calls"), calls, "the packet cache was not used")
        expect_equal(recursor.metric("lua-preresolve-count"), calls)
        expect(recursor.metric("lua-answers") >= 3, recursor.ordered("get-all"))


def test_variable(lab):
    """an answer with dq.variable is asked of the script each time"""
    script = """
    local n = 0
    function preresolve(dq)
      n = n + 1
      dq.rcode = 0
      dq.variable = true
      dq:addAnswer(pdns.TXT, '"' .. n .. '"', 60)
      return true
    end"""
    with with_script(lab, script) as recursor:
        expect_equal([recursor.ask("a.example", "TXT").data("TXT")[0] for _ in range(3)], ['"1"', '"2"', '"3"'])
        expect(recursor.metric("variable-responses") >= 3, "not counted")


def test_postresolve(lab):
    """postresolve sees the records and changes them; what it leaves alone stays secure"""
    script = """
    function postresolve(dq)
      if not dq.qname:equal("www.wide.com") then return false end
      local records = dq:getRecords()
      for _, record in ipairs(records) do
        if record.type == pdns.A and record:getContent() == "192.0.2.12" then record:changeContent("192.0.2.112") end
      end
      dq:setRecords(records)
      return true
    end"""
    with with_script(lab, script, threads=2) as recursor:
        for _ in range(4):
            expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.112")
        expect(recursor.ask("www.alg13.signed", dnssec=True).has_flag("AD"), "not secure any more")


def test_nodata_and_nxdomain(lab):
    """nodata and nxdomain are called for such answers, and make others of them"""
    script = """
    function nodata(dq) dq.rcode = 0 dq:addAnswer(pdns.TXT, '"nodata"') return true end
    function nxdomain(dq) dq.rcode = 0 dq:addAnswer(pdns.A, "192.0.2.33") return true end
    function postresolve(dq) dq.extendedErrorCode = 17 dq.extendedErrorExtra = "seen" return false end"""
    with with_script(lab, script) as recursor:
        expect_equal(recursor.ask("tall.org", "TXT").data("TXT"), ['"nodata"'])
        answer = recursor.ask("nothing.wide.com")
        expect_data(answer, "A", "192.0.2.33")
        expect_equal(answer.extended_errors(), [(17, "seen")])
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")


def test_prerpz_and_policy(lab):
    """appliedPolicy decides: drop, NXDOMAIN, NODATA, truncate, a custom alias that is followed"""
    script = """
    local kinds = pdns.policykinds
    local wanted = { ["drop.example."] = kinds.Drop, ["nx.example."] = kinds.NXDOMAIN, ["nodata.example."] = kinds.NODATA,
                     ["cut.example."] = kinds.Truncate, ["alias.example."] = kinds.Custom }
    function prerpz(dq) dq:discardPolicy("some list") return true end
    function preresolve(dq)
      local kind = wanted[dq.qname:toString()]
      if not kind then return false end
      dq.appliedPolicy.policyKind = kind
      dq.appliedPolicy.policyTTL = 77
      if kind == kinds.Custom then dq.appliedPolicy.policyCustom = "www.wide.com" end
      return true
    end"""
    with with_script(lab, script) as recursor:
        expect_equal(ask_from(recursor, "127.0.0.1", "drop.example", timeout=0.5).rcode, "none")
        expect_equal(recursor.ask("nx.example").rcode, "NXDOMAIN")
        answer = recursor.ask("nodata.example")
        expect_equal((answer.rcode, answer.data("A")), ("NOERROR", []))
        expect(recursor.ask("cut.example").has_flag("TC"), "not truncated")
        answer = recursor.ask("alias.example")
        expect_data(answer, "CNAME", "www.wide.com.")
        expect_data(answer, "A", "192.0.2.12")
        expect_equal(answer.ttl("CNAME"), 77)
        expect_equal(recursor.metric("policy-drops"), 1)


def test_ipfilter(lab):
    """ipfilter drops questions of a client before anything else, but answers of the packet cache are given"""
    script = """
    function ipfilter(remote, localaddr, dh)
      return remote:toString() == "127.0.0.2" and dh:getRD() and localaddr:toString() == "127.0.0.1"
    end"""
    with with_script(lab, script) as recursor:
        expect_equal(ask_from(recursor, "127.0.0.2", "www.wide.com", timeout=0.5).rcode, "none")
        expect_equal(ask_from(recursor, "127.0.0.3", "www.wide.com").rcode, "NOERROR")
        expect_equal(ask_from(recursor, "127.0.0.2", "www.wide.com").rcode, "NOERROR")
        expect_equal(recursor.metric("policy-drops"), 1)


TAGGER = """
function gettag(remote, ecs, localaddr, qname, qtype, options, tcp, values)
  local number = tonumber(remote:toString():match("%d+$"))
  local option = options[65001] and options[65001]:getContent() or "none"
  return number, { "tag" .. number }, { text = "data of " .. number .. " " .. option .. " " .. tostring(tcp) },
         "requestor" .. number, "device", "name"
end
calls = getMetric("tag-calls")
function preresolve(dq)
  calls:inc()
  dq.rcode = 0
  dq:addAnswer(pdns.TXT, '"' .. dq.data.text .. " " .. dq.tag .. " " .. dq.requestorId .. " " .. dq.deviceId ..
               dq.deviceName .. " " .. dq:getPolicyTags()[1] .. '"')
  return true
end"""


def test_gettag(lab):
    """gettag's tag is part of the packet cache's key, its data and names reach later hooks"""
    with with_script(lab, TAGGER, gettag_needs_edns_options="yes") as recursor:
        for source in ("127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2"):
            number = source[-1]
            expect_equal(ask_from(recursor, source, "a.example", "TXT").data("TXT"),
                         [f'"data of {number} none false {number} requestor{number} devicename tag{number}"'])
        expect_equal(recursor.metric("tag-calls"), 2, "the packet cache was not used")
        expect_equal(recursor.ask("a.example", "TXT", tcp=True).data("TXT"),
                     ['"data of 1 none true 1 requestor1 devicename tag1"'])


def test_gettag_on_two_workers(lab):
    """dq.data and tags are right whichever worker resolves"""
    script = """
    function gettag(remote) return 0, { "t" }, { worker = getRecursorThreadId(), remote = remote:toString() } end
    function postresolve(dq)
      if dq.data.worker ~= getRecursorThreadId() or dq.data.remote ~= dq.remoteaddr:toString() then error("mixed up") end
      dq:addRecord(pdns.TXT, '"seen"', pdns.place.ADDITIONAL)
      return true
    end"""
    with with_script(lab, script, threads=2) as recursor:
        for number in range(24):
            answer = ask_from(recursor, f"127.0.0.{number + 1}", f"n{number}.wildcard.wide.com")
            expect_equal(answer.data("TXT", "additional"), ['"seen"'], answer)
        expect_equal(recursor.metric("lua-hook-errors"), 0)


def test_preoutquery(lab):
    """preoutquery sees each question to a server, answers for it, or ends the resolution with -3"""
    script = """
    asked = getMetric("outqueries-seen")
    function preoutquery(dq)
      asked:inc()
      if dq.qname:equal("www.instead.com") then
        dq.rcode = 0
        dq:addAnswer(pdns.A, "192.0.2.123", 60)
        return true
      end
      if dq.qname:isPartOf(newDN("forbidden.com")) then dq.rcode = -3 return true end
    end"""
    with with_script(lab, script, qname_minimization="no", dnssec="off") as recursor:
        expect_data(recursor.ask("www.instead.com"), "A", "192.0.2.123")
        answer = recursor.ask("www.forbidden.com")
        expect_equal(answer.rcode, "SERVFAIL")
        expect("a script has refused" in answer.extended_errors()[0][1], answer)
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        expect(recursor.metric("outqueries-seen") >= 4, "not asked")


def test_maintenance_and_start(lab):
    """maintenance is called on each worker; on_recursor_start and on_recursor_stop once"""
    script = """
    ran = getMetric("maintenance-worker-" .. getRecursorThreadId())
    function maintenance() ran:inc() end"""
    start = """
    function on_recursor_start() pdnslog("the start script ran", pdns.loglevels.Warning) end
    function on_recursor_stop() pdnslog("the stop script ran", pdns.loglevels.Warning) end"""
    with with_script(lab, script, threads=2, files={"start.lua": start},
                     lua_start_stop_script="@FOLDER@/start.lua") as recursor:
        wait_until(lambda: recursor.metric("maintenance-worker-0") and recursor.metric("maintenance-worker-1"), 5,
                   "maintenance runs")
        expect_equal(recursor.log().count("the start script ran"), 1)
        recursor.ordered("quit-nicely")
        wait_until(lambda: not recursor.child.running(), 5, "it ends")
        expect_equal(recursor.log().count("the stop script ran"), 1)


def test_followups(lab):
    """followCNAMERecords, getFakeAAAARecords and getFakePTRRecords resolve what they are to"""
    script = """
    function preresolve(dq)
      if dq.qname:equal("follow.example") then
        dq:addAnswer(pdns.CNAME, "www.wide.com")
        dq.rcode = 0
        dq.followupFunction = "followCNAMERecords"
        return true
      end
      if dq.qtype == pdns.PTR and dq.qname:isPartOf(newDN("ip6.arpa")) then
        dq.followupFunction = "getFakePTRRecords"
        dq.followupName = dq.qname:toString()
        dq.rcode = 0
        return true
      end
    end
    function nodata(dq)
      if dq.qtype == pdns.AAAA then
        dq.followupFunction = "getFakeAAAARecords"
        dq.followupName = dq.qname:toString()
        dq.followupPrefix = "fe80::21b:77ff:0:0"
        return true
      end
    end"""
    with with_script(lab, script, threads=2) as recursor:
        for _ in range(2):
            answer = recursor.ask("follow.example")
            expect_data(answer, "CNAME", "www.wide.com.")
            expect_data(answer, "A", "192.0.2.12")
            expect_data(recursor.ask("tall.org", "AAAA"), "AAAA", "fe80::21b:77ff:c000:214")
            expect_data(recursor.ask("www.wide.com", "AAAA"), "AAAA", "2001:db8::12")
            reverse = "a.0.7.0.c.2.9.e"  # of 233.44.7.10
            answer = recursor.ask(f"{reverse}.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", "PTR")
            expect_data(answer, "PTR", "www.wide.com.")


def test_udp_query(lab):
    """udpQueryResponse asks another server over UDP and gives its answer to the callback"""
    script = """
    function preresolve(dq)
      dq.udpQuery = "what of " .. dq.qname:toStringNoDot()
      dq.udpQueryDest = newCA("127.0.0.1:9953")
      dq.udpCallback = "gotAnswer"
      dq.followupFunction = "udpQueryResponse"
      return true
    end
    function gotAnswer(dq)
      if dq.udpAnswer == "" then return false end
      dq.rcode = 0
      dq:addAnswer(pdns.TXT, '"' .. dq.udpAnswer .. '"')
      return true
    end"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 9953))

        def serve():
            for _ in range(2):
                text, peer = server.recvfrom(1000)
                if b"www.wide.com" not in text:
                    server.sendto(text.upper(), peer)
        threading.Thread(target=serve, daemon=True).start()
        with with_script(lab, script, network_timeout=300) as recursor:
            expect_equal(recursor.ask("a.example", "TXT").data("TXT"), ['"WHAT OF A.EXAMPLE"'])
            expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")


def test_reload(lab):
    """reload-lua-script takes a new script, keeps the old one on an error; unload-lua-script ends it; answers of before
    are forgotten"""
    def version(number):
        return f"""function preresolve(dq) dq.rcode = 0 dq:addAnswer(pdns.TXT, '"{number}"') return true end"""
    with with_script(lab, version(1), threads=2, files={"two.lua": version(2), "broken.lua": "x = 1\nfunction ("}
                     ) as recursor:
        def told():
            return {recursor.ask("a.example", "TXT").data("TXT")[0] for _ in range(6)}
        expect_equal(told(), {'"1"'})
        recursor.write("script.lua", version(3))
        expect_equal(recursor.ordered("reload-lua-script"), f"(re)loaded '{recursor.folder}/script.lua'\n")
        expect_equal(told(), {'"3"'})
        done = recursor.control("reload-lua-script", f"{recursor.folder}/broken.lua")
        expect_equal((done.returncode, done.stdout), (1, ""))
        expect(done.stderr.startswith("retaining current script") and "broken.lua:2:" in done.stderr, done)
        expect_equal(told(), {'"3"'})
        recursor.ordered("reload-lua-script", f"{recursor.folder}/two.lua")
        expect_equal(told(), {'"2"'})
        expect_equal(recursor.ordered("unload-lua-script"), "unloaded\n")
        expect_equal(recursor.ask("a.example", "TXT").rcode, "NXDOMAIN")


def test_several_scripts(lab):
    """several scripts are asked in order, each with globals of its own; files of lua-global-include-dir come first"""
    one = "name = 'one'\nfunction preresolve(dq) if dq.qname:equal('a.example') then return answer(dq, name) end end"
    two = "name = 'two'\nfunction preresolve(dq) if dq.qname:isPartOf(newDN('example')) then return answer(dq, name) end end"
    common = "function answer(dq, text) dq.rcode = 0 dq:addAnswer(pdns.TXT, '\"' .. text .. '\"') return true end"
    recursor = lab.new_recursor(files={"1.lua": one, "2.lua": two}, threads=1,
                                lua_dns_script="@FOLDER@/1.lua, @FOLDER@/2.lua", lua_global_include_dir="@FOLDER@/common")
    os.mkdir(f"{recursor.folder}/common")
    recursor.write("common/answer.lua", common)
    with recursor:
        expect_equal(recursor.ask("a.example", "TXT").data("TXT"), ['"one"'])
        expect_equal(recursor.ask("b.example", "TXT").data("TXT"), ['"two"'])
