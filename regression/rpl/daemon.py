# Writes the recursor's configuration for a scenario, starts it under the stepped clock, stops it, and calls rec_control.
# Called by play.py; settings come from the scenario's head, which settings.py reads.
import os
import signal
import socket
import subprocess

from . import clients, network, settings

START_SECONDS, STOP_SECONDS, CONTROL_SECONDS = 10, 5, 15


class DaemonError(Exception):
    """The recursor did not start, died, or did not stop."""


class Daemon:
    def __init__(self, options, scenario, folder, clock):
        self.options, self.folder, self.process = options, folder, None
        self.settings = settings.build(scenario, folder, options.verbose)
        self.settings.write(folder)
        for name, text in scenario.files.items():
            with open(os.path.join(folder, name), 'w') as file:
                file.write(text)
        self.environment = dict(os.environ, **clock.environment(options.shim))

    def log_path(self):
        return os.path.join(self.folder, 'recursor.log')

    def spawn(self):
        with open(self.log_path(), 'wb') as log:
            command = [self.options.recursor, '--config-dir=' + self.folder]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                                            env=self.environment, preexec_fn=network.die_with_parent)

    def start(self, loop):
        """Ready when it accepts TCP. The loop runs meanwhile: the servers must answer while it primes the root."""
        self.spawn()
        loop.run(START_SECONDS, lambda: self.died() or self.accepts())
        if self.died():
            raise DaemonError('ended at start with code %d:\n%s' % (self.process.returncode, self.log_tail()))
        if not self.accepts():
            raise DaemonError('does not listen after %d s:\n%s' % (START_SECONDS, self.log_tail()))

    def accepts(self):
        with socket.socket() as probe:
            probe.settimeout(1)
            try:
                probe.connect((clients.SERVER4, clients.PORT))
                return True
            except OSError:
                return False

    def log_tail(self, lines=12):
        with open(self.log_path(), errors='replace') as file:
            return ''.join('    ' + line for line in file.readlines()[-lines:])

    def died(self):
        return self.process.poll() is not None

    def stop(self):
        """SIGTERM must end it cleanly; a crash before or after fails the scenario."""
        if self.process is None:
            return
        if self.died():
            raise DaemonError('died with code %d:\n%s' % (self.process.returncode, self.log_tail()))
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise DaemonError('still running %d s after SIGTERM' % STOP_SECONDS) from None
        if code not in (0, -signal.SIGTERM):
            raise DaemonError('ended with code %d:\n%s' % (code, self.log_tail()))

    def kill(self):
        if self.process is not None and not self.died():
            self.process.kill()
            self.process.wait()

    def control(self, command, loop):
        """rec_control with its arguments in one word; stdout, or "exit code: reason". The servers go on answering."""
        path = os.path.join(self.folder, 'rec_control.out')
        with open(path, 'wb') as out:
            done = subprocess.Popen([self.options.rec_control, '--config-dir=' + self.folder, '--timeout=5']
                                    + command.split(), stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder)
        loop.run(CONTROL_SECONDS, lambda: done.poll() is not None)
        if done.poll() is None:
            done.kill()
        with open(path, errors='replace') as out:
            text = out.read()
        return text if done.wait() == 0 else 'exit %d: %s' % (done.returncode, text)
