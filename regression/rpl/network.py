# Gives the calling process a network of its own: only lo, every address local, no way out. Needs root or user namespaces.
# Called by play.py in the child process of one scenario.
import ctypes
import os
import subprocess

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
PR_SET_PDEATHSIG = 1
OWN_ADDRESS6 = 'fd00:5c::1'
LIBC = ctypes.CDLL(None, use_errno=True)


def enter():
    """Leaves the machine's network; everything sent from here on ends at this process's own sockets."""
    uid, gid = os.getuid(), os.getgid()
    flags = CLONE_NEWNET | (0 if uid == 0 else CLONE_NEWUSER | CLONE_NEWNS)
    if LIBC.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), 'unshare: ' + os.strerror(ctypes.get_errno()))
    if uid != 0:
        become_root(uid, gid)
    ip('-4', ['link set lo up', 'route add local 0.0.0.0/0 dev lo table local'])
    ip('-6', ['addr add %s/128 dev lo nodad' % OWN_ADDRESS6, 'route add local ::/0 dev lo table local'])
    write('/proc/sys/net/ipv6/ip_nonlocal_bind', '1')
    write('/proc/sys/net/ipv4/icmp_ratelimit', '0')


def become_root(uid, gid):
    write('/proc/self/setgroups', 'deny')
    write('/proc/self/uid_map', '0 %d 1' % uid)
    write('/proc/self/gid_map', '0 %d 1' % gid)


def write(path, text):
    try:
        with open(path, 'w') as file:
            file.write(text)
    except OSError:
        if 'ip_nonlocal' not in path and 'icmp' not in path:
            raise


def ip(family, lines):
    done = subprocess.run(['ip', family, '-batch', '-'], input='\n'.join(lines) + '\n', text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
    if done.returncode != 0:
        raise OSError('ip %s: %s' % (family, done.stdout.strip()))


def make_unreachable(address):
    """Sending to the address fails at once: network unreachable."""
    family, bits = ('-6', 128) if ':' in address else ('-4', 32)
    ip(family, ['route add unreachable %s/%d table local' % (address, bits)])


def die_with_parent():
    """Runs in the child before exec: no resolver outlives its runner."""
    LIBC.prctl(PR_SET_PDEATHSIG, 9)
