"""The tricks of servers that answer by EDNS Client Subnet (RFC 7871): the digits at the end of a name's first label are
the scope, the address is that of the client's network. Imported by tricks.py, which has the others."""
import ipaddress
import re

import dns.edns
import dns.rcode
import dns.rdatatype
import dns.rrset

from request import POISON, Later, trick

SUBNET = 8  # the option


def subnet_of(query):
    """The client subnet in a query, or None."""
    return next((option for option in query.options if option.otype == SUBNET), None)


def network_of(option, bits=None):
    bits = option.srclen if bits is None else min(bits, option.srclen)
    return ipaddress.ip_network(f"{option.address}/{bits}", strict=False)


def address_for(option, scope):
    """What the clients of a network are told: its own first address, or for IPv6 10 and what stands behind the first
    32 bits."""
    network = network_of(option, scope)
    if network.version == 4:
        return str(network.network_address + 1)
    return ".".join(str(octet) for octet in b"\x0a" + network.network_address.packed[4:7])


def scope_of(name):
    digits = re.search(rb"(\d+)$", name.labels[0])
    return int(digits[1]) if digits else 0


def tailored(r, address=None, option=None):
    """The answer for the client's network, saying so."""
    sent, name = subnet_of(r.query), r.query.question[0].name
    scope, reply = scope_of(name), r.answer()
    for index, rrset in enumerate(reply.answer):
        if rrset.rdtype == dns.rdatatype.A:
            mine = address or address_for(sent, scope)
            reply.answer[index] = dns.rrset.from_text(rrset.name, rrset.ttl, "IN", "A", mine)
    said = option or dns.edns.ECSOption(sent.address, sent.srclen, scope)
    reply.use_edns(0, 0, 1232, options=[said] if said != "none" else [])
    return reply


def refuses(r, code):
    reply = r.rcode(code)
    reply.use_edns(0, 0, 1232)
    return [reply]


OTHER = dns.edns.ECSOption("192.0.2.0", 24, 24)
MODES = {
    "": lambda r: [tailored(r)],
    "missing": lambda r: [tailored(r, option="none")],
    "other": lambda r: [tailored(r, POISON, OTHER)],
    "other-length": lambda r: [tailored(r, POISON, dns.edns.ECSOption(subnet_of(r.query).address, 16, 16))],
    "other-family": lambda r: [tailored(r, POISON, dns.edns.ECSOption("2001:db8::", 24, 24))],
    "malformed": lambda r: [tailored(r, POISON, dns.edns.GenericOption(SUBNET, b"\0\1\x18"))],
    "formerr": lambda r: refuses(r, dns.rcode.FORMERR),
    "refused": lambda r: refuses(r, dns.rcode.REFUSED),
    "forged": lambda r: [tailored(r, POISON, "none"), tailored(r)],
    "slow": lambda r: [Later(tailored(r), 0.3)],
    "truncated": lambda r: [tailored(r)] if r.tcp else [truncated(r)],
}


def truncated(r):
    reply = r.rcode(dns.rcode.NOERROR)
    reply.flags |= 0x0200
    return reply


@trick
def subnet(r):
    """What the argument says, to questions with a client subnet; the plain answer to others."""
    if subnet_of(r.query) is None:
        return [Later(r.answer(), 0.3 if r.argument == "slow" else 0)]
    return MODES[r.argument](r)
