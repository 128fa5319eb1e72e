"""Primaries of response policy zones, in the namespace of the calling process: knotd (AXFR, IXFR, TSIG, NOTIFY), named, nsd,
and one that breaks its answers. Used by the end-to-end tests and policy-soak; each dies with the caller."""
import os
import socket
import subprocess
import threading

import dns.message
import dns.rdatatype
import dns.rrset

from client import Client, read_framed
from process import Child, wait_until
from served import Served

SECRET = "c2VjcmV0IG9mIHRoZSBwcmltYXJ5IQ=="
SOA = "@ 60 SOA ns.rpz. host.rpz. {serial} {refresh} {retry} {expire} 30\n@ 60 NS ns.rpz.\n"


def zone_text(rules, serial=1, refresh=3600, retry=600, expire=86400):
    return SOA.format(serial=serial, refresh=refresh, retry=retry, expire=expire) + rules


class Primary(Served):
    """`zone` is the zone that it serves."""

    def __init__(self, port, zone="rpz.test.", address="127.0.0.1"):
        super().__init__("primary")
        self.port, self.zone, self.address = port, zone, address

    def serial(self):
        answer = Client(self.address, self.port, 1).ask(self.zone, "SOA")
        return int(answer.data("SOA")[0].split()[2]) if answer.message and answer.data("SOA") else None

    def wait_ready(self, seconds=20):
        def ready():
            if not self.child.running():
                raise AssertionError(f"the primary ended: {self.child.output()[-2000:]}")
            return self.serial() is not None
        wait_until(ready, seconds, "the primary answers")


class Knot(Primary):
    """knotd. `key`: (name, algorithm) of the TSIG key that transfers need; `notify`: a port of 127.0.0.1 that is told of
    changes."""

    def __init__(self, port, rules, key=None, notify=None, ixfr=True, text=None, **options):
        super().__init__(port, **options)
        self.key, self.notify, self.ixfr = key, notify, ixfr
        self.write("zone", text or zone_text(rules))

    def start(self):
        key = f"key:\n- id: {self.key[0]}\n  algorithm: {self.key[1]}\n  secret: {SECRET}\n" if self.key else ""
        use = f"  key: {self.key[0]}\n" if self.key else ""
        remote = f"remote:\n- id: here\n  address: 127.0.0.1@{self.notify}\n{use}" if self.notify else ""
        tell = "  notify: here\n" if self.notify else ""
        journal = "difference", "changes", "on"
        load, content, ixfr = journal if self.ixfr else ("whole", "none", "off")
        self.write("knot.conf", f"""server:
  listen: {self.address}@{self.port}
  rundir: {self.folder}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: {self.folder}
log:
- target: stderr
  any: info
{key}{remote}acl:
- id: transfer
  address: 127.0.0.0/8
  action: transfer
{use}zone:
- domain: {self.zone}
  file: {self.folder}/zone
  storage: {self.folder}
  acl: transfer
{tell}  zonefile-sync: -1
  zonefile-load: {load}
  journal-content: {content}
  journal-max-depth: 5000
  provide-ixfr: {ixfr}
""")
        self.child = Child(["knotd", "-c", f"{self.folder}/knot.conf"], f"{self.folder}/log")
        self.wait_ready(60)

    def control(self, *lines):
        """knotc commands, one after the other."""
        return subprocess.run(["knotc", "-s", f"{self.folder}/knot.sock"], input="".join(f"{line}\n" for line in lines),
                              capture_output=True, text=True, check=True, timeout=60,
                              env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin")).stdout

    def change(self, add=(), remove=()):
        """One new version; each line is "owner ttl type rdata" (removals: "owner type rdata")."""
        zone = self.zone.rstrip(".")
        self.control(f"zone-begin {zone}", *(f"zone-unset {zone} {line}" for line in remove),
                     *(f"zone-set {zone} {line}" for line in add), f"zone-commit {zone}")


class Bind(Primary):
    """named, which is changed by dynamic updates (RFC 2136) and serves IXFR from its journal: a change costs what it changes,
    however large the zone is. Updates, transfers and NOTIFYs are signed with the key."""

    def __init__(self, port, rules, key, notify=None, **options):
        super().__init__(port, **options)
        self.key, self.notify = key, notify
        self.write("zone", zone_text(rules))
        self.write("key", f'key "{key[0]}" {{ algorithm {key[1]}; secret "{SECRET}"; }};\n')

    def start(self):
        tell = f'also-notify {{ 127.0.0.1 port {self.notify} key "{self.key[0]}"; }}; notify explicit;' if self.notify else "notify no;"
        self.write("named.conf", f"""include "{self.folder}/key";
options {{
  directory "{self.folder}";
  listen-on port {self.port} {{ {self.address}; }};
  listen-on-v6 {{ none; }};
  recursion no; dnssec-validation no; pid-file none; session-keyfile none; lock-file none;
  notify-delay 0; notify-rate 100; max-journal-size 500m; transfer-format many-answers;
}};
controls {{ }};
zone "{self.zone.rstrip('.')}" {{
  type primary; file "zone"; check-names ignore; {tell}
  allow-transfer {{ key "{self.key[0]}"; }}; allow-update {{ key "{self.key[0]}"; }};
}};
""")
        self.child = Child(["named", "-g", "-4", "-n", "1", "-c", f"{self.folder}/named.conf"], f"{self.folder}/log")
        self.wait_ready(120)

    def change(self, add=(), remove=()):
        """As Knot's."""
        lines = [f"server {self.address} {self.port}", f"zone {self.zone}",
                 *(f"update delete {self.placed(line)}" for line in remove), *(f"update add {self.placed(line)}" for line in add), "send"]
        subprocess.run(["nsupdate", "-k", f"{self.folder}/key"], input="".join(f"{line}\n" for line in lines), text=True,
                       capture_output=True, check=True, timeout=60)

    def placed(self, line):
        owner, _, rest = line.partition(" ")
        return f"{owner}.{self.zone} {rest}"


class Nsd(Primary):
    """nsd: AXFR only, as far as transfers out of zone files go."""

    def __init__(self, port, rules, key=None, **options):
        super().__init__(port, **options)
        self.key = key
        self.write("zone", zone_text(rules))

    def start(self):
        key = f"key:\n  name: {self.key[0]}\n  algorithm: {self.key[1]}\n  secret: {SECRET}\n" if self.key else ""
        self.write("nsd.conf", f"""server:
  ip-address: {self.address}@{self.port}
  username: ""
  zonesdir: {self.folder}
  database: ""
  pidfile: {self.folder}/pid
  xfrdfile: {self.folder}/xfrd
  zonelistfile: {self.folder}/zones
  xfrdir: {self.folder}
  server-count: 1
remote-control:
  control-enable: no
{key}zone:
  name: {self.zone}
  zonefile: zone
  provide-xfr: 127.0.0.0/8 {self.key[0] if self.key else "NOKEY"}
""")
        self.child = Child(["nsd", "-d", "-c", f"{self.folder}/nsd.conf"], f"{self.folder}/log")
        self.wait_ready()


class Broken:
    """Answers SOA questions with a serial, and transfers with whatever messages it was told: lists of record lines. Or with none for
    IXFR, or without an end."""

    def __init__(self, port, serial, messages, zone="rpz.test.", close=True, silent_ixfr=False, endless=False):
        self.port, self.serial, self.messages, self.zone, self.close = port, serial, messages, zone, close
        self.silent_ixfr, self.endless = silent_ixfr, endless
        self.listener = socket.create_server(("127.0.0.1", port))
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    while self.answer(connection):
                        pass
                except (OSError, EOFError):
                    pass

    def never_end(self, connection, query, soa):
        """A zone without an end, as fast as it is read: the peer ends it."""
        reply = dns.message.make_response(query)
        reply.answer = [dns.rrset.from_text(*soa.split(None, 4))]
        first = reply.to_wire()
        reply.answer = [dns.rrset.from_text(f"n{i}.{self.zone}", 60, "IN", "CNAME", ".") for i in range(1000)]
        wire = reply.to_wire()
        connection.sendall(len(first).to_bytes(2, "big") + first)
        while True:
            connection.sendall((len(wire).to_bytes(2, "big") + wire) * 8)

    def answer(self, connection):
        query = dns.message.from_wire(read_framed(connection))
        soa = f"{self.zone} 60 IN SOA ns. host. {self.serial} 3600 1 86400 30"
        transfer = query.question[0].rdtype != dns.rdatatype.SOA
        if query.question[0].rdtype == dns.rdatatype.IXFR and self.silent_ixfr:
            return True
        if transfer and self.endless:
            return self.never_end(connection, query, soa)
        for lines in self.messages if transfer else [[soa]]:
            reply = dns.message.make_response(query)
            reply.answer = [dns.rrset.from_text(*line.split(None, 4)) for line in lines]
            wire = reply.to_wire()
            connection.sendall(len(wire).to_bytes(2, "big") + wire)
        return not (transfer and self.close)
