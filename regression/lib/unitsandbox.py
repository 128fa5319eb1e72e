#!/usr/bin/python3
"""Starts a unit's ExecStart under what its [Service] section allows, where no systemd runs: as its user, with its capabilities,
in a mount namespace that can be written to in its own folders only, and with its system calls, by libseccomp. For
package-test; runs inside the root that the package is installed in, and needs root.

    unitsandbox.py UNIT            becomes the service; NOTIFY_SOCKET and WATCHDOG_USEC are handed on
    unitsandbox.py UNIT COMMAND... that command instead, under the same rules"""
import ctypes
import os
import pwd
import re
import shlex
import subprocess
import sys

import netns

SCMP_ACT_ALLOW, SCMP_ACT_EPERM = 0x7FFF0000, 0x00050001
SCMP_CMP_NE, SCMP_CMP_EQ, SCMP_CMP_MASKED_EQ = 1, 4, 7
PROT_WRITE, PROT_EXEC = 2, 4
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}


class Arg(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def service(path):
    """The keys of [Service], each with its values in order."""
    keys, section = {}, None
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if line.startswith("["):
                section = line
            elif section == "[Service]" and "=" in line and not line.startswith("#"):
                key, value = line.split("=", 1)
                keys.setdefault(key, []).append(value)
    return keys


def calls_of(group):
    """The system calls in a group, as systemd knows it."""
    if not group.startswith("@"):
        return {group}
    text = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True).stdout
    names = [line.strip() for line in text.splitlines() if line.startswith("    ") and not line.strip().startswith("#")]
    return set().union(*(calls_of(name) for name in names))


def allowed_calls(keys):
    allowed = set()
    for value in keys.get("SystemCallFilter", []):
        names = set().union(*map(calls_of, value.lstrip("~").split()))
        allowed = allowed - names if value.startswith("~") else allowed | names
    return allowed | {"execve", "exit", "exit_group", "rt_sigreturn"}


def load_filter(seccomp, default, rules):
    """`rules`: (action, call, argument comparisons)."""
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(default)))
    for action, call, comparisons in rules:
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        if number < 0:
            continue  # of another architecture
        array = (Arg * len(comparisons))(*comparisons)
        if seccomp.seccomp_rule_add_array(context, ctypes.c_uint32(action), number, len(comparisons), array) < 0:
            raise OSError(f"no rule for {call}")
    if seccomp.seccomp_load(context) < 0:
        raise OSError("the kernel does not take the filter")


def restrict_calls(keys):
    """Three filters, of which the strictest answer counts: families of sockets, memory, all calls."""
    seccomp = ctypes.CDLL("libseccomp.so.2")
    families = {FAMILIES[name] for value in keys.get("RestrictAddressFamilies", []) for name in value.split()}
    rules = [(SCMP_ACT_EPERM, "socket", [Arg(0, SCMP_CMP_EQ, family, 0)]) for family in range(46) if family not in families]
    if keys.get("RestrictNamespaces") == ["yes"]:
        rules += [(SCMP_ACT_EPERM, "unshare", []), (SCMP_ACT_EPERM, "setns", [])]
    if keys.get("MemoryDenyWriteExecute") == ["yes"]:
        both = PROT_WRITE | PROT_EXEC
        rules += [(SCMP_ACT_EPERM, "mmap", [Arg(2, SCMP_CMP_MASKED_EQ, both, both)]),
                  (SCMP_ACT_EPERM, "mprotect", [Arg(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC)]),
                  (SCMP_ACT_EPERM, "pkey_mprotect", [Arg(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC)])]
    allowed = sorted(allowed_calls(keys) | {"seccomp", "prctl"})
    load_filter(seccomp, SCMP_ACT_ALLOW, rules)
    load_filter(seccomp, SCMP_ACT_EPERM, [(SCMP_ACT_ALLOW, call, []) for call in allowed])


def mount(source, target, kind, flags):
    netns.call(netns.LIBC.mount, source and source.encode(), target.encode(), kind and kind.encode(), ctypes.c_ulong(flags), None)


def own_folders(keys, user):
    folders = [f"/run/{name}" for value in keys.get("RuntimeDirectory", []) for name in value.split()]
    folders += [f"/var/lib/{name}" for value in keys.get("StateDirectory", []) for name in value.split()]
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folders


def restrict_files(keys, folders):
    netns.call(netns.LIBC.unshare, netns.CLONE_NEWNS)
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    if keys.get("ProtectSystem") == ["strict"]:
        for folder in folders:
            mount(folder, folder, None, MS_BIND)
        mount(None, "/", None, MS_BIND | MS_REMOUNT | MS_RDONLY)
    if keys.get("PrivateTmp") == ["yes"]:
        mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV)
    if keys.get("ProtectHome") == ["yes"]:
        for folder in ("/home", "/root"):
            mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_RDONLY)


def prepare(user, keys):
    os.environ.update(HOME=user.pw_dir, USER=user.pw_name, LOGNAME=user.pw_name)
    os.umask(int(keys.get("UMask", ["0022"])[0], 8))


def capabilities(keys, name):
    """As setpriv wants them."""
    return ",".join("+" + re.sub("^cap_", "", word.lower()) for value in keys.get(name, []) for word in value.split())


def main():
    unit, *command = sys.argv[1:]
    keys = service(unit)
    user = pwd.getpwnam(keys["User"][0])
    command = command or shlex.split(keys["ExecStart"][0])
    restrict_files(keys, own_folders(keys, user))
    prepare(user, keys)
    ambient = capabilities(keys, "AmbientCapabilities")
    restrict = [sys.executable, os.path.abspath(__file__), "--filter", unit, "--", *command]
    os.execvp("setpriv", ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--init-groups", "--no-new-privs",
                          f"--inh-caps={ambient}", f"--ambient-caps={ambient}",
                          f"--bounding-set=-all,{capabilities(keys, 'CapabilityBoundingSet')}", *restrict])


if __name__ == "__main__":
    if sys.argv[1] == "--filter":  # as the user already
        restrict_calls(service(sys.argv[2]))
        os.execv(sys.argv[4], sys.argv[4:])
    main()
