"""Scripts that loop, allocate without end, or throw: they are cut off, the log says which script, which hook, which line,
and the service goes on."""
from client import question
from lab import expect, expect_data, expect_equal
from luatest import with_script

WRONG = """
local function spin() while true do end end
local function eat() local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end end
local function throw() error("thrown by the script") end
local deeds = { ["spin.example."] = spin, ["eat.example."] = eat, ["throw.example."] = throw }
function preresolve(dq)
  local deed = deeds[dq.qname:toString()]
  if deed then
    pcall(deed)
    deed()
  end
end
"""
LINES = {"spin.example": (2, "it does not come to an end"), "eat.example": (3, "not enough memory"),
         "throw.example": (4, "thrown by the script")}
METRICS = {"spin.example": "lua-hook-timeouts", "eat.example": "lua-hook-memory-exceeded",
           "throw.example": "lua-hook-errors"}


def cases(lab):
    for name in LINES:
        yield f"{name}: cut off, logged with script, hook and line, SERVFAIL", lambda n=name: check_cut(lab, n)
    for setting, rcode in (("pass", "NXDOMAIN"), ("drop", "none"), ("servfail", "SERVFAIL")):
        yield f"lua-hook-failure={setting}", lambda s=setting, r=rcode: check_failure(lab, s, r)


def check_cut(lab, name):
    patience = {"lua_time_limit": 20_000, "lua_instruction_limit": 0} if name == "eat.example" else {}
    with with_script(lab, WRONG, lua_memory_limit=20_000_000, **patience) as recursor:
        answer = recursor.ask(name)
        expect_equal(answer.rcode, "SERVFAIL")
        expect_equal(answer.extended_errors(), [(0, "a script failed")])
        line, reason = LINES[name]
        log = recursor.log()
        expect(f"Lua script {recursor.folder}/script.lua, hook preresolve: " in log and f"script.lua:{line}: " in log and
               reason in log, log[-1500:])
        expect_equal(recursor.metric(METRICS[name]), 1)
        expect_equal(recursor.metric("lua-preresolve-failures"), 1)
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        expect(recursor.metric("lua-memory-usage") < 20_000_000, "memory was not given back")


def check_failure(lab, setting, rcode):
    with with_script(lab, WRONG, lua_hook_failure=setting) as recursor:
        expect_equal(recursor.client(timeout=0.7).ask("throw.example").rcode, rcode)
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")


def test_service_goes_on(lab):
    """while questions make a script loop, eat and throw, all others are answered, and the log stays short"""
    with with_script(lab, WRONG, threads=2, lua_memory_limit=20_000_000, lua_time_limit=20) as recursor:
        wrong = [f"{deed}.example" for deed in ("spin", "eat", "throw")] * 10
        good = [f"{host}.wide.com" for host in ("www", "mail", "alias")] * 10
        questions = [question(name) for pair in zip(wrong, good) for name in pair]
        answers = recursor.client().ask_many(questions, timeout=15)
        expect_equal({a.rcode for a in answers[0::2]}, {"SERVFAIL"})
        expect_equal({a.rcode for a in answers[1::2]}, {"NOERROR"})
        expect(recursor.log().count("Lua script") <= 8, recursor.log()[-3000:])


def test_other_hooks(lab):
    """gettag, ipfilter and maintenance that fail change nothing for clients"""
    script = """
    function gettag() while true do end end
    function ipfilter() error("no") end
    function maintenance() while true do end end"""
    with with_script(lab, script) as recursor:
        for _ in range(3):
            expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        expect(recursor.metric("lua-gettag-failures") >= 3, "not counted")
        expect("hook gettag: " in recursor.log() and "script.lua:2:" in recursor.log(), recursor.log())


def test_broken_at_start(lab):
    """a script that cannot be loaded ends the start, and the reason names file and line"""
    recursor = lab.new_recursor(files={"script.lua": "x = 1\nnothing.there()"}, lua_dns_script="@FOLDER@/script.lua")
    try:
        recursor.launch()
        expect(recursor.child.process.wait(5) != 0, "it started")
        expect("script.lua:2:" in recursor.log(), recursor.log())
    finally:
        recursor.__exit__()


def test_load_limit(lab):
    """a script that allocates without end while it is loaded is refused, and the running one stays"""
    with with_script(lab, "function preresolve(dq) dq.rcode = pdns.REFUSED return true end", lua_memory_limit=20_000_000,
                     files={"eat.lua": "local t = {}\nwhile true do t[#t + 1] = {} end"}) as recursor:
        done = recursor.control("reload-lua-script", f"{recursor.folder}/eat.lua")
        expect(done.returncode == 1 and "eat.lua:2: not enough memory" in done.stderr, done)
        expect_equal(recursor.ask("www.wide.com").rcode, "REFUSED")
