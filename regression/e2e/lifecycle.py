"""Start and stop of the daemon: signals, privileges, restart, sockets in one namespace and servers in another."""
import os
import resource
import signal
import subprocess
import time

import netns
from client import question
from lab import Skip, expect, expect_data, expect_equal
from process import wait_until
from recursor import RECURSOR


def test_sigterm(lab):
    """SIGTERM ends it with code 0 within seconds, also while questions are open"""
    with lab.new_recursor() as recursor:
        recursor.client(timeout=0.05).ask("www.all-silent.example")
        start = time.monotonic()
        expect_equal(recursor.child.stop(5), 0)
        expect(time.monotonic() - start < 4, "too slow")


def test_sigint(lab):
    """Ctrl-C ends it with code 0"""
    with lab.new_recursor() as recursor:
        recursor.child.signal(signal.SIGINT)
        wait_until(lambda: not recursor.child.running(), 4, "it ends")
        expect_equal(recursor.child.process.returncode, 0)


def test_restart(lab):
    """a recursor that is started again on the same port answers, with an empty cache"""
    with lab.new_recursor() as recursor:
        recursor.ask("www.watch.example")
        expect_equal(recursor.child.stop(), 0)
        mark = lab.internet.mark()
        recursor.start()
        expect_data(recursor.ask("www.watch.example"), "A", "192.0.2.80")
        expect(lab.internet.queries(mark, name="www.watch.example"), "no server was asked")


def test_killed_hard(lab):
    """after SIGKILL it starts again: a stale control socket and pid file do not stop it"""
    with lab.new_recursor() as recursor:
        recursor.child.kill()
        recursor.start()
        expect_equal(recursor.ordered("ping").strip(), "pong")


def test_setuid(lab):
    """after binding it gives up root for setuid and setgid, and still answers and is controlled"""
    if os.geteuid() != 0 or len(open("/proc/self/uid_map", encoding="ascii").read().split()) < 3 or \
            open("/proc/self/uid_map", encoding="ascii").read().split()[2] == "1":
        raise Skip("needs root outside of a user namespace")
    with lab.new_recursor(setuid="nobody", setgid="nogroup", local_port=53) as recursor:
        with open(f"/proc/{recursor.child.pid}/status", encoding="ascii") as file:
            status = dict(line.split(":", 1) for line in file)
        expect_equal(set(status["Uid"].split()), {"65534"})
        expect_equal(set(status["Gid"].split()), {"65534"})
        expect_equal(set(status["Groups"].split()) - {"65534"}, set())
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        expect_equal(recursor.ordered("ping").strip(), "pong")


def test_background(lab):
    """daemon=yes: the parent ends with code 0 when all is ready, the pid file is right, SIGTERM ends the child"""
    with lab.new_recursor() as recursor:
        recursor.child.stop()
        done = subprocess.run([RECURSOR, f"--config-dir={recursor.folder}", "--daemon=yes"], timeout=10, check=False)
        expect_equal(done.returncode, 0)
        wait_until(lambda: os.path.getsize(f"{recursor.folder}/recursor.pid") > 0, 4, "the pid file")
        with open(f"{recursor.folder}/recursor.pid", encoding="ascii") as file:
            pid = int(file.read())
        try:
            wait_until(lambda: recursor.control("ping").returncode == 0, 4, "it answers")
            expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        finally:
            os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not os.path.exists(f"{recursor.folder}/recursor.pid"), 4, "it ends")
        expect(not os.path.exists(f"{recursor.folder}/recursor.controlsocket"), "the control socket is left")


def test_background_failure(lab):
    """daemon=yes: what keeps it from starting is said before the terminal is left, with code 1"""
    with lab.new_recursor() as recursor:
        other = f"{recursor.folder}/other"
        os.mkdir(other)
        for option in ("--setuid=no-such-user", "--socket-dir=/nonexistent"):
            done = subprocess.run([RECURSOR, f"--config-dir={recursor.folder}", "--daemon=yes", "--local-port=5397",
                                   f"--socket-dir={other}", option], timeout=10, capture_output=True, text=True,
                                  check=False)
            expect_equal(done.returncode, 1, done)
            expect(option.split("=")[1] in done.stderr, done.stderr)


def test_shared_sockets(lab):
    """reuseport=no: the workers share the listening sockets and all are of use"""
    with lab.new_recursor(reuseport="no", threads=2) as recursor:
        names = [question(f"shared{n}.watch.example") for n in range(50)]
        expect(all(answer.rcode == "NOERROR" for answer in recursor.client().ask_many(names)), "some failed")
        expect_data(recursor.ask("www.wide.com", tcp=True), "A", "192.0.2.12")


def test_cpu_map(lab):
    """cpu-map: a worker runs on its CPUs, the others where they like"""
    with lab.new_recursor(threads=2, cpu_map="1=0") as recursor:
        def cpus(thread):
            for task in os.listdir(f"/proc/{recursor.child.pid}/task"):
                with open(f"/proc/{recursor.child.pid}/task/{task}/comm", encoding="ascii") as file:
                    if file.read().strip() == thread:
                        return os.sched_getaffinity(int(task))
            return set()
        # One worker answers already while the other is still starting.
        wait_until(lambda: cpus("worker/1") == {0}, 5, "the second worker runs on CPU 0 only")
        wait_until(lambda: cpus("worker/0") == os.sched_getaffinity(0), 5, "the first one runs where it likes")


def test_descriptor_limit(lab):
    """a low soft limit of file descriptors is raised at start"""
    with lab.new_recursor() as recursor:
        recursor.child.stop()
        recursor.start(before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(
            resource.RLIMIT_NOFILE)[1])))
        soft = resource.prlimit(recursor.child.pid, resource.RLIMIT_NOFILE)[0]
        expect(soft > 256, f"the limit is still {soft}")
        answers = recursor.client().ask_many([question(f"fd{n}.watch-slow.example") for n in range(300)])
        expect(all(a.rcode == "NOERROR" for a in answers), "not all were answered")


def test_several_addresses(lab):
    """several local addresses, with ports of their own"""
    with lab.new_recursor(local_address="127.0.0.1, 127.0.0.2:5399, [::1]:5398") as recursor:
        from client import Client
        for address, port in (("127.0.0.1", recursor.port), ("127.0.0.2", 5399), ("::1", 5398)):
            for tcp in (False, True):
                expect_data(Client(address, port).ask("www.wide.com", tcp=tcp), "A", "192.0.2.12")


def test_answer_from_the_address_asked(lab):
    """on a wildcard address the answer comes from the address that was asked"""
    with lab.new_recursor(local_address="0.0.0.0, ::", allow_from="0.0.0.0/0, ::/0") as recursor:
        for address in ("127.0.0.3", "198.18.255.53", "2001:2:0:ff::53"):
            expect_data(recursor.client(address).ask("www.wide.com"), "A", "192.0.2.12")


def test_outgoing_namespace(lab):
    """with outgoing-netns the clients' sockets stay where it was started, servers are asked elsewhere"""
    inside = f"/proc/{os.getpid()}/ns/net"
    pid = os.fork()
    if pid == 0:
        os._exit(ask_from_new_namespace(lab, inside))
    expect_equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, "the answer in the other namespace")


def ask_from_new_namespace(lab, path):
    """In a child process with a namespace of its own, which has no server in it: 0 when the name resolves."""
    try:
        netns.enter_new()
        with lab.new_recursor(outgoing_netns=path) as recursor:
            for tcp in (False, True):
                expect_data(recursor.ask("www.wide.com", tcp=tcp), "A", "192.0.2.12")
            expect_data(recursor.ask("www.truncating.example"), "A", "192.0.2.80")
        return 0
    except BaseException as error:
        print("outgoing-netns:", error, flush=True)
        return 1
