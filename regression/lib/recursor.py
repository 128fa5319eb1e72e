"""A recursor under test: its configuration folder, its process, its control tool. Used by the end-to-end tests, the
demo and the benchmark. The programs are those of the build folder, or of $ROOTWALK_BUILD."""
import os
import shutil
import subprocess
import tempfile

from client import Client, question
from process import Child, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("ROOTWALK_BUILD", os.path.join(ROOT, "build"))
RECURSOR, REC_CONTROL = f"{BUILD}/recursor/recursor", f"{BUILD}/recursor/rec_control"
DEFAULTS = {"local-address": "127.0.0.1, ::1", "local-port": "5300", "threads": "2",
            "query-local-address": "0.0.0.0, ::", "dnssec": "validate", "security-poll-suffix": "",
            "trust-anchor-follow": "no", "signal-trust-anchors": "no", "trust-anchor-state-file": "",
            "cache-file": ""}


class Recursor:
    """Started by entering the context; settings are keys of recursor.conf with `_` for `-`, `@FOLDER@` in them is the
    configuration folder. `probe` is the address asked to see that it answers."""

    def __init__(self, port=5300, files=None, probe=None, folder=None, **settings):
        self.temporary = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="rootwalk-recursor.")
        os.chmod(self.folder, 0o755)
        self.probe = probe
        self.settings = dict(DEFAULTS, **{"local-port": str(port), "socket-dir": self.folder})
        self.settings.update({key.replace("_", "-"): str(value) for key, value in settings.items()})
        self.port = int(self.settings["local-port"])
        self.child = None
        self.environment = {}  # for its process, beside the usual
        for name, text in (files or {}).items():
            self.write(name, text)
        self.write("recursor.conf", "".join(f"{k}={v}\n" for k, v in self.settings.items())
                   .replace("@FOLDER@", self.folder))

    def write(self, name, text):
        with open(f"{self.folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.child and self.child.running():
            self.child.stop(3)
        if self.temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *options, before_exec=None):
        """Starts it and returns when it answers."""
        self.launch(*options, before_exec=before_exec)
        probe = Client(self.probe or self.address(), self.port, timeout=0.2)
        ask = question("version.bind", "TXT", rdclass="CH").to_wire()

        def answers():
            if not self.child.running():
                raise AssertionError(f"the recursor ended with code {self.child.process.returncode}: {self.log()[-2000:]}")
            return probe.send(ask, timeout=0.2).message
        wait_until(answers, 10, "the recursor answers")

    def launch(self, *options, before_exec=None):
        """Starts the process without waiting for it."""
        self.child = Child([RECURSOR, f"--config-dir={self.folder}", *options], f"{self.folder}/recursor.log",
                           before_exec=before_exec, environment=self.environment)

    def address(self):
        return self.settings["local-address"].split(",")[0].strip().replace("0.0.0.0", "127.0.0.1")

    def client(self, address=None, timeout=8.0):
        return Client(address or self.address(), self.port, timeout)

    def ask(self, name, rdtype="A", **options):
        return self.client().ask(name, rdtype, **options)

    def log(self):
        return self.child.output()

    def control(self, *words, timeout=10):
        """Runs rec_control; the CompletedProcess has returncode, stdout and stderr."""
        return subprocess.run([REC_CONTROL, f"--config-dir={self.folder}", f"--socket-dir={self.folder}", *words],
                              capture_output=True, text=True, timeout=timeout, check=False)

    def ordered(self, *words):
        """The output of a rec_control command that must succeed."""
        done = self.control(*words)
        assert done.returncode == 0 and not done.stderr, f"rec_control {' '.join(words)}: {done}"
        return done.stdout

    def metric(self, name):
        return int(self.ordered("get", name))

    def cpu_seconds(self):
        """CPU time of all threads so far, exact to the nanosecond."""
        total = 0
        for task in os.listdir(f"/proc/{self.child.pid}/task"):
            with open(f"/proc/{self.child.pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9
