"""Network namespaces without names: a process moves itself into a fresh one, which the kernel removes with the last
process in it, so nothing can be left behind. Used by internet.py and the programs that start it; needs root, or
makes itself root in a user namespace of its own."""
import ctypes
import os
import subprocess

CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWNS = 0x10000000, 0x40000000, 0x00020000
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def call(function, *arguments):
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function.__name__}: {os.strerror(number)}")


def become_root():
    """Without root: a user namespace in which this process is root; sockets it opens are still the machine's."""
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        return
    try:
        call(LIBC.unshare, CLONE_NEWUSER)
    except OSError as error:
        raise SystemExit("cannot make a user namespace (" + str(error) + "); run this as root") from error
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def enter_new():
    """Moves this process into a fresh network namespace, with nothing in it but a loopback interface."""
    try:
        call(LIBC.unshare, CLONE_NEWNET)
    except OSError as error:
        raise SystemExit("cannot make a network namespace: " + str(error)) from error
    ip("link set lo up")


def ip(*commands):
    """Runs `ip` commands in one batch."""
    subprocess.run(["ip", "-batch", "-"], input="\n".join(commands) + "\n", text=True, check=True,
                   env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"))


def nft(text):
    subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True,
                   env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"))


def die_with_parent(signal_number):
    """For a child before exec: be killed when the thread that started it is gone, however it went."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal_number)
