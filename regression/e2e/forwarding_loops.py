"""Resolvers that forward to each other: the ring is found out, questions fail at once and say why, little is asked."""
import itertools
import shutil
import tempfile
from contextlib import ExitStack, contextmanager

from lab import Skip, expect, expect_data, expect_rcode
from process import Child, wait_until

UNBOUND = """server:
  interface: 127.0.0.31@5353
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{port}
"""


@contextmanager
def ring(lab, count, **settings):
    """Recursors of which each forwards to the next, the last one to the first."""
    first = lab.next_port + 1
    with ExitStack() as stack:
        yield [stack.enter_context(lab.new_recursor(
            forward_zones_recurse=f".=127.0.0.1:{first + (i + 1) % count}", dont_query="", dnssec="off",
            failure_cache_ttl=1, **settings)) for i in range(count)]


def expect_found_out(recursors):
    """One of them knows, and tells its clients."""
    knows = next(r for r in recursors if r.metric("forward-loops"))
    answer = knows.ask("after.watch.example")
    expect_rcode(answer, "SERVFAIL")
    expect(any("forwarding loop: " in text and "leads back here" in text for _, text in answer.extended_errors()), answer)
    expect("leads back to this resolver (a forwarding loop) for .:" in knows.log(), knows.log())
    expect(" loops " in knows.ordered("get-upstreams"), knows.ordered("get-upstreams"))


def test_two(lab):
    """two recursors that forward to each other find it out with the first question, and ask next to nothing"""
    with ring(lab, 2) as both:
        expect_rcode(both[0].ask("www.watch.example"), "SERVFAIL")
        wait_until(lambda: any(r.metric("forward-loops") for r in both), 5, "the loop is found out")
        expect_found_out(both)
        before = [r.metric("all-outqueries") for r in both]
        for i in range(50):
            expect_rcode(both[i % 2].ask(f"r{i}.watch.example"), "SERVFAIL")
        asked = sum(r.metric("all-outqueries") for r in both) - sum(before)
        expect(asked <= 150, f"{asked} questions for 50")


def test_three(lab):
    """a ring of three is found out, too"""
    with ring(lab, 3) as all_three:
        expect_rcode(all_three[0].ask("www.watch.example"), "SERVFAIL")
        wait_until(lambda: any(r.metric("forward-loops") for r in all_three), 5, "the loop is found out")
        expect_found_out(all_three)


def test_through_another(lab):
    """a ring through a resolver of another make is found out, too"""
    if not shutil.which("unbound"):
        raise Skip("unbound is not installed")
    number = itertools.count()
    with tempfile.TemporaryDirectory(prefix="rootwalk-unbound.") as folder:
        with open(f"{folder}/unbound.conf", "w", encoding="ascii") as file:
            file.write(UNBOUND.format(folder=folder, port=lab.next_port + 1))
        unbound = Child(["unbound", "-d", "-c", f"{folder}/unbound.conf"], f"{folder}/unbound.log")
        try:
            with lab.new_recursor(forward_zones_recurse=".=127.0.0.31:5353", dont_query="", dnssec="off",
                                  failure_cache_ttl=1) as recursor:
                def found():
                    expect_rcode(recursor.ask(f"n{next(number)}.watch.example"), "SERVFAIL")
                    return recursor.metric("forward-loops")
                wait_until(found, 20, "the loop is found out")
                expect_found_out([recursor])
        finally:
            unbound.stop(2)


def test_without_the_check(lab):
    """without the check equal questions are merged: a ring costs time, but does not melt"""
    with ring(lab, 2, forward_loop_check="no", max_total_msec=600) as both:
        for i in range(3):
            expect_rcode(both[0].ask(f"m{i}.watch.example"), "SERVFAIL")
        asked = sum(r.metric("all-outqueries") for r in both)
        expect(asked <= 60, f"{asked} questions for 3")


def test_mended(lab):
    """when the other one does not forward any more it is asked again"""
    with ring(lab, 2) as (one, other):
        expect_rcode(one.ask("www.watch.example"), "SERVFAIL")
        wait_until(lambda: one.metric("forward-loops") or other.metric("forward-loops"), 5, "the loop is found out")
        other.child.stop(2)
        other.write("recursor.conf", "".join(f"{key}={value}\n" for key, value in other.settings.items()
                                             if key != "forward-zones-recurse").replace("@FOLDER@", other.folder))
        other.start()
        wait_until(lambda: one.ask("g1.watch.example").rcode == "NOERROR", 10, "it is asked again")
        expect_data(one.ask("g2.watch.example"), "A", "192.0.2.84")


def test_turned_off(lab):
    """without forward-loop-check, set by reload-zones, an upstream that leads back here is asked again"""
    with ring(lab, 2) as both:
        expect_rcode(both[0].ask("www.watch.example"), "SERVFAIL")
        wait_until(lambda: any(r.metric("forward-loops") for r in both), 15, "the loop is found out")
        knows = next(r for r in both if r.metric("forward-loops"))
        knows.write("recursor.conf", "".join(f"{key}={value}\n" for key, value in knows.settings.items()).replace(
            "@FOLDER@", knows.folder) + "forward-loop-check=no\n")
        knows.ordered("reload-zones")
        wait_until(lambda: " loops " not in knows.ordered("get-upstreams"), 15, "nobody believes in the loop any more")


def test_ourselves(lab):
    """an upstream that is the recursor's own address is an error at the start"""
    recursor = lab.new_recursor(forward_zones_recurse=f".=127.0.0.1:{lab.next_port + 1}", dont_query="")
    try:
        recursor.launch()
        expect(recursor.child.process.wait(5) != 0, "it started")
        expect("is this resolver itself (local-address)" in recursor.log(), recursor.log())
    finally:
        recursor.__exit__()
