"""rec_control doctor and recursor --check-host: faults planted in files and on the way to the root servers are found."""
import json
import os
import subprocess
import sys
import tempfile

from lab import Skip, expect, expect_equal
from recursor import REC_CONTROL, RECURSOR, ROOT

HELPER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib", "doctorhost.py")
PATHS = ["roots", "ipv6", "edns", "large-udp", "fragments", "tcp"]
NOTHING, CANNOT, ADVICE, FAULT = 0, 1, 2, 3


def look(fault, *words, **settings):
    """What the doctor finds in a namespace with that fault: (exit code, {check: row})."""
    with tempfile.TemporaryDirectory(prefix="rootwalk-doctor.") as folder:
        settings = {"hint-file": f"{folder}/hints", "socket-dir": folder, "threads": 1, **settings}
        with open(f"{folder}/recursor.conf", "w", encoding="utf-8") as file:
            file.write("".join(f"{key.replace('_', '-')}={value}\n" for key, value in settings.items()))
        done = subprocess.run([sys.executable, HELPER, fault, folder, REC_CONTROL, f"--config-dir={folder}", "doctor", "--json",
                               *(words or PATHS)], capture_output=True, text=True, timeout=120, check=False)
        expect_equal(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        expect(said["out"], said["error"])
        return said["code"], {row["check"]: row for row in json.loads(said["out"])}


def expect_only(fault, check, result, **settings):
    """That check finds it, and no other one of the way finds anything."""
    code, rows = look(fault, **settings)
    expect_equal(rows[check]["result"], result, rows)
    expect(rows[check]["do"], rows)
    expect_equal(code, FAULT if result == "fault" else ADVICE)
    others = {row["check"]: row["result"] for row in rows.values() if row["check"] != check}
    expect_equal(set(others.values()) - {"ok", "unknown"}, set(), rows)


def test_nothing(lab):
    """where everything arrives nothing is found"""
    code, rows = look("nothing")
    expect_equal((code, {row["result"] for row in rows.values()}), (NOTHING, {"ok"}), rows)
    expect_equal(rows["roots"]["found"], "4 of 4 root server addresses answer")
    expect(rows["fragments"]["found"].startswith("4 of 4"), rows)


def test_silence(lab):
    """root servers that do not answer are found, all of them or one"""
    expect_only("silence", "roots", "fault")
    expect_only("one silent", "roots", "advice")


def test_ipv6(lab):
    """IPv6 that is there but does not work is found"""
    expect_only("ipv6", "ipv6", "fault")


def test_edns(lab):
    """EDNS that is dropped is found"""
    expect_only("edns", "edns", "fault")


def test_sizes(lab):
    """UDP packets of more than 512 octets that get lost are found, and fragments, and TCP"""
    expect_only("large", "large-udp", "fault")
    expect_only("fragments", "fragments", "advice")
    expect_only("fragments", "fragments", "fault", edns_outgoing_bufsize=4096)
    expect_only("tcp", "tcp", "fault")


def test_conntrack(lab):
    """questions that the firewall keeps a record of are found, and the rules that are told take them out"""
    if not os.path.exists("/proc/net/nf_conntrack"):
        raise Skip("this kernel has no /proc/net/nf_conntrack")
    _, rows = look("tracked", "conntrack", "roots")
    expect_equal(rows["conntrack"]["result"], "fault", rows)
    expect("notrack" in rows["conntrack"]["do"][0], rows)


def plant(root, files):
    for path, text in files.items():
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        with open(root + path, "w", encoding="ascii") as file:
            file.write(text + "\n")


def test_planted_files(lab):
    """faults in the files of a machine are found by both programs, and tell in the exit code"""
    with tempfile.TemporaryDirectory(prefix="rootwalk-doctor.") as folder:
        with open(f"{folder}/recursor.conf", "w", encoding="utf-8") as file:
            file.write(f"socket-dir={folder}\n")
        plant(folder, {"/proc/sys/kernel/random/entropy_avail": "3", "/proc/sys/net/ipv6/route/max_size": "4096",
                       "/sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc"})
        def run(*words):
            return subprocess.run([REC_CONTROL, f"--config-dir={folder}", "doctor", "--offline", f"--root={folder}", *words],
                                  capture_output=True, text=True, timeout=20, check=False)
        for words, code in ((["entropy", "ipv6-route-cache"], FAULT), (["ipv6-route-cache"], ADVICE), (["clock-source"], NOTHING),
                            (["nonsense"], CANNOT)):
            expect_equal(run(*words).returncode, code, words)
        expect("sysctl -w net.ipv6.route.max_size=16384" in run().stdout, run())
        done = subprocess.run([RECURSOR, f"--config-dir={folder}", f"--check-host=--offline,--json,--root={folder},entropy"],
                              capture_output=True, text=True, timeout=20, check=False)
        expect_equal((done.returncode, json.loads(done.stdout)[0]["result"]), (FAULT, "fault"), done)


def test_this_machine(lab):
    """on this machine, whatever it is like, every check has a line, and what is to be done stands below"""
    with lab.new_recursor(write_pid="yes") as recursor:
        done = recursor.control("doctor", "--offline")
        expect(done.returncode in (NOTHING, ADVICE, FAULT), done)
        lines = done.stdout.splitlines()
        names = [line.split()[1] for line in lines[:-1] if line[0] != " "]
        with open(os.path.join(ROOT, "docs", "doctor.md"), encoding="utf-8") as file:
            text = file.read()
        expect_equal([name for name in names if f"\n| `{name}` |" not in text], [], "not in docs/doctor.md")
        expect_equal(len(names), text.count("\n| `"), done.stdout)
        expect("the running recursor may open" in done.stdout, done.stdout)
        expect(lines[-1].endswith(" unknown"), lines[-1])
