"""Packets no honest client sends: FORMERR or silence, and the recursor goes on."""
import os
import struct

from client import question
from lab import expect, expect_data, expect_equal

QUERY = question("www.wide.com", edns=False).to_wire()


def header(flags=0x0100, counts=(1, 0, 0, 0)):
    return struct.pack("!6H", 4711, flags, *counts)


def still_serves(lab):
    expect_data(lab.ask("www.wide.com"), "A", "192.0.2.12")


def reply_code(lab, wire):
    """The code of the reply as a number; None for silence."""
    answer = lab.client().send(wire, timeout=0.4)
    if not answer.wire:
        return None
    expect_equal(answer.wire[:2], wire[:2], "the id of the reply")
    return answer.wire[3] & 15


def test_too_short(lab):
    """less than a header is ignored"""
    for length in (0, 1, 11):
        expect_equal(reply_code(lab, QUERY[:length]), None)
    still_serves(lab)


def test_header_alone(lab):
    """a header without its question is FORMERR or ignored"""
    expect(reply_code(lab, header()) in (None, 1), "not refused")
    expect(reply_code(lab, header(counts=(0, 0, 0, 0))) in (None, 1), "not refused")
    still_serves(lab)


def test_answer_as_query(lab):
    """a packet that says it is an answer is ignored"""
    expect_equal(reply_code(lab, QUERY[:2] + b"\x81\x00" + QUERY[4:]), None)
    still_serves(lab)


def test_bad_names(lab):
    """compression loops, labels that run out of the packet and reserved label types are FORMERR or ignored"""
    names = (b"\xc0\x0c", b"\xc0\xff", b"\x3fabc", b"\x80abc\0", b"\x40abc\0", (b"\x3f" + b"a" * 63) * 5 + b"\0")
    for name in names:
        expect(reply_code(lab, header() + name + b"\0\x01\0\x01") in (None, 1), name)
    still_serves(lab)


def test_two_questions(lab):
    """a query with two questions is FORMERR or ignored"""
    expect(reply_code(lab, header(counts=(2, 0, 0, 0)) + QUERY[12:] * 2) in (None, 1), "not refused")


def test_bad_edns(lab):
    """two OPT records, or an option longer than its record, are FORMERR"""
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0)
    expect_equal(reply_code(lab, header(counts=(1, 0, 0, 2)) + QUERY[12:] + opt * 2), 1)
    overlong = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 4) + struct.pack("!HH", 10, 40)
    expect_equal(reply_code(lab, header(counts=(1, 0, 0, 1)) + QUERY[12:] + overlong), 1)


def test_edns_version(lab):
    """an EDNS version other than 0 is BADVERS (RFC 6891 section 6.1.3)"""
    query = question("www.wide.com")
    query.ednsflags |= 1 << 16
    expect_equal(lab.client().send(query.to_wire()).rcode, "BADVERS")


def test_option_flood(lab):
    """thousands of EDNS options are survived"""
    options = struct.pack("!HH", 65001, 0) * 4000
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(options)) + options
    lab.client().send(header(counts=(1, 0, 0, 1)) + QUERY[12:] + opt, timeout=0.4)
    still_serves(lab)


def test_trailing_garbage(lab):
    """bytes behind the message do no harm"""
    expect(reply_code(lab, QUERY + b"tail") in (None, 0, 1), "unexpected code")
    still_serves(lab)


def test_noise(lab):
    """a thousand packets of noise, alone and behind a good start, over UDP and TCP"""
    for n in range(500):
        noise = os.urandom(n % 90)
        lab.client().send(noise, timeout=0.0001)
        lab.client().send(QUERY[:n % len(QUERY)] + noise, timeout=0.0001)
    for n in range(20):
        lab.client(timeout=0.05).send(os.urandom(30 + n), tcp=True)
    still_serves(lab)
