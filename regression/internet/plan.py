"""The words that say how a zone is signed, rightly or wrongly: plan("alg:8 nsec3:20:aabb rrsig:A:expired") is a
signing.Plan. The words are those of the tables in signed.py and broken_signed.py:

    alg:8          the algorithm (13 when not said)          nsec3[:ITERATIONS[:SALT[:opt-out]]]   else NSEC
    keys:WORD      a layout of keys, see layouts.py
    ds:WORD        what the parent says, see mistakes.py like the following
    rrsig:TYPES:WORD  a change of the signatures over the types (comma between them, * for any; DS: the parent's)
    zone:WORD      a change of the records"""
import dns.name
import dns.rdatatype

from keys import KSK
from layouts import KEYS, SHOP
from mistakes import DS_WORDS, SPOILS, ZONE
from signing import DS, Nsec3, Plan


def plan(zone, words):
    """The plan of a zone; words it does not know (server:, child:) are left to the caller."""
    said = [w.split(":") for w in words.split()]
    algorithm = next((int(w[1]) for w in said if w[0] == "alg"), 13)
    origin = dns.name.from_text(zone)
    ksk, zsk = SHOP.get(algorithm, "ksk", KSK), SHOP.get(algorithm, "zsk")
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
