"""forward-zones, forward-zones-recurse and forward-zones-file, one server after the other."""
from lab import expect, expect_data, expect_equal, expect_rcode


def address_of(lab, zone, index=0):
    return lab.internet.description.zones[zone].servers[index].v4


def test_forward_zone(lab):
    """questions below a forwarded zone go to its server without RD, all others from the root"""
    server = address_of(lab, "watch.example")
    with lab.new_recursor(forward_zones=f"watch.example={server}") as recursor:
        mark = lab.internet.mark()
        expect_data(recursor.ask("f1.watch.example"), "A", "192.0.2.84")
        rows = lab.internet.queries(mark, name="f1.watch.example")
        expect_equal({row["address"] for row in rows}, {server})
        expect(not any(int(row["flags"], 16) & 0x100 for row in rows), rows)
        expect_data(recursor.ask("www.tall.org"), "A", "192.0.2.21")


def test_recurse(lab):
    """forward-zones-recurse sets RD"""
    server = address_of(lab, "watch.example")
    with lab.new_recursor(forward_zones_recurse=f"watch.example={server}", dnssec="off") as recursor:
        mark = lab.internet.mark()
        expect_data(recursor.ask("f2.watch.example"), "A", "192.0.2.84")
        rows = lab.internet.queries(mark, name="f2.watch.example")
        expect(rows and all(int(row["flags"], 16) & 0x100 for row in rows), rows)


def test_forward_everything(lab):
    """a recursor that forwards all to another gives the other's answers"""
    with lab.new_recursor() as upper:
        with lab.new_recursor(forward_zones_recurse=f".=127.0.0.1:{upper.port}", dont_query="") as recursor:
            expect_data(recursor.ask("c0.chain-a.net"), "A", "192.0.2.88")
            expect_rcode(recursor.ask("absent.wide.com"), "NXDOMAIN")
            expect_rcode(recursor.ask("www.all-refused.example"), "SERVFAIL")


def test_second_server(lab):
    """when the first server is dead the second answers"""
    dead, good = address_of(lab, "all-dead.example"), address_of(lab, "watch.example")
    with lab.new_recursor(forward_zones=f"watch.example={dead};{good}") as recursor:
        expect_data(recursor.ask("f3.watch.example"), "A", "192.0.2.84")


def test_all_dead(lab):
    """when all are silent the failure names them"""
    silent = address_of(lab, "all-silent.example")
    with lab.new_recursor(forward_zones=f"wide.com={silent}") as recursor:
        answer = recursor.ask("www.wide.com")
        expect_rcode(answer, "SERVFAIL")
        expect(any(silent in text for _, text in answer.extended_errors()), answer.extended_errors())


def test_file_and_reload(lab):
    """forward-zones-file is read, `+` means recursion desired, reload-zones reads it again"""
    server = address_of(lab, "watch.example")
    with lab.new_recursor(files={"zones": f"+watch.example={server}\n"}, forward_zones_file="@FOLDER@/zones") as recursor:
        mark = lab.internet.mark()
        recursor.ask("f4.watch.example")
        rows = lab.internet.queries(mark, name="f4.watch.example")
        expect(rows and all(int(row["flags"], 16) & 0x100 for row in rows), rows)
        recursor.write("zones", f"watch.example={server}\n")
        recursor.ordered("reload-zones")
        mark = lab.internet.mark()
        recursor.ask("f5.watch.example")
        rows = lab.internet.queries(mark, name="f5.watch.example")
        expect(rows and not any(int(row["flags"], 16) & 0x100 for row in rows), rows)
