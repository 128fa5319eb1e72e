"""What a service manager is told (sd_notify): ready when sockets are bound, alive as long as every worker answers, stopping."""
import ctypes
import os
import select
import socket

from lab import Skip, expect, expect_data, expect_equal
from process import wait_until

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000
INTERVAL = 50_000  # microseconds; the watchdog's patience is four of them


class Manager:
    """The socket that is told; use as a context manager."""

    def __init__(self, folder, abstract=False):
        self.place = f"\0rootwalk-{os.path.basename(folder)}" if abstract else f"{folder}/notify"
        self.name = self.place.replace("\0", "@")
        self.heard = []

    def __enter__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(self.place)
        return self

    def __exit__(self, *_):
        self.socket.close()

    def listen(self):
        while select.select([self.socket], [], [], 0)[0]:
            self.heard += self.socket.recv(4096).decode().splitlines()
        return self.heard

    def wait_for(self, word):
        wait_until(lambda: word in self.listen(), 15, f"the service manager hears {word}")


def managed(lab, manager_of, **environment):
    recursor = lab.new_recursor(threads=2)
    manager = manager_of(recursor.folder)
    recursor.environment = {"NOTIFY_SOCKET": manager.name, **environment}
    return recursor, manager


def test_ready_and_stopping(lab):
    """it says that it is ready when it answers, and that it ends; by a path and by an abstract name"""
    for abstract in (False, True):
        recursor, manager = managed(lab, lambda folder, kind=abstract: Manager(folder, kind))
        with manager:
            recursor.launch()
            try:
                manager.wait_for("READY=1")
                expect("STATUS=2 workers" in manager.heard, manager.heard)
                expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
                expect("WATCHDOG=1" not in manager.listen(), "without WATCHDOG_USEC nobody wants to know")
            finally:
                recursor.child.stop(5)
            manager.wait_for("STOPPING=1")
        recursor.__exit__()


def test_no_start(lab):
    """a recursor that cannot start never says that it is ready"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        recursor, manager = managed(lab, Manager)
        other.bind(("127.0.0.1", recursor.port))
        with manager:
            recursor.launch()
            wait_until(lambda: not recursor.child.running(), 15, "it gives up")
            expect_equal(manager.listen(), [])
        recursor.__exit__()


def threads_named(pid, name):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/comm", encoding="ascii") as file:
            if file.read().strip() == name:
                found.append(int(task))
    return found


def ptrace(request, thread):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    if libc.ptrace(request, thread, None, None) != 0:
        raise Skip(f"ptrace: {os.strerror(ctypes.get_errno())}")


def test_watchdog(lab):
    """the watchdog is kept quiet while all workers answer, and no longer: one that hangs is enough"""
    recursor, manager = managed(lab, Manager, WATCHDOG_USEC=str(4 * INTERVAL))
    with manager:
        recursor.launch()
        try:
            for _ in range(3):
                manager.wait_for("WATCHDOG=1")
                manager.heard.clear()
            (worker,) = threads_named(recursor.child.pid, "worker/1")
            ptrace(PTRACE_SEIZE, worker)
            ptrace(PTRACE_INTERRUPT, worker)
            os.waitpid(worker, WALL)
            manager.listen()  # what was on its way: one at most is still to come, for the round that the worker has answered
            manager.heard.clear()
            select.select([], [], [], 20 * INTERVAL / 1e6)
            expect(manager.listen().count("WATCHDOG=1") <= 1, manager.heard)
            manager.heard.clear()
            ptrace(PTRACE_DETACH, worker)
            manager.wait_for("WATCHDOG=1")
        finally:
            recursor.child.stop(5)
    recursor.__exit__()


def test_others_watchdog(lab):
    """a watchdog that is for another process is left alone"""
    recursor, manager = managed(lab, Manager, WATCHDOG_USEC=str(4 * INTERVAL), WATCHDOG_PID="1")
    with manager:
        recursor.launch()
        try:
            manager.wait_for("READY=1")
            expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
            expect("WATCHDOG=1" not in manager.listen(), manager.heard)
        finally:
            recursor.child.stop(5)
    recursor.__exit__()
