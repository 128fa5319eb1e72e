"""CNAME chains within and across zones, DNAME, wildcards."""
from lab import expect, expect_data, expect_equal, expect_rcode


def owners(answer):
    return [rrset.name.to_text() for rrset in answer.message.answer]


def test_alias(lab):
    """an alias is followed, the chain is in the answer in order"""
    answer = lab.ask("alias2.wide.com")
    expect_data(answer, "A", "192.0.2.12")
    expect_equal(owners(answer), ["alias2.wide.com.", "alias.wide.com.", "www.wide.com."])


def test_alias_itself(lab):
    """asking for the CNAME gives only the alias"""
    answer = lab.ask("alias2.wide.com", "CNAME")
    expect_data(answer, "CNAME", "alias.wide.com.")
    expect_equal(len(answer.message.answer), 1, answer)


def test_alias_into_other_zone(lab):
    """an alias into another zone is resolved there"""
    expect_data(lab.ask("abroad.wide.com"), "A", "192.0.2.21")
    expect_data(lab.ask("abroad.wide.com", "AAAA", tcp=True), "AAAA", "2001:db8::21")


def test_long_chain(lab):
    """eight aliases back and forth between two zones are followed"""
    answer = lab.ask("c0.chain-a.net")
    expect_data(answer, "A", "192.0.2.88")
    expect_equal(len(answer.data("CNAME")), 8, answer)


def test_alias_to_nothing(lab):
    """an alias to a name that does not exist is NXDOMAIN with the alias in the answer"""
    answer = lab.ask("nowhere.wide.com")
    expect_rcode(answer, "NXDOMAIN")
    expect_equal(answer.data("CNAME"), ["missing.wide.com."])


def test_alias_to_no_data(lab):
    """an alias to a name without the type is NOERROR with the alias and an SOA"""
    answer = lab.ask("alias.wide.com", "MX")
    expect_data(answer, "MX")
    expect_equal((len(answer.data("CNAME")), len(answer.data("SOA", "authority"))), (1, 1), answer)


def test_dname(lab):
    """a DNAME is applied, the alias made from it is in the answer"""
    answer = lab.ask("host.old.moved.info")
    expect_data(answer, "A", "192.0.2.91")
    expect_equal(answer.data("DNAME"), ["new.moved.info."])
    expect_equal(answer.data("CNAME"), ["host.new.moved.info."])


def test_dname_into_other_zone(lab):
    """a DNAME into another zone is followed"""
    expect_data(lab.ask("www.far.moved.info"), "A", "192.0.2.21")


def test_dname_owner(lab):
    """the owner of a DNAME is not renamed itself"""
    answer = lab.ask("old.moved.info")
    expect_data(answer, "A")
    expect(not answer.data("CNAME"), answer)


def test_dname_too_long(lab):
    """a name that a DNAME makes too long is YXDOMAIN"""
    long_name = ".".join(["x" * 60] * 3 + ["y" * 45]) + ".stretch.moved.info"
    expect_rcode(lab.ask(long_name), "YXDOMAIN")


def test_wildcard(lab):
    """a wildcard answers for any name below, not for one that exists"""
    expect_data(lab.ask("some.wild.wide.com"), "A", "192.0.2.77")
    expect_data(lab.ask("a.b.c.wild.wide.com"), "A", "192.0.2.77")
    expect_data(lab.ask("exact.wild.wide.com"), "A", "192.0.2.78")
    expect_data(lab.ask("exact.wild.wide.com", "TXT"), "TXT")


def test_wildcard_alias(lab):
    """a wildcard alias is followed"""
    expect_data(lab.ask("anything.wildalias.wide.com"), "A", "192.0.2.12")
