"""A child process that cannot outlive its parent: started in a session of its own, stopped by its own handle.
Used by internet.py and recursor.py; it never looks for processes by name."""
import os
import signal
import subprocess
import time

from netns import die_with_parent


class Child:
    """A started program; its output goes to a file whose path is in `log`."""

    def __init__(self, command, log, pipe_stdout=False, before_exec=None, environment=None):
        def prepare():
            die_with_parent(signal.SIGKILL)
            if before_exec:
                before_exec()
        self.command, self.log = command, log
        environment = dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin", MALLOC_ARENA_MAX="1", **(environment or {}))
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if pipe_stdout else output, stderr=output,
                start_new_session=True, preexec_fn=prepare, env=environment)

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=5):
        """SIGTERM, then SIGKILL after `seconds`; returns the exit code."""
        if self.running():
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self):
        self.process.kill()
        return self.process.wait()

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()


def wait_until(condition, seconds, what):
    """Polls a condition until it holds; its value is returned."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.005)
