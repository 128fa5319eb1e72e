"""What a trick is given and what it gives back: Request, Later, and the table that @trick fills.
Used by tricks.py, which defines the tricks, and by trickster.py, which plays them."""
from dataclasses import dataclass

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rrset

POISON = "203.0.113.66"
TRICKS = {}


@dataclass
class Request:
    """One query as it came; zone is what trickster.load made of it, argument what the description says behind the colon."""
    query: dns.message.Message
    wire: bytes
    zone: object
    tcp: bool
    argument: str
    address: str
    zone_name: dns.name.Name = None
    behind: str = ""

    def answer(self):
        return self.zone.answer(self.query)

    def genuine(self, name=None, rdtype=None):
        """What the well-behaved server behind says to this question, or to another one."""
        query = dns.message.from_wire(self.wire)
        if name is not None:
            query.question = [dns.rrset.RRset(name, query.question[0].rdclass, rdtype)]
        reply = dns.query.tcp(query, self.behind, timeout=2)
        reply.question = self.query.question
        return reply

    def rcode(self, rcode):
        reply = dns.message.make_response(self.query)
        reply.set_rcode(rcode)
        return reply

    def referral(self, owner, hosts, address=None):
        """A reply that refers to `hosts` for `owner`; with glue when there is an address."""
        reply = dns.message.make_response(self.query)
        reply.authority.append(dns.rrset.from_text(owner, 3600, "IN", "NS", *hosts))
        if address:
            kind = "AAAA" if ":" in address else "A"
            reply.additional += [dns.rrset.from_text(host, 3600, "IN", kind, address) for host in hosts]
        return reply

    def poisoned(self):
        reply = dns.message.make_response(self.query)
        reply.flags |= dns.flags.AA
        reply.answer.append(dns.rrset.from_text(self.query.question[0].name, 3600, "IN", "A", POISON))
        return reply

    def has_data(self):
        question = self.query.question[0]
        return self.zone.find(question.name, question.rdtype) is not None


@dataclass
class Later:
    """A reply sent after a delay, or from another address than the one asked."""
    reply: object
    seconds: float = 0
    other_source: bool = False


def trick(function):
    TRICKS[function.__name__.replace("_", "-")] = function
    return function
