"""Every broken zone of the bundled internet behaves as the table in regression/internet/broken.py says."""
from concurrent.futures import ThreadPoolExecutor

from build import false_address
from lab import expect, expect_data, expect_equal, expect_rcode

LIMIT = 5.0
SETTINGS = {"max-cnames-followed": 10}


def cases(lab):
    """All zones are asked at once, each a second time as soon as its answer is there; then all are checked."""
    zones = [zone for zone in lab.internet.description.zones.values() if zone.expect]
    answers = {}

    def asked_twice(zone):
        if not answers:
            client = lab.client()
            with ThreadPoolExecutor(len(zones)) as pool:
                pairs = pool.map(lambda z: (client.ask(name_in(z)), client.ask(name_in(z))), zones)
                answers.update(zip((z.name for z in zones), pairs))
        return answers[zone.name]
    for zone in zones:
        yield f"{zone.name} {describe(zone)}", lambda z=zone: check(z, asked_twice(z)[0])
    for zone in zones:
        if zone.expect[0] == "servfail":
            yield f"{zone.name} asked again", lambda z=zone: check_again(*asked_twice(z))


def name_in(zone):
    label = zone.expect[1] if zone.expect[0] == "ok" and len(zone.expect) > 1 else "www"
    return f"{label}.{zone.name}"


def describe(zone):
    return "answers" if zone.expect[0] == "ok" else f"leads to {zone.expect[0]}"


def check(zone, answer):
    expect(answer.message is not None, f"no answer in {answer.seconds} s")
    expect(answer.seconds < LIMIT, answer)
    kind, *details = zone.expect
    if kind == "ok":
        expect_data(answer, "A", details[1] if details else "192.0.2.80")
    elif kind == "either" and answer.rcode == "NOERROR":
        expect_data(answer, "A", "192.0.2.80")
    elif kind == "no-address":
        expect_equal(answer.data("A"), [], answer)
    else:
        check_failure(zone, answer, details[0] if details else None)


def check_failure(zone, answer, codes):
    """SERVFAIL with an extended error of the given codes; its text names a server of the zone."""
    expect_rcode(answer, "SERVFAIL")
    errors = answer.extended_errors()
    expect(errors, f"no extended error: {answer}")
    expect_equal(len(errors), len(set(errors)), f"an extended error is repeated: {errors[:3]}")
    if codes is None:
        return
    expect(any(code in codes for code, _ in errors), answer)
    named = [word for server in zone.servers for word in [server.host.rstrip("."), *server.addresses()]]
    named += [false_address(kind) for kind in zone.false_glue.values()]
    expect(any(word in text for _, text in errors for word in named), f"no server is named: {errors}")


def check_again(before, answer):
    """The failure is remembered: the same answer comes at once (RFC 9520), with the same extended errors."""
    expect_equal(answer.rcode, before.rcode, answer)
    expect_equal(answer.failure_reasons(), before.failure_reasons(), answer)
    expect(answer.seconds < 0.2, answer)
