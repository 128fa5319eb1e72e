"""Signs a zone (RFC 4034, RFC 4035 section 2, RFC 5155 section 7.1): text in, text out, in the way its plan says, which
may be a wrong one. Called by build.py; plan.py makes the plans; no key is stored."""
import base64
import hashlib
import struct
import time
from dataclasses import dataclass, field, replace

import dns.name
import dns.rdatatype
import dns.zone

A, NS, SOA, DS, RRSIG, NSEC, DNSKEY, NSEC3, NSEC3PARAM = 1, 2, 6, 43, 46, 47, 48, 50, 51
HOUR, DAY = 3600, 86400
NOW = int(time.time())
NEGATIVE_TTL = 300
BASE32HEX = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghijklmnopqrstuv")


@dataclass
class Nsec3:
    iterations: int = 0
    salt: bytes = b""
    opt_out: bool = False
    algorithm: int = 1
    hash_salt: bytes = None     # what is hashed with, when it is not what the records say
    parameters: bool = True     # whether there is an NSEC3PARAM record

    def label(self, name):
        salt = self.salt if self.hash_salt is None else self.hash_salt
        return nsec3_hash(name, self.iterations, salt)

    def head(self, flags=None):
        """The fields an NSEC3 and an NSEC3PARAM record begin with."""
        algorithm = self.algorithm if flags is None else 1
        flags = int(self.opt_out) if flags is None else flags
        return struct.pack("!BBHB", algorithm, flags, self.iterations, len(self.salt)) + self.salt


@dataclass
class Plan:
    """How a zone is signed. `spoils`: functions from a Signature to the Signatures made instead, by type covered (0 for
    any); `ds_spoils`: the same for the parent's over its DS set; `edits`: functions that change the signed zone."""
    keys: list
    key_signers: list
    zone_signers: list
    ds: list
    denial: Nsec3 = None       # None: NSEC
    spoils: list = field(default_factory=list)
    ds_spoils: list = field(default_factory=list)
    prepares: list = field(default_factory=list)   # functions that change the zone before it is signed
    edits: list = field(default_factory=list)
    unsigned: frozenset = frozenset()              # labels whose own data is not signed, to save time


@dataclass
class RecordSet:
    ttl: int
    wires: list
    texts: list


@dataclass
class Signature:
    owner: dns.name.Name
    covered: int
    ttl: int
    key: object
    signer: dns.name.Name
    labels: int
    inception: int = NOW - DAY
    expiration: int = NOW + 30 * DAY
    tag: int = None
    algorithm: int = None
    shown_labels: int = None    # written into the record in place of what was signed
    garbled: int = 0            # how; 0: not at all

    def head(self, labels):
        return struct.pack("!HBBIIIH", self.covered, self.key.algorithm if self.algorithm is None else self.algorithm,
                           labels, self.ttl, self.expiration, self.inception,
                           self.key.tag if self.tag is None else self.tag) + self.signer.to_digestable()

    def rdata(self, wires):
        owner = self.owner
        if self.labels < count_labels(owner):
            owner = dns.name.Name((b"*",) + owner.labels[len(owner.labels) - 1 - self.labels:])
        start = owner.to_digestable() + struct.pack("!HHI", self.covered, 1, self.ttl)
        data = self.head(self.labels) + b"".join(
            start + len(wire).to_bytes(2, "big") + wire for wire in sorted(set(wires)))
        signature = bytearray(self.key.sign(data))
        if self.garbled:
            middle = len(signature) // 2
            signature[middle - 2] ^= self.garbled >> 8
            signature[middle - 1] ^= self.garbled & 0xff
        return self.head(self.labels if self.shown_labels is None else self.shown_labels) + bytes(signature)

    def but(self, **changes):
        return replace(self, **changes)


def count_labels(name):
    """Labels as an RRSIG counts them: without the root and a leading asterisk (RFC 4034 section 3.1.3)."""
    return len(name.labels) - 1 - (name.labels[0] == b"*")


class SignedZone:
    """The record sets of one zone, by owner and type."""

    def __init__(self, name, text, plan):
        self.origin = dns.name.from_text(name)
        self.plan, self.sets, self.signatures = plan, {}, {}
        zone = dns.zone.from_text(text, origin=self.origin, relativize=False, check_origin=False)
        for owner, node in zone.nodes.items():
            for rdataset in node.rdatasets:
                self.sets[owner, int(rdataset.rdtype)] = RecordSet(
                    rdataset.ttl, [r.to_digestable() for r in rdataset], [r.to_text() for r in rdataset])
        self.cuts = {owner for owner, rdtype in self.sets if rdtype == NS and owner != self.origin}

    def add(self, owner, rdtype, wire, ttl=None):
        held = self.sets.setdefault((owner, rdtype), RecordSet(self.ttl if ttl is None else ttl, [], []))
        held.wires.append(wire)
        held.texts.append(rf"\# {len(wire)} {wire.hex()}")

    @property
    def ttl(self):
        return self.sets[self.origin, SOA].ttl

    def is_occluded(self, owner):
        """Below a delegation: not this zone's data."""
        name = owner
        while name != self.origin:
            name = name.parent()
            if name in self.cuts:
                return True
        return False

    def types(self):
        """The types of this zone's own data at each name; at a delegation, only what the parent speaks for."""
        found = {}
        for owner, rdtype in self.sets:
            if rdtype != NSEC3 and not self.is_occluded(owner) and (owner not in self.cuts or rdtype in (NS, DS)):
                found.setdefault(owner, set()).add(rdtype)
        return found

    # ---- signing

    def sign(self, child_spoils):
        """`child_spoils`: what is to be done to the signature over a child's DS set, by the child's name."""
        plan = self.plan
        for key in plan.keys:
            self.add(self.origin, DNSKEY, key.rdata)
        for change in plan.prepares:
            change(self)
        self.add_denial()
        for (owner, rdtype), records in list(self.sets.items()):
            if self.is_signed(owner, rdtype):
                spoils = [s for types, s in plan.spoils if not types or rdtype in types]
                spoils += child_spoils.get(owner.to_text(omit_final_dot=True), []) if rdtype == DS else []
                self.signatures[owner, rdtype] = self.sign_set(owner, rdtype, records, spoils)
        for edit in plan.edits:
            edit(self)

    def is_signed(self, owner, rdtype):
        if self.is_occluded(owner) or owner.labels[0] in self.plan.unsigned and rdtype not in (NSEC, NSEC3):
            return False
        return owner not in self.cuts or rdtype in (DS, NSEC)

    def sign_set(self, owner, rdtype, records, spoils):
        keys = self.plan.key_signers if rdtype == DNSKEY else self.plan.zone_signers
        signatures = [Signature(owner, rdtype, records.ttl, key, self.origin, count_labels(owner)) for key in keys]
        for spoil in spoils:
            signatures = [new for old in signatures for new in spoil(old)]
        return [signature.rdata(records.wires) for signature in signatures]

    # ---- denial

    def add_denial(self):
        if self.plan.denial is None:
            self.add_nsec()
        else:
            self.add_nsec3(self.plan.denial)

    def add_nsec(self):
        types = self.types()
        names = sorted(types)
        for owner, following in zip(names, names[1:] + names[:1]):
            self.add(owner, NSEC, following.to_digestable() + bitmap(types[owner] | {RRSIG, NSEC}), NEGATIVE_TTL)

    def add_nsec3(self, denial):
        if denial.parameters:
            self.add(self.origin, NSEC3PARAM, denial.head(flags=0), 0)
        types = self.types()
        if denial.opt_out:
            types = {owner: held for owner, held in types.items() if owner not in self.cuts or DS in held}
        for owner in list(types):
            while owner != self.origin:
                owner = owner.parent()
                types.setdefault(owner, set())
        hashes = sorted((denial.label(owner), held) for owner, held in types.items())
        for index, (label, held) in enumerate(hashes):
            following = hashes[(index + 1) % len(hashes)][0]
            held = held | {RRSIG} if held - {NS} else held
            self.add(dns.name.Name((base32hex(label),) + self.origin.labels), NSEC3,
                     denial.head() + bytes((20,)) + following + bitmap(held), NEGATIVE_TTL)

    # ---- writing

    def to_text(self):
        lines = []
        for (owner, rdtype), records in self.sets.items():
            prefix = f"{owner} {records.ttl} IN {dns.rdatatype.to_text(rdtype)} "
            lines += [prefix + text for text in records.texts]
        for (owner, rdtype), signatures in self.signatures.items():
            ttl = self.sets[owner, rdtype].ttl if (owner, rdtype) in self.sets else self.ttl
            lines += [rf"{owner} {ttl} IN RRSIG \# {len(s)} {s.hex()}" for s in signatures]
        return "\n".join(lines) + "\n"


def nsec3_hash(name, iterations, salt):
    digest = hashlib.sha1(name.to_digestable() + salt).digest()
    for _ in range(iterations):
        digest = hashlib.sha1(digest + salt).digest()
    return digest


def base32hex(data):
    return base64.b32encode(data).translate(BASE32HEX)


def bitmap(types):
    """RFC 4034 section 4.1.2."""
    windows = {}
    for rdtype in types:
        octets = windows.setdefault(rdtype >> 8, bytearray(32))
        octets[(rdtype & 0xff) >> 3] |= 0x80 >> (rdtype & 7)
    return b"".join(bytes((window, len(used))) + used for window, octets in sorted(windows.items())
                    for used in (bytes(octets).rstrip(b"\0"),))


def sign_zone(name, text, plan, child_spoils):
    """The signed zone file of a zone file; `child_spoils` as in SignedZone.sign."""
    zone = SignedZone(name, text, plan)
    zone.sign(child_spoils)
    return zone.to_text()
