"""Block lists: every format and action, allow lists, groups of clients, schedules, aliases, shadow mode, what happens
when a file changes or breaks, and the commands of rec_control."""
import os
import subprocess
import time

from client import Client
from lab import expect, expect_data, expect_equal, expect_rcode
from process import wait_until
from recursor import REC_CONTROL
from web import Web


def lists(lab, lua="", files=None, **settings):
    """A recursor with lists; `lua` is put behind the trust anchor, `@FOLDER@` in it is the configuration folder."""
    with open(lab.internet.anchor, encoding="utf-8") as file:
        anchor = file.read()
    recursor = lab.new_recursor(files=files, lua_config_file="@FOLDER@/lists.lua", **settings)
    recursor.write("lists.lua", anchor + "\n" + lua.replace("@FOLDER@", recursor.folder) + "\n")
    return recursor


def replace(recursor, name, text):
    """A new file in the place of the old one, at once."""
    recursor.write(name + ".part", text)
    os.rename(f"{recursor.folder}/{name}.part", f"{recursor.folder}/{name}")


def test_formats(lab):
    """plain domains, hosts lines, wildcards, rules of ad blockers and patterns block what they mean, and nothing else"""
    text = "# all formats\ntall.org\n0.0.0.0 mail.wide.com\n*.chain-a.net\n||nested.co.uk^$important\n/^v[46]only\\./\n" \
           "||wide.com^$third-party\nwide.com##.banner\n! remark\n"
    with lists(lab, files={"ads": text}, blocklist_files="@FOLDER@/ads") as recursor:
        for name in ("tall.org", "www.tall.org", "mail.wide.com", "c1.chain-a.net", "www.nested.co.uk",
                     "v4only.wide.com"):
            answer = recursor.ask(name)
            expect_rcode(answer, "NXDOMAIN")
            expect_equal(answer.extended_errors(), [(15, "")], name)
            expect_equal(len(answer.data("SOA", "authority")), 1, answer)
        for name in ("www.wide.com", "www.short.io"):
            expect(not recursor.ask(name).extended_errors(), name)
        expect_equal(recursor.metric("policy-result-nxdomain"), 6)
        expect_equal(recursor.metric("blocklist-rules"), 5)
        expect("2 lines skipped, 0 malformed" in recursor.log(), recursor.log())


def test_kept(lab):
    """a listed name asked again is an ordinary hit of the packet cache"""
    with lists(lab, files={"ads": "tall.org\n"}, blocklist_files="@FOLDER@/ads", threads=1) as recursor:
        for _ in range(3):
            expect_rcode(recursor.ask("tall.org"), "NXDOMAIN")
        expect_equal(recursor.metric("packetcache-hits"), 2)
        expect_equal(recursor.metric("all-outqueries"), recursor.metric("all-outqueries"))


def test_actions(lab):
    """each list has its own action, TTL and extended error"""
    lua = "\n".join(f'blockList("@FOLDER@/{name}", {{{options}}})' for name, options in {
        "nodata": 'action="nodata", error="censored", errorText="by order"',
        "refused": 'action="refused", error="filtered"',
        "zero": 'action="zero", ttl=17',
        "sinkhole": 'action={"192.0.2.80", "2001:db8::80"}, error="none"',
        "drop": 'action="drop"',
        "truncate": 'action="truncate"'}.items())
    files = {name: f"{name}.wide.com\n" for name in ("nodata", "refused", "zero", "sinkhole", "drop")}
    with lists(lab, lua, files={**files, "truncate": "www.wide.com\n"}) as recursor:
        answer = recursor.ask("nodata.wide.com")
        expect_data(answer, "A")
        expect_equal(answer.extended_errors(), [(16, "by order")])
        answer = recursor.ask("refused.wide.com")
        expect_rcode(answer, "REFUSED")
        expect_equal(answer.extended_errors(), [(17, "")])
        answer = recursor.ask("zero.wide.com")
        expect_data(answer, "A", "0.0.0.0")
        expect_equal(answer.ttl("A"), 17)
        expect_data(recursor.ask("zero.wide.com", "AAAA"), "AAAA", "::")
        expect_data(recursor.ask("zero.wide.com", "MX"), "MX")
        answer = recursor.ask("sinkhole.wide.com")
        expect_data(answer, "A", "192.0.2.80")
        expect(not answer.extended_errors(), answer)
        expect_data(recursor.ask("sinkhole.wide.com", "AAAA"), "AAAA", "2001:db8::80")
        expect_equal(recursor.client(timeout=0.5).ask("drop.wide.com").rcode, "none")
        expect_data(recursor.ask("www.wide.com", tcp=True), "A", "192.0.2.12")
        expect_equal(recursor.metric("policy-result-drop"), 1)
        expect_equal(recursor.metric("policy-drops"), 1)


def test_allowed(lab):
    """allow lists and exceptions win, also for what an alias leads to"""
    lua = 'blockList("@FOLDER@/ads")\nblockList("@FOLDER@/good", {action="allow"})'
    files = {"ads": "||wide.com^\n@@||mail.wide.com^\ntall.org\n", "good": "www.wide.com\nabroad.wide.com\n"}
    with lists(lab, lua, files=files) as recursor:
        expect_rcode(recursor.ask("ten.wide.com", "TXT"), "NXDOMAIN")
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        expect_data(recursor.ask("mail.wide.com"), "A", "192.0.2.25")
        expect_data(recursor.ask("abroad.wide.com"), "A", "192.0.2.21")
        expect_rcode(recursor.ask("www.tall.org"), "NXDOMAIN")
        expect(recursor.metric("policy-result-noaction") >= 3, "exemptions are counted")


def test_cloaking(lab):
    """an alias to a listed name is found out, wherever the name stands in the chain, also from the cache"""
    with lists(lab, files={"ads": "www.tall.org\n"}, blocklist_files="@FOLDER@/ads") as recursor:
        for _ in range(2):
            answer = recursor.ask("abroad.wide.com")
            expect_rcode(answer, "NXDOMAIN")
            expect(not answer.data("CNAME"), answer)
            expect_equal(answer.extended_errors(), [(15, "")])
        expect_rcode(recursor.ask("abroad.wide.com", "CNAME"), "NOERROR")


def test_groups(lab):
    """a list for some clients concerns no others, whoever asked first"""
    lua = 'blockList("@FOLDER@/ads", {clients={"127.0.0.2/32", "127.0.1.0/24"}})'
    with lists(lab, lua, files={"ads": "tall.org\n"}, local_address="127.0.0.1") as recursor:
        def ask(name, source):
            return Client(recursor.address(), recursor.port, source=source).ask(name)
        for _ in range(2):
            expect_rcode(ask("tall.org", "127.0.0.1"), "NOERROR")
            expect_rcode(ask("tall.org", "127.0.0.2"), "NXDOMAIN")
            expect_rcode(ask("tall.org", "127.0.1.9"), "NXDOMAIN")
            expect_rcode(ask("www.wide.com", "127.0.0.2"), "NOERROR")


def test_schedule(lab):
    """a list is in force at its times only: with the clock in local time, in the middle of a span and outside"""
    def at(minutes):
        return time.strftime("%H:%M", time.localtime(time.time() + 60 * minutes))
    day = time.strftime("%a", time.localtime()).lower()
    other = "mon" if day in ("wed", "thu") else "wed,thu"
    if at(-5) > at(5):  # around midnight: a span over it, and another day need more care than this test takes
        return
    lua = f'blockList("@FOLDER@/now", {{schedule="{day} {at(-5)}-{at(5)}"}})\n' \
          f'blockList("@FOLDER@/later", {{schedule={{"{at(4)}-{at(5)}", "{other} {at(-5)}-{at(3)}"}}}})'
    with lists(lab, lua, files={"now": "tall.org\n", "later": "www.wide.com\n"}) as recursor:
        expect_rcode(recursor.ask("tall.org"), "NXDOMAIN")
        expect_rcode(recursor.ask("www.wide.com"), "NOERROR")


def test_shadow(lab):
    """a list in shadow mode counts what it would have done, until it is let decide"""
    lua = 'blockList("@FOLDER@/new", {shadow=true})'
    with lists(lab, lua, files={"new": "tall.org\n"}) as recursor:
        expect_rcode(recursor.ask("tall.org"), "NOERROR")
        expect(recursor.metric("policy-shadow-hits") >= 1, "counted")
        row = next(line.split() for line in recursor.ordered("blocklist", "stats").splitlines() if line.startswith("new"))
        expect(row[1] == "0" and int(row[2]) >= 1, row)
        recursor.ordered("blocklist", "shadow", "new", "off")
        wait_until(lambda: recursor.ask("tall.org").rcode == "NXDOMAIN", 2, "the list decides")


def test_reload(lab):
    """reload takes changed lists, old answers are forgotten; a broken, empty or missing file keeps the list"""
    names = "".join(f"host{i}.example\n" for i in range(100))
    with lists(lab, files={"ads": "tall.org\n" + names}, blocklist_files="@FOLDER@/ads") as recursor:
        expect_rcode(recursor.ask("tall.org"), "NXDOMAIN")
        expect_rcode(recursor.ask("www.wide.com"), "NOERROR")
        replace(recursor, "ads", "www.wide.com\n" + names)
        expect("ads: 101 rules" in recursor.ordered("blocklist", "reload"), "reported")
        wait_until(lambda: recursor.ask("www.wide.com").rcode == "NXDOMAIN", 2, "the new name is blocked")
        wait_until(lambda: recursor.ask("tall.org").rcode == "NOERROR", 2, "the old name is free")
        for broken in ("", "<html>\n<body>\n" * 20, "www.wide.com\n"):
            replace(recursor, "ads", broken)
            expect("ads: " in recursor.ordered("blocklist", "reload"), "the reason is told")
            expect_rcode(recursor.ask("host7.example"), "NXDOMAIN")
        os.unlink(f"{recursor.folder}/ads")
        expect("No such file" in recursor.ordered("blocklist", "reload"), "the reason is told")
        expect_rcode(recursor.ask("www.wide.com"), "NXDOMAIN")
        expect("/ads:1: not a rule; 40 of 40 lines" in recursor.log(), recursor.log())
        expect_equal(recursor.metric("blocklist-load-failures"), 4)
        expect("No such file" in recursor.ordered("blocklist", "list"), "the state is shown")


def test_scrape(lab):
    """metrics are told while a big list is read: nobody waits for that"""
    def names(count):
        return "".join(f"host{i}.example\n" for i in range(count))

    def is_read(recursor):
        folder = f"/proc/{recursor.child.pid}/fd"
        return f"{recursor.folder}/ads" in [os.path.realpath(f"{folder}/{number}") for number in os.listdir(folder)]
    with lists(lab, files={"ads": names(1000)}, blocklist_files="@FOLDER@/ads", webserver="yes", api_key="key",
               webserver_port=8083) as recursor:
        command = [REC_CONTROL, f"--config-dir={recursor.folder}", f"--socket-dir={recursor.folder}", "--timeout=60"]
        before, count = 1000, 200_000
        while True:  # until it takes longer to read the list than to look at that
            replace(recursor, "ads", names(count))
            with subprocess.Popen(command + ["blocklist", "reload"], stdout=subprocess.DEVNULL) as reloading:
                wait_until(lambda r=reloading: is_read(recursor) or r.poll() is not None, 15, "it is being read")
                rules = Web(port=8083, key="key").get("/metrics").body.split('policy_rules{type="blocklist"')[1].split()[1]
                expect_equal(reloading.wait(60), 0)
            if int(rules) == before:
                break
            expect_equal(int(rules), count)
            expect(count < 3_000_000, "metrics are told when the list has been read")
            before, count = count, count * 2


def test_directory(lab):
    """files of blocklist-dir are lists as soon as they are there, changed or gone; *.allow allows"""
    with lists(lab, files={}, blocklist_dir="@FOLDER@/lists") as recursor:
        pass  # the folder is not there: an error in the log, and no list
    recursor = lists(lab, files={}, blocklist_dir="@FOLDER@/lists")
    os.mkdir(f"{recursor.folder}/lists", 0o755)
    with recursor:
        expect_rcode(recursor.ask("tall.org"), "NOERROR")
        recursor.write("lists/ads", "tall.org\nwide.com\n")
        wait_until(lambda: recursor.ask("tall.org").rcode == "NXDOMAIN", 5, "a new list is in force")
        replace(recursor, "lists/mine.allow", "www.wide.com\n")
        wait_until(lambda: recursor.ask("www.wide.com").rcode == "NOERROR", 5, "an allow list is in force")
        expect_rcode(recursor.ask("mail.wide.com"), "NXDOMAIN")
        os.unlink(f"{recursor.folder}/lists/ads")
        wait_until(lambda: recursor.ask("mail.wide.com").rcode == "NOERROR", 5, "a list that is gone is not in force")


def test_commands(lab):
    """list, add, remove, test and explain; what was added survives a reload"""
    with lists(lab, files={"ads": "tall.org\n"}, blocklist_files="@FOLDER@/ads") as recursor:
        rows = recursor.ordered("blocklist", "list").splitlines()
        expect(len(rows) == 2 and rows[1].split()[:3] == ["ads", "nxdomain", "auto"], rows)
        expect_equal(recursor.ordered("blocklist", "add", "wide.com").strip(), "wide.com: blocked")
        expect_equal(recursor.ordered("blocklist", "remove", "www.tall.org").strip(), "www.tall.org: exempt")
        recursor.ordered("blocklist", "reload")
        wait_until(lambda: recursor.ask("mail.wide.com").rcode == "NXDOMAIN", 2, "an added name is blocked")
        wait_until(lambda: recursor.ask("www.tall.org").rcode == "NOERROR", 2, "a removed name is free")
        hits = recursor.metric("policy-result-nxdomain")
        text = recursor.ordered("blocklist", "test", "x.tall.org", "192.0.2.1")
        expect("NXDOMAIN by 'ads': rule ||tall.org^ (QName) matches x.tall.org" in text, text)
        text = recursor.ordered("explain", "mail.wide.com", "A", "192.0.2.1")
        expect("NXDOMAIN by 'rec_control': rule ||wide.com^" in text and "192.0.2.25" in text, text)
        text = recursor.ordered("explain", "short.io", "A")
        expect("nothing decides about this question" in text, text)
        expect_equal(recursor.metric("policy-result-nxdomain"), hits)
        expect(recursor.control("blocklist", "test").returncode != 0, "a name is needed")
        expect(recursor.control("blocklist", "shadow", "none", "on").returncode != 0, "no such list")


def test_configuration(lab):
    """options that make no sense keep the recursor from starting, and a reload from changing anything"""
    lua = 'blockList("@FOLDER@/ads", {colour="blue"})'
    recursor = lists(lab, lua, files={"ads": "tall.org\n"})
    try:
        recursor.launch()
        wait_until(lambda: not recursor.child.running(), 5, "it ends")
        expect("lists.lua" in recursor.log() and "'colour' is no option" in recursor.log(), recursor.log())
    finally:
        recursor.__exit__()
    with lists(lab, 'blockList("@FOLDER@/ads")', files={"ads": "tall.org\n"}) as recursor:
        with open(f"{recursor.folder}/lists.lua", encoding="utf-8") as file:
            text = file.read()
        recursor.write("lists.lua", text.replace("/ads", "/ads", 1).replace('ads")', 'ads", {action="what"})'))
        expect(recursor.control("reload-lua-config").returncode != 0, "refused")
        expect_rcode(recursor.ask("tall.org"), "NXDOMAIN")
        recursor.write("lists.lua", text.replace('ads")', 'ads", {action="nodata"})'))
        recursor.ordered("reload-lua-config")
        wait_until(lambda: recursor.ask("tall.org").rcode == "NOERROR", 2, "the other action")


def test_additions(lab):
    """what was added and removed while running is there after the next start, when a file is set for it"""
    with lists(lab, files={"ads": "tall.org\n"}, blocklist_files="@FOLDER@/ads",
               blocklist_additions_file="@FOLDER@/additions") as recursor:
        recursor.ordered("blocklist", "add", "wide.com")
        recursor.ordered("blocklist", "remove", "www.tall.org")
        recursor.ordered("blocklist", "reload")
        recursor.child.stop(3)
        recursor.start()
        expect_rcode(recursor.ask("www.wide.com"), "NXDOMAIN")
        expect_rcode(recursor.ask("tall.org"), "NXDOMAIN")
        expect_rcode(recursor.ask("www.tall.org"), "NOERROR")
        expect("rec_control" in recursor.ordered("blocklist", "list"), "not listed")
