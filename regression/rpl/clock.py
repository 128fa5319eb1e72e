# The recursor's clock: real time plus offsets in a shared page that steptime.c adds; TIME_PASSES moves them.
# Called by daemon.py and play.py; the runner's own clock never moves.
import datetime
import os
import shutil
import struct
import subprocess
import time

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'steptime.c')


def build_shim(folder):
    """Compiles steptime.c into folder, once per run."""
    library = os.path.join(folder, 'steptime.so')
    compiler = os.environ.get('CC') or shutil.which('cc') or shutil.which('gcc') or shutil.which('clang')
    if compiler is None:
        raise OSError('a C compiler is needed for the stepped clock')
    done = subprocess.run(compiler.split() + ['-O2', '-shared', '-fPIC', '-o', library, SOURCE, '-ldl', '-pthread'],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise OSError('steptime.c: ' + done.stdout)
    return library


SECOND = 1_000_000_000  # in nanoseconds, the unit of the offsets


class Clock:
    def __init__(self, folder, start=None):
        self.path = os.path.join(folder, 'steptime.page')
        self.realtime = 0 if start is None else int(start - time.time()) * SECOND
        self.monotonic = 0
        with open(self.path, 'wb') as file:
            file.write(bytes(4096))
        self.file = open(self.path, 'r+b', buffering=0)
        self.store()

    def store(self):
        self.file.seek(0)
        self.file.write(struct.pack('qq', self.realtime, self.monotonic))

    def now(self):
        return (time.time_ns() + self.realtime) / SECOND

    def passes(self, seconds):
        self.moves(seconds * SECOND)

    def begins_second(self):
        """Lets the rest of the current second pass: the steps that follow are played in whole seconds."""
        self.moves(SECOND - (time.time_ns() + self.realtime) % SECOND)

    def moves(self, nanoseconds):
        self.realtime += nanoseconds
        self.monotonic += nanoseconds
        self.store()

    def environment(self, shim):
        return {'LD_PRELOAD': shim, 'STEPTIME_PAGE': self.path, 'TZ': 'UTC'}


def moment(text):
    """YYYYMMDDHHMMSS (or seconds) as in val-override-date."""
    text = text.strip().strip('"')
    if len(text) == 14:
        return datetime.datetime.strptime(text, '%Y%m%d%H%M%S').replace(tzinfo=datetime.timezone.utc).timestamp()
    return float(text)
