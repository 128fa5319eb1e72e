"""The web server: who is let in, each route of the REST interface, metrics, limits, TLS."""
import os
import re
import socket
import subprocess

from encrypted import Certificates
from lab import expect, expect_data, expect_equal
from process import wait_until
from recursor import REC_CONTROL
from web import Web

KEY, WORD = "the-key", "the-word"
SETTINGS = {"webserver": "yes", "api_key": KEY, "webserver_password": WORD, "api_config_dir": "@FOLDER@/api",
            "include_dir": "@FOLDER@/api", "webserver_timeout": "2", "webserver_max_connections": "8"}
HOST = Web.API


def key_holder():
    return Web(key=KEY)


def serving(lab):
    """The file's recursor, which needs its folder for what is changed before it starts."""
    if lab.shared is None:
        from recursor import Recursor
        recursor = Recursor(**{"lua_config_file": lab.internet.anchor, **SETTINGS})
        os.mkdir(f"{recursor.folder}/api")
        lab.shared = recursor.__enter__()
    return lab.shared


def test_authentication(lab):
    """the password opens pages and metrics, the key everything, anything else is 401"""
    serving(lab)
    for path in ("/metrics", HOST, HOST + "/statistics", HOST + "/zones", "/no/such/page", "/api/nothing"):
        for web in (Web(), Web(password="wrong"), Web(key="wrong"), Web(key="")):
            answer = web.get(path)
            expect_equal(answer.status, 401, (path, answer))
            expect("WWW-Authenticate" in answer.headers and answer.json()["error"] == "Unauthorized", answer)
    expect_equal(Web(password=WORD).get("/metrics").status, 200)
    expect_equal(Web(password=WORD).get(HOST + "/statistics").status, 200)
    expect_equal(Web(password=WORD).get(HOST + "/zones").status, 401)
    expect_equal(Web(password=WORD).get("/no/such/page").status, 404)
    expect_equal(key_holder().get("/metrics").status, 200)
    expect_equal(key_holder().get(HOST + "/zones").status, 200)
    expect(serving(lab).metric("webserver-auth-failures") >= 24, "not counted")


def test_errors(lab):
    """what is not there is 404, a method that is not there 405, both as JSON"""
    serving(lab)
    expect_equal(key_holder().get("/api/v2").json(), {"error": "Not Found"})
    expect_equal(key_holder().get("/api/v1/servers/other").status, 404)
    expect_equal(key_holder().get(HOST + "/ottraceconditions").status, 404)
    answer = key_holder().ask("DELETE", "/metrics")
    expect_equal((answer.status, answer.headers["Allow"]), (405, "GET"))


def test_headers(lab):
    """answers carry what keeps browsers from misusing them, and allow no other origin"""
    serving(lab)
    headers = key_holder().get("/metrics", Origin="https://elsewhere.example").headers
    expect("default-src 'none'" in headers["Content-Security-Policy"], headers)
    expect("frame-ancestors 'none'" in headers["Content-Security-Policy"], headers)
    expect("unsafe" not in headers["Content-Security-Policy"], headers)
    expect_equal(headers["X-Content-Type-Options"], "nosniff")
    expect_equal(headers["Cache-Control"], "no-store")
    expect("Access-Control-Allow-Origin" not in headers, headers)


def test_head(lab):
    """HEAD is answered as GET, without the body"""
    serving(lab)
    answer = key_holder().ask("HEAD", "/metrics")
    expect(answer.status == 200 and answer.body == "" and int(answer.headers["Content-Length"]) > 1000, answer)


def test_keep_alive(lab):
    """many requests go over one connection"""
    serving(lab)
    connection = key_holder().connection()
    for _ in range(20):
        connection.request("GET", HOST, headers={"X-API-Key": KEY})
        response = connection.getresponse()
        expect(response.status == 200 and response.read(), "no answer")
    connection.close()


def test_metrics(lab):
    """/metrics has every metric of get-all in the format of Prometheus, with PowerDNS's names"""
    recursor = serving(lab)
    lab.ask("www.wide.com")
    answer = Web(password=WORD).get("/metrics")
    expect(answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"), answer)
    samples = dict(line.rsplit(" ", 1) for line in answer.body.splitlines() if not line.startswith("#"))
    expect(int(samples["pdns_recursor_questions"]) > 0, samples)
    for line in recursor.ordered("get-all").splitlines():
        name = line.split("\t")[0]
        if not re.match(r"cpu-msec-thread-|cumul-|auth-\w+-answers|rpz-|ecs-v\d-response", name):
            expect("pdns_recursor_" + re.sub(r"[^a-z0-9]", "_", name) in samples, f"{name} is missing")
    for name in ('pdns_recursor_cpu_msec{thread="0"}', 'pdns_recursor_auth_rcode_answers{rcode="noerror"}',
                 'pdns_recursor_cumul_clientanswers_seconds_bucket{source="resolved",le="+Inf"}'):
        expect(name in samples, f"{name} is missing")
    types = dict(line.split()[2:4] for line in answer.body.splitlines() if line.startswith("# TYPE"))
    expect_equal(types["pdns_recursor_questions"], "counter")
    expect_equal(types["pdns_recursor_cache_entries"], "gauge")
    expect_equal(types["pdns_recursor_cumul_clientanswers_seconds"], "histogram")


def test_metrics_of_upstreams_and_lists(lab):
    """upstreams and block lists have labels in /metrics"""
    with lab.new_recursor(webserver="yes", webserver_port="8182", blocklist_files="@FOLDER@/mine.txt",
                          files={"mine.txt": "blocked.wide.com\n"}, forward_zones_recurse="wide.com=127.0.0.1:53") as recursor:
        recursor.ask("blocked.wide.com")
        recursor.ask("www.wide.com")
        body = Web(8182).get("/metrics").body
        expect('pdns_recursor_policy_hits{type="blocklist",policyname="mine.txt"} 1' in body or
               re.search(r'policy_hits\{type="blocklist",policyname="mine[^"]*"\} 1', body), body[-3000:])
        expect(re.search(r'pdns_recursor_upstream_questions\{upstream="[^"]*127\.0\.0\.1:53"\} [1-9]', body), body[-3000:])
        expect(re.search(r'pdns_recursor_upstream_answers_seconds_bucket\{upstream="[^"]*",le="\+Inf"\} \d', body), "no times")


def test_discovery(lab):
    """/api, /api/v1, /servers and /servers/localhost describe the server"""
    serving(lab)
    web = key_holder()
    expect_equal(web.get("/api").json(), [{"version": 1, "url": "/api/v1"}])
    expect_equal(web.get("/api/v1").json()["server_url"], "/api/v1/servers{/server}")
    server = web.get("/api/v1/servers").json()[0]
    expect_equal(server, web.api("").json())
    expect_equal((server["type"], server["id"], server["daemon_type"]), ("Server", "localhost", "recursor"))


def test_open_access(lab):
    """an empty allow-from lets everybody ask, as in the file, and the log warns of it, then and after a restart"""
    recursor = lab.new_recursor(local_address="0.0.0.0", allow_from="127.0.0.1", **{**SETTINGS, "webserver_port": 8083})
    os.mkdir(f"{recursor.folder}/api")
    warning = "everybody may ask, which makes an open resolver"
    with recursor:
        web = Web(port=8083, key=KEY)
        expect(warning not in recursor.log(), recursor.log())
        answer = web.api("/config/allow-from", "PUT", {"value": []})
        expect_equal((answer.status, answer.json()), (200, {"name": "allow-from", "value": []}))
        wait_until(lambda: "allow-from is empty: " + warning in recursor.log(), 15, "the log warns")
        recursor.child.stop()
        recursor.start()
        expect_equal(recursor.log().count(warning), 2, recursor.log())
        expect_equal(web.api("/config/allow-from", "PUT", {"value": ["127.0.0.1"]}).status, 200)
        expect_equal(recursor.log().count(warning), 2, recursor.log())


def test_config(lab):
    """config shows settings, one or all, and hides credentials"""
    serving(lab)
    rows = {row["name"]: row["value"] for row in key_holder().api("/config").json()}
    expect_equal(rows["webserver-port"], "8082")
    expect_equal(rows["threads"], "2")
    expect_equal((rows["api-key"], rows["webserver-password"]), ("***", "***"))
    expect_equal(key_holder().api("/config/threads").json(), {"type": "ConfigSetting", "name": "threads", "value": "2"})
    expect_equal(key_holder().api("/config/nonsense").status, 404)


def test_statistics(lab):
    """statistics shows what get-all shows"""
    recursor = serving(lab)
    lab.ask("www.wide.com")
    rows = {row["name"]: int(row["value"]) for row in key_holder().api("/statistics").json()}
    expect(set(line.split("\t")[0] for line in recursor.ordered("get-all").splitlines()) == set(rows), "other metrics")
    expect_equal(rows["questions"], recursor.metric("questions"))
    one = key_holder().api("/statistics?statistic=questions").json()
    expect_equal(one, [{"type": "StatisticItem", "name": "questions", "value": str(rows["questions"])}])
    expect_equal(key_holder().api("/statistics?statistic=nonsense").status, 422)


def test_hidden_metrics(lab):
    """stats-api-disabled-list hides metrics"""
    with lab.new_recursor(webserver="yes", webserver_port="8182", stats_api_disabled_list="questions, cache-*"):
        body = Web(8182).get("/metrics").body
        expect("pdns_recursor_questions " not in body and "pdns_recursor_cache_hits" not in body, "shown")
        expect("pdns_recursor_packetcache_hits" in body, "hidden")


def test_rpz_statistics(lab):
    """rpzstatistics tells of each response policy zone"""
    script = "rpzFile('@FOLDER@/zone', {policyName='mine'})\n"
    zone = "$TTL 60\n@ SOA a. b. 7 1 1 1 1\n@ NS a.\nbad.example CNAME .\n"
    from recursor import Recursor
    recursor = Recursor(port=5399, files={"zone": zone}, webserver="yes", webserver_port="8182", api_key=KEY,
                        lua_config_file="@FOLDER@/lua")
    recursor.write("lua", script.replace("@FOLDER@", recursor.folder))
    with recursor:
        stats = Web(8182, key=KEY).api("/rpzstatistics").json()
        expect_equal((stats["mine"]["records"], stats["mine"]["transfers_failed"]), (1, 0))
        expect("serial" in stats["mine"] and "last_update" in stats["mine"], stats)
    serving(lab)
    expect_equal(key_holder().api("/rpzstatistics").json(), {})


def test_flush(lab):
    """cache/flush clears a name, a type, a subtree, and counts"""
    recursor = serving(lab)
    web = key_holder()
    lab.ask("www.wide.com")
    answer = web.api("/cache/flush?domain=www.wide.com.", "PUT")
    expect(answer.json()["count"] >= 2 and answer.json()["result"] == "Flushed cache.", answer)
    expect_equal(web.api("/cache/flush?domain=www.wide.com", "PUT").json()["count"], 0)
    lab.ask("www.wide.com")
    expect(web.api("/cache/flush?domain=com&subtree=true", "PUT").json()["count"] >= 2, "the subtree stayed")
    lab.ask("www.wide.com")
    expect(web.api("/cache/flush?domain=www.wide.com&type=A", "PUT").json()["count"] >= 1, "the type stayed")
    for bad in ("", "?domain=", "?domain=x&type=NONSENSE", "?domain=" + "a" * 80):
        expect_equal(web.api("/cache/flush" + bad, "PUT").status, 422)
    expect_equal(Web(password=WORD).api("/cache/flush?domain=x", "PUT").status, 401)
    expect_equal(web.api("/cache/flush?domain=x").status, 405)
    expect(recursor.child.running(), "the recursor has gone")


def test_access_lists(lab):
    """config/allow-from is shown, replaced, in force at once, and after a restart"""
    recursor = serving(lab)
    web = key_holder()
    before = web.api("/config/allow-from").json()
    expect_equal(before["name"], "allow-from")
    expect("127.0.0.0/8" in before["value"], before)
    answer = web.api("/config/allow-from", "PUT", {"value": ["::1/128", "192.0.2.0/24"]})
    expect_equal(answer.json(), {"name": "allow-from", "value": ["::1/128", "192.0.2.0/24"]})
    expect_equal(web.api("/config/allow-from").json(), answer.json())
    for _ in range(4):
        expect(recursor.client("127.0.0.1", timeout=0.2).ask("www.wide.com").rcode in ("none", "REFUSED"), "served")
    expect_equal(web.api("/config/allow-from", "PUT", {"value": ["nonsense"]}).status, 422)
    expect_equal(web.api("/config/allow-from", "PUT", "{").status, 422)
    expect_equal(web.api("/config/allow-from").json(), answer.json())
    expect_equal(web.api("/config/allow-from", "PUT", {"value": before["value"]}).status, 200)
    expect_data(lab.ask("www.wide.com"), "A", "192.0.2.12")
    answer = web.api("/config/allow-notify-from", "PUT", {"value": ["192.0.2.1/32"]})
    expect_equal(answer.json(), {"name": "allow-notify-from", "value": ["192.0.2.1/32"]})
    expect("allow-notify-from=192.0.2.1/32" in open(f"{recursor.folder}/api/allow-notify-from.conf").read(), "not kept")


def test_zones(lab):
    """zones are made, shown, found, replaced and removed; what is made is served and outlives a reload"""
    recursor = serving(lab)
    web = key_holder()
    made = web.api("/zones", "POST", {"name": "made.example.", "kind": "Native", "single_target_ip": "192.0.2.77"})
    expect_equal(made.status, 201, made)
    zone = made.json()
    expect_equal((zone["id"], zone["kind"], zone["servers"], zone["recursion_desired"]),
                 ("made.example.", "Native", [], False))
    expect_equal(zone["url"], HOST + "/zones/made.example.")
    expect({"name": "made.example.", "type": "A", "ttl": 3600, "content": "192.0.2.77"} in zone["records"], zone)
    expect_data(lab.ask("anything.made.example"), "A", "192.0.2.77")
    expect_equal(web.api("/zones", "POST", {"name": "made.example", "kind": "Native"}).status, 422)
    expect_equal([row["name"] for row in web.api("/zones").json()], ["made.example."])
    expect_equal(web.api("/zones/made.example.").json(), zone)
    expect_equal(web.api("/zones/made.example.", "PUT", {"name": "made.example.", "kind": "Native",
                                                          "single_target_ip": "192.0.2.78"}).status, 204)
    expect_data(lab.ask("anything.made.example"), "A", "192.0.2.78")
    recursor.ordered("reload-zones")
    expect_data(lab.ask("anything.made.example"), "A", "192.0.2.78")
    found = web.api("/search-data?q=192.0.2.78").json()
    expect(found and found[0]["type"] == "record" and found[0]["zone_id"] == "made.example.", found)
    expect_equal(web.api("/search-data?q=MADE").json()[0],
                 {"type": "zone", "zone_id": "made.example.", "name": "made.example."})
    expect_equal(web.api("/search-data?q=").status, 422)
    expect_equal(web.api("/zones/made.example.", "DELETE").status, 204)
    expect_equal(web.api("/zones/made.example.").status, 404)
    expect_equal(web.api("/zones").json(), [])
    expect(lab.ask("anything.made.example").data("A") == [], "still there")
    expect_equal([name for name in os.listdir(f"{recursor.folder}/api") if name.startswith("zone-")], [])


def test_forward_zones(lab):
    """a forwarded zone is asked of its servers; one that cannot be is taken back"""
    serving(lab)
    web = key_holder()
    zone = {"name": "wide.com.", "kind": "Forwarded", "recursion_desired": True, "servers": ["127.0.0.1:1", "127.0.0.2:1"]}
    answer = web.api("/zones", "POST", zone)
    expect_equal(answer.status, 201, answer)
    expect_equal((answer.json()["servers"], answer.json()["recursion_desired"]), (["127.0.0.1:1", "127.0.0.2:1"], True))
    expect_equal(lab.ask("other.wide.com").rcode, "SERVFAIL")
    expect_equal(web.api("/zones/wide.com.", "DELETE").status, 204)
    expect_data(lab.ask("www.wide.com"), "A", "192.0.2.12")
    for bad in ({"name": "x.example.", "kind": "Forwarded"}, {"name": "x.example."}, {}, [], "nonsense",
                {"name": "x.example.", "kind": "Forwarded", "servers": ["127.0.0.1:5300"], "recursion_desired": True}):
        expect_equal(web.api("/zones", "POST", bad).status, 422, bad)
    expect_equal(web.api("/zones").json(), [])


def test_configured_zones_stay(lab):
    """zones of recursor.conf are shown but not changed"""
    with lab.new_recursor(webserver="yes", webserver_port="8182", api_key=KEY,
                          forward_zones="x.example=127.0.0.1:1") as recursor:
        web = Web(8182, key=KEY)
        expect_equal([row["name"] for row in web.api("/zones").json()], ["x.example."])
        answer = web.api("/zones/x.example.", "DELETE")
        expect(answer.status == 422 and "api-config-dir" in answer.json()["error"], answer)
        expect(recursor.child.running(), "the recursor has gone")


def test_networks(lab):
    """a connection that webserver-allow-from does not allow is closed without a word"""
    with lab.new_recursor(webserver="yes", webserver_port="8182", webserver_allow_from="127.0.0.1",
                          webserver_address="127.0.0.1, ::1") as recursor:
        expect_equal(Web(8182).get("/metrics").status, 200)
        expect_equal(Web(8182, "::1").raw(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), b"")
        wait_until(lambda: recursor.metric("webserver-unauthorized") == 1, 15, "it is counted")


def test_many_connections(lab):
    """more connections than webserver-max-connections are closed; the others go on"""
    recursor = serving(lab)
    wait_until(lambda: recursor.metric("webserver-connections") == 0, 15, "earlier connections have gone")
    idle = [socket.create_connection(("127.0.0.1", 8082)) for _ in range(8)]
    wait_until(lambda: recursor.metric("webserver-connections") == 8, 15, "all are there")
    expect_equal(key_holder().raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), b"")
    expect(recursor.metric("webserver-overflow") >= 1, "not counted")
    for connection in idle:
        connection.close()
    wait_until(lambda: recursor.metric("webserver-connections") == 0, 15, "they have gone")
    expect_equal(key_holder().get("/metrics").status, 200)


def test_slow_clients(lab):
    """who sends nothing, half a head or half a body is cut off by webserver-timeout"""
    recursor = serving(lab)
    before = recursor.metric("webserver-timeouts")
    key = f"X-API-Key: {KEY}\r\n".encode()
    expect_equal(key_holder().raw(b""), b"")
    expect_equal(key_holder().raw(b"GET / HT"), b"")
    expect_equal(key_holder().raw(b"PUT " + HOST.encode() + b"/config/allow-from HTTP/1.1\r\nHost: x\r\n" + key +
                                  b"Content-Length: 100\r\n\r\n{"), b"")
    expect(recursor.metric("webserver-timeouts") >= before + 3, "not counted")


def test_sizes(lab):
    """heads and bodies have limits; a body without a password or key is not even read"""
    recursor = serving(lab)
    before = recursor.metric("webserver-bad-requests")
    web = key_holder()
    expect(web.raw(b"GET / HTTP/1.1\r\nX: " + b"x" * 20000).startswith(b"HTTP/1.1 431 "), "a large head was taken")
    head = f"PUT {HOST}/config/allow-from HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n"
    answer = web.raw(f"{head}X-API-Key: {KEY}\r\n\r\n".encode())
    expect(answer.startswith(b"HTTP/1.1 413 "), answer[:100])
    expect(web.raw(f"{head}\r\n".encode()).startswith(b"HTTP/1.1 401 "), "not refused before the body")
    expect_equal(web.ask("PUT", HOST + "/config/allow-from", "x" * 3000000).status, 413)
    expect(recursor.metric("webserver-bad-requests") >= before + 3, "not counted")


def test_malformed(lab):
    """requests that cannot be understood are 400 and harm nobody"""
    recursor = serving(lab)
    for junk in (b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"):
        expect(key_holder().raw(junk).startswith(b"HTTP/1.1 400 "), junk)
    chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    expect(key_holder().raw(chunked).startswith(b"HTTP/1.1 501 "), "chunks were taken")
    expect(key_holder().raw(os.urandom(4000), then_close=True).count(b"HTTP/1.1 2") == 0, "junk was served")
    expect(recursor.child.running(), "the recursor has gone")
    expect_equal(key_holder().get("/metrics").status, 200)


def test_pipelining(lab):
    """requests that are sent at once are answered in order"""
    serving(lab)
    one = f"GET {HOST}/config/threads HTTP/1.1\r\nHost: x\r\nX-API-Key: {KEY}\r\n"
    answer = key_holder().raw(f"{one}\r\n{one}\r\n{one}Connection: close\r\n\r\n".encode())
    expect_equal(answer.count(b"HTTP/1.1 200 "), 3)


def test_tls(lab):
    """with a certificate there is TLS only; a new certificate is taken while running"""
    with Certificates() as certificates:
        check_tls(lab, certificates)


def check_tls(lab, certificates):
    first, key, _ = certificates.issue("web", "127.0.0.1")
    with lab.new_recursor(webserver="yes", webserver_port="8182", webserver_certificate=first, webserver_key=key,
                          webserver_timeout="2") as recursor:
        secure = Web(8182, authority=certificates.ca)
        answer = secure.get("/metrics")
        expect(answer.status == 200 and "Strict-Transport-Security" in answer.headers, answer)
        expect_equal(Web(8182).raw(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").count(b"HTTP/1.1 200"), 0)
        wait_until(lambda: recursor.metric("webserver-tls-failures") == 1, 15, "it is counted")

        def serial():
            connection = secure.connection()
            connection.connect()
            found = connection.sock.getpeercert()["serialNumber"]
            connection.close()
            return found
        before = serial()
        second, second_key, _ = certificates.issue("web2", "127.0.0.1")
        for source, target in ((second_key, key), (second, first)):
            with open(source, encoding="ascii") as file:
                text = file.read()
            with open(target, "w", encoding="ascii") as file:
                file.write(text)
        wait_until(lambda: serial() != before, 15, "the new certificate is shown")


def test_hashes(lab):
    """credentials may be given as hashes, or are hashed at the start, and then nobody sees the plain text"""
    with lab.new_recursor(webserver="yes", webserver_port="8182", api_key=KEY,
                          webserver_hash_plaintext_credentials="yes") as recursor:
        shown = recursor.ordered("get-parameter", "api-key").split('"')[1]
        expect(re.fullmatch(r"\$scrypt\$ln=\d+,p=\d+,r=\d+\$\S+\$\S+", shown), shown)
        expect_equal(Web(8182, key=KEY).api("").status, 200)
        expect_equal(Web(8182, key=shown).api("").status, 401)
    with lab.new_recursor(webserver="yes", webserver_port="8183", api_key=shown) as recursor:
        expect_equal(Web(8183, key=KEY).api("").status, 200)
        expect_equal(Web(8183, key="wrong").api("").status, 401)


def test_off(lab):
    """without webserver=yes nobody listens"""
    with lab.new_recursor():
        try:
            socket.create_connection(("127.0.0.1", 8183), timeout=1).close()
            raise AssertionError("somebody listens")
        except ConnectionRefusedError:
            pass


def test_configuration_errors(lab):
    """settings that cannot work keep the recursor from starting, with the reason"""
    cases = (({"api_key": "$scrypt$x"}, "api-key"), ({"webserver_certificate": "/nothing"}, "webserver-key"),
             ({"webserver_certificate": "/nothing", "webserver_key": "/nothing"}, "/nothing"),
             ({"webserver_address": "192.0.2.99"}, "192.0.2.99"), ({"webserver_loglevel": "much"}, "webserver-loglevel"))
    for settings, word in cases:
        recursor = lab.new_recursor(webserver="yes", webserver_port="8184", **settings)
        recursor.launch()
        wait_until(lambda: not recursor.child.running(), 15, "it ends")
        expect(word in recursor.log(), recursor.log()[-500:])
        recursor.__exit__()


def test_log(lab):
    """each request is a line of the log, as webserver-loglevel says"""
    recursor = serving(lab)
    key_holder().api("/config/threads")
    wait_until(lambda: f"webserver: 127.0.0.1 GET {HOST}/config/threads 200 " in recursor.log(), 15, "the line is there")
    expect(KEY not in recursor.log() and WORD not in recursor.log(), "a credential was logged")
    with lab.new_recursor(webserver="yes", webserver_port="8182", webserver_loglevel="none") as quiet:
        Web(8182).get("/metrics")
        expect("webserver: 127" not in quiet.log(), "logged")


def test_rings(lab):
    """jsonstat shows the rings of questions and clients"""
    serving(lab)
    for _ in range(5):
        lab.ask("www.wide.com")
    web = Web(password=WORD)

    def entries(command, name):
        return web.get(f"/jsonstat?command={command}&name={name}").json()["entries"]
    wait_until(lambda: any(row[1:] == ["www.wide.com", "A"] for row in entries("get-query-ring", "queries")), 15, "the name is there")
    expect("127.0.0.1" in [row[1] for row in entries("get-remote-ring", "remotes")], entries("get-remote-ring", "remotes"))
    expect(all(row[1] != "www.wide.com" for row in web.get(
        "/jsonstat?command=get-query-ring&name=queries&public-filtered=1").json()["entries"]), "not cut")
    expect_equal(entries("get-remote-ring", "queries"), [])
    expect_equal(entries("get-query-ring", "nonsense"), [])
    answer = web.get("/jsonstat?command=nonsense")
    expect_equal((answer.status, answer.json()), (404, {"error": "Command 'nonsense' not found"}))


def test_hash_password(lab):
    """rec_control hash-password makes a hash that the web server takes"""
    def hashed(*words, text="my word\n"):
        return subprocess.run([REC_CONTROL, "hash-password", *words], input=text, capture_output=True, text=True, check=False)
    done = hashed()
    expect(done.returncode == 0 and re.fullmatch(r"\$scrypt\$ln=10,p=1,r=8\$\S+\$\S+\n", done.stdout), done)
    expect("ln=12," in hashed("4096").stdout, "another work factor")
    for words in (("1000",), ("x",), ("2", "3")):
        expect(hashed(*words).returncode != 0, words)
    expect(hashed(text="").returncode != 0, "nothing was hashed")
    with lab.new_recursor(webserver="yes", webserver_port="8185", webserver_password=done.stdout.strip()):
        expect_equal(Web(8185, password="my word").get("/metrics").status, 200)
        expect_equal(Web(8185, password="my words").get("/metrics").status, 401)


def test_log_search(lab):
    """the query log is searched with the filters of rec_control log"""
    with lab.new_recursor(webserver="yes", webserver_port="8186", webserver_password=WORD, query_log="yes") as recursor:
        web = Web(8186, password=WORD)
        for name in ("www.wide.com", "absent.wide.com"):
            recursor.ask(name)

        def found(query=""):
            return web.api("/dashboard/log?q=" + query).json()["records"]
        wait_until(lambda: len(found("suffix=wide.com")) == 2, 15, "both are logged")
        record = found("rcode=NXDOMAIN%20suffix=wide.com")[0]
        expect_equal((record["name"], record["type"], record["client"]), ("absent.wide.com.", "A", "127.0.0.1"))
        expect_equal(len(web.api("/dashboard/log?rows=1").json()["records"]), 1)
        expect_equal(found("name=nothing.example"), [])
        for bad in ("?q=nonsense", "?rows=0", "?rows=x"):
            expect_equal(web.api("/dashboard/log" + bad).status, 422, bad)
        expect_equal(Web(8186).api("/dashboard/log").status, 401)
    serving(lab)
    expect_equal(Web(password=WORD).api("/dashboard/log").status, 404)
