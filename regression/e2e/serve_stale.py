"""serve-stale (RFC 8767): expired records are served when, and only when, it is on and the servers fail."""
from lab import expect, expect_data, expect_rcode
from process import wait_until

NAME = "brief.short.io"


def expire(recursor):
    """Fetches the two-second record and waits until a question about it reaches the (silent) servers."""
    expect_data(recursor.ask(NAME), "A", "192.0.2.32")


def test_off(lab):
    """without it an expired record is never served"""
    with lab.new_recursor() as recursor:
        expire(recursor)
        with lab.internet.silenced("gamma1", "gamma2"):
            wait_until(lambda: recursor.ask(NAME).rcode == "SERVFAIL", 10, "the record expires")


def test_on(lab):
    """with serve-stale-extensions an expired record is served when the servers are silent, and within two seconds"""
    with lab.new_recursor(serve_stale_extensions=10) as recursor:
        expire(recursor)
        with lab.internet.silenced("gamma1", "gamma2"):
            stale = wait_until(lambda: stale_answer(recursor), 10, "the record is served stale")
            expect_data(stale, "A", "192.0.2.32")
            expect(stale.ttl("A") <= 30, stale)


def stale_answer(recursor):
    """An answer with extended error 3, Stale Answer; any other answer must still be right."""
    answer = recursor.ask(NAME)
    expect_data(answer, "A", "192.0.2.32")
    expect(answer.seconds < 2.5, answer)
    return answer if any(code == 3 for code, _ in answer.extended_errors()) else None


def test_denial_replaces(lab):
    """a name that was never known is not invented"""
    with lab.new_recursor(serve_stale_extensions=10) as recursor:
        with lab.internet.silenced("gamma1", "gamma2"):
            expect_rcode(recursor.ask("absent.short.io"), "SERVFAIL")
