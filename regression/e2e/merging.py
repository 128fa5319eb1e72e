"""One question asked by many at once costs one resolution."""
from client import question
from lab import expect, expect_equal

SETTINGS = {"threads": 2}


def test_thousand_at_once(lab):
    """a thousand identical questions at once make one question at the server"""
    lab.ask("www.watch-slow.example")
    mark = lab.internet.mark()
    answers = lab.client().ask_many([question("same.watch-slow.example") for _ in range(1000)])
    wrong = [a for a in answers if a.data("A") != ["192.0.2.84"]]
    expect(not wrong, f"{len(wrong)} wrong, the first: {wrong[:1]}")
    asked = lab.internet.queries(mark, name="same.watch-slow.example")
    # The servers are slow: a resolver that hedges may ask the second one too, once.
    expect(1 <= len(asked) <= 2, f"{len(asked)} questions reached the servers")


def test_thousand_at_once_of_dead_zone(lab):
    """a thousand identical questions about a dead zone all get the same failure"""
    answers = lab.client().ask_many([question("same.all-refused.example") for _ in range(1000)])
    expect_equal({a.rcode for a in answers}, {"SERVFAIL"})
    expect_equal(len({tuple(a.failure_reasons()) for a in answers}), 1)


def test_each_keeps_its_id(lab):
    """merged questions get answers with their own id and case"""
    names = ["case.watch-slow.example", "CASE.watch-slow.example", "CaSe.Watch-Slow.Example"]
    queries = [question(name) for name in names]
    for query, answer in zip(queries, lab.client().ask_many(queries)):
        expect_equal(answer.message.id, query.id)
        expect_equal(answer.message.question[0].name.to_text(), query.question[0].name.to_text())


def test_on_all_workers(lab):
    """equal questions that come in on four workers at once make one resolution"""
    with lab.new_recursor(threads=4) as recursor:
        recursor.ask("www.watch-slow.example")
        for name in ("four", "Four", "five"):
            mark, merged = lab.internet.mark(), recursor.metric("merged-questions")
            answers = recursor.client().ask_many([question(f"{name}.watch-slow.example") for _ in range(400)])
            expect_equal({tuple(a.data("A")) for a in answers}, {("192.0.2.84",)})
            asked = lab.internet.queries(mark, name=f"{name}.watch-slow.example")
            if name == "Four":
                expect_equal((asked, recursor.metric("merged-questions") - merged), ([], 0), "it was cached")
            else:
                # A slow server may be hedged, once. Who asks when the answer is there already does not wait for it.
                expect(1 <= len(asked) <= 2, f"{len(asked)} questions reached the servers")
                expect(recursor.metric("merged-questions") - merged > 200, "not merged")


def test_failure_frees_all(lab):
    """when that one resolution fails, all who wait have its failure, and none of them tries for itself"""
    with lab.new_recursor(threads=4) as recursor:
        recursor.ask("first.all-refused.example")
        mark = lab.internet.mark()
        recursor.ask("one.all-refused.example")
        for_one = len(lab.internet.queries(mark, name="one.all-refused.example"))
        mark = lab.internet.mark()
        answers = recursor.client().ask_many([question("many.all-refused.example") for _ in range(400)])
        expect_equal({a.rcode for a in answers}, {"SERVFAIL"})
        asked = len(lab.internet.queries(mark, name="many.all-refused.example"))
        expect(1 <= asked <= max(1, for_one), f"{asked} questions reached the servers, {for_one} for a single client")
