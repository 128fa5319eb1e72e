"""Keys of the signed zones: made anew for each internet, shared by all zones that use the same algorithm, never written
down. Used by plan.py (which zone has which), signing.py (signatures, DS) and the hostile zones (keys that are none)."""
import hashlib
import math
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RSA_HASHES = {5: hashes.SHA1, 7: hashes.SHA1, 8: hashes.SHA256, 10: hashes.SHA512}
CURVES = {13: (ec.SECP256R1, 32, hashes.SHA256), 14: (ec.SECP384R1, 48, hashes.SHA384)}
ZONE_KEY, REVOKED, SEP = 0x0100, 0x0080, 0x0001
KSK, ZSK = ZONE_KEY | SEP, ZONE_KEY
DIGESTS = {1: hashlib.sha1, 2: hashlib.sha256, 4: hashlib.sha384}
RAW = (Encoding.Raw, PublicFormat.Raw)


class Key:
    """One DNSKEY with what signs for it; `private` is None for one that nobody can sign with."""

    def __init__(self, algorithm, private, flags=ZSK, protocol=3, public=None):
        self.algorithm, self.private, self.flags, self.protocol = algorithm, private, flags, protocol
        self.public = public if public is not None else public_wire(algorithm, private)

    def changed(self, **attributes):
        """The same key with other flags, protocol, algorithm or public part."""
        return Key(**{"algorithm": self.algorithm, "private": self.private, "flags": self.flags,
                      "protocol": self.protocol, "public": self.public, **attributes})

    @property
    def rdata(self):
        return self.flags.to_bytes(2, "big") + bytes((self.protocol, self.algorithm)) + self.public

    @property
    def tag(self):
        return key_tag(self.rdata)

    def sign(self, data):
        if self.algorithm in RSA_HASHES:
            return self.private.sign(data, padding.PKCS1v15(), RSA_HASHES[self.algorithm]())
        if self.algorithm in CURVES:
            _, size, hash_type = CURVES[self.algorithm]
            return b"".join(n.to_bytes(size, "big")
                            for n in decode_dss_signature(self.private.sign(data, ec.ECDSA(hash_type()))))
        return self.private.sign(data)

    def ds(self, owner, digest=2):
        """The rdata of its DS; an unknown digest type gets a digest of the length of SHA-256."""
        data = DIGESTS.get(digest, hashlib.sha256)(owner.to_digestable() + self.rdata).digest()
        return self.tag.to_bytes(2, "big") + bytes((self.algorithm, digest)) + data


def key_tag(rdata):
    """RFC 4034 appendix B."""
    total = sum(rdata[0::2]) * 256 + sum(rdata[1::2])
    return (total + (total >> 16)) & 0xffff


def public_wire(algorithm, private):
    public = private.public_key()
    if algorithm in RSA_HASHES:
        numbers = public.public_numbers()
        return rsa_wire(numbers.n, numbers.e)
    if algorithm in CURVES:
        numbers, size = public.public_numbers(), CURVES[algorithm][1]
        return numbers.x.to_bytes(size, "big") + numbers.y.to_bytes(size, "big")
    return public.public_bytes(*RAW)


def rsa_wire(modulus, exponent):
    """RFC 3110 section 2."""
    e = exponent.to_bytes((exponent.bit_length() + 7) // 8, "big")
    return bytes((len(e),)) + e + modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")


def large_rsa():
    """A key of 4096 bits without the time to search for one: its primes are those of RFC 3526 section 3 (made of pi)
    and RFC 7919 appendix A.1 (made of e)."""
    p = 2**2048 - 2**1984 - 1 + 2**64 * (digits_of_pi(1918) + 124476)
    q = 2**2048 - 2**1984 - 1 + 2**64 * (digits_of_e(1918) + 560316)
    e = 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q),
                                    rsa.RSAPublicNumbers(e, p * q))
    return numbers.private_key()


def digits_of_pi(bits):
    """The whole part of pi * 2^bits (Machin's formula)."""
    one = 1 << (bits + 64)

    def arctan_of_one_over(x):
        total = term = one // x
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total
    return 4 * (4 * arctan_of_one_over(5) - arctan_of_one_over(239)) >> 64


def digits_of_e(bits):
    one = 1 << (bits + 64)
    return sum(one // math.factorial(n) for n in range(400)) >> 64


class KeyShop:
    """Makes each key when it is first asked for; RSA keys are the slow ones, so all their algorithms share numbers."""

    def __init__(self):
        self.privates = {}

    def get(self, algorithm, name, flags=ZSK):
        """The key of an algorithm that has this name ("ksk", "zsk", ...) in every zone."""
        family = "rsa" if algorithm in RSA_HASHES else algorithm
        if (family, name) not in self.privates:
            self.privates[family, name] = self.generate(algorithm, name)
        return Key(algorithm, self.privates[family, name], flags)

    @staticmethod
    def generate(algorithm, name):
        if algorithm in RSA_HASHES:
            return large_rsa() if name == "large" else rsa.generate_private_key(65537, 1024 if name == "small" else 2048)
        if algorithm in CURVES:
            return ec.generate_private_key(CURVES[algorithm][0]())
        return {15: ed25519.Ed25519PrivateKey, 16: ed448.Ed448PrivateKey}[algorithm].generate()


def colliding_pair():
    """Two keys of algorithm 13 with the same key tag; some 300 have to be made until two meet."""
    seen = {}
    while True:
        key = Key(13, KeyShop.generate(13, ""))
        if key.tag in seen:
            return seen[key.tag], key
        seen[key.tag] = key


def with_tag(algorithm, flags, tag):
    """A key nobody can sign with, that parses and has the tag asked for: the last two octets of RSA and Ed25519 keys
    are chosen to make it so."""
    while True:
        body = os.urandom(30) if algorithm == 15 else rsa_wire(0xff << 2032 | int.from_bytes(os.urandom(254), "big"), 65537)[:-2]
        rest = Key(algorithm, None, flags, public=body + b"\0\0")
        missing = (tag - rest.tag) % 0xffff
        even = len(rest.rdata) % 2 == 0
        last = missing if even else ((missing & 0xff) << 8) | (missing >> 8)
        key = rest.changed(public=body + last.to_bytes(2, "big"))
        if key.tag == tag and (algorithm != 15 or is_ed25519_point(key.public)):
            return key


def is_ed25519_point(encoded):
    """RFC 8032 section 5.1.3: whether x can be found for y, so that a check with it costs a whole check."""
    p = 2**255 - 19
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    d = -121665 * pow(121666, -1, p)
    square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
    return y < p and pow(square, (p - 1) // 2, p) in (0, 1)
