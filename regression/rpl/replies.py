# Turns the entries of a script into messages: whether an entry fits a query, and the reply it describes.
# Called by players.py; BEHAVIOUR words are behaviour.py's.
import dns.flags
import dns.opcode
import dns.rcode
import dns.rrset

from . import behaviour, records

OPCODES = {'NOTIFY': dns.opcode.NOTIFY, 'UPDATE': dns.opcode.UPDATE, 'STATUS': dns.opcode.STATUS}


def matches(entry, query, transport):
    """MATCH words that this format knows; an entry without a question fits every question."""
    question = query.question[0]
    for word in entry.match:
        if word == 'UDP' and transport != 'udp' or word == 'TCP' and transport != 'tcp':
            return False
        if word == 'edns' and query.edns < 0 or word == 'noedns' and query.edns >= 0:
            return False
        if entry.question is None:
            continue
        name, _, rdtype = entry.question
        if word in ('qname', 'all', 'question') and question.name != name:
            return False
        if word in ('qtype', 'all', 'question') and question.rdtype != rdtype:
            return False
        if word == 'subdomain' and not question.name.is_subdomain(name):
            return False
        if word == 'qcase' and question.name.labels != name.labels:
            return False
    return True


def from_entry(entry, query, reply):
    """Fills reply from the script; the question stays the resolver's own unless ADJUST own_question says otherwise."""
    for word in entry.reply:
        if word in ('QR', 'AA', 'TC', 'RD', 'RA', 'AD', 'CD'):
            reply.flags |= dns.flags.from_text(word)
        elif word in OPCODES:
            reply.set_opcode(OPCODES[word])
        elif word not in ('DO', 'do_not_answer', 'QUERY'):
            reply.set_rcode(dns.rcode.from_text(word))
    if 'own_question' in entry.adjust:
        name, rdclass, rdtype = entry.question
        reply.question = [dns.rrset.RRset(name, rdclass, rdtype)]
    for section, target in (('ANSWER', reply.answer), ('AUTHORITY', reply.authority), ('ADDITIONAL', reply.additional)):
        for record in entry.sections[section]:
            add(target, record)


def add(section, record):
    """Each record as a set of its own, so that order and differing TTLs stay as scripted."""
    rrset = dns.rrset.RRset(record.name, record.rdclass, record.rdtype, record.rdata.covers())
    rrset.add(record.rdata, records.DEFAULT_TTL if record.ttl is None else record.ttl)
    section.append(rrset)


def summary(reply, words):
    counts = '%d/%d/%d' % (len(reply.answer), len(reply.authority), len(reply.additional))
    return '%s %s %s' % (dns.rcode.to_text(reply.rcode()), counts, ' '.join(sorted(set(words) - behaviour.PLAIN)))
