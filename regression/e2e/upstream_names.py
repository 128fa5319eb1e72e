"""Upstreams given by name: looked up by the system resolver, whose files are replaced for the recursor alone."""
import ctypes
import os
from contextlib import contextmanager

from encrypted import NAME, Certificates, Unbound
from lab import expect, expect_data, expect_rcode
from netns import CLONE_NEWNS, LIBC, call
from process import wait_until

MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
NOBODY = "nameserver 127.0.0.9\noptions timeout:1 attempts:1\n"


def mount(source, target, flags):
    call(LIBC.mount, ctypes.c_char_p(source.encode()), ctypes.c_char_p(target.encode()), None, ctypes.c_ulong(flags), None)


@contextmanager
def with_hosts(lab, hosts, resolv=NOBODY, **settings):
    """A recursor that sees these files as /etc/hosts and /etc/resolv.conf; they may be written anew."""
    recursor = lab.new_recursor(dont_query="", dnssec="off", failure_cache_ttl=1, **settings)
    recursor.write("hosts", hosts)
    recursor.write("resolv.conf", resolv)

    def replace_files():
        call(LIBC.unshare, CLONE_NEWNS)
        mount("none", "/", MS_REC | MS_PRIVATE)
        for name in "hosts", "resolv.conf":
            mount(f"{recursor.folder}/{name}", os.path.realpath(f"/etc/{name}"), MS_BIND)
    try:
        recursor.start(before_exec=replace_files)
        yield recursor
    finally:
        recursor.__exit__()


def test_changes(lab):
    """an upstream given by name is asked at its addresses; when they change it is asked at the new ones"""
    with lab.new_recursor(local_address="127.0.0.1, 127.0.0.2") as upper:
        with with_hosts(lab, "127.0.0.1 upper.test\n", system_resolver_ttl=1,
                        forward_zones_recurse=f".=upper.test:{upper.port}") as recursor:
            expect_data(recursor.ask("h1.watch.example"), "A", "192.0.2.84")
            expect(f"127.0.0.1:{upper.port}#upper.test " in recursor.ordered("get-upstreams"), recursor.ordered("get-upstreams"))
            recursor.write("hosts", "127.0.0.2 upper.test\n")
            wait_until(lambda: f"127.0.0.2:{upper.port}#upper.test " in recursor.ordered("get-upstreams"), 5, "the new address")
            expect_data(recursor.ask("h2.watch.example"), "A", "192.0.2.84")
            recursor.write("hosts", "")
            wait_until(lambda: "upstream upper.test: the system resolver has no address" in recursor.log(), 5, "the failure")
            expect_data(recursor.ask("h3.watch.example"), "A", "192.0.2.84")


def test_unknown_at_first(lab):
    """a name that cannot be found at the start is an error of the answer, and is found later"""
    with lab.new_recursor() as upper:
        with with_hosts(lab, "", forward_zones_recurse=f".=upper.test:{upper.port}") as recursor:
            answer = recursor.ask("h4.watch.example")
            expect_rcode(answer, "SERVFAIL")
            expect(any("upper.test has no known address" in text for _, text in answer.extended_errors()), answer)
            recursor.write("hosts", "127.0.0.1 upper.test\n")
            wait_until(lambda: recursor.ask("h5.watch.example").rcode == "NOERROR", 8, "answers")


def test_reload(lab):
    """reload-zones looks up names that are new"""
    with lab.new_recursor() as upper:
        with with_hosts(lab, "127.0.0.1 upper.test\n", forward_zones_file="@FOLDER@/zones",
                        files={"zones": "+.=127.0.0.9:9\n"}) as recursor:
            recursor.write("zones", f"+.=upper.test:{upper.port}\n")
            recursor.ordered("reload-zones")
            expect_data(recursor.ask("h6.watch.example"), "A", "192.0.2.84")


def test_certificate(lab):
    """the certificate of an upstream given by name has to be for that name"""
    with Certificates() as certificates, Unbound(certificates) as server:
        hosts = f"{server.address} {NAME} other.test\n"
        with with_hosts(lab, hosts, forward_zones_recurse=f".=tls://{NAME}?ca={certificates.ca}") as recursor:
            expect_data(recursor.ask("www.peer.net"), "A", server.data)
        with with_hosts(lab, hosts, forward_zones_recurse=f".=tls://other.test?ca={certificates.ca}") as recursor:
            answer = recursor.ask("www.peer.net")
            expect_rcode(answer, "SERVFAIL")
            expect(any("is not for other.test" in text for _, text in answer.extended_errors()), answer)


def test_own_resolver(lab):
    """it is noticed when the system resolver asks the recursor itself for its upstream's name"""
    with with_hosts(lab, "", "nameserver 127.0.0.7\noptions timeout:1 attempts:1\n", local_address="127.0.0.7",
                    local_port=53, forward_zones_recurse=".=upper.test") as recursor:
        wait_until(lambda: "the system resolver asks this resolver" in recursor.log(), 8, "it is noticed")


def test_reload_again(lab):
    """reload-zones looks up names that are known, too, though system-resolver-ttl is 0"""
    with lab.new_recursor(local_address="127.0.0.1, 127.0.0.2") as upper:
        with with_hosts(lab, "127.0.0.1 upper.test\n", system_resolver_ttl=0,
                        forward_zones_recurse=f".=upper.test:{upper.port}") as recursor:
            expect_data(recursor.ask("h7.watch.example"), "A", "192.0.2.84")
            recursor.write("hosts", "127.0.0.2 upper.test\n")
            recursor.ordered("reload-zones")
            expect(f"127.0.0.2:{upper.port}#upper.test " in recursor.ordered("get-upstreams"), recursor.ordered("get-upstreams"))
            expect_data(recursor.ask("h8.watch.example"), "A", "192.0.2.84")
