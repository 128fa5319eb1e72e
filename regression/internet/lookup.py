"""A zone in memory and the right answer to a question about it (RFC 1034 section 4.3.2, without delegations).
Used by trickster.py, whose tricks then spoil the answer."""
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.zone


class ZoneData:
    def __init__(self, name, path):
        self.origin = dns.name.from_text(name)
        self.zone = dns.zone.from_file(path, origin=self.origin, relativize=False, check_origin=False)
        self.existing = {ancestor for node in self.zone.nodes for ancestor in self.up_to_origin(node)}

    def up_to_origin(self, name):
        while name.is_subdomain(self.origin):
            yield name
            if name == self.origin:
                return
            name = name.parent()

    def has_node(self, name):
        return name in self.zone.nodes

    def find(self, name, rdtype):
        """The record set at a name that owns records itself, or None."""
        return self.zone.get_rrset(name, rdtype) if name.is_subdomain(self.origin) else None

    def source_of(self, name):
        """The node that answers for a name: itself, or the wildcard of its closest encloser; None when it does not exist."""
        if name in self.existing:
            return name
        encloser = next(n for n in self.up_to_origin(name) if n in self.existing)
        wildcard = dns.name.Name((b"*",) + encloser.labels)
        return wildcard if wildcard in self.zone.nodes else None

    def answer(self, query):
        reply = dns.message.make_response(query)
        question = query.question[0]
        if not question.name.is_subdomain(self.origin):
            reply.set_rcode(dns.rcode.REFUSED)
            return reply
        reply.flags |= dns.flags.AA
        name = question.name
        for _ in range(64):
            source = self.source_of(name)
            found = source and (self.find(source, question.rdtype) or self.find(source, dns.rdatatype.CNAME))
            if not found:
                break
            reply.answer.append(self.renamed(found, name))
            if found.rdtype == question.rdtype or not found[0].target.is_subdomain(self.origin):
                return reply
            name = found[0].target
        if self.source_of(name) is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        reply.authority.append(self.find(self.origin, dns.rdatatype.SOA))
        return reply

    @staticmethod
    def renamed(rrset, name):
        copy = rrset.copy()
        copy.name = name
        return copy
