"""The words the description of the bundled internet is written in: where() names a server, Zone a zone.
Used by healthy.py, broken.py, signed.py and broken_signed.py (the description) and by build.py (the generator); it knows no sockets."""
import ipaddress
import zlib
from dataclasses import dataclass, field

ROOT_SERVERS = {
    "a": ("198.41.0.4", "2001:503:ba3e::2:30"), "b": ("170.247.170.2", "2801:1b8:10::b"),
    "c": ("192.33.4.12", "2001:500:2::c"), "d": ("199.7.91.13", "2001:500:2d::d"),
    "e": ("192.203.230.10", "2001:500:a8::e"), "f": ("192.5.5.241", "2001:500:2f::f"),
    "g": ("192.112.36.4", "2001:500:12::d0d"), "h": ("198.97.190.53", "2001:500:1::53"),
    "i": ("192.36.148.17", "2001:7fe::53"), "j": ("192.58.128.30", "2001:503:c27::2:30"),
    "k": ("193.0.14.129", "2001:7fd::1"), "l": ("199.7.83.42", "2001:500:9f::42"),
    "m": ("202.12.27.33", "2001:dc3::35")}

# Each site is two authoritative processes with the same zones, so that any half can fail alone. A zone and its
# parent live on different sites, so that every cut is met on the way down.
SITES = ("root", "tld", "alpha", "beta", "gamma")
PROCESSES = tuple(site + replica for site in SITES for replica in "12")

# Server addresses come from the ranges for isolated networks (RFC 2544, RFC 5180): they are nobody's, and no
# resolver refuses to query them as it does documentation addresses. Data uses documentation addresses.
ADDRESSES_PER_PROCESS = 12
SPECIAL_NETS = {"trick": "198.19.0.0/18", "silent": "198.19.64.0/18", "dead": "198.19.128.0/18",
                "noroute": "198.19.192.0/18"}
SPECIAL_NETS6 = {"trick": "2001:2:0:101::/64", "silent": "2001:2:0:102::/64", "dead": "2001:2:0:103::/64",
                 "noroute": "2001:2:0:104::/64"}
PROCESS_NET, PROCESS_NET6 = "198.18.0.0/16", "2001:2::/56"
CLIENT, CLIENT6 = "198.18.255.53", "2001:2:0:ff::53"


@dataclass
class Server:
    """One name server of one zone. kind: "process", "trick", "silent" (never answers), "dead" (port closed),
    "noroute" (network unreachable) or "absent" (its name has no address). holds_zone is false for a process that is
    named but does not know the zone."""
    host: str
    kind: str
    what: str = ""
    holds_zone: bool = True
    families: str = "46"
    v4: str = ""
    v6: str = ""

    def addresses(self):
        return [a for a in (self.v4, self.v6) if a]


@dataclass
class Zone:
    name: str
    servers: list
    records: str = ""
    child_ns: list = None      # what the zone itself says, when it differs from the delegation
    glue: str = "own"          # "own", "sibling" (also for hosts elsewhere in the parent), "none"
    false_glue: dict = field(default_factory=dict)  # host -> address the parent wrongly gives
    ttl: int = 3600
    delegated: bool = True
    expect: tuple = ()         # what a broken zone must lead to, see broken.py
    plan: object = None        # how it is signed, a signing.Plan; None: not at all
    behind: str = ""           # the process that a trick takes its answers from, to spoil them

    def processes(self):
        named = {s.what for s in self.servers if s.kind == "process" and s.holds_zone}
        return named | {self.behind} if self.behind else named


class Allocator:
    """Hands out addresses: a small shared pool for each process, one of its own for every special server."""

    def __init__(self):
        self.next_special = dict.fromkeys(SPECIAL_NETS, 1)

    def assign(self, server):
        if server.kind == "absent":
            return
        if server.kind == "process":
            v4, v6 = process_address(server.what, zlib.crc32(server.host.encode()) % ADDRESSES_PER_PROCESS)
        else:
            number = self.next_special[server.kind]
            self.next_special[server.kind] += 1
            v4 = str(ipaddress.ip_network(SPECIAL_NETS[server.kind])[number])
            v6 = str(ipaddress.ip_network(SPECIAL_NETS6[server.kind])[number])
        server.v4 = v4 if "4" in server.families else ""
        server.v6 = v6 if "6" in server.families else ""


def process_address(process, index):
    """The index-th address pair of an authoritative process; the root processes have the root servers' own."""
    if process in ("root1", "root2"):
        letters = "abcdefg" if process == "root1" else "hijklm"
        return ROOT_SERVERS[letters[index % len(letters)]]
    number = PROCESSES.index(process) + 1
    return f"198.18.{number}.{index + 1}", f"2001:2:0:{number}::{index + 1}"


def process_addresses(process):
    count = {"root1": 7, "root2": 6}.get(process, ADDRESSES_PER_PROCESS)
    return [address for index in range(count) for address in process_address(process, index)]


def parse_server(word, zone):
    """`host=where`, where: a process (`alpha1`), `~alpha1` (named, but without the zone), `!trick` or `!trick:argument`,
    `silent`, `dead`, `noroute`, `absent`; `/4` or `/6` behind it leaves one address family only."""
    host, _, where = word.partition("=")
    where, _, families = where.partition("/")
    server = Server(absolute(host, zone), "process", where, families=families or "46")
    if where.startswith("!"):
        server.kind, server.what = "trick", where[1:]
    elif where.startswith("~"):
        server.what, server.holds_zone = where[1:], False
    elif where in SPECIAL_NETS or where == "absent":
        server.kind, server.what = where, ""
    return server


def absolute(name, zone):
    if name.endswith("."):
        return name.lower()
    return f"{name}.{zone}.".lower() if zone != "." else name.lower() + "."


class Description:
    """Collects zones; hosts named once with `=where` may be named again by any zone without it."""

    def __init__(self):
        self.zones, self.hosts, self.allocator = {}, {}, Allocator()

    def zone(self, name, servers, records="", child_ns=None, **options):
        parsed = [self.server(word, name) for word in servers.split()]
        if child_ns is not None:
            child_ns = [self.server(word, name) for word in child_ns.split()]
        self.zones[name] = Zone(name, parsed, records, child_ns, **options)

    def server(self, word, zone):
        if "=" not in word:
            return self.hosts[absolute(word, zone)]
        server = parse_server(word, zone)
        self.allocator.assign(server)
        self.hosts[server.host] = server
        return server

    def parent_of(self, name):
        """The closest enclosing zone that is described; None for the root."""
        labels = name.split(".")
        for start in range(1, len(labels)):
            if ".".join(labels[start:]) in self.zones:
                return ".".join(labels[start:])
        return None if name == "." else "."

    def zone_of_host(self, host):
        name = host.rstrip(".")
        return name if name in self.zones else self.parent_of(name)
