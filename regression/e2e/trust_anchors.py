"""Trust anchors: from lua-config-file and its anchor file, changed and looked at with rec_control."""
from lab import expect, expect_equal
from process import wait_until

DIGEST = "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
DS = f"11111 8 2 {DIGEST}"
SHOWN = f"\t\t11111 8 2 {DIGEST.lower()}\n"
ROOT = (".\n\t\t20326 8 2 " + DIGEST.lower() + "\n"
        "\t\t38696 8 2 683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16\n")
HEAD = "Configured Trust Anchors:\n"
NEGATIVE_HEAD = "Configured Negative Trust Anchors:\n"


def refused(recursor, *words):
    """The reason why a command fails."""
    done = recursor.control(*words)
    expect_equal((done.returncode, done.stdout), (1, ""))
    return done.stderr


def test_built_in(lab):
    """the root's two keys are trusted without any configuration"""
    with lab.new_recursor(lua_config_file="") as recursor:
        expect_equal(recursor.ordered("get-tas"), HEAD + ROOT)
        expect_equal(recursor.ordered("get-ntas"), NEGATIVE_HEAD)


def test_add_and_clear(lab):
    """add-ta and clear-ta change what get-tas shows; the root's cannot be removed"""
    with lab.new_recursor(lua_config_file="") as recursor:
        expect_equal(recursor.ordered("add-ta", "example.com", *DS.split()),
                     f"Added Trust Anchor for example.com with data {DS}\n")
        expect_equal(recursor.ordered("get-tas"), HEAD + ROOT + "example.com\n" + SHOWN)
        expect(refused(recursor, "clear-ta", "example.com", ".").startswith("Refusing"), "root was not refused")
        expect(refused(recursor, "add-ta", "example.com", "nonsense").startswith("Unable to add"), "nonsense was added")
        expect_equal(recursor.ordered("get-tas"), HEAD + ROOT + "example.com\n" + SHOWN)
        expect_equal(recursor.ordered("clear-ta", "example.com"), "Removed Trust Anchor(s) for example.com\n")
        expect_equal(recursor.ordered("get-tas"), HEAD + ROOT)


def test_negative(lab):
    """add-nta takes a reason and a life time, clear-nta names or *"""
    with lab.new_recursor(lua_config_file="") as recursor:
        recursor.ordered("add-nta", "a.example", "broken", "by them")
        recursor.ordered("add-nta b.example for a while --lifetime=2d")
        text = recursor.ordered("get-ntas")
        expect(text.startswith(NEGATIVE_HEAD + "a.example\tbroken by them\nb.example\tfor a while (1"), text)
        expect_equal(recursor.ordered("clear-nta", "a.example"), "Removed Negative Trust Anchors for  a.example\n")
        expect_equal(recursor.ordered("clear-nta", "*"), "Cleared all Negative Trust Anchors.\n")
        expect_equal(recursor.ordered("get-ntas"), NEGATIVE_HEAD)


def test_negative_ends(lab):
    """a negative anchor goes when its time is over"""
    with lab.new_recursor(lua_config_file="", nta_lifetime=1) as recursor:
        recursor.ordered("add-nta", "a.example")
        recursor.ordered("add-nta", "b.example", "--lifetime", "0")
        wait_until(lambda: recursor.ordered("get-ntas") == NEGATIVE_HEAD + "b.example\t\n", 15, "a.example goes")


def test_changes_wipe_the_cache(lab):
    """what was cached below a zone is forgotten when its anchors change"""
    with lab.new_recursor(lua_config_file="") as recursor:
        recursor.ask("www.wide.com")
        before = recursor.metric("cache-entries")
        recursor.ordered("add-nta", "com", "test")
        expect(recursor.metric("cache-entries") < before, "nothing was wiped")


def test_lua_configuration(lab):
    """anchors come from lua-config-file and its file; reload-lua-config takes all or nothing"""
    with lab.new_recursor(files={"config.lua": f'addTA("example.org", "{DS}")\naddNTA("x.example", "why")\n',
                                 "other.lua": f'addTA("example.net", "{DS}")\n', "broken.lua": "nonsense("},
                          lua_config_file="@FOLDER@/config.lua") as recursor:
        recursor.ordered("add-ta", "example.com", DS)
        every = HEAD + ROOT + "example.com\n" + SHOWN + "example.org\n" + SHOWN
        expect_equal(recursor.ordered("get-tas"), every)
        expect(refused(recursor, "reload-lua-config", f"{recursor.folder}/broken.lua").startswith("Unable to load"),
               "a broken script was loaded")
        expect_equal(recursor.ordered("get-tas"), every)
        expect_equal(recursor.ordered("get-ntas"), NEGATIVE_HEAD + "x.example\twhy\n")
        expect_equal(recursor.ordered("reload-lua-config", f"{recursor.folder}/other.lua"),
                     f"Reloaded Lua configuration file '{recursor.folder}/other.lua'\n")
        expect_equal(recursor.ordered("get-tas"), HEAD + ROOT + "example.net\n" + SHOWN)
        expect_equal(recursor.ordered("get-ntas"), NEGATIVE_HEAD)


def test_switches(lab):
    """the log of bogus answers is switched, the algorithms are listed"""
    with lab.new_recursor(lua_config_file="") as recursor:
        expect_equal(recursor.ordered("set-dnssec-log-bogus", "yes"), "DNSSEC Bogus logging enabled\n")
        expect_equal(recursor.ordered("set-dnssec-log-bogus", "yes"), "DNSSEC Bogus logging was already enabled\n")
        expect_equal(recursor.ordered("set-dnssec-log-bogus", "no"), "DNSSEC Bogus logging disabled\n")
        expect("ECDSAP256SHA256" in recursor.ordered("list-dnssec-algos").split(), "no ECDSAP256SHA256")
