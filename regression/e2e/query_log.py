"""The query log: what it has of each kind of answer, searching it with every filter and in every form, switching it
while running, limits, and that nothing that happens to the process, the disk or the file does harm."""
import csv
import ctypes
import io
import json
import os
import random
import signal
import subprocess
import time

from client import Client
from lab import expect, expect_data, expect_equal, expect_rcode
from netns import CLONE_NEWNS, LIBC, call
from process import wait_until
from recursor import REC_CONTROL

MS_REC, MS_PRIVATE = 0x4000, 0x40000
KILLS = int(os.environ.get("ROOTWALK_KILLS", "3"))  # 20 in the full run
FLUSH = {"query_log_flush_interval": "50"}


def logging(lab, **settings):
    """A recursor that logs into its folder, and often writes that to disk."""
    return lab.new_recursor(**{"query_log": "yes", "query_log_path": "@FOLDER@/log", "local_address": "127.0.0.1", **FLUSH,
                               **settings})


def records(recursor, *words):
    """What `rec_control log` finds, oldest first, without the questions that the start of a test asks."""
    found = [json.loads(line) for line in recursor.ordered("log", *words, "--json", "--limit=0").splitlines()]
    return [record for record in found if record["name"] != "version.bind."]


def names(recursor, *words):
    return [record["name"] for record in records(recursor, *words)]


def is_there(recursor, name, *words):
    """Whether it is in the log; the log may not be readable yet."""
    return name in recursor.control("log", f"name={name}", *words).stdout


def settled(recursor, count):
    """Waits until so many questions can be found in the log."""
    wait_until(lambda: recursor.metric("query-log-records") >= count and len(names(recursor)) >= count, 15,
               f"{count} questions are in the log")


def test_kinds(lab):
    """each kind of answer is logged as what it was, with what it cost"""
    with logging(lab, threads=1, query_log_answers="yes", files={"ads": "tall.org\n"},
                 blocklist_files="@FOLDER@/ads") as recursor:
        for _ in range(2):
            expect_data(recursor.ask("WWW.wide.com"), "A", "192.0.2.12")
        expect_rcode(recursor.ask("nowhere.wide.com", dnssec=True), "NXDOMAIN")
        expect_rcode(recursor.ask("www.wide.com", tcp=True), "NOERROR")
        for _ in range(2):
            expect_rcode(recursor.ask("www.tall.org", "AAAA"), "NXDOMAIN")
        expect_rcode(recursor.ask("localhost"), "NOERROR")
        expect_rcode(recursor.ask("short.io", rd=False), "REFUSED")
        recursor.client().send(b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x40")
        settled(recursor, 9)
        found = records(recursor)
        expect_equal([r["kind"] for r in found], ["iterated", "packetcache", "iterated", "recordcache", "policy",
                                                  "packetcache", "local", "failure", "failure"], found)
        first, hit, denied, tcp, blocked, again, _, refused, unread = found
        expect_equal((first["name"], first["type"], first["rcode"], first["client"], first["transport"]),
                     ("www.wide.com.", "A", "NOERROR", "127.0.0.1", "udp"))
        expect(first["upstream_queries"] > 0 and first["upstream_bytes"] > 50 and first["latency_us"] > 0, first)
        expect_equal((first["answers"], hit["answers"]), (["192.0.2.12"], ["192.0.2.12"]))
        expect_equal(hit["upstream_queries"], 0)
        expect("do" in denied["flags"].split() and denied["rcode"] == "NXDOMAIN", denied)
        expect_equal(tcp["transport"], "tcp")
        for record in (blocked, again):
            expect_equal((record["rcode"], record["policy"], record["rule"], record["ede"]),
                         ("NXDOMAIN", "ads", "||tall.org^", 15), record)
        expect_equal((refused["rcode"], unread["rcode"], unread["name"]), ("REFUSED", "FORMERR", "."))
        expect(abs(time.time() - time.mktime(time.strptime(first["time"][:19], "%Y-%m-%d %H:%M:%S")) + time.timezone) < 3600,
               first)


def test_filters(lab):
    """every filter finds what it says, and nothing else"""
    with logging(lab, local_address="127.0.0.1, ::1") as recursor:
        recursor.ask("www.wide.com")
        recursor.ask("mail.wide.com", "MX")
        recursor.ask("nowhere.wide.com")
        recursor.client("::1").ask("www.tall.org", "AAAA")
        recursor.ask("www.tall.org", "AAAA", tcp=True)
        recursor.ask("short.io", rd=False)
        settled(recursor, 6)
        everything = ["www.wide.com.", "mail.wide.com.", "nowhere.wide.com.", "www.tall.org.", "www.tall.org.", "short.io."]
        expect_equal(names(recursor), everything)
        for words, wanted in {
                "name=www.wide.com": [0], "name=WIDE.com": [], "suffix=wide.com": [0, 1, 2], "suffix=com,io": [0, 1, 2, 5],
                "suffix=.": [0, 1, 2, 3, 4, 5], "client=::1": [3], "client=127.0.0.1": [0, 1, 2, 4, 5], "net=127.0.0.0/8": [0, 1, 2, 4, 5],
                "net=::/64,10.0.0.0/8": [3], "type=AAAA": [3, 4], "type=A,MX": [0, 1, 2, 5], "rcode=NXDOMAIN": [2],
                "rcode=refused,nxdomain": [2, 5], "kind=iterated": [0, 1, 2, 3], "transport=tcp": [4], "security=bogus": [],
                "policy=*": [], "tag=x": [], "slower=1h": [], "slower=0": [0, 1, 2, 3, 4, 5], "ede=20": [5], "since=-1h": [0, 1, 2, 3, 4, 5],
                "until=-1h": [], "since=2020-01-01 until=2100-01-01T00:00": [0, 1, 2, 3, 4, 5],
                "suffix=wide.com type=A rcode=NOERROR": [0]}.items():
            found = names(recursor, *words.split())
            if words == "slower=0":
                expect(set(found) <= set(everything), found)  # some may take less than a microsecond
            else:
                expect_equal(found, [everything[i] for i in wanted], words)
        for words in (["colour=blue"], ["name=a..b"], ["--sort"], ["top", "people"], ["since=soon"], ["--limit=x"]):
            done = recursor.control("log", *words)
            expect(done.returncode != 0 and done.stderr, words)


def test_forms(lab):
    """a table, JSON lines and CSV; the newest so many, in either order; top lists and histograms"""
    with logging(lab) as recursor:
        for i in range(12):
            recursor.ask(f"n{i % 3}.wide.com")
        recursor.ask("www.tall.org")
        settled(recursor, 13)
        lines = recursor.ordered("log", "suffix=wide.com").splitlines()
        expect_equal(len(lines), 13)
        expect(lines[0].split()[:6] == ["time", "client", "name", "type", "rcode", "kind"], lines[0])
        expect(lines[1].split()[3:6] == ["n0.wide.com.", "A", "NXDOMAIN"], lines[1])
        rows = list(csv.DictReader(io.StringIO(recursor.ordered("log", "name=www.tall.org", "--csv"))))
        expect_equal([(row["name"], row["rcode"], row["kind"]) for row in rows], [("www.tall.org.", "NOERROR", "iterated")])
        newest = [json.loads(line)["name"] for line in recursor.ordered("log", "--json", "--limit=2").splitlines()]
        expect_equal(newest, ["n2.wide.com.", "www.tall.org."])
        newest = [json.loads(line)["name"] for line in recursor.ordered("log", "--json", "--limit=2", "--newest-first").splitlines()]
        expect_equal(newest, ["www.tall.org.", "n2.wide.com."])

        def top(key, *words):
            return [(row["key"], row.get("queries")) for row in
                    map(json.loads, recursor.ordered("log", "top", key, *words, "--json").splitlines())]
        expect_equal(top("names", "suffix=wide.com"), [(f"n{i}.wide.com.", 4) for i in range(3)])
        expect_equal(top("suffixes", "suffix=com,org"), [("wide.com.", 12), ("tall.org.", 1)])
        expect_equal(top("suffixes", "suffix=com,org", "--labels=1", "--rows=1"), [("com.", 12)])
        expect_equal(top("clients", "type=A"), [("127.0.0.1", 13)])
        expect_equal(top("rcodes", "type=A"), [("NXDOMAIN", 12), ("NOERROR", 1)])
        expect_equal(dict(top("types"))["A"], 13)
        expect(("iterated", 4) in top("kinds", "type=A"), top("kinds"))
        expect_equal(top("blocked"), [])
        expect_equal(len(top("slow", "type=A")), 4)
        expect("13 in all" in recursor.ordered("log", "top", "names", "type=A"), "the sum is told")
        histogram = [json.loads(line) for line in recursor.ordered("log", "histogram", "type=A", "--step=1h", "--json").splitlines()]
        expect_equal((sum(row["queries"] for row in histogram), sum(row["nxdomain"] for row in histogram)), (13, 12))
        expect("queries" in recursor.ordered("log", "histogram").splitlines()[0], "a table")
        expect("FILTER" in recursor.ordered("log", "--help"), "help")


def test_switching(lab):
    """on, off, sample and only take effect while running, and status tells"""
    with logging(lab, query_log="no", threads=1) as recursor:
        recursor.ask("a.wide.com")
        expect("state: off" in recursor.ordered("querylog", "status"), "off")
        expect(recursor.control("log").returncode != 0, "there is no log yet")
        recursor.ordered("querylog", "on")
        recursor.ordered("ping")  # the worker has heard of it
        recursor.ask("b.wide.com")
        settled(recursor, 1)
        recursor.ordered("querylog", "only", "suffix=tall.org", "rcode=NOERROR")
        recursor.ordered("ping")
        recursor.ask("c.wide.com")
        recursor.ask("www.tall.org")
        recursor.ask("www.tall.org")
        recursor.ask("nowhere.tall.org")
        expect("only: suffix=tall.org rcode=NOERROR" in recursor.ordered("querylog"), "only")
        settled(recursor, 3)
        recursor.ordered("querylog", "only")
        recursor.ordered("querylog", "sample", "5")
        recursor.ordered("ping")
        for _ in range(20):
            recursor.ask("d.wide.com")
        settled(recursor, 7)
        recursor.ordered("querylog", "off")
        recursor.ordered("ping")
        recursor.ask("e.wide.com")
        recursor.ordered("querylog", "on")
        recursor.ordered("querylog", "sample", "1")
        recursor.ordered("ping")
        recursor.ask("f.wide.com")
        settled(recursor, 8)
        expect_equal(names(recursor), ["b.wide.com.", "www.tall.org.", "www.tall.org."] + ["d.wide.com."] * 4 + ["f.wide.com."])
        expect_equal(recursor.metric("query-log-stored-records"), 8)
        for words in (["sample", "0"], ["sample"], ["only", "x=y"], ["on", "now"], ["perhaps"]):
            expect(recursor.control("querylog", *words).returncode != 0, words)


def test_masks(lab):
    """clients are logged as far as the settings allow, and filters of the configuration count from the start"""
    with logging(lab, query_log_ipv4_bits=8, query_log_ipv6_bits=0, query_log_only="type=A,AAAA",
                 local_address="127.0.0.1, ::1") as recursor:
        Client("127.0.0.1", recursor.port, source="127.9.8.7").ask("www.wide.com")
        recursor.client("::1").ask("www.wide.com")
        recursor.ask("www.wide.com", "TXT")
        settled(recursor, 2)
        expect_equal([record["client"] for record in records(recursor)], ["127.0.0.0", "::"])


def test_follow(lab):
    """follow shows what comes, as it comes"""
    with logging(lab) as recursor:
        recursor.ask("before.wide.com")
        settled(recursor, 1)
        with subprocess.Popen([REC_CONTROL, f"--config-dir={recursor.folder}", "log", "--follow", "--json", "suffix=wide.com"],
                              stdout=subprocess.PIPE, text=True) as child:
            try:
                lines = []
                # It begins with what comes after its start, whenever that is.
                reader = os.fdopen(os.dup(child.stdout.fileno()), encoding="utf-8")
                os.set_blocking(reader.fileno(), False)

                def seen():
                    recursor.ask("after.wide.com")
                    lines.extend(line for line in iter(reader.readline, "") if line.strip())
                    return lines
                wait_until(seen, 15, "a line comes")
                expect_equal(json.loads(lines[0])["name"], "after.wide.com.")
            finally:
                child.kill()
                reader.close()


def test_memory(lab):
    """without a path the log is in memory; rec_control fetches it"""
    with logging(lab, query_log_path="") as recursor:
        recursor.ask("www.wide.com")
        recursor.ask("www.tall.org")
        settled(recursor, 2)
        expect_equal(names(recursor), ["www.wide.com.", "www.tall.org."])
        expect("place: memory" in recursor.ordered("querylog"), "told")
        expect_equal(len(recursor.ordered("log", "top", "names", "type=A", "--json").splitlines()), 2)
        recursor.child.stop()
        expect(recursor.control("log").returncode != 0, "it went with the process")


def test_stopped(lab):
    """the log of a recursor that has ended can be read, and is gone on with by the next"""
    with logging(lab, query_log_flush_interval=60000) as recursor:
        recursor.ask("www.wide.com")
        recursor.child.stop(10)  # what is not on disk yet is written at the end
        expect_equal(names(recursor), ["www.wide.com."])
        os.unlink(f"{recursor.folder}/log/lock.mdb")
        expect_equal(names(recursor), ["www.wide.com."])
        expect(not os.path.exists(f"{recursor.folder}/log/lock.mdb"), "a reader makes no files")
        recursor.start()
        recursor.ask("www.tall.org")
        recursor.child.stop(10)
        expect_equal(names(recursor), ["www.wide.com.", "www.tall.org."])


def test_killed(lab):
    """killed at any moment, the log has all that was on disk by then, and is whole"""
    with logging(lab, threads=1) as recursor:
        recursor.ask("first.wide.com")
        settled(recursor, 1)
        known = 0
        for round_ in range(KILLS):
            client, sent = recursor.client(), 0
            for i in range(random.randrange(20, 120)):
                client.ask(f"n{round_}-{i}.wide.com")
                sent += 1
            written = recursor.metric("query-log-records")
            for i in range(random.randrange(40)):
                client.ask(f"m{round_}-{i}.wide.com")
            recursor.child.kill()
            found = len(recursor.ordered("log", "--json", "--limit=0").splitlines())
            expect(found >= known + written, f"{found} records, {known} + {written} were written")
            known = found
            recursor.start()
        recursor.ask("last.wide.com")
        wait_until(lambda: is_there(recursor, "last.wide.com"), 15, "it goes on")
        expect_equal(recursor.metric("query-log-damaged"), 0)


def small_disk(folder, megabytes):
    """For a child before exec: a file system of so many megabytes at `folder`, which only it sees."""
    def prepare():
        call(LIBC.unshare, CLONE_NEWNS)
        text = [ctypes.c_char_p(part.encode()) for part in ("none", "/", "tmpfs", folder, f"size={megabytes}m")]
        call(LIBC.mount, text[0], text[1], None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None)
        call(LIBC.mount, text[0], text[3], text[2], ctypes.c_ulong(0), text[4])
    return prepare


def fill_disk(path):
    """Writes a file until nothing more fits."""
    with open(path, "wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096) > 0:
                pass
        except OSError:
            pass


def test_full_disk(lab):
    """a full disk stops the log, not the recursor; what is lost is counted; with room again it goes on"""
    recursor = logging(lab, threads=1)
    os.mkdir(f"{recursor.folder}/log")
    try:
        recursor.start(before_exec=small_disk(f"{recursor.folder}/log", 3))
        inside = f"/proc/{recursor.child.pid}/root{recursor.folder}/log"
        recursor.ask("before.wide.com")
        wait_until(lambda: is_there(recursor, "before.wide.com", f"--path={inside}"), 15, "it is logged")
        fill_disk(f"{inside}/filler")
        client = recursor.client()

        def is_full():
            for _ in range(40):
                expect_rcode(client.ask(f"n{random.randrange(1 << 30)}.wide.com"), "NXDOMAIN")
            return recursor.metric("query-log-drops-disk-full") > 0
        wait_until(is_full, 60, "the disk is full")
        expect("the disk is full" in recursor.log(), recursor.log())
        expect("nothing can be written" in recursor.ordered("querylog"), "told")
        expect("before.wide.com." in recursor.ordered("log", f"--path={inside}", "--limit=0"), "it can be read")
        os.unlink(f"{inside}/filler")

        def goes_on():
            client.ask("after.wide.com")
            return is_there(recursor, "after.wide.com", f"--path={inside}")
        wait_until(goes_on, 30, "it goes on")
        expect("it is written again" in recursor.log(), recursor.log())
        expect_equal(recursor.metric("query-log-damaged"), 0)
    finally:
        recursor.__exit__()


def test_damaged(lab):
    """a truncated or damaged file is moved aside, told of, and a new one begun: at the start and while running"""
    with logging(lab, threads=1) as recursor:
        file = f"{recursor.folder}/log/data.mdb"
        for i in range(30):
            recursor.ask(f"n{i}.wide.com")
        settled(recursor, 30)
        recursor.child.stop(10)
        os.truncate(file, os.path.getsize(file) // 2)
        recursor.start()
        recursor.ask("one.wide.com")
        wait_until(lambda: is_there(recursor, "one.wide.com"), 15, "a new log is there")
        expect_equal(recursor.metric("query-log-damaged"), 1)
        expect("is damaged" in recursor.log() and os.path.exists(f"{recursor.folder}/log/damaged.mdb"), recursor.log())
        os.truncate(file, 8192)

        def is_noticed():
            recursor.ask("two.wide.com")
            return recursor.metric("query-log-damaged") == 2
        wait_until(is_noticed, 15, "it is noticed")
        wait_until(lambda: recursor.ask("three.wide.com") and is_there(recursor, "three.wide.com"), 30, "it goes on")
        recursor.child.stop(10)
        with open(file, "wb") as damaged:
            damaged.write(os.urandom(100000))
        expect(recursor.control("log").returncode == 1, "no log")
        recursor.start()
        recursor.ask("four.wide.com")
        wait_until(lambda: is_there(recursor, "four.wide.com"), 15, "it goes on")


def test_age(lab):
    """what is too old goes, but for the newest block"""
    with logging(lab, threads=1, query_log_max_age=1) as recursor:
        recursor.ask("old.wide.com")
        settled(recursor, 1)
        recursor.child.stop(10)
        recursor.start()

        def expired():
            recursor.ask("new.wide.com")
            return recursor.metric("query-log-expired") > 0
        wait_until(expired, 15, "something went")
        expect(not is_there(recursor, "old.wide.com"), "the old one")
        wait_until(lambda: is_there(recursor, "new.wide.com"), 15, "the new one")


def test_place(lab):
    """a folder that cannot be used is told of and does not keep the recursor from answering; a filter that makes no sense does"""
    with logging(lab, query_log_path="/proc/nowhere") as recursor:
        expect_rcode(recursor.ask("www.wide.com"), "NOERROR")
        wait_until(lambda: recursor.metric("query-log-drops-error") > 0, 15, "counted")
        expect("query log /proc/nowhere" in recursor.log(), recursor.log())
    recursor = logging(lab, query_log_only="colour=blue")
    try:
        recursor.launch()
        wait_until(lambda: not recursor.child.running(), 10, "it ends")
        expect("query-log-only" in recursor.log(), recursor.log())
    finally:
        recursor.__exit__()


def test_frozen_reader(lab):
    """a reader that hangs does not keep the recursor from logging"""
    with logging(lab, threads=1) as recursor:
        recursor.ask("www.wide.com")
        settled(recursor, 1)
        with subprocess.Popen([REC_CONTROL, f"--config-dir={recursor.folder}", "log", "--follow"], stdout=subprocess.DEVNULL) as child:
            try:
                child.send_signal(signal.SIGSTOP)
                for i in range(20):
                    recursor.ask(f"n{i}.wide.com")
                settled(recursor, 21)
                expect_equal(len(names(recursor)), 21)
            finally:
                child.kill()
