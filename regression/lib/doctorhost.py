#!/usr/bin/python3
"""A machine of its own for the doctor: a network namespace with three root servers, played, whose DNSKEY set is too long for
a packet, and a fault between them and the doctor. Run by e2e/doctor.py; prints what rec_control doctor --json says.

    doctorhost.py FAULT FOLDER REC_CONTROL WORDS..."""
import json
import os
import selectors
import socket
import subprocess
import sys
import threading

import dns.exception
import dns.flags
import dns.message
import dns.rrset

import netns
from client import read_framed

ADDRESSES = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"]
HINTS = """. 3600000 NS a.root.example.
. 3600000 NS b.root.example.
a.root.example. 3600000 A 192.0.2.1
a.root.example. 3600000 AAAA 2001:db8::1
b.root.example. 3600000 A 192.0.2.2
b.root.example. 3600000 AAAA 2001:db8::2
"""
# What nft does to what comes from the servers.
RULES = {
    "silence": "meta l4proto { tcp, udp } th sport 53 drop",
    "one silent": "ip saddr 192.0.2.2 drop",
    "ipv6": "meta nfproto ipv6 th sport 53 drop",
    "large": "udp sport 53 udp length > 520 drop",
    "fragments": "ip frag-off & 0x1fff != 0 drop; exthdr frag exists drop",
    "tcp": "tcp sport 53 drop",
}


def answer(wire, limit, drops_edns):
    """None: the question is dropped."""
    query = dns.message.from_wire(wire)
    if drops_edns and query.edns >= 0:
        return None
    reply = dns.message.make_response(query)
    if query.question[0].rdtype == dns.rdatatype.SOA:
        reply.answer.append(dns.rrset.from_text(".", 60, "IN", "SOA", "a.root.example. x. 1 2 3 4 5"))
    elif query.question[0].rdtype == dns.rdatatype.NS:
        reply.answer.append(dns.rrset.from_text(".", 60, "IN", "NS", *(f"{'n' * 40}{number}.root.example." for number in range(13))))
    else:
        keys = [f"256 3 8 {'AwEAA' + str(number) * 334 + '=='}" for number in range(8)]
        reply.answer.append(dns.rrset.from_text(".", 60, "IN", "DNSKEY", *keys))
    if query.edns >= 0:
        reply.use_edns(0, payload=4096)
    try:
        return reply.to_wire(max_size=limit or max(512, query.payload))
    except dns.exception.TooBig:
        reply.answer.clear()
        reply.flags |= dns.flags.TC
        return reply.to_wire()


def serve(drops_edns):
    selector = selectors.DefaultSelector()
    for address in ADDRESSES:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        udp = socket.socket(family, socket.SOCK_DGRAM)
        udp.bind((address, 53))
        selector.register(udp, selectors.EVENT_READ, "udp")
        selector.register(socket.create_server((address, 53), family=family), selectors.EVENT_READ, "tcp")
    threading.Thread(target=loop, args=(selector, drops_edns), daemon=True).start()


def loop(selector, drops_edns):
    while True:
        for key, _ in selector.select():
            if key.data == "udp":
                wire, client = key.fileobj.recvfrom(4096)
                reply = answer(wire, 0, drops_edns)
                if reply:
                    key.fileobj.sendto(reply, client)
                continue
            connection = key.fileobj.accept()[0]
            threading.Thread(target=converse, args=(connection, drops_edns), daemon=True).start()


def converse(connection, drops_edns):
    with connection:
        try:
            reply = answer(read_framed(connection), 65535, drops_edns)
            if reply:
                connection.sendall(len(reply).to_bytes(2, "big") + reply)
        except (OSError, EOFError):
            pass


def main():
    fault, folder, program, *words = sys.argv[1:]
    netns.enter_new()
    netns.ip("link set lo mtu 1500", *(f"addr add {address}/{128 if ':' in address else 32} dev lo" +
                                       (" nodad" if ":" in address else "") for address in ADDRESSES))
    with open(f"{folder}/hints", "w", encoding="ascii") as file:
        file.write(HINTS)
    serve(fault == "edns")
    if fault in RULES:
        netns.nft(f"table inet faults {{ chain in {{ type filter hook prerouting priority raw; {RULES[fault]}; }}; }}")
    if fault == "tracked":
        netns.nft("table inet faults { chain in { type filter hook input priority 0; ct state invalid drop; }; }")
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=60, check=False)
    if fault == "tracked" and "--json" in words:  # the questions of the first look are tracked: look again, mend, again
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=60, check=False)
        remedy = next(row["do"] for row in json.loads(done.stdout) if row["check"] == "conntrack")
        if remedy:
            subprocess.run(["sh", "-ec", remedy[0]], check=True, env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"))
    print(json.dumps({"code": done.returncode, "out": done.stdout, "error": done.stderr}))


if __name__ == "__main__":
    main()
