"""Signed zones that are made to cost a validator work: KeyTrap (CVE-2023-50387) and its relatives, NSEC3 exhaustion
(CVE-2023-50868), below "hostile"; and two large honest ones, whose denials are worth keeping, below "signed".
Read by build.py; asked by e2e/hostile_signatures.py and e2e/denials_from_cache.py."""
import dns.name

from keys import KSK, ZSK, Key, with_tag
from plan import nsec3, plan
from signed import RECORDS, SITES, WWW
from signing import DNSKEY, Nsec3

NAMES = 1000
DEEP = ".".join("x" * 110)

#   zone            question             what it is
HOSTILE = {
    "keytrap-ed25519": ("www", "150 zone keys with one tag, 150 signatures by it"),
    "keytrap-rsa": ("www", "80 RSA keys with one tag, 80 signatures by it"),
    "many-signatures": ("www", "400 wrong signatures by one key"),
    "many-keys": ("www", "one wrong signature, 240 keys with its tag"),
    "wrong-signatures-first": ("www", "100 wrong signatures before the right one"),
    "keytrap-dnskey": ("www", "a DNSKEY set with 100 signatures by 100 entry points with one tag"),
    "hash-trap": ("www", "200 DS and 200 keys, all with one tag"),
    "many-ds": ("www", "240 DS, of which the last is right"),
    "nsec3-at-limit": (DEEP, "names of 110 labels, NSEC3 with 50 iterations and a salt of 255 octets"),
    "nsec3-above-limit": (DEEP, "names of 110 labels, NSEC3 with 51 iterations"),
    "nsec3-far-above": (DEEP, "names of 110 labels, NSEC3 with 2500 iterations"),
    "nsec3-many-salts": (DEEP, "names of 110 labels, denials with NSEC3 of 40 salts, 50 iterations each"),
    "nsec3-many-records": (DEEP, "names of 110 labels, denials with 200 NSEC3"),
}


def describe(d):
    d.zone("hostile", "a.ns.hostile.=tld1 b.ns.hostile.=tld2", glue="sibling", ttl=172800, plan=plan("hostile", ""))
    for name in HOSTILE:
        zone = f"{name}.hostile"
        made = PLANS[name](dns.name.from_text(zone))
        if name in ("nsec3-many-salts", "nsec3-many-records"):
            d.zone(zone, "ns1=!all-nsec3 ns2=!all-nsec3", f"www A {WWW}", plan=made, behind="alpha1")
        else:
            d.zone(zone, SITES["beta"], RECORDS, plan=made)
    for zone, words in (("names.signed", ""), ("names3.signed", "nsec3:0")):
        d.zone(zone, SITES["gamma"], "\n".join(f"n{number} A {WWW}" for number in range(NAMES)), plan=plan(zone, words))


def colliding(origin, algorithm, count, flags=ZSK):
    """A plan with `count` more keys that have the tag of the zone key (or, with SEP, of the KSK) and never sign."""
    made = plan(origin.to_text(), f"alg:{algorithm}")
    tag = made.keys[0 if flags == KSK else 1].tag
    made.keys += [with_tag(algorithm, flags, tag) for _ in range(count)]
    return made


def wrong_signatures(made, types, count, right=False):
    """`count` signatures over the types in place of each, garbled in its own way, and then perhaps the right one."""
    def spoil(signature):
        wrong = [signature.but(garbled=number + 1) for number in range(count)]
        return wrong + [signature] if right else wrong
    made.spoils.append((types, spoil))
    return made


def keytrap(algorithm, keys, signatures):
    return lambda origin: wrong_signatures(colliding(origin, algorithm, keys), {1}, signatures)


def hash_trap(origin):
    made = colliding(origin, 15, 200, KSK)
    made.ds = [made.keys[0].ds(origin)[:4] + number.to_bytes(32, "big") for number in range(200)]
    return made


def many_ds(origin):
    made = plan(origin.to_text(), "")
    made.ds = [Key(13, None, KSK, public=number.to_bytes(64, "big")).ds(origin) for number in range(239)] + made.ds
    return made


def with_nsec3(iterations, salt):
    def make(origin):
        made = plan(origin.to_text(), "")
        made.denial = nsec3(str(iterations), salt)
        return made
    return make


def many_salts(origin):
    """The zone has 40 complete chains of NSEC3, each with a salt of its own."""
    made = with_nsec3(50, "00" * 20)(origin)

    def more_chains(zone):
        for number in range(1, 40):
            zone.add_nsec3(Nsec3(50, bytes((number,)) * 20, parameters=False))
    made.prepares.append(more_chains)
    return made


def many_records(origin):
    made = with_nsec3(50, "ab")(origin)

    def more_names(zone):
        for number in range(180):
            zone.add(dns.name.Name((b"t%d" % number,) + origin.labels), 16, b"\x01x")
    made.prepares.append(more_names)
    made.unsigned = frozenset(b"t%d" % number for number in range(180))
    return made


PLANS = {
    "keytrap-ed25519": keytrap(15, 150, 150),
    "keytrap-rsa": keytrap(8, 80, 80),
    "many-signatures": lambda origin: wrong_signatures(plan(origin.to_text(), ""), {1}, 400),
    "many-keys": keytrap(15, 240, 1),
    "wrong-signatures-first": lambda origin: wrong_signatures(plan(origin.to_text(), ""), {1}, 100, right=True),
    "keytrap-dnskey": lambda origin: wrong_signatures(colliding(origin, 15, 100, KSK), {DNSKEY}, 100),
    "hash-trap": hash_trap,
    "many-ds": many_ds,
    "nsec3-at-limit": with_nsec3(50, "ab" * 255),
    "nsec3-above-limit": with_nsec3(51, "ab"),
    "nsec3-far-above": with_nsec3(2500, "ab"),
    "nsec3-many-salts": many_salts,
    "nsec3-many-records": many_records,
}
