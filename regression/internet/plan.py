"""The words that say how a zone is signed, rightly or wrongly: plan("alg:8 nsec3:20:aabb rrsig:A:expired") is a
signing.Plan. The words are those of the tables in signed.py and broken_signed.py:

    alg:8          the algorithm (13 when not said)          nsec3[:ITERATIONS[:SALT[:opt-out]]]   else NSEC
    keys:WORD      a layout of keys, see KEYS                 ds:WORD        what the parent says, see DS_WORDS
    rrsig:TYPES:WORD  a change of signatures over the types (comma between them, * for any; DS: the parent's), see SPOILS
    zone:WORD      a change of the records, see ZONE"""
import dns.name
import dns.rdatatype

from keys import KSK, REVOKED, ZSK, KeyShop, colliding_pair
from signing import A, DAY, DS, HOUR, NOW, NSEC, NSEC3, Nsec3, Plan, count_labels

SHOP = KeyShop()
KEYS, DS_WORDS, SPOILS, ZONE = {}, {}, {}, {}


def word(table):
    def register(function):
        table[function.__name__.rstrip("_").replace("_", "-")] = function
        return function
    return register


def plan(zone, words):
    """The plan of a zone; words it does not know (server:, child:) are left to the caller."""
    said = [w.split(":") for w in words.split()]
    algorithm = next((int(w[1]) for w in said if w[0] == "alg"), 13)
    origin = dns.name.from_text(zone)
    ksk, zsk = SHOP.get(algorithm, "ksk", KSK), SHOP.get(algorithm, "zsk", ZSK)
    made = Plan([ksk, zsk], [ksk], [zsk], [ksk.ds(origin)])
    for kind, *rest in said:
        if kind == "nsec3":
            made.denial = nsec3(*rest)
    for kind, *rest in said:
        if kind == "keys":
            KEYS[rest[0]](made, algorithm, origin)
        elif kind == "ds":
            DS_WORDS[rest[0]](made, origin)
        elif kind == "zone":
            ZONE[rest[0]](made)
        elif kind == "rrsig":
            add_spoil(made, *rest)
    return made


def nsec3(iterations="0", salt="", opt_out=""):
    return Nsec3(int(iterations), bytes.fromhex(salt.strip("-")), opt_out == "opt-out")


def add_spoil(made, types, spoil):
    types = set() if types == "*" else {int(dns.rdatatype.from_text(t)) for t in types.split(",")}
    if types == {DS}:
        made.ds_spoils.append(SPOILS[spoil])
    else:
        made.spoils.append((types, SPOILS[spoil]))


# ---- layouts of keys: rightly signed all the same

@word(KEYS)
def csk(p, algorithm, origin):
    """One key for all, with the SEP flag."""
    key = SHOP.get(algorithm, "ksk", KSK)
    p.keys, p.key_signers, p.zone_signers = [key], [key], [key]


@word(KEYS)
def csk_without_sep(p, algorithm, origin):
    key = SHOP.get(algorithm, "ksk", ZSK)
    p.keys, p.key_signers, p.zone_signers, p.ds = [key], [key], [key], [key.ds(origin)]


@word(KEYS)
def prepublished(p, algorithm, origin):
    """ZSK roll-over, RFC 6781 section 4.1.1.1: the next key is there, the old one signs."""
    p.keys.append(SHOP.get(algorithm, "next-zsk"))


@word(KEYS)
def double_signed(p, algorithm, origin):
    """ZSK roll-over, RFC 6781 section 4.1.1.2: both sign."""
    other = SHOP.get(algorithm, "next-zsk")
    p.keys.append(other)
    p.zone_signers.append(other)


@word(KEYS)
def double_ksk(p, algorithm, origin):
    """KSK roll-over by double signature; the parent has the old DS."""
    other = SHOP.get(algorithm, "next-ksk", KSK)
    p.keys.append(other)
    p.key_signers.append(other)


@word(KEYS)
def algorithm_roll(p, algorithm, origin):
    """RFC 6781 section 4.1.4, both algorithms everywhere, the DS of the old one."""
    add_algorithm(p, 8)


@word(KEYS)
def algorithm_roll_signatures(p, algorithm, origin):
    """RFC 6781 section 4.1.4, first step: signatures of the new algorithm, its keys not there yet."""
    keys = list(p.keys)
    add_algorithm(p, 8)
    p.keys = keys


@word(KEYS)
def algorithm_roll_ds(p, algorithm, origin):
    """As algorithm-roll, with both DS."""
    p.ds.append(add_algorithm(p, 8).ds(origin))


def add_algorithm(p, algorithm):
    other_ksk, other_zsk = SHOP.get(algorithm, "ksk", KSK), SHOP.get(algorithm, "zsk")
    p.keys += [other_ksk, other_zsk]
    p.key_signers.append(other_ksk)
    p.zone_signers.append(other_zsk)
    return other_ksk


@word(KEYS)
def colliding(p, algorithm, origin):
    """Two zone keys with one key tag; the second signs."""
    first, second = colliding_pair()
    p.keys, p.zone_signers = [p.keys[0], first, second], [second]


@word(KEYS)
def large(p, algorithm, origin):
    """RSA of 4096 bits; the KSK stays one of 2048, so that the build is not slowed."""
    zsk = SHOP.get(algorithm, "large")
    p.keys, p.zone_signers = [p.keys[0], zsk], [zsk]


@word(KEYS)
def small(p, algorithm, origin):
    zsk = SHOP.get(algorithm, "small")
    p.keys, p.zone_signers = [p.keys[0], zsk], [zsk]


@word(KEYS)
def revoked_besides(p, algorithm, origin):
    """KSK roll-over, RFC 5011: the old key is revoked, both sign; the parent has the new DS."""
    old = SHOP.get(algorithm, "old-ksk", KSK | REVOKED)
    p.keys.append(old)
    p.key_signers.append(old)


# ---- layouts of keys: wrong ones

@word(KEYS)
def none(p, algorithm, origin):
    """The zone is not signed at all, its DS is still there."""
    p.keys, p.key_signers, p.zone_signers = [], [], []


@word(KEYS)
def no_dnskey(p, algorithm, origin):
    """All is signed, the DNSKEY set is not there."""
    p.keys = []


@word(KEYS)
def no_zsk(p, algorithm, origin):
    p.keys = p.keys[:1]


@word(KEYS)
def no_ksk(p, algorithm, origin):
    """The ZSK alone is left, and signs itself."""
    p.keys, p.key_signers = p.keys[1:], p.zone_signers


@word(KEYS)
def ksk_does_not_sign(p, algorithm, origin):
    """The DNSKEY set is signed by the ZSK alone."""
    p.key_signers = p.zone_signers


@word(KEYS)
def no_zone_bit_ksk(p, algorithm, origin):
    change_key(p, origin, 0, flags=0x0001)


@word(KEYS)
def no_zone_bit_zsk(p, algorithm, origin):
    change_key(p, origin, 1, flags=0)


@word(KEYS)
def no_zone_bits(p, algorithm, origin):
    change_key(p, origin, 0, flags=0x0001)
    change_key(p, origin, 1, flags=0)


@word(KEYS)
def revoked(p, algorithm, origin):
    change_key(p, origin, 0, flags=KSK | REVOKED)


@word(KEYS)
def revoked_zsk(p, algorithm, origin):
    change_key(p, origin, 1, flags=ZSK | REVOKED)


@word(KEYS)
def wrong_protocol(p, algorithm, origin):
    change_key(p, origin, 0, protocol=2)


@word(KEYS)
def wrong_protocol_zsk(p, algorithm, origin):
    change_key(p, origin, 1, protocol=0)


@word(KEYS)
def short_zsk(p, algorithm, origin):
    """Its public key lacks the last octets: no point, no key."""
    change_key(p, origin, 1, public=p.keys[1].public[:-3])


@word(KEYS)
def unknown_algorithm(p, algorithm, origin):
    """All is of algorithm 200, which nobody knows; the DS says so."""
    change_key(p, origin, 0, algorithm=200)
    change_key(p, origin, 1, algorithm=200)
    p.spoils.append((set(), SPOILS["algorithm-200"]))


def change_key(p, origin, index, **changes):
    """Changes a key wherever it is used, and the DS when it is the KSK; it still signs."""
    old = p.keys[index]
    new = old.changed(**changes)
    signer = _Signing(new, old)
    p.keys[index] = new
    p.key_signers = [signer if k is old else k for k in p.key_signers]
    p.zone_signers = [signer if k is old else k for k in p.zone_signers]
    p.ds = [new.ds(origin)] if index == 0 else p.ds


class _Signing:
    """What a record claims is one key, what signs is another."""

    def __init__(self, claimed, real):
        self.algorithm, self.tag, self.sign = claimed.algorithm, claimed.tag, real.sign


# ---- what the parent says

@word(DS_WORDS)
def none(p, origin):  # noqa: F811
    p.ds = []


def digest_word(name, *digests):
    def change(p, origin):
        p.ds = [p.keys[0].ds(origin, digest) for digest in digests]
    DS_WORDS[name] = change


digest_word("sha1", 1)
digest_word("sha384", 4)
digest_word("sha1-and-sha256", 1, 2)
digest_word("all-digests", 1, 2, 4)
digest_word("unknown-digest", 100)
digest_word("gost-digest", 3)
digest_word("known-and-unknown-digest", 100, 2)


def edited_ds(name, edit, keep=False):
    """A DS made of the right one; `keep`: besides it."""
    def change(p, origin):
        p.ds = (p.ds if keep else []) + [edit(bytearray(ds)) for ds in p.ds[:1]]
    DS_WORDS[name] = change


def with_octet(position, value=None):
    def edit(ds):
        ds[position] = ds[position] ^ 0x5a if value is None else value
        return bytes(ds)
    return edit


edited_ds("wrong-tag", with_octet(1))
edited_ds("wrong-digest", with_octet(10))
edited_ds("wrong-algorithm", with_octet(2, 8))
edited_ds("unknown-algorithm", with_octet(2, 200))
edited_ds("reserved-algorithm", with_octet(2, 0))
edited_ds("unknown-algorithm-besides", with_octet(2, 200), keep=True)
edited_ds("wrong-digest-besides", with_octet(10), keep=True)


@word(DS_WORDS)
def standby(p, origin):
    """A DS for a key kept in a drawer."""
    p.ds.append(SHOP.get(13, "drawer", KSK).ds(origin))


@word(DS_WORDS)
def double(p, origin):
    """KSK roll-over by double DS, RFC 6781 section 4.1.2: the next key's DS is there, the key is not."""
    p.ds.append(SHOP.get(p.keys[0].algorithm, "next-ksk", KSK).ds(origin))


@word(DS_WORDS)
def sha1_wrong_sha256(p, origin):
    """The SHA-1 digest is right, the SHA-256 one is not: SHA-1 is not to be looked at (RFC 4509 section 3)."""
    p.ds = [p.keys[0].ds(origin, 1), with_octet(10)(bytearray(p.keys[0].ds(origin, 2)))]


# ---- changes of signatures: from one to those made instead

def dates(name, inception, expiration):
    SPOILS[name] = lambda s: [s.but(inception=NOW + inception, expiration=NOW + expiration)]


dates("expired", -30 * DAY, -2 * DAY)
dates("not-yet", 2 * DAY, 30 * DAY)
dates("reversed", 10 * DAY, -10 * DAY)
dates("long-ago-reversed", -10 * DAY, -20 * DAY)
dates("soon-over", -DAY, HOUR // 6)
dates("ages", -20000 * DAY, 20000 * DAY)   # 40,000 days are more than 2^31 seconds: never valid (RFC 4034 3.1.5)

SPOILS["missing"] = lambda s: []
SPOILS["garbage"] = lambda s: [s.but(garbled=True)]
SPOILS["stranger"] = lambda s: [s.but(key=SHOP.get(s.key.algorithm, "stranger"))]
SPOILS["parent-signs"] = lambda s: [s.but(signer=s.signer.parent())]
SPOILS["child-signs"] = lambda s: [s.but(signer=dns.name.Name((b"below",) + s.signer.labels))]
SPOILS["stranger-zone-signs"] = lambda s: [s.but(signer=dns.name.from_text("alg13.signed."))]
SPOILS["labels-more"] = lambda s: [s.but(labels=count_labels(s.owner) + 1)]
SPOILS["labels-fewer"] = lambda s: [s.but(shown_labels=count_labels(s.owner) - 1)]
SPOILS["wildcard-made"] = lambda s: [s.but(labels=count_labels(s.owner) - 1)]
SPOILS["wrong-tag"] = lambda s: [s.but(tag=s.key.tag ^ 1)]
SPOILS["stranger-with-tag"] = lambda s: [s.but(key=SHOP.get(s.key.algorithm, "stranger"), tag=s.key.tag)]
SPOILS["wrong-algorithm"] = lambda s: [s.but(algorithm=8)]
SPOILS["algorithm-200"] = lambda s: [s.but(algorithm=200)]
SPOILS["lower-ttl"] = lambda s: [s.but(ttl=s.ttl // 2)]
SPOILS["garbage-first"] = lambda s: [s.but(garbled=True), s]
SPOILS["expired-besides"] = lambda s: [*SPOILS["expired"](s), s]
SPOILS["three-bad-besides"] = lambda s: [*SPOILS["expired"](s), s.but(garbled=True), *SPOILS["stranger"](s), s]
SPOILS["only-rsa"] = lambda s: [s] if s.key.algorithm == 8 else []
SPOILS["not-rsa"] = lambda s: [] if s.key.algorithm == 8 else [s]


# ---- changes of records

@word(ZONE)
def altered_address(p):
    """The addresses are others than those that were signed."""
    def edit(zone):
        for (_, rdtype), records in zone.sets.items():
            if rdtype == A:
                records.texts = ["192.0.2.99"]
    p.edits.append(edit)


def each_nsec(p, change):
    """Before signing: `change` gets zone, owner and rdata of each NSEC and gives the new rdata."""
    def edit(zone):
        zone.add_denial()
        zone.add_denial = lambda: None
        for (owner, rdtype), records in zone.sets.items():
            if rdtype in (NSEC, NSEC3):
                wire = change(zone, owner, records.wires[0])
                records.wires, records.texts = [wire], [rf"\# {len(wire)} {wire.hex()}"]
    p.prepares.append(edit)


@word(ZONE)
def next_outside(p):
    """Every next name lies in another zone."""
    outside = dns.name.from_text("zzz.")
    each_nsec(p, lambda zone, owner, wire: outside.to_digestable() + wire[dns.name.from_wire(wire, 0)[1]:])


@word(ZONE)
def wrong_next(p):
    """The next hash of every NSEC3 is its own plus one: nothing lies between."""
    def change(zone, owner, wire):
        start, own = 6 + wire[4], int(owner.labels[0], 32)
        return wire[:start] + (own + 1).to_bytes(20, "big") + wire[start + 20:]
    each_nsec(p, change)


@word(ZONE)
def hash_of_other_salt(p):
    p.denial.hash_salt = b"other"


@word(ZONE)
def unknown_hash(p):
    p.denial.algorithm = 2


@word(ZONE)
def no_nsec3param(p):
    p.denial.parameters = False
