"""rec_control top: one snapshot without a terminal, a live screen on one, which q ends and leaves as it was."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios

from lab import expect, expect_equal
from process import wait_until
from recursor import REC_CONTROL

LABELS = ("questions", "answers", "dropped", "latency", "packet cache", "record cache", "resolved", "caches", "negative",
          "upstream", "validation", "process", "busiest names", "busiest clients")


class Terminal:
    """rec_control on a terminal of its own. `text` is all that it wrote so far."""

    def __init__(self, recursor, *words, rows=24, columns=80):
        self.master, slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.text = ""
        self.process = subprocess.Popen([REC_CONTROL, f"--socket-dir={recursor.folder}", f"--config-dir={recursor.folder}",
                                         *words], stdin=slave, stdout=slave, stderr=slave, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        while select.select([self.master], [], [], 0.05)[0]:
            self.text += os.read(self.master, 65536).decode()
        return self.text

    def frames(self):
        """The lines of each whole screen so far, without control sequences."""
        drawn = self.read().split("\033[H")[1:]
        whole = [frame for frame in drawn if "\033[J" in frame]
        return [re.sub(r"\033\[[0-9;?]*[A-Za-z]", "", frame).split("\r\n") for frame in whole]

    def press(self, key):
        os.write(self.master, key.encode())

    def ended(self):
        self.read()
        return self.process.poll() is not None


def test_snapshot(lab):
    """without a terminal it prints everything once and ends"""
    lab.ask("www.wide.com")
    for options in ((), ("--once",), ("--once", "--interval=0.2"), ("--once", "--interval", "0.2")):
        text = lab.recursor.ordered("top", *options)
        for label in LABELS:
            expect(label in text, f"{label} is missing: {text}")
        expect("www.wide.com|A" in text and "127.0.0.1" in text, text)
        expect(("since the start" in text) == (len(options) < 2), text)
        expect(all(len(line) <= 80 for line in text.splitlines()), text)
        expect("\033" not in text, repr(text))


def test_bad_arguments(lab):
    """arguments that are not known are refused"""
    for words in (("--interval=0",), ("--interval=x",), ("--interval",), ("all",)):
        done = lab.recursor.control("top", *words)
        expect(done.returncode != 0 and "rec_control: " in done.stderr, done)


def test_live(lab):
    """on a terminal it is drawn again and again, fits, and follows the terminal's size"""
    lab.ask("www.wide.com")
    with Terminal(lab.recursor, "top", "--interval=0.2") as terminal:
        wait_until(lambda: len(terminal.frames()) >= 3, 15, "three screens")
        for frame in terminal.frames():
            expect(len(frame) <= 24 and all(len(line) <= 80 for line in frame), frame)
            expect(any("busiest names" in line for line in frame), frame)
        expect(any("since the start" in line for line in terminal.frames()[0]), terminal.frames()[0])
        expect(re.search(r"over \d+\.\d s", terminal.frames()[-1][0]), terminal.frames()[-1])
        lab.ask("www.tall.org")
        wait_until(lambda: "www.tall.org|A" in "\n".join(terminal.frames()[-1]), 15, "the new name is shown")
        terminal.resize(40, 132)
        drawn = len(terminal.frames())
        wait_until(lambda: len(terminal.frames()) > drawn + 1, 15, "it is drawn on")
        expect(max(len(line) for line in terminal.frames()[-1]) > 60, terminal.frames()[-1])
        terminal.resize(10, 40)
        wait_until(lambda: len(terminal.frames()[-1]) <= 10, 15, "it fits a small terminal")
        expect(all(len(line) <= 40 for line in terminal.frames()[-1]), terminal.frames()[-1])


def leaves(lab, end):
    with Terminal(lab.recursor, "top", "--interval=3600") as terminal:
        wait_until(terminal.frames, 15, "a screen")
        expect(not termios.tcgetattr(terminal.slave)[3] & termios.ECHO, "keys are echoed")
        end(terminal)
        wait_until(terminal.ended, 15, "it ends")
        expect_equal(terminal.process.returncode, 0)
        expect(terminal.read().endswith("\033[?25h\033[?1049l"), repr(terminal.text[-40:]))
        expect_equal(termios.tcgetattr(terminal.slave), terminal.before, "the terminal's modes")


def test_quit(lab):
    """q ends it at once, and so does Ctrl-C's signal; the terminal is as it was"""
    leaves(lab, lambda terminal: terminal.press("q"))
    leaves(lab, lambda terminal: terminal.process.send_signal(2))


def test_daemon_gone(lab):
    """the screen stays and says so when the recursor ends, and goes on when there is one again"""
    with lab.new_recursor() as recursor, Terminal(recursor, "top", "--interval=0.1") as terminal:
        wait_until(terminal.frames, 15, "a screen")
        recursor.child.stop()
        wait_until(lambda: "Unable to connect" in terminal.frames()[-1][0], 15, "it says so")
        recursor.start()
        wait_until(lambda: "q quits" in terminal.frames()[-1][0], 15, "it goes on")


def test_no_daemon(lab):
    """without a recursor there is a reason and no screen"""
    with lab.new_recursor() as recursor:
        recursor.child.stop()
        done = recursor.control("top", "--once")
        expect(done.returncode != 0 and "Unable to connect" in done.stderr, done)
