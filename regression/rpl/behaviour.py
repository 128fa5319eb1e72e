# What a scripted server does wrong on purpose: the words of BEHAVIOUR and of ADJUST (see docs/scenarios.md).
# Called by players.py with a query and its true reply; returns the packets to send. It opens no socket.
import copy
import hashlib

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdatatype as T
import dns.rrset

COOKIE = 10
BADCOOKIE = dns.rcode.from_text('BADCOOKIE')
STRANGER = {4: '203.0.113.99', 6: '2001:db8:ffff::99'}
POISON = {T.A: '203.0.113.66', T.AAAA: '2001:db8:ffff::66'}

# words without effect of their own here: testbound's, and those that players.py and network.py read
PLAIN = {'copy_id', 'copy_query', 'copy_ednsdata_assume_clientsubnet', 'do_not_copy_ednsdata', 'own_question', 'no_tcp',
         'tcp_silent', 'tcp_close', 'closed', 'unreachable', 'increment_ecs_scope'}


class Packet:
    """One datagram or TCP message to send: octets, delay in seconds, and another source if forged."""

    def __init__(self, wire, delay=0.0, source=None, port=None):
        self.wire, self.delay, self.source, self.port = wire, delay, source, port


class Words(dict):
    """word or word=value, of a range and of an entry together."""

    def __init__(self, *lists):
        super().__init__()
        for words in lists:
            for word in words:
                name, _, value = word.partition('=')
                if name not in KNOWN:
                    raise ValueError('unknown behaviour: %s' % word)
                if name == 'forge':
                    self.setdefault('forge', []).append(value)
                else:
                    self[name] = value


def server_cookie(client):
    return hashlib.sha256(b'scenario' + client).digest()[:16]


def cookie_of(query):
    for option in query.options:
        if option.otype == COOKIE:
            data = option.to_wire() if not hasattr(option, 'data') else option.data
            return data[:8], data[8:]
    return b'', b''


def early(query, words, transport):
    """A reply that does not depend on the question: an rcode, or 'drop'; None to go on."""
    edns = query.edns >= 0
    if 'drop' in words or ('drop_udp' in words and transport == 'udp') or ('drop_edns' in words and edns):
        return 'drop'
    if 'rcode' in words:
        return dns.rcode.from_text(words['rcode'])
    if edns and 'formerr_edns' in words:
        return dns.rcode.FORMERR
    if edns and 'notimp_edns' in words:
        return dns.rcode.NOTIMP
    if edns and 'badvers' in words:
        return dns.rcode.BADVERS
    if 'cookies_required' in words and not cookie_is_right(query) and transport == 'udp':
        return BADCOOKIE
    return None


def cookie_is_right(query):
    client, server = cookie_of(query)
    return bool(client) and server == server_cookie(client)


def finish(query, reply, words):
    """EDNS, cookies, flags and the other changes to an otherwise true reply."""
    edns = query.edns >= 0 and not {'no_edns', 'formerr_edns', 'notimp_edns'} & set(words)
    options, rcode = [], reply.rcode()
    client, _ = cookie_of(query)
    if client and {'cookies', 'cookies_required', 'cookies_wrong'} & set(words):
        echo = bytes(8) if 'cookies_wrong' in words else client
        options.append(dns.edns.GenericOption(COOKIE, echo + server_cookie(client)))
    reply.use_edns(0 if edns else -1, ednsflags=query.ednsflags & dns.flags.DO if edns else 0, payload=1232, options=options)
    reply.set_rcode(dns.rcode.SERVFAIL if rcode > 15 and not edns else rcode)
    if 'no_aa' in words:
        reply.flags &= ~dns.flags.AA
    if 'lowercase' in words:
        reply.question = [renamed(q, q.name.canonicalize()) for q in reply.question]
    if 'no_question' in words:
        reply.question = []


def renamed(rrset, name):
    other = copy.copy(rrset)
    other.name = name
    return other


def to_wire(query, reply, words, transport):
    """The octets: cut to the client's size over UDP; with 'udp_tc' always, with 'tc_full' marked but complete."""
    wire = reply.to_wire(max_size=65535)
    if transport == 'tcp':
        return wire
    if 'tc_full' in words:
        reply.flags |= dns.flags.TC
        return reply.to_wire(max_size=65535)
    limit = max(512, query.payload) if query.edns >= 0 else 512
    if 'udp_tc' in words or (len(wire) > limit and 'oversize' not in words):
        short = dns.message.make_response(query)
        short.question = reply.question
        short.use_edns(reply.edns, reply.ednsflags, payload=1232, options=reply.options)
        short.flags = reply.flags | dns.flags.TC
        short.set_rcode(reply.rcode())
        wire = short.to_wire()
    return wire


def packets(query, reply, words, transport, family, raw=None):
    """All that is sent: forged packets first (UDP only), then the true one unless 'only_forged'."""
    delay = float(words.get('delay', 0)) / 1000.0 + float(words.get('sleep', 0))
    if transport == 'udp' and 'delay_udp' in words:
        delay += float(words['delay_udp']) / 1000.0
    wire = to_wire(query, reply, words, transport)
    if raw is not None:
        wire = raw if 'copy_id' not in words else wire[:2] + raw[2:]
    out = []
    if transport == 'udp':
        for spec in words.get('forge', []):
            out += forged(query, reply, wire, spec, family)
    if 'only_forged' not in words or transport == 'tcp':
        out.append(Packet(wire, delay))
    return out


def poisoned(reply):
    """The same reply with every address replaced, so that a resolver that accepts it gives itself away."""
    other = copy.deepcopy(reply)
    for section in (other.answer, other.additional):
        for i, rrset in enumerate(section):
            if rrset.rdtype in POISON:
                section[i] = dns.rrset.from_text(rrset.name, 86400, 'IN', T.to_text(rrset.rdtype), POISON[rrset.rdtype])
    return other


def forged(query, reply, wire, spec, family):
    """forge=KIND or forge=KIND*TIMES."""
    kind, _, times = spec.partition('*')
    out = []
    for i in range(int(times or 1)):
        bad = poisoned(reply)
        packet = Packet(b'')
        FORGERIES[kind](bad, packet, i, family)
        packet.wire = packet.wire or bad.to_wire(max_size=65535)
        out.append(packet)
    return out


def wrong_id(bad, packet, i, family):
    bad.id ^= 0x1000 + i


def wrong_source(bad, packet, i, family):
    packet.source = STRANGER[family]


def wrong_port(bad, packet, i, family):
    packet.port = 1053


def wrong_question(bad, packet, i, family):
    bad.question = [renamed(q, dns.name.from_text('other.invalid.')) for q in bad.question]


def wrong_type(bad, packet, i, family):
    bad.question = [dns.rrset.RRset(q.name, q.rdclass, T.TXT) for q in bad.question]


def wrong_case(bad, packet, i, family):
    swapped = dns.name.Name([label.swapcase() for label in bad.question[0].name.labels])
    bad.question = [renamed(bad.question[0], swapped)]


def without_question(bad, packet, i, family):
    bad.question = []


def not_a_reply(bad, packet, i, family):
    bad.flags &= ~dns.flags.QR


def garbage(bad, packet, i, family):
    packet.wire = bad.id.to_bytes(2, 'big') + b'\x84\x00' + b'\xff' * 30


def short(bad, packet, i, family):
    packet.wire = bad.id.to_bytes(2, 'big') + b'\x84'


def wrong_cookie(bad, packet, i, family):
    bad.use_edns(0, payload=1232, options=[dns.edns.GenericOption(COOKIE, bytes(8) + bytes(16))])


def wrong_opcode(bad, packet, i, family):
    bad.set_opcode(dns.opcode.STATUS)


FORGERIES = {f.__name__: f for f in (wrong_id, wrong_source, wrong_port, wrong_question, wrong_type, wrong_case,
                                     without_question, not_a_reply, garbage, short, wrong_opcode, wrong_cookie)}
KNOWN = PLAIN | {'drop', 'drop_udp', 'drop_edns', 'rcode', 'formerr_edns', 'notimp_edns', 'badvers', 'cookies',
                 'cookies_required', 'cookies_wrong', 'no_edns', 'no_aa', 'lowercase', 'no_question', 'udp_tc', 'tc_full',
                 'oversize', 'delay', 'delay_udp', 'sleep', 'forge', 'only_forged', 'do_not_answer'}
