# Answers like a plain authoritative server from the ZONE blocks of a range (RFC 1034 4.3.2, RFC 4592, RFC 6672).
# Called by players.py for queries that no ENTRY matches; broken behaviour is never built here.
import dns.flags
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype as T
import dns.rrset

from . import records

NEGATIVE_TTL = 300


class Contents:
    """A zone by name and type; a default SOA stands in where the text gives none."""

    def __init__(self, zone):
        self.origin, self.nodes = zone.origin, {}
        for record in zone.records:
            self.add(record)
        if (self.origin, T.SOA) not in self.keys():
            text = '@ SOA ns.invalid. hostmaster.invalid. 1 7200 3600 86400 %d' % NEGATIVE_TTL
            self.add(records.parse_record(text, self.origin))

    def keys(self):
        return {(name, rdtype) for name, types in self.nodes.items() for rdtype in types}

    def add(self, record):
        types = self.nodes.setdefault(record.name, {})
        ttl = records.DEFAULT_TTL if record.ttl is None else record.ttl
        if record.rdtype not in types:
            types[record.rdtype] = dns.rrset.RRset(record.name, record.rdclass, record.rdtype)
        types[record.rdtype].add(record.rdata, ttl)

    def find(self, name, rdtype):
        return self.nodes.get(name, {}).get(rdtype)

    def exists(self, name):
        """True for names with records and for empty non-terminals."""
        return any(n.is_subdomain(name) for n in self.nodes)


def best_zone(zones, qname, qtype):
    """The deepest zone above qname; for DS the parent side, when it is served here too (RFC 4035 3.1.4.1)."""
    fitting = sorted((z for z in zones if qname.is_subdomain(z.origin)), key=lambda z: len(z.origin), reverse=True)
    if qtype == T.DS and len(fitting) > 1 and fitting[0].origin == qname:
        return fitting[1]
    return fitting[0] if fitting else None


def answer(zones, query, reply):
    """Fills reply; REFUSED when no zone here is above the question."""
    question = query.question[0]
    zone = best_zone(zones, question.name, question.rdtype)
    if zone is None:
        reply.set_rcode(dns.rcode.REFUSED)
        return
    qname = question.name
    for _ in range(12):
        target = one_name(zone, qname, question.rdtype, reply)
        if target is None or not target.is_subdomain(zone.origin):
            return
        if any(rrset.name == target and rrset.rdtype == T.CNAME for rrset in reply.answer):
            return
        qname = target


def one_name(zone, qname, qtype, reply):
    """Answers for one owner name; returns the target to go on with after an alias."""
    cut = find_cut(zone, qname, qtype)
    if cut is not None:
        return refer(zone, cut, reply)
    reply.flags |= dns.flags.AA
    dname = find_dname(zone, qname)
    if dname is not None:
        return follow_dname(dname, qname, reply)
    node = zone.nodes.get(qname) or wildcard(zone, qname)
    if node is None:
        if not zone.exists(qname):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return negative(zone, reply)
    return from_node(zone, node, qname, qtype, reply)


def from_node(zone, node, qname, qtype, reply):
    alias = node.get(T.CNAME)
    if alias is not None and qtype not in (T.CNAME, T.ANY):
        reply.answer.append(owned(alias, qname))
        return alias[0].target
    found = list(node.values()) if qtype == T.ANY else [node[qtype]] if qtype in node else []
    if not found:
        return negative(zone, reply)
    reply.answer += [owned(rrset, qname) for rrset in found]
    for rrset in found:
        add_addresses(zone, rrset, reply)
    return None


def owned(rrset, name):
    """The RRset under the name asked for: a wildcard's, or the same in the client's case."""
    copy = dns.rrset.RRset(name, rrset.rdclass, rrset.rdtype)
    for rdata in rrset:
        copy.add(rdata, rrset.ttl)
    return copy


def ancestors(zone, qname):
    """Names from just below the apex down to qname."""
    depth = len(zone.origin)
    return [qname.split(n)[1] for n in range(depth + 1, len(qname) + 1)]


def find_cut(zone, qname, qtype):
    for name in ancestors(zone, qname):
        if zone.find(name, T.NS) is not None and not (name == qname and qtype == T.DS):
            return name
    return None


def refer(zone, cut, reply):
    ns = zone.find(cut, T.NS)
    reply.authority.append(ns)
    ds = zone.find(cut, T.DS)
    if ds is not None:
        reply.authority.append(ds)
    add_addresses(zone, ns, reply)
    return None


def find_dname(zone, qname):
    for name in [zone.origin] + ancestors(zone, qname):
        if name != qname and zone.find(name, T.DNAME) is not None:
            return zone.find(name, T.DNAME)
    return None


def follow_dname(dname, qname, reply):
    """Appends the DNAME and the CNAME made from it; YXDOMAIN when the new name is too long (RFC 6672 2.2)."""
    reply.answer.append(dname)
    try:
        target = qname.relativize(dname.name).concatenate(dname[0].target)
    except dns.name.NameTooLong:
        reply.set_rcode(dns.rcode.YXDOMAIN)
        return None
    reply.answer.append(dns.rrset.from_text(qname, dname.ttl, 'IN', 'CNAME', str(target)))
    return target


def wildcard(zone, qname):
    """RFC 4592 3.3.1: the wildcard below the closest encloser."""
    if zone.exists(qname):
        return None
    name = qname
    while name != zone.origin:
        name = name.parent()
        if zone.exists(name):
            return zone.nodes.get(dns.name.Name((b'*',) + name.labels))
    return None


def negative(zone, reply):
    """Adds the SOA with the TTL of RFC 2308 section 3."""
    soa = zone.find(zone.origin, T.SOA)
    copy = owned(soa, zone.origin)
    copy.update_ttl(min(soa.ttl, soa[0].minimum))
    reply.authority.append(copy)
    return None


def add_addresses(zone, rrset, reply):
    for rdata in rrset:
        host = {T.NS: 'target', T.MX: 'exchange', T.SRV: 'target'}.get(rrset.rdtype)
        name = getattr(rdata, host) if host else None
        for rdtype in (T.A, T.AAAA):
            glue = zone.find(name, rdtype) if name is not None else None
            if glue is not None and glue not in reply.additional:
                reply.additional.append(glue)
