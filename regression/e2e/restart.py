"""Caches over a restart: what comes back from cache-file and what does not, files that are damaged or cannot be
written, disks that are full."""
import ctypes
import os
import subprocess
import time

import netns
from lab import Skip, expect, expect_data, expect_equal, expect_rcode
from process import wait_until

KEPT, DENIED, SECURE, BRIEF = "kept.watch.example", "x.no.below.www.watch.example", "www.alg13.signed", "now.brief.watch.example"
MS_REC, MS_PRIVATE = 0x4000, 0x40000


def new_recursor(lab, **settings):
    return lab.new_recursor(**{"cache_file": "@FOLDER@/cache", "cache_save_interval": 0, "dnssec": "validate", **settings})


def restart(recursor):
    expect_equal(recursor.child.stop(5), 0)
    recursor.start()


def asked(lab, mark, *names):
    return sum(len(lab.internet.queries(mark, name=name)) for name in names)


def test_answers_come_back(lab):
    """after a restart cached answers and denials are given without asking a server, and their TTLs go on counting down"""
    with new_recursor(lab) as recursor:
        before = recursor.ask("hour.short.io").ttl("A")
        expect_data(recursor.ask(KEPT), "A", "192.0.2.84")
        expect_rcode(recursor.ask(DENIED), "NXDOMAIN")
        expect_data(recursor.ask("www.watch.example", "AAAA"), "AAAA")
        restart(recursor)
        mark = lab.internet.mark()
        expect(before - 60 <= recursor.ask("hour.short.io").ttl("A") <= before, "the TTL")
        expect_data(recursor.ask(KEPT), "A", "192.0.2.84")
        expect_rcode(recursor.ask(DENIED), "NXDOMAIN")
        expect_data(recursor.ask("www.watch.example", "AAAA"), "AAAA")
        expect_equal(asked(lab, mark, "hour.short.io", KEPT, DENIED, "www.watch.example"), 0)
        expect(recursor.metric("cache-file-loaded-entries") > 4, "loaded entries")
        expect("cached entries were loaded from" in recursor.log(), recursor.log())


def test_loaded_while_answering(lab):
    """with cache-load-wait=0 nobody waits: the caches fill beside answering"""
    with new_recursor(lab, cache_load_wait=0) as recursor:
        recursor.ask(KEPT)
        restart(recursor)
        wait_until(lambda: "cached entries were loaded from" in recursor.log(), 15, "the caches are loaded")
        mark = lab.internet.mark()
        expect_data(recursor.ask(KEPT), "A", "192.0.2.84")
        expect_equal(asked(lab, mark, KEPT), 0)


def test_cuts_and_speeds_come_back(lab):
    """after a restart a new name of a known zone costs a question to that zone's servers, none to root or parents"""
    with new_recursor(lab) as recursor:
        expect_data(recursor.ask(KEPT), "A", "192.0.2.84")
        restart(recursor)
        mark = lab.internet.mark()
        expect_data(recursor.ask("www.watch.example"), "A", "192.0.2.80")
        expect_equal(asked(lab, mark, "www.watch.example"), 1)
        expect_equal(asked(lab, mark, ".", "example", "watch.example"), 0)


def test_secure_stays_secure(lab):
    """what was validated before the restart has AD after it, without a question"""
    with new_recursor(lab) as recursor:
        expect(recursor.ask(SECURE, dnssec=True).has_flag("AD"), "before")
        restart(recursor)
        answer = recursor.ask(SECURE, dnssec=True)
        expect(answer.has_flag("AD"), answer)
        expect(answer.data("RRSIG"), answer)
        expect_equal(recursor.metric("all-outqueries"), 0)


def test_expired_is_gone(lab):
    """what has expired while nothing ran is not loaded"""
    with new_recursor(lab) as recursor:
        recursor.ask(BRIEF)
        begun = time.time()
        expect_equal(recursor.child.stop(5), 0)
        wait_until(lambda: time.time() > begun + 3, 15, "three seconds have passed")
        recursor.start()
        mark = lab.internet.mark()
        expect_data(recursor.ask(BRIEF), "A", "192.0.2.86")
        expect(asked(lab, mark, BRIEF), "no server was asked")


def test_killed_hard(lab):
    """after SIGKILL there is what was saved last: when rec_control said so, or every cache-save-interval"""
    with new_recursor(lab) as recursor:
        recursor.ask(KEPT)
        expect("cached entries were saved to" in recursor.ordered("save-cache"), "what save-cache says")
        recursor.ask("www.watch.example")
        recursor.child.kill()
        recursor.start()
        mark = lab.internet.mark()
        expect_data(recursor.ask(KEPT), "A", "192.0.2.84")
        expect_equal(asked(lab, mark, KEPT), 0)
        expect_data(recursor.ask("www.watch.example"), "A", "192.0.2.80")
        expect(asked(lab, mark, "www.watch.example"), "no server was asked")
    with new_recursor(lab, cache_save_interval=1) as recursor:
        recursor.ask(KEPT)
        saves = recursor.metric("cache-file-saves")
        wait_until(lambda: recursor.metric("cache-file-saves") > saves + 1, 15, "two more savings")
        recursor.child.kill()
        recursor.start()
        mark = lab.internet.mark()
        expect_data(recursor.ask(KEPT), "A", "192.0.2.84")
        expect_equal(asked(lab, mark, KEPT), 0)


def test_not_at_stop(lab):
    """cache-save-at-stop=0 does not save at the stop"""
    with new_recursor(lab, cache_save_at_stop=0) as recursor:
        recursor.ask(KEPT)
        restart(recursor)
        mark = lab.internet.mark()
        recursor.ask(KEPT)
        expect(asked(lab, mark, KEPT), "no server was asked")


def test_other_anchors(lab):
    """when trust anchors have changed, what was secure is validated anew: here it is waived, and has no AD"""
    with open(lab.internet.anchor, encoding="ascii") as file:
        anchor = file.read()
    with new_recursor(lab, files={"trust.lua": anchor}, lua_config_file="@FOLDER@/trust.lua") as recursor:
        expect(recursor.ask(SECURE, dnssec=True).has_flag("AD"), "before")
        expect_equal(recursor.child.stop(5), 0)
        recursor.write("trust.lua", anchor + '\naddNTA("alg13.signed", "a test")\n')
        recursor.start()
        answer = recursor.ask(SECURE, dnssec=True)
        expect_rcode(answer, "NOERROR")
        expect(not answer.has_flag("AD"), answer)
        expect_equal(recursor.metric("all-outqueries"), 0)
        expect("is validated anew" in recursor.log(), recursor.log())


def test_other_forwarders(lab):
    """when forward zones have changed, no answers are taken over, and the log says so"""
    with new_recursor(lab) as recursor:
        recursor.ask(KEPT)
        expect_equal(recursor.child.stop(5), 0)
        with open(f"{recursor.folder}/recursor.conf", "a", encoding="ascii") as file:
            file.write("forward-zones-recurse=elsewhere.test=192.0.2.1\n")
        recursor.start()
        mark = lab.internet.mark()
        expect_data(recursor.ask(KEPT), "A", "192.0.2.84")
        expect(asked(lab, mark, KEPT), "no server was asked")
        expect("no answers were taken from it" in recursor.log(), recursor.log())
        expect(recursor.metric("cache-file-other-settings-entries") > 0, "the metric")


def test_wiped_stays_away(lab):
    """what was wiped does not come back with a restart"""
    with new_recursor(lab) as recursor:
        recursor.ask(KEPT)
        recursor.ordered("save-cache")
        recursor.ordered("wipe-cache", "watch.example$")
        restart(recursor)
        mark = lab.internet.mark()
        recursor.ask(KEPT)
        expect(asked(lab, mark, KEPT), "no server was asked")


def test_damaged_files(lab):
    """a file that is cut off, somebody else's or another thing than a file is reported, and the service starts"""
    with new_recursor(lab) as recursor:
        recursor.ask(KEPT)
        expect_equal(recursor.child.stop(5), 0)
        path = f"{recursor.folder}/cache"
        with open(path, "r+b") as file:
            file.truncate(os.path.getsize(path) - 40)
        recursor.start()
        expect("is cut off" in recursor.log(), recursor.log())
        expect_data(recursor.ask(KEPT), "A", "192.0.2.84")
        expect_equal(recursor.child.stop(5), 0)
        recursor.write("cache", "this is a text\n" * 1000)
        os.chmod(path, 0o644)
        recursor.start()
        expect("it is no file of caches" in recursor.log(), recursor.log())
        expect_data(recursor.ask(KEPT), "A", "192.0.2.84")
        expect_equal(recursor.child.stop(5), 0)
        os.chmod(path, 0o666)
        recursor.start()
        expect("could have been written by others" in recursor.log(), recursor.log())
        expect_data(recursor.ask(KEPT), "A", "192.0.2.84")


def test_unwritable(lab):
    """a file that cannot be written is reported; so is a missing folder, with which nothing is kept"""
    with new_recursor(lab) as recursor:
        os.mkdir(f"{recursor.folder}/cache.new")
        done = recursor.control("save-cache")
        expect_equal(done.returncode, 1)
        expect("cannot open" in done.stderr, done)
        expect(recursor.metric("cache-file-save-failures") == 1, "the metric")
        expect("the caches were not saved" in recursor.log(), recursor.log())
        expect_data(recursor.ask(KEPT), "A", "192.0.2.84")
    with new_recursor(lab, cache_file="@FOLDER@/none/cache") as recursor:
        expect("the caches do not outlive a restart" in recursor.log(), recursor.log())
        expect_equal(recursor.control("save-cache").returncode, 1)


def mount_small(folder):
    """In the child, before it becomes the recursor: a file system of four pages, which nobody else sees."""
    def mount():
        netns.call(netns.LIBC.unshare, netns.CLONE_NEWNS)
        netns.call(netns.LIBC.mount, None, b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None)
        netns.call(netns.LIBC.mount, b"tmpfs", folder.encode(), b"tmpfs", ctypes.c_ulong(0), b"size=16k")
    return mount


def test_full_disk(lab):
    """on a full disk the file saved before stays, and saving works again when there is room"""
    with new_recursor(lab, cache_file="@FOLDER@/disk/cache", cache_save_at_stop=0) as recursor:
        expect_equal(recursor.child.stop(5), 0)
        disk = f"{recursor.folder}/disk"
        os.mkdir(disk)
        try:
            recursor.start(before_exec=mount_small(disk))
        except (OSError, subprocess.SubprocessError) as error:
            raise Skip(f"no file systems can be mounted here: {error}") from error
        inside = f"/proc/{recursor.child.pid}/root{disk}"
        recursor.ask(KEPT)
        recursor.ordered("save-cache")
        with open(f"{inside}/cache", "rb") as file:
            before = file.read()
        with open(f"{inside}/filler", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(512))
            except OSError:
                pass
        done = recursor.control("save-cache")
        expect_equal(done.returncode, 1)
        expect("No space left" in done.stderr, done)
        with open(f"{inside}/cache", "rb") as file:
            expect_equal(file.read(), before)
        expect(not os.path.exists(f"{inside}/cache.new"), "what was begun is still there")
        os.unlink(f"{inside}/filler")
        recursor.ordered("save-cache")
