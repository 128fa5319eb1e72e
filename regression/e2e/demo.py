"""./dev demo and ./dev run as far as they are more than a recursor: the launcher, its internet, its clean end."""
import os
import signal
import subprocess

from client import Client
from lab import expect, expect_equal
from recursor import ROOT

LAUNCH = os.path.join(ROOT, "regression", "launch")


def environment(port):
    return dict(os.environ, ROOTWALK_PORT=str(port))


def test_tour(lab):
    """the demo shows the walk from the root and right answers, and ends cleanly"""
    done = subprocess.run([LAUNCH, "demo", "--once"], capture_output=True, text=True, timeout=60, check=False,
                          env=environment(5391))
    expect_equal(done.returncode, 0, done.stderr + done.stdout[-2000:])
    for text in ("192.0.2.12", "2001:db8::21", "NXDOMAIN", "SERVFAIL", "extended error", "proven right", "extended error 7",
                 "Chain of trust to www.alg13.signed.", "should sign it again"):
        expect(text in done.stdout, f"{text} is missing: {done.stdout}")


def test_stays_up(lab):
    """the launcher stays up to be queried until it is interrupted, and takes the recursor with it; its root is the
    world's, whose keys are not those of the root servers met here"""
    with subprocess.Popen([LAUNCH, "run"], stdout=subprocess.PIPE, text=True, env=environment(5392)) as process:
        try:
            expect(any("dig @127.0.0.1 -p 5392" in line for line in process.stdout), "it does not say how to ask")
            answer = Client("127.0.0.1", 5392).ask("www.wide.com")
            expect_equal((answer.rcode, [code for code, _ in answer.failure_reasons()]), ("SERVFAIL", [9]), answer)
            process.send_signal(signal.SIGINT)
            expect_equal(process.wait(10), 0)
            expect_equal(Client("127.0.0.1", 5392, timeout=0.2).ask("www.wide.com").rcode, "none")
        finally:
            process.kill()
