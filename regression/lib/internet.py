"""Starts and stops the bundled internet in the network namespace of the calling process, and breaks parts of it on
request. Used by the end-to-end runner, `serve` and the benchmark; everything it starts dies with the caller."""
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import threading

import netns
from client import Client
from process import Child, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(os.path.dirname(HERE), "internet")
sys.path.insert(0, SOURCES)
import build  # noqa: E402  (the generator lives beside the description)

PYTHON = "/usr/bin/python3"
FIREWALL = """table inet internet {{
  set silent4 {{ type ipv4_addr; flags interval; elements = {{ {silent4} }} }}
  set silent6 {{ type ipv6_addr; flags interval; elements = {{ {silent6} }} }}
  chain input {{ type filter hook input priority 0; ip daddr @silent4 drop; ip6 daddr @silent6 drop; }}
}}
"""


class Internet:
    """The caller must be in a namespace of its own (netns.enter_new). Use as a context manager."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="rootwalk-internet.")
        self.description = build.build(self.folder)
        with open(f"{self.folder}/nets.json", encoding="ascii") as file:
            self.nets = json.load(file)
        self.children = {}

    @property
    def anchor(self):
        """A lua-config-file with the trust anchor of this root."""
        return f"{self.folder}/{build.ANCHOR}"

    def __enter__(self):
        try:
            self.configure_network()
            for process in self.nets["processes"]:
                self.start(process)
            self.start_trickster()
            for process in self.nets["processes"]:
                self.wait_for(process)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for child in self.children.values():
            child.signal(signal.SIGKILL) if child.running() else None
        for child in self.children.values():
            child.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def configure_network(self):
        """Whole ranges become local, what has no route there is unreachable. A socket binds to any IPv4 address of such
        a range, but to IPv6 ones only when they are added singly."""
        client4, client6 = self.nets["client"]
        roots = [a for p in ("root1", "root2") for a in self.nets["processes"][p] if ":" not in a]
        commands = [f"addr add {client4}/32 dev lo", f"addr add {client6}/128 dev lo nodad"]
        for net in self.nets["local"] + roots:
            commands.append(f"route add local {net} dev lo src {client6 if ':' in net else client4}")
        bound = [a for addresses in self.nets["processes"].values() for a in addresses] + self.nets["tricks"]
        commands += [f"addr add {a}/128 dev lo nodad" for a in bound if ":" in a]
        netns.ip(*commands)
        silent4, silent6 = self.nets["silent"]
        netns.nft(FIREWALL.format(silent4=silent4, silent6=silent6))

    def start(self, process):
        folder = f"{self.folder}/{process}"
        self.children[process] = Child(["knotd", "-c", f"{folder}/knot.conf"], f"{folder}/log")

    def start_trickster(self):
        self.children["trickster"] = Child([PYTHON, f"{SOURCES}/trickster.py", self.folder],
                                           f"{self.folder}/trickster.log", pipe_stdout=True)
        if self.children["trickster"].process.stdout.readline() != b"ready\n":
            raise RuntimeError("the misbehaving server did not start: " + self.children["trickster"].output())

    def wait_for(self, process):
        """Returns when the process answers on its last address."""
        client, child = Client(self.nets["processes"][process][-1], timeout=0.3), self.children[process]

        def answers():
            if not child.running():
                raise RuntimeError(f"{process} ended: {child.output()}")
            return client.ask(".", "SOA").message
        wait_until(answers, 10, f"{process} answers")

    # ---- breaking things: context managers that put everything back

    @contextlib.contextmanager
    def silenced(self, *processes):
        """Packets to these processes are dropped: a black hole."""
        addresses = [a for p in processes for a in self.nets["processes"][p]]
        self.edit_silent("add", addresses)
        try:
            yield
        finally:
            self.edit_silent("delete", addresses)

    def edit_silent(self, verb, addresses):
        for name, family in (("silent4", "."), ("silent6", ":")):
            members = [a for a in addresses if (":" in a) == (family == ":")]
            if members:
                netns.nft(f"{verb} element inet internet {name} {{ {', '.join(members)} }}")

    @contextlib.contextmanager
    def paused(self, *processes):
        """The processes exist and their ports are open, but they do nothing (SIGSTOP)."""
        for process in processes:
            self.children[process].signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                self.children[process].signal(signal.SIGCONT)

    @contextlib.contextmanager
    def killed(self, *processes):
        """The processes are gone, their ports closed; they are started again afterwards."""
        for process in processes:
            self.children[process].kill()
        try:
            yield
        finally:
            for process in processes:
                self.start(process)
            for process in processes:
                self.wait_for(process)

    @contextlib.contextmanager
    def delayed(self, *processes, seconds=0.3):
        """The processes answer late, by up to so long: they are stopped most of the time."""
        done = threading.Event()

        def pulse():
            while not done.is_set():
                with self.paused(*processes):
                    done.wait(seconds)
                done.wait(0.02)
        thread = threading.Thread(target=pulse)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    # ---- what reached the misbehaving server

    def mark(self):
        return os.path.getsize(f"{self.folder}/queries.log")

    def queries(self, since=0, zone=None, name=None):
        """The queries after a mark, as dicts: proto, address, zone, name, type, id, port, edns, cookie, flags, ecs."""
        with open(f"{self.folder}/queries.log", encoding="ascii") as file:
            file.seek(since)
            rows = [parse_log_line(line) for line in file]
        return [row for row in rows if zone in (None, row["zone"]) and
                name in (None, row["name"].lower().rstrip("."))]


def parse_log_line(line):
    proto, address, zone, name, rdtype, *pairs = line.split()
    return dict(proto=proto, address=address, zone=zone, name=name, type=rdtype, **dict(p.split("=") for p in pairs))
