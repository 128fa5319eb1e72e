#!/usr/bin/python3
"""The misbehaving authoritative server: listens on every address of tricks.json (made by build.py), plays the trick
of the address asked, and writes one line for each query to queries.log. Started by regression/lib/internet.py inside
the namespace; prints "ready" once every socket is bound.

    trickster.py FOLDER"""
import asyncio
import json
import socket
import struct
import sys

import dns.exception
import dns.message
import dns.name
import dns.rdatatype

from lookup import ZoneData
from request import TRICKS, Later, Request
from signedtricks import denial_sets
from subnettricks import network_of, subnet_of
from tricks import NO_TCP


class Trickster:
    def __init__(self, folder):
        self.log = open(f"{folder}/queries.log", "a", buffering=1, encoding="ascii")
        with open(f"{folder}/tricks.json", encoding="ascii") as file:
            self.rows = json.load(file)
        self.zones = {row["zone"]: load(row, f"{folder}/zones/{row['zone']}.zone") for row in self.rows}
        self.transports = {}  # address -> UDP transport

    async def start(self):
        for row in self.rows:
            for address in row["addresses"]:
                await self.listen(address, row)

    async def listen(self, address, row):
        loop = asyncio.get_running_loop()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.transports[address], _ = await loop.create_datagram_endpoint(
            lambda: UdpServer(self, address, row), local_addr=(address, 53), family=family)
        if row["trick"] not in NO_TCP:
            await asyncio.start_server(lambda reader, writer: self.on_stream(reader, writer, address, row), address, 53)

    def replies(self, wire, address, row, tcp, peer):
        """The replies the row's trick gives to a query, as (bytes, delay, from another source)."""
        try:
            query = dns.message.from_wire(wire)
            question = query.question[0]
        except (dns.exception.DNSException, IndexError):
            return
        self.write_log(query, address, row, tcp, peer)
        request = Request(query, wire, self.zones[row["zone"]], tcp, row["argument"], address,
                          dns.name.from_text(row["zone"]), row["behind"])
        for reply in TRICKS[row["trick"]](request):
            later = reply if isinstance(reply, Later) else Later(reply)
            data = later.reply if isinstance(later.reply, bytes) else to_wire(later.reply, query, tcp)
            yield data, later.seconds, later.other_source

    def write_log(self, query, address, row, tcp, peer):
        question = query.question[0]
        cookie = next((o.data.hex() for o in query.options if o.otype == 10), "-")
        subnet = subnet_of(query)
        self.log.write(f"{'tcp' if tcp else 'udp'} {address} {row['zone']} {question.name} "
                       f"{dns.rdatatype.to_text(question.rdtype)} id={query.id} port={peer[1]} edns={query.edns} "
                       f"cookie={cookie} flags={query.flags:#x} "
                       f"ecs={network_of(subnet) if subnet else '-'}\n")

    def other_transport(self, address):
        """Another UDP socket of the same family: what is sent from it has the wrong source address."""
        return next(t for a, t in self.transports.items() if a != address and (":" in a) == (":" in address))

    async def on_stream(self, reader, writer, address, row):
        peer = writer.get_extra_info("peername")
        try:
            while True:
                length = struct.unpack("!H", await reader.readexactly(2))[0]
                for data, delay, _ in self.replies(await reader.readexactly(length), address, row, True, peer):
                    await asyncio.sleep(delay)
                    writer.write(struct.pack("!H", len(data)) + data)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def load(row, path):
    """What the row's trick has to know of its zone; little, when a well-behaved server is behind it."""
    if not row["behind"]:
        return ZoneData(row["zone"], path)
    return denial_sets(path) if row["trick"] == "all-nsec3" else None


class UdpServer(asyncio.DatagramProtocol):
    def __init__(self, server, address, row):
        self.server, self.address, self.row = server, address, row

    def datagram_received(self, data, addr):
        for reply, delay, other in self.server.replies(data, self.address, self.row, False, addr):
            transports = self.server.transports
            transport = self.server.other_transport(self.address) if other else transports[self.address]
            if delay:
                asyncio.get_running_loop().call_later(delay, transport.sendto, reply, addr)
            else:
                transport.sendto(reply, addr)

    def error_received(self, exc):
        """A client that went away; nothing to do."""


def to_wire(reply, query, tcp):
    limit = 65535 if tcp else max(512, query.payload if query.edns >= 0 else 512)
    try:
        return reply.to_wire(max_size=limit)
    except dns.exception.TooBig:
        short = dns.message.make_response(query)
        short.flags = reply.flags | 0x0200
        return short.to_wire()


async def main(folder):
    server = Trickster(folder)
    await server.start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
