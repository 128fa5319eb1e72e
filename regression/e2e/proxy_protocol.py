"""PROXY protocol, version 2: proxies name the client, over UDP and TCP; headers made by hand, good and bad, and Debian's
dnsdist in front."""
import shutil
import socket
import struct
import tempfile

from client import Answer, Client, question, read_framed
from lab import Skip, expect, expect_data, expect_equal
from process import Child, wait_until

SIGNATURE = bytes.fromhex("0d0a0d0a000d0a515549540a")
SEES = """
function gettag(remote, ecs, localaddr, qname, qtype, options, tcp, values)
  return tonumber(remote:toString():match("%d+$")), { "values" .. #values }
end
calls = getMetric("script-calls")
function preresolve(dq)
  if dq.qtype ~= pdns.TXT then return false end
  calls:inc()
  local text = dq.remoteaddr:toString() .. " for " .. dq.localaddr:toString() .. " by " .. dq.interface_remoteaddr:toString() ..
               " " .. dq:getPolicyTags()[1]
  for _, value in ipairs(dq:getProxyProtocolValues()) do
    text = text .. " " .. value:getType() .. "=" .. value:getContent()
  end
  dq.rcode = 0
  dq:addAnswer(pdns.TXT, '"' .. text .. '"')
  return true
end"""


def header(source, destination="198.51.100.9", values=(), command=0x21, stream=False):
    """`values`: pairs of type and content."""
    v6 = ":" in source
    family = socket.AF_INET6 if v6 else socket.AF_INET
    content = socket.inet_pton(family, source) + socket.inet_pton(family, destination) + struct.pack("!HH", 4711, 53)
    content += b"".join(struct.pack("!BH", kind, len(text)) + text for kind, text in values)
    return SIGNATURE + struct.pack("!BBH", command, (0x20 if v6 else 0x10) | (1 if stream else 2), len(content)) + content


def behind_proxy(lab, **settings):
    """Whoever asks from 127.0.0.0/8 is a proxy; `::1` is none, and what the test looks at by."""
    return lab.new_recursor(**{"local_address": "127.0.0.1, ::1", "proxy_protocol_from": "127.0.0.0/8", "probe": "::1",
                               "allow_from": "192.0.2.0/24, 2001:db8::/32, ::1", **settings})


def ask(recursor, head, name="www.wide.com", rdtype="A", tcp=False, timeout=4.0):
    client = Client("127.0.0.1", recursor.port, timeout)
    wire = question(name, rdtype).to_wire()
    if not tcp:
        return client.send(head + wire, timeout=timeout)
    try:
        with client.connect() as sock:
            sock.sendall(head + struct.pack("!H", len(wire)) + wire)
            return Answer(read_framed(sock), 0)
    except (OSError, EOFError):
        return Answer(b"", 0)


def unanswered(recursor, head, counter, **options):
    """Nothing comes back, and it is counted as that."""
    before = recursor.metric(counter)
    expect_equal(ask(recursor, head, timeout=0.3, **options).rcode, "none")
    wait_until(lambda: recursor.metric(counter) > before, 15, f"{counter} counts {head!r}")


def test_mapped_client(lab):
    """the client that the header names is the one that addProxyMapping maps; scripts see it as it was named"""
    with open(lab.internet.anchor, encoding="utf-8") as file:
        anchor = file.read()
    files = {"map.lua": anchor + '\naddProxyMapping("10.9.0.0/16", "192.0.2.9")\n', "script.lua": SEES}
    with behind_proxy(lab, files=files, lua_config_file="@FOLDER@/map.lua", lua_dns_script="@FOLDER@/script.lua") as recursor:
        for tcp in (False, True):
            expect_data(ask(recursor, header("10.9.0.5", stream=tcp), tcp=tcp), "A", "192.0.2.12")
            text = ask(recursor, header("10.9.0.5", stream=tcp), rdtype="TXT", tcp=tcp).data("TXT")[0]
            expect(text.startswith('"10.9.0.5 for '), text)
        unanswered(recursor, header("10.8.0.5"), "unauthorized-udp")
        unanswered(recursor, header("10.8.0.5", stream=True), "unauthorized-tcp", tcp=True)


def test_named_client(lab):
    """allow-from is asked about the client that the header names, not about the proxy"""
    with behind_proxy(lab) as recursor:
        for tcp in (False, True):
            for source, destination in (("192.0.2.7", "198.51.100.9"), ("2001:db8::7", "2001:db8::53")):
                expect_data(ask(recursor, header(source, destination, stream=tcp), tcp=tcp), "A", "192.0.2.12")
            unanswered(recursor, header("203.0.113.7"), "unauthorized-tcp" if tcp else "unauthorized-udp", tcp=tcp)
            unanswered(recursor, header("192.0.2.7", command=0x20), "unauthorized-tcp" if tcp else "unauthorized-udp", tcp=tcp)
        expect_equal(recursor.metric("proxy-protocol-invalid"), 0)


def test_bad_headers(lab):
    """what comes from a proxy without a good header is dropped and counted, and nothing else suffers"""
    good = header("192.0.2.7")
    bad = (b"", good[:14] + b"\x01\x90" + good[16:], good[:12] + b"\x11" + good[13:], good[:12] + b"\x22" + good[13:], good[:13] + b"\x00" + good[14:],
           good[:13] + b"\x31" + good[14:], good[:14] + b"\xff\xff" + good[16:], good[:14] + b"\x00\x04" + good[16:],
           header("192.0.2.7", values=[(1, b"x" * 600)]), good[:14] + b"\x00\x0f" + good[16:] + b"\x01\x00\x05",
           b"PROXY UDP4 192.0.2.7 198.51.100.9 1 53\r\n")
    with behind_proxy(lab, client_tcp_timeout=1) as recursor:
        for tcp in (False, True):
            for head in bad:
                unanswered(recursor, head, "proxy-protocol-invalid", tcp=tcp)
            expect_data(ask(recursor, good, tcp=tcp), "A", "192.0.2.12")
        expect_data(recursor.client("::1").ask("www.wide.com"), "A", "192.0.2.12")


def test_others_send_no_header(lab):
    """a header from somebody who is no proxy is no question, and names nobody"""
    with lab.new_recursor(allow_from="127.0.0.1", proxy_protocol_from="192.0.2.0/24") as recursor:
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        expect(ask(recursor, header("127.0.0.1"), timeout=0.3).rcode != "NOERROR", "answered")
        expect_equal(ask(recursor, header("127.0.0.1"), tcp=True).rcode, "none")


def test_exceptions_and_reload(lab):
    """proxy-protocol-exceptions frees a listener from headers; reload-acls puts both lists in force"""
    with lab.new_recursor(local_address="127.0.0.1, 127.0.0.2", allow_from="127.0.0.0/8, 192.0.2.0/24") as recursor:
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        recursor.write("recursor.conf", open(f"{recursor.folder}/recursor.conf", encoding="utf-8").read() +
                       f"proxy-protocol-from=127.0.0.0/8\nproxy-protocol-exceptions=127.0.0.2:{recursor.port}\n")
        recursor.ordered("reload-acls")
        for tcp in (False, True):
            unanswered(recursor, b"", "proxy-protocol-invalid", tcp=tcp)
            expect_data(ask(recursor, header("192.0.2.7"), tcp=tcp), "A", "192.0.2.12")
            expect_data(recursor.client("127.0.0.2").ask("www.wide.com", tcp=tcp), "A", "192.0.2.12")


def test_answers_from_the_address_asked(lab):
    """on a wildcard listener the answer comes from the address that the proxy asked, hit or miss"""
    with behind_proxy(lab, local_address="0.0.0.0, ::1", threads=1) as recursor:
        for _ in range(3):
            wire = header("192.0.2.7") + question("www.wide.com").to_wire()
            expect_data(Client("127.0.0.5", recursor.port).send(wire), "A", "192.0.2.12")
        expect(recursor.metric("packetcache-hits") >= 2, "no hits")


def test_script(lab):
    """scripts see the client, the proxy and what it sent along; gettag's tag parts the packet cache by them"""
    files = {"script.lua": SEES}
    with behind_proxy(lab, files=files, lua_dns_script="@FOLDER@/script.lua", threads=1) as recursor:
        values = [(0xEA, b"blue"), (2, b"name")]
        for tcp in (False, True, False):
            for last in (7, 8):
                answer = ask(recursor, header(f"192.0.2.{last}", values=values), "a.example", "TXT", tcp=tcp)
                expect_equal(answer.data("TXT"),
                             [f'"192.0.2.{last} for 198.51.100.9 by 127.0.0.1 values2 234=blue 2=name"'], answer)
        expect_equal(recursor.metric("script-calls"), 4, "the packet cache was not used")
        answer = recursor.client("::1").ask("a.example", "TXT")
        expect(answer.data("TXT")[0].startswith('"::1 for ::1 by ::1 values0"'), answer)


def test_dnsdist(lab):
    """behind Debian's dnsdist the client is who asks dnsdist, over UDP and TCP, and hits are hits"""
    if not shutil.which("dnsdist"):
        raise Skip("dnsdist is not installed")
    files = {"script.lua": SEES}
    with behind_proxy(lab, files=files, lua_dns_script="@FOLDER@/script.lua", threads=1, allow_from="127.0.0.1, 127.0.0.2, ::1") as recursor, \
            tempfile.TemporaryDirectory(prefix="rootwalk-dnsdist.") as folder:
        with open(f"{folder}/config", "w", encoding="ascii") as file:
            file.write(f"""setSecurityPollSuffix('')
setLocal('127.0.0.53:5353')
setACL('127.0.0.0/8')
newServer({{address='127.0.0.1:{recursor.port}', useProxyProtocol=true, checkName='www.wide.com.'}})
addAction(AllRule(), SetProxyProtocolValuesAction({{['42']='green'}}))
""")
        dnsdist = Child(["dnsdist", "--supervised", "--disable-syslog", "-C", f"{folder}/config"], f"{folder}/log")
        try:
            client = Client("127.0.0.53", 5353, timeout=2.0, source="127.0.0.2")
            wait_until(lambda: client.ask("www.wide.com").data("A") == ["192.0.2.12"], 15, "dnsdist answers: " + dnsdist.output())
            for tcp in (False, True):
                expect_equal(client.ask("b.example", "TXT", tcp=tcp).data("TXT"),
                             ['"127.0.0.2 for 127.0.0.53 by 127.0.0.1 values1 42=green"'], dnsdist.output())
            hits = recursor.metric("packetcache-hits")
            expect_equal(client.ask("b.example", "TXT").rcode, "NOERROR")
            expect_equal(recursor.metric("packetcache-hits"), hits + 1)
            other = Client("127.0.0.53", 5353, timeout=0.3, source="127.0.0.3")
            expect_equal(other.ask("www.wide.com").rcode, "none")
            expect(recursor.metric("unauthorized-udp") > 0, "not refused")
            expect_equal(recursor.metric("proxy-protocol-invalid"), 0)
        finally:
            dnsdist.stop(2)
