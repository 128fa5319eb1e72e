"""The words `ds:`, `rrsig:` and `zone:` of the tables of signed zones: what the parent says of the keys, and how
signatures and records differ from what they should be (some differ and are right). Used by plan.py."""
import dns.name

from keys import KSK
from layouts import SHOP, word
from signing import A, DAY, HOUR, NOW, NSEC, NSEC3, count_labels

DS_WORDS, SPOILS, ZONE = {}, {}, {}


# ---- what the parent says

@word(DS_WORDS)
def none(p, origin):
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


# ---- signatures: from one to those made instead

def dates(name, inception, expiration):
    SPOILS[name] = lambda s: [s.but(inception=NOW + inception, expiration=NOW + expiration)]


dates("expired", -30 * DAY, -2 * DAY)
dates("not-yet", 2 * DAY, 30 * DAY)
dates("reversed", 10 * DAY, -10 * DAY)
dates("long-ago-reversed", -10 * DAY, -20 * DAY)
dates("soon-over", -DAY, HOUR // 6)
dates("ages", -20000 * DAY, 20000 * DAY)   # 40,000 days are more than 2^31 seconds: never valid (RFC 4034 3.1.5)

SPOILS["missing"] = lambda s: []
SPOILS["garbage"] = lambda s: [s.but(garbled=0x55)]
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
SPOILS["garbage-first"] = lambda s: [s.but(garbled=0x55), s]
SPOILS["expired-besides"] = lambda s: [*SPOILS["expired"](s), s]
SPOILS["three-bad-besides"] = lambda s: [*SPOILS["expired"](s), s.but(garbled=0x55), *SPOILS["stranger"](s), s]
SPOILS["only-rsa"] = lambda s: [s] if s.key.algorithm == 8 else []
SPOILS["not-rsa"] = lambda s: [] if s.key.algorithm == 8 else [s]


# ---- records

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
