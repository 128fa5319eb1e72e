"""Prefetching: a popular answer is fetched anew before it expires, and its clients are served from the cache all along."""
from lab import expect, expect_data, expect_equal
from process import wait_until

NAME = "brief.short.io"  # lives for two seconds


def steadily(recursor, condition, what):
    """Asks for the short-lived name until the condition holds."""
    def once():
        expect_data(recursor.ask(NAME), "A", "192.0.2.32")
        return condition()
    wait_until(once, 20, what)


def never_cold(lab, threads):
    with lab.new_recursor(threads=threads) as recursor:
        def renewed():
            return recursor.metric("almost-expired-run") - recursor.metric("almost-expired-exceptions")
        steadily(recursor, lambda: renewed() >= 2, "two renewals")
        sent, misses, done = recursor.metric("all-outqueries"), recursor.metric("cache-misses"), renewed()
        steadily(recursor, lambda: renewed() >= done + 4, "four more")
        expect_equal(recursor.metric("cache-misses") - misses, 0, "questions had to wait for servers")
        asked = recursor.metric("all-outqueries") - sent
        expect(4 <= asked <= 8, f"{asked} questions to servers")


def test_steady_name_is_never_cold(lab):
    """a name asked steadily never waits for the upstream, although its record lives for two seconds only"""
    never_cold(lab, 1)


def test_on_all_workers(lab):
    """the same when its questions are spread over several workers: one renewal serves them all"""
    never_cold(lab, 2)


def test_off(lab):
    """with refresh-on-ttl-perc=0 nothing is renewed"""
    with lab.new_recursor(refresh_on_ttl_perc=0) as recursor:
        steadily(recursor, lambda: recursor.metric("cache-misses") >= 3, "it expires and is asked for again")
        expect_equal(recursor.metric("almost-expired-pushed"), 0)


