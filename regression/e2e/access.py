"""Who may ask: allow-from and allow-from-file."""
from lab import expect, expect_data, expect_equal


def test_refused_addresses(lab):
    """an address outside of allow-from gets no service, over UDP and TCP"""
    with lab.new_recursor(local_address="127.0.0.1, ::1", allow_from="127.0.0.0/8") as recursor:
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        answer = recursor.client("::1", timeout=0.5).ask("www.wide.com")
        expect(answer.rcode in ("none", "REFUSED"), answer)
        expect_equal(recursor.client("::1", timeout=0.5).ask("www.wide.com", tcp=True).data("A"), [])


def test_excluded_addresses(lab):
    """`!` takes a part out of an allowed range"""
    with lab.new_recursor(allow_from="127.0.0.0/8, ::1, !127.0.0.1/32", probe="::1") as recursor:
        expect_data(recursor.client("::1").ask("www.wide.com"), "A", "192.0.2.12")
        expect(recursor.client("127.0.0.1", timeout=0.5).ask("www.wide.com").rcode in ("none", "REFUSED"), "answered")


def test_file(lab):
    """the networks of allow-from-file replace those of allow-from"""
    files = {"acl": "# clients\n127.0.0.0/8\n"}
    with lab.new_recursor(files=files, allow_from_file="@FOLDER@/acl", allow_from="::1") as recursor:
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        expect(recursor.client("::1", timeout=0.3).ask("www.wide.com").rcode in ("none", "REFUSED"), "::1 is served")


def test_refused_are_counted(lab):
    """refused packets are counted"""
    with lab.new_recursor(allow_from="::1", probe="::1") as recursor:
        before = recursor.metric("unauthorized-udp")
        recursor.client("127.0.0.1", timeout=0.3).ask("www.wide.com")
        expect(recursor.metric("unauthorized-udp") > before, "not counted")


def test_reload(lab):
    """reload-acls puts changed access lists in force, on all workers, and leaves everything alone on a mistake"""
    files = {"acl": "127.0.0.0/8\n::1\n"}
    with lab.new_recursor(files=files, threads=2, local_address="127.0.0.1, ::1",
                          allow_from_file="@FOLDER@/acl") as recursor:
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        recursor.write("acl", "::1\n")
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        recursor.ordered("reload-acls")
        for _ in range(8):  # whichever worker has it
            expect(recursor.client("127.0.0.1", timeout=0.2).ask("www.wide.com").rcode in ("none", "REFUSED"), "served")
        expect_data(recursor.client("::1").ask("www.wide.com"), "A", "192.0.2.12")
        recursor.write("acl", "nonsense\n")
        expect(recursor.control("reload-acls").returncode != 0, "a mistake was taken")
        expect_data(recursor.client("::1").ask("www.wide.com"), "A", "192.0.2.12")
