# Compares what came with what the scenario expects; every function returns None or the difference as readable lines.
# Called by play.py. Long CHECK_ANSWER entries judge rcode, flags but AA, the answer section and the SOA of a negative one.
import dns.flags
import dns.rcode
import dns.rdatatype as T

from . import records

FLAGS = ('QR', 'AA', 'TC', 'RD', 'RA', 'AD', 'CD')
TTL_SLACK = 3
NSID, COOKIE, EDE = 3, 10, 15


def flags_of(message):
    return [f for f in FLAGS if message.flags & dns.flags.from_text(f)]


def describe(message):
    """A message in few lines, for the report."""
    lines = ['%s flags %s' % (dns.rcode.to_text(message.rcode()), ' '.join(flags_of(message)).lower() or '-')]
    for name in ('answer', 'authority', 'additional'):
        lines += ['%-10s %s' % (name, r) for r in records.from_section(getattr(message, name))]
    lines += ['EDE %d "%s"' % pair for pair in extended_errors(message)]
    return lines


def extended_errors(message):
    out = []
    for option in message.options:
        if int(option.otype) == EDE:
            out.append((int(option.code), option.text or ''))
    return out


def option_data(message, code):
    for option in message.options:
        if int(option.otype) == code:
            return option.data if hasattr(option, 'data') else option.to_wire()
    return None


def echo(exchange):
    """The question comes back octet by octet, case included, and the id with it."""
    if exchange.query is None or not exchange.query.question:
        return None
    sent, got = exchange.query.question[0], exchange.reply.question
    if not got and exchange.reply.rcode() == dns.rcode.FORMERR:
        return None    # of a malformed message there may be no question to repeat
    if len(got) != 1 or got[0].name.labels != sent.name.labels or (got[0].rdtype, got[0].rdclass) != (
            sent.rdtype, sent.rdclass):
        return ['question sent %s, echoed %s' % (sent, ' '.join(str(q) for q in got) or 'nothing')]
    return None


def short_answer(words, expected, exchange):
    """CHECK_ANSWER rcode [words], with records below it."""
    message = exchange.reply
    rcodes = set(words[0].split('|'))
    if dns.rcode.to_text(message.rcode()) not in rcodes:
        return ['rcode %s instead of %s' % (dns.rcode.to_text(message.rcode()), words[0])]
    return echo(exchange) or wrong_words(words[1:], exchange) or wrong_sections(expected, message)


def raw_answer(words, wire):
    """The answer to octets that are no question: only its header counts."""
    if len(wire) < 12 or not wire[2] & 0x80:
        return ['not a reply: %s' % wire.hex()]
    rcode = dns.rcode.to_text(dns.rcode.Rcode(wire[3] & 15))
    return None if rcode == words[0] else ['rcode %s instead of %s' % (rcode, words[0])]


def wrong_words(words, exchange):
    have = flags_of(exchange.reply)
    if 'TC' in have and 'TC' not in words:
        return ['TC is set']
    for word in words:
        if word.lstrip('!') in FLAGS:
            if (word in have) == word.startswith('!') and (word.lstrip('!') in have) != (not word.startswith('!')):
                return ['flags are %s, %s expected' % (' '.join(have), word)]
        else:
            lines = wrong_word(word, exchange)
            if lines:
                return lines
    return None


def wrong_word(word, exchange):
    message = exchange.reply
    name, _, value = word.partition('=')
    if word == 'NOEDNS':
        return ['EDNS in the answer'] if message.edns >= 0 else None
    if word == 'EDNS':
        return None if message.edns == 0 else ['EDNS version %d in the answer' % message.edns]
    if word == 'ANYANSWER':
        return None
    if name == 'SIZE<':
        size = len(exchange.reply_wire)
        return None if size <= int(value) else ['%d octets, at most %s expected' % (size, value)]
    if name == 'SIZE>':
        size = len(exchange.reply_wire)
        return None if size >= int(value) else ['%d octets, at least %s expected' % (size, value)]
    if name == 'NSID':
        data = option_data(message, NSID)
        return None if data == value.encode() else ['NSID %r instead of %r' % (data, value.encode())]
    if word == '!NSID':
        return ['NSID in the answer'] if option_data(message, NSID) is not None else None
    if name in ('ANSWERS', 'ANSWERS>'):
        count = sum(len(r) for r in message.answer)
        return None if count == int(value) or (count > int(value) and name.endswith('>')) else ['%d records in the answer, %s expected' % (count, value)]
    return ['unknown CHECK_ANSWER word: %s' % word]


def wrong_sections(expected, message):
    for section, want in expected.items():
        have = records.from_section(getattr(message, section.lower()))
        lines = difference(section.lower(), want, have)
        if lines:
            return lines
    return None


def difference(section, want, have):
    """Sets of records, TTLs only where the script writes them."""
    wanted, found = {r.key(): r for r in want}, {r.key(): r for r in have}
    lines = ['- %s %s' % (section, wanted[k]) for k in wanted if k not in found]
    lines += ['+ %s %s' % (section, found[k]) for k in found if k not in wanted]
    for key in set(wanted) & set(found):
        ttl = wanted[key].ttl
        if ttl is not None and not ttl - TTL_SLACK <= found[key].ttl <= ttl:
            lines.append('~ %s TTL %d instead of %d: %s' % (section, found[key].ttl, ttl, found[key]))
    return lines or None


def long_answer(entry, exchange):
    """CHECK_ANSWER with an entry, as public scenarios have it."""
    message, words = exchange.reply, set(entry.match)
    rcodes = [w for w in entry.reply if w not in FLAGS + ('DO', 'QUERY')]
    every = bool(words & {'all', 'all_noedns'})
    got = dns.rcode.to_text(message.rcode())
    if (every or 'rcode' in words) and rcodes and got not in rcodes:
        return ['rcode %s instead of %s' % (got, ' '.join(rcodes))]
    if every or 'flags' in words:
        want = {w for w in entry.reply if w in FLAGS} - {'AA'}
        have = set(flags_of(message)) - {'AA'}
        if want != have:
            return ['flags %s instead of %s' % (' '.join(sorted(have)), ' '.join(sorted(want)))]
    lines = None
    if every or 'answer' in words:
        lines = difference('answer', loose(entry.sections['ANSWER'], words), records.from_section(message.answer))
    return lines or (wrong_soa(entry, message) if every or 'authority' in words else None)


def loose(expected, words):
    """Public scenarios write TTLs everywhere but mean them only with MATCH ttl."""
    if 'ttl' in words:
        return expected
    return [records.Record(r.name, None, r.rdclass, r.rdtype, r.rdata) for r in expected]


def wrong_soa(entry, message):
    want = [r.name for r in entry.sections['AUTHORITY'] if r.rdtype == T.SOA]
    have = [r.name for r in message.authority if r.rdtype == T.SOA]
    if want and want[0] not in have:
        return ['- authority SOA of %s' % want[0]]
    return None


def extended_error(words, message):
    """CHECK_EDE code|code [text], CHECK_EDE any [text], or CHECK_EDE none."""
    have = extended_errors(message)
    shown = ', '.join('%d "%s"' % pair for pair in have) or 'none'
    code, _, text = words.partition(' ')
    if code == 'none':
        return ['extended error %s, none expected' % shown] if have else None
    codes = {c for c, _ in have} if code == 'any' else {int(c) for c in code.split('|')}
    text = text.strip().strip('"')
    if any(c in codes and text.lower() in t.lower() for c, t in have):
        return None
    return ['extended error %s instead of %s' % (shown, words)]


def compare_number(words, number, what):
    """'<= 5', '= 0', '>= 1' against a number."""
    sign, limit = words.split()[:2]
    good = {'<=': number <= float(limit), '=': number == float(limit), '>=': number >= float(limit)}
    if sign not in good:
        return ['unknown comparison %s' % sign]
    return None if good[sign] else ['%s: %g, expected %s %s' % (what, number, sign, limit)]
