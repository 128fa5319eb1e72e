# Reads one resource record from text. Used by the parser for zones, entries and expected answers; never guesses types.
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

DEFAULT_TTL = 3600
CLASSES = {'IN', 'CH', 'HS', 'ANY', 'NONE'}


class Record:
    """One record; ttl is None where the text gives none, which means "any" when it is an expectation."""

    def __init__(self, name, ttl, rdclass, rdtype, rdata):
        self.name, self.ttl, self.rdclass, self.rdtype, self.rdata = name, ttl, rdclass, rdtype, rdata

    def key(self):
        """What makes two records the same: everything but the TTL, names without case."""
        return (self.name.canonicalize(), int(self.rdclass), int(self.rdtype), digest(self.rdata))

    def __str__(self):
        ttl = '' if self.ttl is None else ' %d' % self.ttl
        return '%s%s %s %s' % (self.name, ttl, dns.rdatatype.to_text(self.rdtype), self.rdata)


def digest(rdata):
    """Canonical octets; for what stands as \\# or has no canonical form, its octets as they are."""
    return rdata.data if isinstance(rdata, dns.rdata.GenericRdata) else rdata.to_digestable()


def parse_ttl(word):
    units = {'S': 1, 'M': 60, 'H': 3600, 'D': 86400, 'W': 604800}
    if word.isdigit():
        return int(word)
    if word[:-1].isdigit() and word[-1].upper() in units:
        return int(word[:-1]) * units[word[-1].upper()]
    return None


def parse_record(line, origin=dns.name.root):
    """name [ttl] [class] type rdata, ttl and class in any order; names are relative to origin."""
    words = line.split(None, 1)
    name = dns.name.from_text(words[0], origin) if words[0] != '@' else origin
    rest, ttl, rdclass = words[1], None, dns.rdataclass.IN
    while True:
        word, rest = (rest.split(None, 1) + [''])[:2]
        if ttl is None and parse_ttl(word) is not None:
            ttl = parse_ttl(word)
        elif word.upper() in CLASSES:
            rdclass = dns.rdataclass.from_text(word)
        else:
            break
    rdtype = dns.rdatatype.from_text(word)
    if '"' not in rest:
        rest = rest.replace('(', ' ').replace(')', ' ')
    if rdtype == dns.rdatatype.RRSIG:
        rest = repair_signature(rest)
    if rest.startswith('\\#'):
        data = bytes.fromhex(''.join(rest.split()[2:]))
        return Record(name, ttl, rdclass, rdtype, dns.rdata.GenericRdata(rdclass, rdtype, data))
    rdata = dns.rdata.from_text(rdclass, rdtype, rest, origin=origin, relativize=False)
    return Record(name, ttl, rdclass, rdtype, rdata)


def repair_signature(text):
    """Public scenarios hold signatures spoilt on purpose; only their base64 padding has to be right to be sent."""
    words = text.split()
    base = ''.join(words[8:]).rstrip('=')
    if len(base) % 4 == 1:
        base = base[:-1]
    return ' '.join(words[:8] + [base + '=' * (-len(base) % 4)])


def parse_question(line):
    """name [class] type, as dns.message wants it."""
    words = line.split()
    rdclass = dns.rdataclass.IN
    for word in words[1:-1]:
        if word.upper() in CLASSES:
            rdclass = dns.rdataclass.from_text(word)
    return dns.name.from_text(words[0]), rdclass, dns.rdatatype.from_text(words[-1])


def from_section(section):
    """The records of a section of a received message, one by one."""
    return [Record(rrset.name, rrset.ttl, rrset.rdclass, rrset.rdtype, rdata) for rrset in section for rdata in rrset]
