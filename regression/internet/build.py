#!/usr/bin/python3
"""Generates the bundled internet into a folder: zone files and knot.conf of each process, tricks.json for the
misbehaving server, nets.json for the namespace, hints, the root's trust anchor. Called by regression/lib/internet.py; starts nothing.

    build.py FOLDER"""
import functools
import json
import os
import sys

import broken
import broken_signed
import healthy
import hostile_signed
import signed
from model import (CLIENT, CLIENT6, PROCESS_NET, PROCESS_NET6, PROCESSES, ROOT_SERVERS, SPECIAL_NETS, SPECIAL_NETS6,
                   Description, absolute, process_addresses)
from signing import sign_zone

ANCHOR = "anchor.lua"
SOA_TIMERS = "1 7200 900 1209600 300"


def describe():
    """The whole description; entries are model.Zone by name."""
    description = Description()
    healthy.describe(description)
    broken.describe(description)
    signed.describe(description)
    broken_signed.describe(description)
    hostile_signed.describe(description)
    return description


def address_lines(host, addresses):
    return [f"{host} IN {'AAAA' if ':' in a else 'A'} {a}" for a in addresses]


@functools.cache
def generated():
    """The description and the text of each zone file, made once for all internets of this process and those forked
    from it: signing takes a second or two."""
    d = describe()
    children, hosts = {}, {}
    for child in d.zones.values():
        children.setdefault(d.parent_of(child.name), []).append(child)
    for host, server in d.hosts.items():
        hosts.setdefault(d.zone_of_host(host), {})[host] = server
    return d, {z.name: zone_text(z, hosts.get(z.name, {}), children.get(z.name, [])) for z in d.zones.values()}


def zone_text(zone, hosts, children):
    """The zone file of one zone: SOA, NS, own records, addresses of hosts in it, delegations below it."""
    ns = zone.child_ns or zone.servers
    origin = "." if zone.name == "." else zone.name + "."
    lines = [f"$ORIGIN {origin}", f"$TTL {zone.ttl}",
             f"@ IN SOA {ns[0].host} hostmaster.{origin.lstrip('.')} {SOA_TIMERS}"]
    lines += [f"@ IN NS {server.host}" for server in ns]
    lines += [line.strip() for line in zone.records.splitlines() if line.strip()]
    for host, server in hosts.items():
        if not overridden(zone, host):
            lines += address_lines(host, server.addresses())
    for child in children:
        if child.delegated:
            lines += delegation_lines(zone, child)
    text = "\n".join(dict.fromkeys(lines)) + "\n"
    ds_spoils = {child.name: child.plan.ds_spoils for child in children if child.plan}
    return sign_zone(zone.name, text, zone.plan, ds_spoils) if zone.plan else text


def overridden(zone, host):
    """True when the zone's own records make the host an alias, which then has no addresses."""
    label = host.removesuffix(f".{zone.name}.")
    return any(line.split()[:2] == [label, "CNAME"] for line in zone.records.splitlines())


def false_address(kind):
    """The address that wrong glue gives: one of a special range, where no server is."""
    return SPECIAL_NETS[kind].replace("0/18", "250")


def delegation_lines(parent, child):
    lines = [f"{child.name}. IN NS {server.host}" for server in child.servers]
    lines += [f"{child.name}. IN DS \\# {len(ds)} {ds.hex()}" for ds in (child.plan.ds if child.plan else [])]
    false_glue = {absolute(host, child.name): kind for host, kind in child.false_glue.items()}
    for server in child.servers:
        if not glue_wanted(parent, child, server.host):
            continue
        if server.host in false_glue:
            lines += address_lines(server.host, [false_address(false_glue[server.host])])
        else:
            lines += address_lines(server.host, server.addresses())
    return lines


def glue_wanted(parent, child, host):
    below_child = host == child.name + "." or host.endswith("." + child.name + ".")
    below_parent = parent.name == "." or host.endswith("." + parent.name + ".")
    if child.glue == "none" or not below_parent:
        return False
    return below_child or child.glue == "sibling"


def knot_conf(folder, process, zones):
    listen = ", ".join(f"{address}@53" for address in process_addresses(process))
    lines = ["server:", f"    rundir: {folder}/run", "    udp-workers: 1", "    tcp-workers: 1",
             "    background-workers: 1", "    tcp-max-clients: 200", f"    listen: [{listen}]",
             "log:", "  - target: stderr", "    any: error", "database:", f"    storage: {folder}/run",
             "template:", "  - id: default", f"    storage: {os.path.dirname(folder)}/zones",
             "    semantic-checks: off", "    zonefile-load: whole", "    journal-content: none",
             "    zonefile-sync: -1", "zone:"]
    for name in zones:
        lines += [f"  - domain: {name if name == '.' else name + '.'}", f"    file: {file_name(name)}"]
    return "\n".join(lines) + "\n"


def file_name(zone):
    return ("root" if zone == "." else zone) + ".zone"


def tricks(d):
    """What the misbehaving server needs: each of its addresses with zone and trick."""
    table = []
    for zone in d.zones.values():
        for server in zone.servers:
            if server.kind == "trick":
                trick, _, argument = server.what.partition(":")
                table.append({"zone": zone.name, "host": server.host, "trick": trick, "argument": argument,
                              "addresses": server.addresses(),
                              "behind": process_addresses(zone.behind)[0] if zone.behind else ""})
    return table


def ds_text(rdata):
    return f"{int.from_bytes(rdata[:2], 'big')} {rdata[2]} {rdata[3]} {rdata[4:].hex()}"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def build(folder):
    folder = os.path.abspath(folder)
    d, texts = generated()
    for name, text in texts.items():
        write(f"{folder}/zones/{file_name(name)}", text)
    for process in PROCESSES:
        zones = [z.name for z in d.zones.values() if process in z.processes() or
                 any(s.what == process for s in z.child_ns or [] if s.kind == "process")]
        write(f"{folder}/{process}/knot.conf", knot_conf(f"{folder}/{process}", process, zones))
        os.makedirs(f"{folder}/{process}/run", exist_ok=True)
    table = tricks(d)
    write(f"{folder}/tricks.json", json.dumps(table, indent=1))
    write(f"{folder}/nets.json", json.dumps({
        "client": [CLIENT, CLIENT6], "processes": {p: process_addresses(p) for p in PROCESSES},
        "tricks": [a for row in table for a in row["addresses"]],
        "local": [PROCESS_NET, PROCESS_NET6, *(n[k] for n in (SPECIAL_NETS, SPECIAL_NETS6)
                                               for k in ("trick", "silent", "dead"))],
        "silent": [SPECIAL_NETS["silent"], SPECIAL_NETS6["silent"]]}, indent=1))
    write(f"{folder}/{ANCHOR}", 'clearTA(".")\n' + "".join(f'addTA(".", "{ds_text(ds)}")\n' for ds in d.zones["."].plan.ds))
    write(f"{folder}/hints.zone", "".join(
        f". 3600000 IN NS {x}.root-servers.net.\n{x}.root-servers.net. 3600000 IN A {v4}\n"
        f"{x}.root-servers.net. 3600000 IN AAAA {v6}\n" for x, (v4, v6) in ROOT_SERVERS.items()))
    return d


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(len(build(sys.argv[1]).zones), "zones")
