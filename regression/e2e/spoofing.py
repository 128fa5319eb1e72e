"""What an off-path attacker would have to guess, and what one in the path of a server may not do."""
from client import question
from lab import expect, expect_data, expect_equal

COUNT = 200
POISON = "203.0.113.66"


def upstream(lab, recursor, prefix, zone="watch.example"):
    """The questions that reach the zone's servers while COUNT fresh names below it are resolved."""
    mark = lab.internet.mark()
    answers = recursor.client().ask_many([question(f"{prefix}{n}.{zone}") for n in range(COUNT)])
    expect(all(a.rcode in ("NOERROR", "NXDOMAIN") for a in answers), "not all resolved")
    return lab.internet.queries(mark, zone=zone)


def spread(rows, key, low, high):
    """Nearly all values differ, and they lie all over the range in no order."""
    values = [int(row[key]) for row in rows if row["proto"] == "udp"]
    expect(len(set(values)) > 0.95 * len(values), f"only {len(set(values))} of {len(values)} {key}s differ")
    buckets = {(value - low) * 8 // (high - low + 1) for value in values}
    expect_equal(buckets, set(range(8)), f"{key}s are not spread")
    rises = sum(later > earlier for earlier, later in zip(values, values[1:]))
    expect(0.35 < rises / len(values) < 0.65, f"{key}s are in an order: {rises} of {len(values)} rise")


def one_after_the_other(lab, recursor, prefix):
    """As upstream(), but each question waits for the answer to the one before: sockets are used again."""
    mark = lab.internet.mark()
    for n in range(COUNT):
        recursor.ask(f"{prefix}{n}.watch.example")
    return lab.internet.queries(mark, zone="watch.example")


def test_ports_and_ids(lab):
    """source ports and ids of outgoing questions are many and spread over their range"""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        low, high = map(int, file.read().split())
    for rows in (upstream(lab, lab.recursor, "port"), one_after_the_other(lab, lab.recursor, "single")):
        spread(rows, "port", low, high)
        spread(rows, "id", 0, 65535)


def test_bound_ports(lab):
    """ports that we pick ourselves come from all that are allowed; a narrower range than the kernel's is kept to"""
    with lab.new_recursor(udp_source_port_mode="bind") as recursor:
        spread(upstream(lab, recursor, "bound"), "port", 1024, 65535)
    with lab.new_recursor(udp_source_port_min=20000, udp_source_port_max=25000) as recursor:
        rows = upstream(lab, recursor, "narrow")
        expect(all(20000 <= int(row["port"]) <= 25000 for row in rows), "a port outside of the range")


def test_case_is_random(lab):
    """names in outgoing questions are in random case (0x20)"""
    names = [row["name"] for row in upstream(lab, lab.recursor, "letters")]
    mixed = [name for name in names if name not in (name.lower(), name.upper())]
    expect(len(mixed) > 0.95 * len(names), f"{len(mixed)} of {len(names)} in mixed case")


def test_cookies(lab):
    """with outgoing-cookies, a server that gave a cookie gets it back, each address its own client cookie"""
    with lab.new_recursor(outgoing_cookies="yes") as recursor:
        rows = upstream(lab, recursor, "cookie", "cookies.example")  # perhaps all before the first answer
        rows += upstream(lab, recursor, "again", "cookies.example")
        whole = [row for row in rows if len(row["cookie"]) >= 32]
        expect(whole, f"no server cookie was sent back: {rows[:3]}")
        by_address = {row["address"]: row["cookie"][:16] for row in rows if row["cookie"] != "-"}
        expect_equal(len(set(by_address.values())), len(by_address), by_address)


def test_badcookie(lab):
    """BADCOOKIE is answered by asking again with the cookie"""
    with lab.new_recursor(outgoing_cookies="yes") as recursor:
        expect_data(recursor.ask("www.badcookie.example"), "A", "192.0.2.80")


def test_forged_answers(lab):
    """answers with the wrong id, question or source are ignored, the right one behind them is taken"""
    for zone in ("id-then-right", "question-then-right", "source-then-right", "junk-then-right"):
        answer = lab.ask(f"www.{zone}.example")
        expect_data(answer, "A", "192.0.2.80")


def test_poison(lab):
    """records outside of a server's zone are not believed, neither in answers nor in referrals"""
    lab.ask("www.poison.example")
    lab.ask("www.poison-referral.example")
    for name, address in (("www.victim.example", "192.0.2.83"), ("www.wide.com", "192.0.2.12"),
                          ("www.tall.org", "192.0.2.21"), ("amber.com", "203.0.113.1")):
        expect_data(lab.ask(name), "A", address)


def test_poison_is_not_passed_on(lab):
    """the client does not see records that were not asked for"""
    answer = lab.ask("www.poison.example")
    expect(POISON not in answer.message.to_text(), answer)


def test_multiplied_work(lab):
    """a delegation to forty names of a victim's zone makes few questions at the victim (NXNSAttack)"""
    mark = lab.internet.mark()
    answer = lab.ask("attack.multiply.example")
    expect_equal(answer.rcode, "SERVFAIL", answer)
    asked = len(lab.internet.queries(mark, zone="victim.example"))
    expect(asked <= 30, f"{asked} questions reached the victim")
