# Turns the head of a scenario into recursor.conf, root hints and config.lua. Called by daemon.py.
# Own scenarios write "; recursor.conf: key=value"; of the public ones it understands hints, forwarders, anchors, time.
import os
import re

import dns.dnssec
import dns.name
import dns.rdatatype as T

from . import clock, records, script

IGNORED = {'server', 'stub-zone', 'forward-zone', 'target-fetch-policy', 'minimal-responses', 'fake-sha1', 'log-servfail',
           'trust-anchor-signaling', 'iter-scrub-promiscuous', 'rrset-roundrobin', 'access-control', 'features', 'verbosity',
           'harden-referral-path', 'harden-glue', 'ede', 'stub-prime', 'stub-prefix', 'num-queries-per-thread', 'msg-cache-size',
           'harden-below-nxdomain', 'discard-timeout', 'aggressive-nsec', 'local-zone', 'do-ip4', 'module-config'}


class Settings:
    def __init__(self):
        self.values, self.hints, self.lua, self.start = {}, [], ['clearTA(".")'], None

    def set(self, line):
        key, _, value = line.partition('=')
        if key.endswith('+'):
            old = self.values.get(key[:-1].strip(), '')
            key, value = key[:-1], (old + ', ' if old else '') + value.strip()
        self.values[key.strip()] = value.strip()

    def write(self, folder):
        texts = {'recursor.conf': ''.join('%s=%s\n' % pair for pair in self.values.items()),
                 'hints.zone': ''.join(line + '\n' for line in self.hints)}
        if 'lua-config-file' in self.values:
            texts['config.lua'] = '\n'.join(self.lua) + '\n'
        for name, text in texts.items():
            with open(os.path.join(folder, name), 'w') as file:
                file.write(text)


def build(scenario, folder, verbose):
    out = Settings()
    addresses = {a for r in scenario.ranges for a in r.addresses}
    for line in ('daemon=no', 'write-pid=no', 'socket-dir=' + folder, 'local-address=127.0.0.1, ::1', 'local-port=5300',
                 'threads=1', 'dont-query=', 'security-poll-suffix=', 'trust-anchor-follow=no', 'signal-trust-anchors=no',
                 'disable-syslog=yes', 'log-timestamp=no', 'dnssec=process-no-validate',
                 'loglevel=' + ('7' if verbose else '5'), 'hint-file=' + os.path.join(folder, 'hints.zone')):
        out.set(line)
    if verbose:
        out.set('trace=yes')
    six = any(':' in a for a in addresses)
    out.set('query-local-address=0.0.0.0' + (', ::' if six else ''))
    read_head(scenario, out)
    if not out.hints:
        out.hints = hints_of(scenario)
    if not out.hints:
        out.values['hint-file'] = 'no'
    return out


def hints_of(scenario):
    """Root hints from the scenario's root zones: the NS records and their addresses."""
    found = []
    for zone in (z for r in scenario.ranges for z in r.zones if z.origin == dns.name.root):
        servers = [r for r in zone.records if r.rdtype == T.NS and r.name == dns.name.root]
        names = [r.rdata.target for r in servers]
        hosts = [r for r in zone.records if r.rdtype in (T.A, T.AAAA) and r.name in names]
        found += ['%s 3600000 IN %s %s' % (r.name, T.to_text(r.rdtype), r.rdata) for r in servers + hosts]
    return list(dict.fromkeys(found))


def read_head(scenario, out):
    """Own lines first; without any, the head is taken for a public scenario's."""
    own = False
    for line in scenario.config:
        match = re.match(r';\s*(recursor\.conf|hints|start-time|lua):\s*(.*)', line)
        if match is None:
            continue
        own, (kind, text) = True, match.groups()
        if kind == 'recursor.conf':
            out.set(text)
        elif kind == 'hints':
            out.hints.append(text)
        elif kind == 'lua':
            out.values['lua-config-file'] = 'config.lua'
            out.lua.append(text)
        else:
            out.start = clock.moment(text)
    if not own and not any(r.zones for r in scenario.ranges):
        read_public(scenario, out)


def public_lines(scenario):
    """key and value of every line; a forward-zone may stand in one line; a comment may name the root server."""
    for line in scenario.config:
        text, _, comment = line.partition('#')
        text = text.strip()
        if text.startswith(';'):
            continue
        for part in re.split(r'\s(?=name:|forward-addr:|stub-addr:)', text):
            match = re.match(r'([a-z0-9-]+):\s*(.*)', part)
            if match:
                yield match.group(1), match.group(2).strip().strip('"').strip(), comment.strip()


def read_public(scenario, out):
    zone, zones, anchors = '.', {}, []
    for key, value, comment in public_lines(scenario):
        if key == 'name':
            zone = value
        elif key == 'stub-name':
            zone = value
        elif key in ('stub-addr', 'forward-addr'):
            zones.setdefault((key, zone), []).append((value.split()[0].replace('@', ':'), comment))
        elif not public_setting(key, value, out, anchors):
            raise script.Skip('no translation for %s' % key)
    place_zones(zones, out)
    out.set('serve-rfc1918=no')
    out.set('any-to-tcp=no')
    out.set('lua-config-file=config.lua')
    out.set('dnssec=' + ('validate' if anchors else 'process'))
    for anchor in anchors:
        words = anchor.split()
        out.lua.append('addTA("%s", "%s")' % (words[0], ' '.join(words[words.index('DS') + 1:])))


def public_setting(key, value, out, anchors):
    if key in ('qname-minimisation', 'query-minimization'):
        out.set('qname-minimization=' + ('no' if value in ('no', 'off') else 'yes'))
    elif key in ('val-override-date', 'val-override-timestamp'):
        out.start = clock.moment(value.split()[0])
    elif key == 'trust-anchor':
        anchors.append(as_ds(value))
    elif key == 'domain-insecure':
        out.lua.append('addNTA("%s", "scenario")' % value)
    elif key == 'do-not-query-localhost':
        out.set('dont-query=' + ('127.0.0.0/8' if value == 'yes' else ''))
    elif key == 'do-ip6':
        out.set('query-local-address=0.0.0.0' + (', ::' if value == 'yes' else ''))
    else:
        return key in IGNORED
    return True


def as_ds(anchor):
    """A trust anchor as DS, made from the key where the scenario gives a DNSKEY."""
    record = records.parse_record(anchor)
    if record.rdtype == T.DNSKEY:
        record.rdata = dns.dnssec.make_ds(record.name, record.rdata, 'SHA256')
    return '%s DS %s' % (record.name, record.rdata)


def place_zones(zones, out):
    for (key, name), addresses in zones.items():
        if key == 'stub-addr' and name == '.':
            for i, (address, comment) in enumerate(addresses):
                name = comment if re.fullmatch(r'[A-Za-z0-9.-]+\.', comment) else 'hint%d.invalid.' % i
                out.hints += ['. 3600000 IN NS ' + name,
                              '%s 3600000 IN %s %s' % (name, 'AAAA' if ':' in address else 'A', address)]
        else:
            setting = 'forward-zones' if key == 'stub-addr' else 'forward-zones-recurse'
            out.set('%s+=%s=%s' % (setting, name, ';'.join(address for address, _ in addresses)))
