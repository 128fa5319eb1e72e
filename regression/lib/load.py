"""Loads for a recursor in the bundled internet, made with dnsperf, and what they cost it. Used by `bench` and `train`."""
import os
import random
import re
import shutil
import subprocess

from client import Client
from healthy import FILLER_TLDS, FILLER_WORDS
from process import Child, wait_until
from recursor import Recursor

ZONES = [f"{word}.{tld}" for tld in FILLER_TLDS for word in FILLER_WORDS]
PORT = 5300
LINES = 50_000  # of a mixed load; dnsperf begins again at its end

UNBOUND = """server:
  interface: 127.0.0.1
  port: {port}
  num-threads: {threads}
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
  msg-cache-size: 256m
  rrset-cache-size: 256m
  so-reuseport: yes
remote-control:
  control-enable: no
"""
PDNS = """local-address=127.0.0.1
local-port={port}
query-local-address=0.0.0.0, ::
threads={threads}
dnssec=off
security-poll-suffix=
socket-dir={folder}
"""


class Peer(Recursor):
    """Another recursor on the same port, driven the same way."""

    def __init__(self, command, name, text, threads):
        super().__init__(port=PORT)
        self.command = [word.replace("@FOLDER@", self.folder) for word in command]
        self.write(name, text.format(port=PORT, threads=threads, folder=self.folder))

    def start(self, *options, before_exec=None):
        self.child = Child(self.command, f"{self.folder}/recursor.log", before_exec=before_exec)
        wait_until(lambda: Client("127.0.0.1", PORT, 0.5).ask("wide.com").rcode == "NOERROR", 10, "it answers")


def is_there(program):
    return shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin") is not None


def rootwalk(threads):
    return Recursor(threads=threads, dnssec="off")


def unbound(threads):
    return Peer(["unbound", "-d", "-c", "@FOLDER@/unbound.conf"], "unbound.conf", UNBOUND, threads)


def pdns_recursor(threads):
    return Peer(["pdns_recursor", "--config-dir=@FOLDER@", "--daemon=no"], "recursor.conf", PDNS, threads)


PEERS = {"unbound": ("unbound", unbound), "pdns-recursor": ("pdns_recursor", pdns_recursor)}


def write_questions(folder, seed):
    """Files for dnsperf: names asked for the first time, names that are cached, and a mix: nine in ten cached ones, the
    others new or not there."""
    choose = random.Random(seed)
    popular = [f"{host}{zone} {kind}\n" for zone in ZONES for host, kind in (("www.", "A"), ("", "AAAA"), ("", "MX"))]
    with open(f"{folder}/cold", "w", encoding="ascii") as file:
        file.writelines(f"n{seed}-{n}.{zone} A\n" for n in range(40) for zone in ZONES)
    with open(f"{folder}/hot", "w", encoding="ascii") as file:
        file.writelines(popular)
    with open(f"{folder}/mixed", "w", encoding="ascii") as file:
        for number in range(LINES):
            kind = choose.random()
            zone = choose.choice(ZONES)
            if kind < 0.9:
                file.write(popular[int(len(popular) * choose.random() ** 3)])
            elif kind < 0.95:
                file.write(f"m{seed}-{number}.{zone} A\n")
            else:
                file.write(f"x{seed}-{number}.nowhere.{choose.choice(FILLER_TLDS)} A\n")


def perf(path, *options):
    """Runs dnsperf; returns (answers, answers other than NOERROR and NXDOMAIN, answers a second)."""
    done = subprocess.run(["dnsperf", "-s", "127.0.0.1", "-p", str(PORT), "-d", path, "-q", "100", *options],
                          capture_output=True, text=True, check=True)
    answered = int(re.search(r"Queries completed:\s+(\d+)", done.stdout)[1])
    good = sum(int(n) for n in re.findall(r"(?:NOERROR|NXDOMAIN) (\d+)", done.stdout))
    return answered, answered - good, float(re.search(r"Queries per second:\s+([\d.]+)", done.stdout)[1])
