"""rec_control's commands about name servers: never throttled, cookies, names without addresses."""
import re

from lab import expect, expect_equal, expect_rcode
from process import wait_until


def test_names(lab):
    """add-, get- and clear-dont-throttle-names change the list of server names"""
    with lab.new_recursor(dont_throttle_names="ns1.example.net") as recursor:
        expect_equal(recursor.ordered("get-dont-throttle-names"), "ns1.example.net\n")
        text = recursor.ordered("add-dont-throttle-names", "ns2.example.net", "Ns1.example.net")
        expect("Added ns2.example.net" in text and "may not be throttled" in text, text)
        expect_equal(recursor.ordered("get-dont-throttle-names").split(), ["ns1.example.net", "ns2.example.net"])
        recursor.ordered("clear-dont-throttle-names", "ns1.example.net")
        expect_equal(recursor.ordered("get-dont-throttle-names"), "ns2.example.net\n")
        recursor.ordered("clear-dont-throttle-names", "*")
        expect_equal(recursor.ordered("get-dont-throttle-names"), "")
        for command in ("add-dont-throttle-names", "clear-dont-throttle-names"):
            expect(recursor.control(command, "a..b").returncode != 0, command)
            expect(recursor.control(command).returncode != 0, command)


def test_netmasks(lab):
    """add-, get- and clear-dont-throttle-netmasks change the list of networks"""
    with lab.new_recursor(dont_throttle_netmasks="10.0.0.0/8, !10.1.0.0/16") as recursor:
        expect_equal(recursor.ordered("get-dont-throttle-netmasks"), "10.0.0.0/8, !10.1.0.0/16\n")
        text = recursor.ordered("add-dont-throttle-netmasks", "198.18.0.0/15", "2001:db8::/32")
        expect("Added 198.18.0.0/15, 2001:db8::/32" in text, text)
        recursor.ordered("clear-dont-throttle-netmasks", "10.0.0.0/8", "2001:db8::/32")
        expect_equal(recursor.ordered("get-dont-throttle-netmasks"), "!10.1.0.0/16, 198.18.0.0/15\n")
        recursor.ordered("clear-dont-throttle-netmasks", "*")
        expect_equal(recursor.ordered("get-dont-throttle-netmasks"), "\n")
        for command in ("add-dont-throttle-netmasks", "clear-dont-throttle-netmasks"):
            expect(recursor.control(command, "10.0.0.0/99").returncode != 0, command)


def test_netmasks_at_work(lab):
    """a server that is added is not throttled, however often it does not answer; removed, it is"""
    with lab.new_recursor(server_down_max_fails=1) as recursor:
        recursor.ordered("add-dont-throttle-netmasks", "0.0.0.0/0", "::/0")
        expect_rcode(recursor.ask("www.all-silent.example"), "SERVFAIL")
        expect("ServerDown" not in recursor.ordered("dump-throttlemap", "-"), "a server is throttled")
        recursor.ordered("clear-dont-throttle-netmasks", "*")
        recursor.ordered("wipe-cache", "all-silent.example$")
        expect_rcode(recursor.ask("www.all-silent.example"), "SERVFAIL")
        expect("ServerDown" in recursor.ordered("dump-throttlemap", "-"), "no server is throttled")


def cookies(recursor):
    """Server to status of dump-cookies."""
    lines = recursor.ordered("dump-cookies", "-").splitlines()
    return dict(line.split("\t")[:2] for line in lines if "\t" in line and not line.startswith(";"))


def test_cookies(lab):
    """dump-cookies shows what servers do; clear-cookies forgets it; add-cookies-unsupported pins it"""
    with lab.new_recursor() as recursor:
        for name in ("www.wide.com", "www.tall.org", "www.one-dead.example"):
            recursor.ask(name)
        found = cookies(recursor)
        expect(found and set(found.values()) <= {"Supported", "Unsupported", "Pinned"}, found)
        text = recursor.ordered("dump-cookies", "-")
        expect(re.search(r"dump-cookies: dumped \d+ records", text), text)
        server = next(iter(found))
        host = server.rsplit(":", 1)[0].strip("[]")
        expect(re.fullmatch(r"cleared the cookies of [1-9] servers?\n", recursor.ordered("clear-cookies", host)), host)

        def forgotten(*which):  # it may be asked meanwhile for what nobody waits for any more
            recursor.ordered("clear-cookies", *which)
            return not set(found if "*" in which else [server]) & set(cookies(recursor))
        wait_until(lambda: forgotten(host), 15, "it is forgotten")
        expect_equal(recursor.ordered("add-cookies-unsupported", host, "192.0.2.1"),
                     "added 2 servers to those without cookies\n")
        expect_equal(cookies(recursor).get("192.0.2.1"), "Pinned")
        wait_until(lambda: forgotten("*"), 15, "all are forgotten")
        expect("192.0.2.1" not in cookies(recursor), "what was said by hand is still there")
        for command in ("clear-cookies", "add-cookies-unsupported"):
            expect(recursor.control(command, "nonsense").returncode != 0, command)
            expect(recursor.control(command).returncode != 0, command)


def test_non_resolving(lab):
    """dump-non-resolving shows server names that have no address"""
    with lab.new_recursor(non_resolving_ns_max_fails=1) as recursor:
        recursor.ask("www.lost-ns.example")

        def dumped():
            return recursor.ordered("dump-non-resolving", "-")
        wait_until(lambda: re.search(r"^[^;\s]\S*\.\t\d+\t\d+$", dumped(), re.M), 15, "a name is listed")
        expect(re.search(r"dump-non-resolving: dumped \d+ records", dumped()), dumped())


def test_saved_parents(lab):
    """dump-saved-parent-ns-sets writes the parents' delegations, which are the ones in use"""
    lab.ask("www.wide.com")
    text = lab.recursor.ordered("dump-saved-parent-ns-sets", "-")
    expect("wide.com." in text and "dump-saved-parent-ns-sets: dumped " in text, text)


def test_question_types(lab):
    """get-qtypelist counts questions by type that the packet cache did not answer"""
    with lab.new_recursor() as recursor:
        for rdtype in ("A", "A", "SSHFP", "TYPE65400"):
            recursor.ask("www.wide.com", rdtype, tcp=True)
        counts = dict(line.split("\t") for line in recursor.ordered("get-qtypelist").splitlines())
        expect(int(counts["A"]) in (1, 2) and counts["SSHFP"] == "1" and counts["TYPE65400"] == "1", counts)
