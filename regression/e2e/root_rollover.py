"""RFC 5011: the root rolls its key while time is stepped; the resolver follows, whenever it is killed."""
import datetime
import os
import random
import sys
import tempfile
import time

import dns.rdatatype as T
from lab import expect, expect_equal
from process import wait_until
from recursor import ROOT, Recursor
from signedroot import ADDRESS, DAY, Key, SignedRoot

sys.path.insert(0, os.path.join(ROOT, "regression"))
from rpl import clock as stepped  # noqa: E402


class RollOver:
    """A root, a clock, and a recursor that trusts the key that was configured at the beginning."""

    def __init__(self, lab):
        self.folder = tempfile.TemporaryDirectory(prefix="rootwalk-rollover.")
        self.clock = stepped.Clock(self.folder.name)
        self.shim = stepped.build_shim(self.folder.name)
        self.root = SignedRoot(self.now)
        self.old, self.new = Key(), Key()
        self.number = 0
        lab.next_port += 1
        self.recursor = Recursor(
            port=lab.next_port, threads=1, dnssec="validate", lua_config_file="@FOLDER@/config.lua",
            hint_file="@FOLDER@/hints", dont_query="", trust_anchor_follow="yes",
            signal_trust_anchors="yes", query_local_address="0.0.0.0",
            trust_anchor_state_file="@FOLDER@/anchors", local_address="127.0.0.1",
            files={"config.lua": f'addTA(".", "{self.old.ds()}")\n', "hints": f". 1 IN NS ns.\nns. 1 IN A {ADDRESS}\n"})
        self.recursor.environment = self.clock.environment(self.shim)

    def __enter__(self):
        self.root.publish([self.old], [self.old])
        self.recursor.__enter__()
        return self

    def __exit__(self, *arguments):
        self.recursor.__exit__()
        self.root.__exit__()
        self.folder.cleanup()

    def now(self):
        return self.clock.now()

    def ask(self):
        """A name nobody asked for before must be secure."""
        self.number += 1
        answer = self.recursor.ask(f"name-{self.number}", "TXT", dnssec=True)
        expect_equal(answer.rcode, "NOERROR", answer)
        expect(answer.has_flag("AD"), f"not secure: {answer}")

    def looked(self):
        """Whether the root's keys were looked at today. Asking again lets some seconds pass."""
        self.clock.passes(2)
        self.ask()
        path = f"{self.recursor.folder}/anchors"
        if not os.path.exists(path):
            return False
        with open(path, encoding="ascii") as file:
            line = next(line for line in file if line.startswith("zone . "))
        checked = datetime.datetime.strptime(line.split()[3], "%Y-%m-%dT%H:%M:%SZ")
        return checked.replace(tzinfo=datetime.timezone.utc).timestamp() > self.now() - DAY / 2

    def pass_days(self, days, kill=lambda: False):
        for _ in range(days):
            self.clock.passes(DAY)
            self.ask()
            if kill():
                self.recursor.child.kill()
                self.recursor.start()
            wait_until(self.looked, 20, "the root's keys are looked at")

    def roll(self, kill=lambda: False):
        root, old, new = self.root, self.old, self.new
        self.pass_days(2, kill)
        root.publish([old, new], [old])
        self.pass_days(33, kill)
        root.publish([old, new], [new])
        self.pass_days(4, kill)
        root.publish([old.revoked(), new], [old.revoked(), new])
        self.pass_days(4, kill)
        root.publish([new], [new])
        self.pass_days(33, kill)

    def check_end(self):
        """Only the new key is trusted, also by a process that begins with the old one in its configuration."""
        shown = f".\n\t\t{self.new.ds()}\n"
        for _ in range(2):
            expect_equal(self.recursor.ordered("get-tas"), "Configured Trust Anchors:\n" + shown)
            self.ask()
            self.recursor.child.kill()
            self.recursor.start()


def test_roll_over(lab):
    """a root roll-over is followed over 76 days without an answer that is not secure"""
    with RollOver(lab) as roll:
        roll.roll()
        roll.check_end()
        expect(any(name.lower().startswith("_ta-") for name, rdtype in roll.root.asked if rdtype == T.NULL),
               "the key tags were not told")


def test_roll_over_killed(lab):
    """the same with a process that is killed at random steps"""
    chance = random.Random(5011)
    with RollOver(lab) as roll:
        roll.roll(lambda: chance.random() < 0.3)
        roll.check_end()


def test_damaged_state(lab):
    """a damaged state file is set aside with a warning; the configured anchor serves"""
    with RollOver(lab) as roll:
        roll.pass_days(1)
        path = f"{roll.recursor.folder}/anchors"
        roll.recursor.child.kill()
        with open(path, "r+", encoding="ascii") as file:
            file.truncate(100)
        roll.recursor.start()
        roll.ask()
        expect(os.path.exists(path + ".damaged"), "it was not set aside")
        expect("is damaged" in roll.recursor.log(), roll.recursor.log())
