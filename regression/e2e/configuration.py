"""Settings: every mistake ends the program with code 1 and one line that names file, line and key."""
import os
import socket
import subprocess
import tempfile

from lab import expect, expect_data, expect_equal
from recursor import RECURSOR


def run(text="", *options, extra=None):
    """Runs the recursor on a configuration that must end it at once; the CompletedProcess and the file's path."""
    with tempfile.TemporaryDirectory(prefix="rootwalk-conf.") as folder:
        for name, content in dict(extra or {}, **{"recursor.conf": text}).items():
            os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
            with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
                file.write(content.replace("@FOLDER@", folder))
        done = subprocess.run([RECURSOR, f"--config-dir={folder}", f"--socket-dir={folder}", *options],
                              capture_output=True, text=True, timeout=10, check=False)
        return done


def refused(text, *words, options=(), extra=None):
    """The configuration is refused with code 1, and the reason contains the words."""
    done = run(text, *options, extra=extra)
    expect_equal(done.returncode, 1, done)
    lines = [line for line in done.stderr.splitlines() if all(word in line for word in words)]
    expect(lines, f"no line with {words}: {done.stderr!r}")


def test_unknown_key(lab):
    """an unknown key"""
    refused("threads=1\nno-such-key=1\n", "recursor.conf", "2", "no-such-key")


def test_bad_values(lab):
    """a value that is no number, out of range, no yes or no, no address, no netmask"""
    for key, value in (("threads", "many"), ("local-port", "70000"), ("threads", "-1"), ("quiet", "perhaps"),
                       ("local-address", "300.1.1.1"), ("allow-from", "10.0.0.0/99"), ("max-cache-ttl", "12x")):
        refused(f"# comment\n\n{key}={value}\n", "recursor.conf", "3", key)


def test_not_a_setting(lab):
    """a line that is no setting"""
    refused("threads=1\n=value\n", "recursor.conf", "2")


def test_missing_file(lab):
    """a file that a setting names and that cannot be read"""
    refused("hint-file=/does/not/exist\n", "hint-file", "/does/not/exist")
    refused("auth-zones=wide.com=/does/not/exist\n", "auth-zones", "/does/not/exist")


def test_bad_option(lab):
    """an unknown option on the command line"""
    done = run("", "--no-such-option=1")
    expect_equal(done.returncode, 1, done)
    expect("no-such-option" in done.stderr, done)


def test_included(lab):
    """a mistake in an included file names that file"""
    refused("include-dir=@FOLDER@/more\n", "b.conf", "2", "no-such-key",
            extra={"more/a.conf": "threads=1\n", "more/b.conf": "\nno-such-key=1\n"})


def test_address_in_use(lab):
    """an address that is taken"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        done = run(f"local-address=127.0.0.1\nlocal-port={port}\n")
        expect(done.returncode == 1 and str(port) in done.stderr, done)


def test_order_and_appending(lab):
    """later lines replace, += appends, options override the file"""
    with lab.new_recursor() as recursor:
        recursor.child.stop()
        with open(f"{recursor.folder}/recursor.conf", "a", encoding="utf-8") as file:
            file.write("server-id=first\nserver-id = second # comment\nallow-from=::1\nallow-from+=127.0.0.0/8\n")
        recursor.start("--version-string=from option")
        expect_data(recursor.ask("id.server", "TXT", rdclass="CH"), "TXT", '"second"')
        expect_data(recursor.ask("version.bind", "TXT", rdclass="CH"), "TXT", '"from option"')


def test_version_and_help(lab):
    """--version prints name, version and features, --help the settings, both end with code 0"""
    done = run("", "--version")
    text = done.stdout + done.stderr
    expect(done.returncode == 0 and any(line.startswith("Features: ") for line in text.splitlines()), done)
    done = run("", "--help")
    expect(done.returncode == 0 and "local-address" in done.stdout + done.stderr, done)


def test_config_forms(lab):
    """--config=default, diff and check"""
    done = run("threads=7\n", "--config=default")
    expect(done.returncode == 0 and "local-port=" in done.stdout, done)
    done = run("threads=7\n", "--config=diff")
    expect(done.returncode == 0 and "threads=7" in done.stdout and "hint-file" not in done.stdout, done)
    expect_equal(run("threads=7\n", "--config=check").returncode, 0)
    expect_equal(run("threads=x\n", "--config=check").returncode, 1)


def test_meaningless_settings(lab):
    """a PowerDNS setting without meaning here is accepted with one warning"""
    with lab.new_recursor(max_mthreads=100, stack_size=100000) as recursor:
        for key in ("max-mthreads", "stack-size"):
            lines = [line for line in recursor.log().splitlines() if key in line]
            expect_equal(len(lines), 1, f"lines about {key}: {lines}")
