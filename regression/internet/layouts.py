"""The words `keys:` of the tables of signed zones: which keys a zone has, which of them sign, and the DS that follows from
them. Each function changes a signing.Plan that has a KSK and a ZSK. Used by plan.py."""
from keys import KSK, REVOKED, ZSK, KeyShop, colliding_pair

SHOP = KeyShop()
KEYS = {}


def word(table):
    """Registers a function under its name, with `-` for `_`."""
    def register(function):
        table[function.__name__.rstrip("_").replace("_", "-")] = function
        return function
    return register


# ---- rightly signed all the same

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


# ---- wrong

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
    p.spoils.append((set(), lambda s: [s.but(algorithm=200)]))


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
