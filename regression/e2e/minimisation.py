"""QNAME minimisation (RFC 9156): a server sees no more of the name than it needs."""
from lab import expect, expect_data


def names_asked(lab, recursor, name):
    mark = lab.internet.mark()
    expect_data(recursor.ask(name), "A", "192.0.2.85")
    return [row["name"].lower().rstrip(".") for row in lab.internet.queries(mark, zone="watch.example")]


def test_minimised(lab):
    """the labels of a deep name are revealed one after the other"""
    asked = names_asked(lab, lab.recursor, "sub.a.b.c.watch.example")
    expect(asked[0] != "sub.a.b.c.watch.example", f"the whole name came first: {asked}")
    expect(asked[-1] == "sub.a.b.c.watch.example", asked)


def test_switched_off(lab):
    """qname-minimization=no sends the whole name"""
    with lab.new_recursor(qname_minimization="no") as recursor:
        expect(set(names_asked(lab, recursor, "sub.a.b.c.watch.example")) == {"sub.a.b.c.watch.example"}, "other names")


def test_hostile_servers(lab):
    """servers that deny, refuse or fail the shortened name do not keep the answer from the client"""
    for zone in ("qmin-nxdomain", "qmin-refused", "qmin-servfail"):
        expect_data(lab.ask(f"hidden.below.{zone}.example"), "A", "192.0.2.81")


def test_many_labels(lab):
    """a name of a hundred labels costs a bounded number of questions"""
    mark = lab.internet.mark()
    lab.ask(".".join("x" * 100) + ".watch.example")
    asked = len(lab.internet.queries(mark, zone="watch.example"))
    expect(asked <= 12, f"{asked} questions")
