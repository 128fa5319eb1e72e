"""What is in etc/: the commented configuration, the examples, the alerts. Each must fit the program that it is for."""
import glob
import os
import re
import shutil
import subprocess

from lab import Skip, expect, expect_data, expect_equal
from recursor import RECURSOR, ROOT

ETC = os.path.join(ROOT, "etc")
ASSIGNMENT = re.compile(r"^(# )?([a-z0-9-]+)(\+?)=(.*)$")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def check(folder, text):
    with open(f"{folder}/recursor.conf", "w", encoding="utf-8") as file:
        file.write(text)
    return subprocess.run([RECURSOR, f"--config-dir={folder}", "--config=check"], capture_output=True, text=True, timeout=20, check=False)


def test_template(lab):
    """every line of etc/recursor.conf that is commented out is a setting, most of them with the default"""
    lines = [match.groups() for match in map(ASSIGNMENT.match, read(f"{ETC}/recursor.conf").splitlines()) if match]
    expect(len(lines) > 10, lines)
    with lab.new_recursor() as recursor:
        for _, name, _, value in lines:
            said = recursor.ordered("get-default-parameter", name)
            expect("not known" not in said, said)
            done = check(recursor.folder, f"{name}={value}\n".replace("/etc/rootwalk/", recursor.folder + "/"))
            expect(done.returncode == 0 or "No such file" in done.stderr, done)


def test_examples(lab):
    """each example parses without a warning, starts and answers"""
    needed = ("local-address", "local-port", "socket-dir", "lua-config-file", "trust-anchor", "signal-trust", "query-local-address",
              "security-poll")
    for path in sorted(glob.glob(f"{ETC}/examples/*.conf")):
        recursor = lab.new_recursor()
        own = "".join(line for line in read(f"{recursor.folder}/recursor.conf").splitlines(True) if line.startswith(needed))
        done = check(recursor.folder, read(path))
        expect_equal((done.returncode, done.stderr), (0, ""), path)
        recursor.write("recursor.conf", read(path) + "\n" + own)  # where the test listens comes last, and wins
        with recursor:
            expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
            expect_equal(recursor.ordered("ping"), "pong\n")


def test_build_packages(lab):
    """what ./dev installs to build the programs is what the Debian package asks for"""
    listed = re.search(r'^build_packages="([^"]*)"', read(f"{ROOT}/dev"), re.M)[1].split()
    needed = {name for name in listed if name.endswith("-dev") or name in ("meson", "ninja-build", "pkg-config")}
    asked = re.search(r"^Build-Depends: (.*?)\n\S", read(f"{ROOT}/debian/control"), re.M | re.S)[1]
    expect(len(needed) > 10, needed)
    expect_equal(needed - set(re.split(r"[\s,]+", asked)), set())


def test_alerts(lab):
    """the alerts are about metrics that exist"""
    known = set(re.findall(r"^\| `([a-z0-9-]+)` \|", read(f"{ROOT}/docs/metrics.md"), re.M))
    used = set(re.findall(r"pdns_recursor_([a-z0-9_]+)", read(f"{ETC}/prometheus/rootwalk.rules.yml")))
    expect(len(used) > 10 and len(known) > 100, (used, len(known)))
    expect_equal({name for name in used if name.replace("_", "-") not in known}, set())
    checks = set(re.findall(r"rec_control doctor ((?:[a-z0-9-]+ ?)+)", read(f"{ETC}/prometheus/rootwalk.rules.yml")))
    done = subprocess.run([f"{os.path.dirname(RECURSOR)}/rec_control", "doctor", "--offline", "--json",
                           *" ".join(checks).split()], capture_output=True, text=True, timeout=20, check=False)
    expect(done.returncode != 1, done)


def test_promtool(lab):
    """each alert fires for a sick recursor, and none for one that is well, as Prometheus itself finds"""
    if not shutil.which("promtool"):
        raise Skip("promtool is not installed")
    for words in (("check", "rules", f"{ETC}/prometheus/rootwalk.rules.yml"), ("test", "rules", f"{ROOT}/regression/alerts.yml")):
        done = subprocess.run(["promtool", *words], capture_output=True, text=True, timeout=60, check=False)
        expect_equal(done.returncode, 0, done)
    alerts = set(re.findall(r"alert: (\w+)", read(f"{ETC}/prometheus/rootwalk.rules.yml")))
    expect_equal(alerts - set(re.findall(r"alertname: (\w+)", read(f"{ROOT}/regression/alerts.yml"))), set(), "alerts without a test")
