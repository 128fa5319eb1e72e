"""rec_control: each command's answer on stdout, exit codes, reasons."""
import os
import re
import subprocess

from lab import expect, expect_data, expect_equal
from process import wait_until
from recursor import REC_CONTROL
from web import Web


def test_ping(lab):
    """ping says pong"""
    expect_equal(lab.recursor.ordered("ping").strip(), "pong")


def test_version(lab):
    """version prints one line, as recursor --version does"""
    text = lab.recursor.ordered("version").strip()
    expect(text and "\n" not in text, text)


def test_help(lab):
    """help lists every command"""
    text = lab.recursor.ordered("help")
    for word in ("ping", "get-all", "wipe-cache", "dump-cache", "trace-regex", "quit-nicely", "current-queries"):
        expect(word in text, f"{word} is missing")


def test_get(lab):
    """get prints a number a line; UNKNOWN for what does not exist"""
    lab.ask("www.wide.com")
    expect(int(lab.recursor.ordered("get", "questions")) > 0, "no questions")
    values = lab.recursor.ordered("get", "questions", "all-outqueries").split()
    expect(len(values) == 2 and all(int(value) > 0 for value in values), values)
    expect_equal(lab.recursor.ordered("get", "no-such-metric").strip(), "UNKNOWN")


def test_one_word(lab):
    """a command and its arguments may come as one word"""
    expect(int(lab.recursor.ordered("get questions")) >= 0, "no number")


def test_get_all(lab):
    """get-all prints name, tab, number for every metric"""
    lines = lab.recursor.ordered("get-all").splitlines()
    expect(len(lines) > 40, f"{len(lines)} lines")
    expect(all(re.fullmatch(r"[a-z0-9-]+\t-?\d+", line) for line in lines), lines[:5])
    names = {line.split("\t")[0] for line in lines}
    for name in ("questions", "all-outqueries", "cache-entries", "cache-hits", "cache-misses", "servfail-answers",
                 "nxdomain-answers", "noerror-answers", "tcp-questions", "outgoing-timeouts", "uptime"):
        expect(name in names, f"{name} is missing")


def test_counters_move(lab):
    """questions, answers by kind and packet cache hits are counted"""
    with lab.new_recursor() as recursor:
        for name in ("www.wide.com", "www.wide.com", "absent.wide.com", "www.all-refused.example"):
            recursor.ask(name)
        recursor.ask("www.wide.com", tcp=True)
        # Each worker has a packet cache of its own: after some more questions every one has seen this.
        for _ in range(20):
            recursor.ask("www.wide.com")
        expected = {"servfail-answers": 1, "nxdomain-answers": 1, "tcp-questions": 1}
        found = {name: recursor.metric(name) for name in expected}
        expect_equal(found, expected)
        expect(recursor.metric("packetcache-hits") >= 1, "no hit")


def test_wipe_cache(lab):
    """wipe-cache, and flushname, say how many entries they forgot"""
    for command in ("wipe-cache", "flushname"):
        lab.ask("www.wide.com")
        text = lab.recursor.ordered(command, "wide.com$")
        expect(re.fullmatch(r"wiped [1-9]\d* records, \d+ negative records, [1-9]\d* packets\n", text), text)
    expect(lab.recursor.control("flushname", "a..b").returncode != 0, "a name that is none")


def test_dump_cache(lab):
    """dump-cache writes the records to a new file, or to stdout for -"""
    expect_data(lab.ask("www.wide.com"), "A", "192.0.2.12")
    expect("www.wide.com." in lab.recursor.ordered("dump-cache", "-"), "not on stdout")
    path = f"{lab.recursor.folder}/dump"
    text = lab.recursor.ordered("dump-cache", path)
    expect(re.search(r"dumped \d+ records", text), text)
    with open(path, encoding="utf-8") as file:
        expect(re.search(r"www\.wide\.com\.\s.*\sA\s+192\.0\.2\.12", file.read()), "the record is not in the file")
    expect(lab.recursor.control("dump-cache", path).returncode != 0, "an existing file was overwritten")


def test_other_dumps(lab):
    """dump-nsspeeds, dump-throttlemap and dump-ednsstatus print to -"""
    lab.ask("www.wide.com")
    lab.ask("www.one-dead.example")
    speeds = lab.recursor.ordered("dump-nsspeeds", "-")
    expect("198.18." in speeds or "[2001:2:" in speeds, f"no server in nsspeeds: {speeds}")  # of either family, by chance
    for command in ("dump-throttlemap", "dump-ednsstatus", "dump-edns", "dump-failedservers"):
        lab.recursor.ordered(command, "-")
    expect(re.search(r"^wide\.com\.\s", lab.recursor.ordered("dump-delegations", "-"), re.M), "no delegation")
    failing = lab.recursor.ordered("dump-failedservers", "-")
    expect("dump-failedservers: dumped " in failing, failing)


def test_current_queries(lab):
    """current-queries lists what is being resolved"""
    client = lab.client(timeout=0.05)
    client.ask("current.all-too-slow.example")
    wait_until(lambda: "current.all-too-slow.example" in lab.recursor.ordered("current-queries"), 3, "it is listed")


def test_trace_regex(lab):
    """trace-regex prints the walk of matching questions: each server asked and what it said"""
    with lab.new_recursor() as recursor:
        recursor.ordered("trace-regex", "^www\\.tall\\.org\\.$")
        recursor.ask("www.wide.com")
        recursor.ask("www.tall.org")
        log = recursor.log()
        expect("tall.org" in log and ("198.18." in log or "2001:2:" in log), log[-1500:])
        expect("www.wide.com" not in log, "another name was traced")
        recursor.ordered("trace-regex")


def test_unknown_command(lab):
    """an unknown command, or one without its arguments, is refused with a reason and a non-zero code"""
    done = lab.recursor.control("no-such-command")
    expect(done.returncode != 0 and (done.stdout + done.stderr).strip(), done)


def test_no_daemon(lab):
    """without a daemon: a reason and a non-zero code"""
    with lab.new_recursor() as recursor:
        recursor.child.stop()
        done = recursor.control("ping")
        expect(done.returncode != 0 and done.stderr.strip(), done)


def test_quit(lab):
    """quit, quit-nicely and stop end the daemon with code 0 and take its files with it"""
    for command in ("quit-nicely", "stop", "quit"):
        with lab.new_recursor() as recursor:
            recursor.ask("www.wide.com")
            recursor.ordered(command)
            wait_until(lambda r=recursor: not r.child.running(), 5, f"{command} ends it")
            expect_equal(recursor.child.process.returncode, 0)
            left = [name for name in os.listdir(recursor.folder) if "controlsocket" in name]
            expect_equal(left, [], "files left behind")


def test_beside_long_commands(lab):
    """what only reads is answered, by rec_control and the web server, while a command that changes something takes long"""
    with lab.new_recursor(webserver="yes", api_key="key", webserver_port=8083) as recursor:
        pipe = f"{recursor.folder}/slow.lua"
        os.mkfifo(pipe)
        command = [REC_CONTROL, f"--config-dir={recursor.folder}", f"--socket-dir={recursor.folder}", "--timeout=60"]

        def opened():
            try:
                return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                return None  # the recursor does not read it yet
        with subprocess.Popen(command + ["reload-lua-config", pipe]) as reloading:
            writer = wait_until(opened, 15, "the configuration is being read")
            with subprocess.Popen(command + ["reload-acls"]) as waiting:
                expect_equal(recursor.ordered("ping").strip(), "pong")
                expect("\nquestions\t" in recursor.ordered("get-all"), "get-all")
                expect("allow-from=" in recursor.ordered("get-parameter", "allow-from"), "get-parameter")
                web = Web(port=8083, key="key")
                for path in ("/metrics", Web.API + "/config", Web.API + "/config/allow-from", Web.API + "/zones",
                             Web.API + "/statistics", Web.API + "/dashboard/policies",
                             Web.API + "/dashboard/explain?name=www.wide.com"):
                    expect_equal(web.get(path).status, 200, path)
                expect(reloading.poll() is None and waiting.poll() is None, "they still wait")
                with open(lab.internet.anchor, "rb") as anchor:
                    os.write(writer, anchor.read())
                os.close(writer)
                expect_equal((reloading.wait(15), waiting.wait(15)), (0, 0))


def test_get_is_not_a_question(lab):
    """asking for metrics changes none of the question counters"""
    before = lab.recursor.metric("questions")
    expect_equal(lab.recursor.metric("questions"), before)


def test_parameters(lab):
    """get-parameter shows settings in effect, get-default-parameter their defaults"""
    expect_equal(lab.recursor.ordered("get-parameter", "threads", "no-such"), 'threads="2"\nno-such not known\n')
    expect_equal(lab.recursor.ordered("get-default-parameter", "local-port"), 'local-port="53"\n')
    expect(lab.recursor.ordered("get-default-parameter").count("\n") > 150, "not all settings")


def test_limits(lab):
    """set-max-* and set-minimum-ttl change limits while it runs, and refuse nonsense"""
    with lab.new_recursor() as recursor:
        expect_equal(recursor.ordered("set-max-cache-entries", "1234"), "New max cache entries: 1234\n")
        expect_equal(recursor.metric("max-cache-entries"), 1234)
        expect_equal(recursor.ordered("set-max-packetcache-entries", "567"), "New max packetcache entries: 567\n")
        expect_equal(recursor.metric("max-packetcache-entries"), 567)
        expect_equal(recursor.ordered("set-max-aggr-nsec-cache-size", "99"), "New aggressive NSEC cache size: 99\n")
        expect_equal(recursor.ordered("set-minimum-ttl", "1000"), "New minimum TTL: 1000\n")
        answer = recursor.ask("www.zero-ttl.example")
        expect(all(record.ttl > 900 for record in answer.message.answer), answer)
        for command in ("set-max-cache-entries", "set-max-packetcache-entries", "set-max-aggr-nsec-cache-size",
                        "set-minimum-ttl"):
            for words in ((), ("x",), ("-1",), ("1", "2")):
                expect(recursor.control(command, *words).returncode != 0, (command, words))


def test_what_makes_no_sense(lab):
    """commands of PowerDNS that have nothing to do here say why"""
    for words in (("get-remotelogger-stats",), ("set-event-trace-enabled", "1")):
        done = lab.recursor.control(*words)
        expect(done.returncode != 0 and words[0] in done.stderr and done.stderr.count("\n") == 1, done)
