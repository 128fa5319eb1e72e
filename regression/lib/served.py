"""A server program of the tests: a folder of its own and a process in it. Both are gone afterwards, also when it did not
start. authorities.py, encrypted.py and primary.py say what the programs serve."""
import os
import shutil
import socket
import tempfile

from lab import Skip
from process import Child, wait_until


def need_program(program):
    if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin"):
        raise Skip(f"{program} is not installed")


class Served:
    """start(), of the class below, makes `child`."""

    def __init__(self, name):
        self.folder = tempfile.mkdtemp(prefix=f"rootwalk-{name}.")
        os.chmod(self.folder, 0o755)
        self.child = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.child:
            self.child.stop(3)
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, name, text):
        with open(f"{self.folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)


class Listening(Served):
    """Ready when it accepts TCP at its ports; config() and options() are its own."""
    program, address, ports = "", "", ()

    def __init__(self):
        need_program(self.program)
        super().__init__(self.program)
        self.file = f"{self.folder}/config"

    def __enter__(self):
        self.write("config", self.config())
        return super().__enter__()

    def start(self):
        self.child = Child([self.program, *self.options()], f"{self.folder}/log")
        wait_until(lambda: all(map(self.listens, self.ports)), 15, f"{self.program} listens")

    def listens(self, port):
        if not self.child.running():
            raise AssertionError(f"{self.program} ended: {self.child.output()}")
        try:
            socket.create_connection((self.address, port), 1).close()
            return True
        except OSError:
            return False
