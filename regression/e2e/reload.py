"""rec_control reload-config: the configuration read again while running, all or nothing."""
from client import question
from lab import expect, expect_data, expect_equal
from process import wait_until
from recursor import DEFAULTS
from settingstable import another, table

LUA = "function preresolve(dq)\n  if dq.qname:equal('scripted.wide.com') then\n" \
      "    dq:addAnswer(pdns.A, '192.0.2.77')\n    return true\n  end\n  return false\nend\n"
FILES = {"acl": "127.0.0.0/8\n::1\n", "names": "wide.com\n", "forwards": "sub.example=192.0.2.1\n",
         "hosts": "192.0.2.9 host.example\n", "hints": ". 1 IN NS a.root.example.\na.root.example. 1 IN A 192.0.2.1\n",
         "zone": "@ 60 IN SOA a. b. 1 2 3 4 5\nwww 60 IN A 192.0.2.88\n", "script.lua": LUA, "config.lua": "-- none\n",
         "list": "blocked.wide.com\n", "lists/a": "other.wide.com\n", "include/a.conf": "# nothing\n",
         "global/a.lua": "-- none\n"}
OPTIONS = {"blocklist-dir": "lists", "include-dir": "include", "lua-global-include-dir": "global"}  # folders to be made


def other_values():
    """Of every setting that may change a value that is neither the default nor the lab's."""
    return {name: another(name, DEFAULTS.get(name, default), kind) for name, default, kind, command in table() if command}


def write(recursor, *lines, **changed):
    """Writes the configuration as it was, with these lines behind it."""
    text = "".join(f"{key}={value}\n" for key, value in recursor.settings.items())
    text += "".join(f"{key.replace('_', '-')}={value}\n" for key, value in changed.items())
    recursor.write("recursor.conf", (text + "".join(f"{line}\n" for line in lines)).replace("@FOLDER@", recursor.folder))


def shown(recursor, name):
    return recursor.ordered("get-parameter", name).strip()


def with_files(lab, **settings):
    import os
    recursor = lab.new_recursor(**settings)
    for folder in OPTIONS.values():
        os.makedirs(f"{recursor.folder}/{folder}", exist_ok=True)
    for name, text in FILES.items():
        recursor.write(name, text)
    return recursor


def test_each_setting(lab):
    """every setting that the table marks as changeable takes another value, which get-parameter shows, and goes back"""
    values = other_values()
    expect(len(values) > 120, len(values))
    with with_files(lab) as recursor:
        for name, value in values.items():
            wanted = value.replace("@FOLDER@", recursor.folder)
            write(recursor, f"{name}={value}")
            done = recursor.control("reload-config")
            expect(done.returncode == 0 and f"{name}: " in done.stdout, f"{name}={value}: {done}")
            expect_equal(shown(recursor, name), f'{name}="{wanted}"')
        write(recursor)
        expect("ok, " in recursor.ordered("reload-config"), "not back")
        expect_equal(recursor.ordered("reload-config"), "ok, 0 settings changed\n")
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")


def test_all_at_once(lab):
    """all of them change together, and questions are answered afterwards"""
    values = other_values()
    for name in ("allow-from-file", "hint-file", "dns64-prefix", "include-dir", "lua-dns-script", "dont-query"):
        del values[name]  # after which nobody is served, or otherwise
    with with_files(lab) as recursor:
        write(recursor, *(f"{name}={value}" for name, value in values.items()))
        text = recursor.ordered("reload-config")
        missing = [name for name in values if f"{name}: " not in text]
        expect(not missing and f"ok, {len(values)} settings changed" in text, (missing, text))
        write(recursor)
        recursor.ordered("reload-config")
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")


def test_all_or_nothing(lab):
    """one wrong value among many, a file that is not there, a mistake in a zone: nothing is changed, and said why"""
    with with_files(lab) as recursor:
        for line, word in (("max-qperq=many", "max-qperq"), ("no-such-setting=1", "no-such-setting"),
                           ("hint-file=/does/not/exist", "/does/not/exist"),
                           ("auth-zones=local.example=@FOLDER@/acl", "acl"), ("lua-dns-script=/does/not/exist", "exist"),
                           ("blocklist-action=perhaps", "blocklist-action"),
                           ("lua-config-file=@FOLDER@/acl", "acl"), ("udp-source-port-min=1", "udp-source-port-min")):
            write(recursor, "max-cache-ttl=77", "server-id=changed", line)
            done = recursor.control("reload-config")
            expect(done.returncode == 1 and "nothing has been changed" in done.stderr and word in done.stderr, done)
            expect_equal(shown(recursor, "max-cache-ttl"), 'max-cache-ttl="86400"')
            expect(shown(recursor, "server-id") != 'server-id="changed"', line)


def test_restart(lab):
    """a change that needs a restart is named and holds up the others, unless --partial is given"""
    restart = [name for name, _, _, command in table() if not command]
    expect("threads" in restart and "local-port" in restart, restart)
    with lab.new_recursor() as recursor:
        write(recursor, "max-cache-ttl=77", "threads=3", "record-cache-shards=16")
        done = recursor.control("reload-config")
        expect(done.returncode == 1 and "threads: '2' -> '3' (needs a restart)" in done.stderr
               and "record-cache-shards" in done.stderr, done)
        expect_equal(shown(recursor, "max-cache-ttl"), 'max-cache-ttl="86400"')
        expect("2 settings left for a restart" in recursor.ordered("reload-config", "--partial"), "partial")
        expect_equal(shown(recursor, "max-cache-ttl"), 'max-cache-ttl="77"')
        expect_equal(shown(recursor, "threads"), 'threads="2"')


def test_dry_run(lab):
    """--dry-run shows the differences, and mistakes, and changes nothing"""
    with lab.new_recursor() as recursor:
        write(recursor, "max-cache-ttl=77", "threads=3")
        text = recursor.ordered("reload-config", "--dry-run")
        expect("max-cache-ttl: '86400' -> '77'\n" in text and "threads" in text, text)
        expect_equal(shown(recursor, "max-cache-ttl"), 'max-cache-ttl="86400"')
        write(recursor, "max-cache-ttl=much")
        expect(recursor.control("reload-config", "--dry-run").returncode == 1, "a mistake was not seen")
        expect(recursor.control("reload-config", "--nonsense").returncode == 1, "nonsense")


def test_commands_are_known(lab):
    """what a command has set is in get-parameter, and reload-config goes back to the file"""
    with lab.new_recursor() as recursor:
        recursor.ordered("set-minimum-ttl", "30")
        recursor.ordered("set-max-cache-entries", "5000")
        expect_equal(shown(recursor, "minimum-ttl-override"), 'minimum-ttl-override="30"')
        expect_equal(recursor.metric("max-cache-entries"), 5000)
        text = recursor.ordered("reload-config")
        expect("minimum-ttl-override: '30' -> '1'\n" in text and "max-cache-entries: '5000' -> '1000000'" in text, text)
        expect_equal(recursor.metric("max-cache-entries"), 1000000)


def reload(recursor, *lines):
    write(recursor, *lines)
    recursor.ordered("reload-config")


def test_ttl_limits(lab):
    """max-cache-ttl, minimum-ttl-override: what is cached from then on"""
    with lab.new_recursor() as recursor:
        reload(recursor, "max-cache-ttl=40", "minimum-ttl-override=20")
        expect(recursor.ask("www.wide.com").message.answer[0].ttl <= 40, "above max-cache-ttl")
        reload(recursor, "minimum-ttl-override=100000", "max-cache-ttl=100000")
        recursor.ordered("wipe-cache", "$")
        expect(recursor.ask("www.wide.com").message.answer[0].ttl > 90000, "below minimum-ttl-override")


def test_clients(lab):
    """allow-from, any-to-tcp, server-id, version-string, udp-truncation-threshold: how clients are served"""
    with lab.new_recursor() as recursor:
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        reload(recursor, "server-id=one", "version-string=two", "udp-truncation-threshold=4000")
        chaos = recursor.client().ask("id.server", "TXT", rdclass="CH")
        expect('"one"' in chaos.message.answer[0].to_text(), chaos)
        chaos = recursor.client().ask("version.bind", "TXT", rdclass="CH")
        expect('"two"' in chaos.message.answer[0].to_text(), chaos)
        expect_equal(chaos.message.payload if chaos.message.edns >= 0 else 4000, 4000)
        reload(recursor, "allow-from=192.0.2.0/24")
        for _ in range(4):
            answer = recursor.client(timeout=0.3).ask("www.wide.com")
            expect(answer.rcode in ("none", "REFUSED"), answer)
        reload(recursor)
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")


def test_zones(lab):
    """auth-zones, export-etc-hosts, serve-rfc1918: local answers come and go, whatever was cached"""
    with with_files(lab) as recursor:
        expect_equal(recursor.ask("1.0.168.192.in-addr.arpa", "PTR").rcode, "NXDOMAIN")
        recursor.ask("www.wide.com")
        reload(recursor, "auth-zones=wide.com=@FOLDER@/zone", "export-etc-hosts=yes", "etc-hosts-file=@FOLDER@/hosts")
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.88")
        expect_data(recursor.ask("host.example"), "A", "192.0.2.9")
        reload(recursor)
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")


def test_forwarding(lab):
    """forward-zones-recurse: a zone is asked for elsewhere, and no longer"""
    with lab.new_recursor(max_total_msec=1500) as recursor:
        reload(recursor, "forward-zones-recurse=wide.com=192.0.2.250")
        expect_equal(recursor.ask("fresh.wide.com").rcode, "SERVFAIL")
        reload(recursor)
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")


def test_limits(lab):
    """max-qperq, max-cnames-followed: how much is done for one question"""
    with lab.new_recursor() as recursor:
        reload(recursor, "max-qperq=1")
        expect_equal(recursor.ask("www.wide.com").rcode, "SERVFAIL")
        reload(recursor)
        recursor.ordered("wipe-cache", "$")
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")


def test_caches(lab):
    """disable-packetcache, max-cache-entries: whether and how much is kept"""
    with lab.new_recursor(threads=1) as recursor:
        recursor.ask("www.wide.com")
        reload(recursor, "disable-packetcache=yes", "max-cache-entries=10")
        recursor.ask("www.wide.com")
        expect_equal(recursor.metric("packetcache-entries"), 0)
        expect_equal(recursor.metric("max-cache-entries"), 10)
        reload(recursor)
        recursor.ask("www.wide.com")
        expect(recursor.metric("packetcache-entries") > 0, "nothing is kept")


def test_dns64(lab):
    """dns64-prefix: AAAA are made from A"""
    with lab.new_recursor() as recursor:
        reload(recursor, "dns64-prefix=64:ff9b::/96")
        expect_data(recursor.ask("www.hoster-one.net", "AAAA"), "AAAA", "64:ff9b::c000:235")
        reload(recursor)
        expect_equal(recursor.ask("www.hoster-one.net", "AAAA").data("AAAA"), [])


def test_logging(lab):
    """quiet, loglevel, trace: what is logged"""
    with lab.new_recursor() as recursor:
        reload(recursor, "quiet=no")
        recursor.ask("www.wide.com")
        wait_until(lambda: "www.wide.com" in recursor.log(), 15, "the question is logged")
        reload(recursor, "trace=yes")
        recursor.ask("absent.wide.com")
        wait_until(lambda: "trace of absent.wide.com" in recursor.log(), 15, "the walk is logged")
        reload(recursor, "loglevel=0", "trace=yes")
        recursor.ask("absent2.wide.com")
        reload(recursor)
        expect("trace of absent2.wide.com" not in recursor.log(), "loglevel=0 logs")


def test_scripts_and_lists(lab):
    """lua-dns-script, blocklist-files: hooks and lists come and go"""
    with with_files(lab) as recursor:
        reload(recursor, "lua-dns-script=@FOLDER@/script.lua", "blocklist-files=@FOLDER@/list")
        expect_data(recursor.ask("scripted.wide.com"), "A", "192.0.2.77")
        expect_equal(recursor.ask("blocked.wide.com").rcode, "NXDOMAIN")
        before = recursor.metric("policy-result-nxdomain")
        expect(before > 0, before)
        reload(recursor)
        expect(recursor.ask("scripted.wide.com").data("A") != ["192.0.2.77"], "the script is still there")
        recursor.ask("blocked.wide.com")
        expect_equal(recursor.metric("policy-result-nxdomain"), before)


def test_validation(lab):
    """dnssec: validation is switched off and on, and what was cached meanwhile is judged"""
    with lab.new_recursor(dnssec="off") as recursor:
        recursor.ask("www.wide.com")
        recursor.settings["dnssec"] = "validate"
        reload(recursor)
        before = recursor.metric("dnssec-validations")
        recursor.ask("www.wide.com")
        expect(recursor.metric("dnssec-validations") > before, "nothing is validated")


def test_rebinding(lab):
    """stop-dns-rebind: private addresses go from answers, cached ones too, and come back"""
    with lab.new_recursor() as recursor:
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        reload(recursor, "stop-dns-rebind=remove", "private-address=192.0.2.12/32")
        expect_data(recursor.ask("www.wide.com"), "A")
        reload(recursor)
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")


def test_limits_on_clients(lab):
    """rate-limiting, rate-limit-resolutions: from no limits to a limit and back"""
    with lab.new_recursor(rate_limiting="no", rate_limit_exempt_clients="192.0.2.1/32") as recursor:
        def refused(of):
            answers = recursor.client().ask_many([question(f"{of}{i}.wide.com") for i in range(40)])
            return sum(answer.rcode == "REFUSED" or answer.has_flag("TC") for answer in answers)
        expect_equal(refused("a"), 0)
        reload(recursor, "rate-limiting=yes", "rate-limit-resolutions=2", "rate-limit-random-subdomains=0")
        expect(refused("b") >= 20, "nothing is refused")
        reload(recursor)
        expect_equal(refused("c"), 0)


def test_query_log(lab):
    """query-log and what it has: switched by the file, and back to the file after a command"""
    with lab.new_recursor(query_log_flush_interval=50) as recursor:
        def logged(name):
            return name in recursor.control("log").stdout
        reload(recursor, "query-log=yes", "query-log-only=name=www.wide.com")
        recursor.ask("www.tall.org")
        recursor.ask("www.wide.com")
        wait_until(lambda: logged("www.wide.com"), 15, "it is logged")
        expect(not logged("www.tall.org"), "query-log-only")
        done = recursor.control("reload-config")
        expect("query-log: " not in done.stdout and done.returncode == 0, done)
        recursor.ordered("querylog", "sample", "7")
        expect_equal(shown(recursor, "query-log-sample"), 'query-log-sample="7"')
        expect("query-log-sample: '7' -> '1'" in recursor.ordered("reload-config"), "sample")
        write(recursor, "query-log-only=nonsense=1")
        done = recursor.control("reload-config")
        expect(done.returncode == 1 and "query-log-only" in done.stderr, done)
        reload(recursor)
        expect("state: off" in recursor.ordered("querylog"), "it is still on")
