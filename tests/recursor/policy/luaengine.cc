// The engine: loading, several scripts, limits, failures.
#include "tests/recursor/policy/luabench.hh"

using namespace luatest;
using rec::LuaAnswer;
using rec::LuaHook;
using rec::Metric;

TEST_CASE("a script's hooks are found, others are not there") {
  LuaBench bench;
  auto& engine = bench.load("function preresolve(dq) end\nmaintenance = 7");
  CHECK(engine.has(LuaHook::PreResolve));
  CHECK_FALSE(engine.has(LuaHook::PostResolve));
  CHECK_FALSE(engine.has(LuaHook::Maintenance));
}

TEST_CASE("an error in a script is told with file and line, in compiling and in running") {
  LuaBench bench;
  const auto compiled = bench.tryLoad({"local x = 1\nfunction (", ""});
  REQUIRE_FALSE(compiled);
  CHECK(compiled.error().message.starts_with("script1.lua:2:"));
  const auto run = bench.tryLoad({"", "local x = 1\n\nnothing.there = 1"});
  REQUIRE_FALSE(run);
  CHECK(run.error().message.starts_with("script2.lua:3:"));
}

TEST_CASE("a hook handles a question when it returns true") {
  LuaBench bench;
  CHECK(bench.preresolve("dq.rcode = pdns.NXDOMAIN return true") == LuaAnswer::Handled);
  CHECK(bench.question.rcode == 3);
}

TEST_CASE("what a hook did to the records is undone when it does not return true") {
  LuaBench bench;
  CHECK(bench.preresolve("dq.rcode = pdns.NXDOMAIN dq:addAnswer(pdns.A, '192.0.2.1') dq.variable = true") ==
        LuaAnswer::Pass);
  CHECK(bench.question.rcode == 0);
  CHECK(bench.question.records.empty());
  CHECK(bench.question.variable);
}

TEST_CASE("several scripts have globals of their own and are asked in order until one handles the question") {
  LuaBench bench;
  auto& engine = bench.loadAll({"n = 1\nfunction preresolve(dq) dq.deviceName = 'first ' .. n end",
                                "function preresolve(dq) dq.deviceName = dq.deviceName .. tostring(n) return true end",
                                "function preresolve(dq) dq.deviceName = 'third' return true end"});
  CHECK(engine.run(LuaHook::PreResolve, bench.question) == LuaAnswer::Handled);
  CHECK(bench.question.deviceName == "first 1nil");
}

TEST_CASE("an endless loop is cut off, pcall or not, and the next call is served") {
  LuaBench bench;
  auto& engine = bench.load("function preresolve(dq) if dq.isTcp then while true do pcall(function() while true do end "
                            "end) end end return true end");
  bench.question.tcp = true;
  CHECK(engine.run(LuaHook::PreResolve, bench.question) == LuaAnswer::Failed);
  CHECK(bench.counters.get(Metric::LuaHookTimeouts) == 1);
  bench.question.tcp = false;
  CHECK(engine.run(LuaHook::PreResolve, bench.question) == LuaAnswer::Handled);
  CHECK(bench.times.of(LuaHook::PreResolve).calls == 2);
  CHECK(bench.times.of(LuaHook::PreResolve).failures == 1);
}

TEST_CASE("an endless loop in a coroutine that was made before is cut off") {
  LuaBench bench;
  auto& engine = bench.load("co = coroutine.create(function() while true do end end)\n"
                            "function preresolve(dq) coroutine.resume(co) while true do end end");
  CHECK(engine.run(LuaHook::PreResolve, bench.question) == LuaAnswer::Failed);
}

TEST_CASE("a call that takes too long is cut off by the clock") {
  LuaBench bench;
  bench.options.limits = {.instructions = 0, .time = std::chrono::milliseconds(2), .memory = 0};
  CHECK(bench.preresolve("while true do end") == LuaAnswer::Failed);
  CHECK(bench.counters.get(Metric::LuaHookTimeouts) == 1);
}

TEST_CASE("an endless allocation is cut off and its memory given back") {
  LuaBench bench;
  bench.options.limits.instructions = 0;
  auto& engine =
      bench.load("function preresolve(dq) if dq.isTcp then local t = {} while true do t[#t + 1] = {} end end "
                 "return true end\nfunction nodata(dq) local s = 'x' while true do s = s .. s end end");
  bench.question.tcp = true;
  CHECK(engine.run(LuaHook::PreResolve, bench.question) == LuaAnswer::Failed);
  CHECK(engine.run(LuaHook::NoData, bench.question) == LuaAnswer::Failed);
  CHECK(bench.counters.get(Metric::LuaHookMemoryExceeded) == 2);
  CHECK(engine.memory() < 2'000'000);
  bench.question.tcp = false;
  CHECK(engine.run(LuaHook::PreResolve, bench.question) == LuaAnswer::Handled);
}

TEST_CASE("an error is counted, and of two scripts the other one still has its say") {
  LuaBench bench;
  auto& engine = bench.loadAll(
      {"function preresolve(dq) error('no') end", "function preresolve(dq) if dq.isTcp then return true end end"});
  CHECK(engine.run(LuaHook::PreResolve, bench.question) == LuaAnswer::Failed);
  bench.question.tcp = true;
  CHECK(engine.run(LuaHook::PreResolve, bench.question) == LuaAnswer::Handled);
  CHECK(bench.counters.get(Metric::LuaHookErrors) == 2);
}

TEST_CASE("what a script keeps of a hook's question is nothing any more afterwards") {
  LuaBench bench;
  auto& engine = bench.load("function preresolve(dq) kept = dq policy = dq.appliedPolicy end\n"
                            "function nodata(dq) return kept.qtype == 1 end\n"
                            "function nxdomain(dq) return policy.policyKind == 0 end");
  CHECK(engine.run(LuaHook::PreResolve, bench.question) == LuaAnswer::Pass);
  CHECK(engine.run(LuaHook::NoData, bench.question) == LuaAnswer::Failed);
  CHECK(engine.run(LuaHook::NxDomain, bench.question) == LuaAnswer::Failed);
}

TEST_CASE("dq.data goes from hook to hook and is forgotten with the question") {
  LuaBench bench;
  auto& engine = bench.load("function gettag(...) return 7, {'a', 'b'}, {value = 42}, 'r', 'd', 'n', 't' end\n"
                            "function preresolve(dq) return dq.data.value == 42 end\n"
                            "function nodata(dq) return dq.data == nil end");
  engine.tag(bench.question);
  CHECK(bench.question.tag == 7);
  CHECK(bench.question.policyTags == std::set<std::string>{"a", "b"});
  CHECK(bench.question.requestorId == "r");
  CHECK(bench.question.deviceId == "d");
  CHECK(bench.question.deviceName == "n");
  CHECK(bench.question.routingTag == "t");
  CHECK(engine.run(LuaHook::PreResolve, bench.question) == LuaAnswer::Handled);
  bench.question.data.reset();
  CHECK(engine.run(LuaHook::NoData, bench.question) == LuaAnswer::Handled);
  const auto kept = bench.question.data;
  LuaBench other;
  other.question.data = kept; // of another state
  CHECK(other.preresolve("return dq.data == nil") == LuaAnswer::Handled);
}

TEST_CASE("ipfilter drops, policyEventFilter ignores, maintenance runs") {
  LuaBench bench;
  auto& engine =
      bench.load("runs = 0\nfunction ipfilter(remote, localaddr, dh) return remote:toString() == '192.0.2.7' "
                 "and dh:getRD() and localaddr:getPort() == 53 end\n"
                 "function policyEventFilter(event) event:addPolicyTag('seen') "
                 "event.appliedPolicy.policyKind = pdns.policykinds.NODATA "
                 "return event.qname:equal('www.example.com') end\n"
                 "function maintenance() runs = runs + 1 end\n"
                 "function preresolve(dq) return runs == 2 end");
  CHECK(engine.drops(address("192.0.2.7"), address("198.51.100.1:53"), {.rd = true}));
  CHECK_FALSE(engine.drops(address("192.0.2.8"), address("198.51.100.1:53"), {.rd = true}));
  CHECK(engine.filterPolicy(bench.question) == LuaAnswer::Handled);
  CHECK(bench.question.policy.action == rec::PolicyAction::NoData);
  CHECK(bench.question.policyChanged);
  CHECK(bench.question.policyTags.contains("seen"));
  engine.maintain();
  engine.maintain();
  CHECK(engine.run(LuaHook::PreResolve, bench.question) == LuaAnswer::Handled);
}

#ifdef ROOTWALK_TESTS_LUAJIT
TEST_CASE("gettag_ffi reads and answers a question by the functions of C") {
  LuaBench bench;
  auto& engine = bench.load(R"(
    local ffi = require('ffi')
    ffi.cdef[[
      typedef struct pdns_ffi_param pdns_ffi_param_t;
      const char* pdns_ffi_param_get_qname(pdns_ffi_param_t* ref);
      uint16_t pdns_ffi_param_get_qtype(const pdns_ffi_param_t* ref);
      const char* pdns_ffi_param_get_remote(pdns_ffi_param_t* ref);
      void pdns_ffi_param_set_tag(pdns_ffi_param_t* ref, unsigned int tag);
      void pdns_ffi_param_set_rcode(pdns_ffi_param_t* ref, int rcode);
      bool pdns_ffi_param_add_record(pdns_ffi_param_t* ref, const char* name, uint16_t type, uint32_t ttl,
                                     const char* content, size_t contentSize, int place);
    ]]
    function gettag_ffi(ref)
      if ffi.string(ffi.C.pdns_ffi_param_get_qname(ref)) == 'www.Example.com' and
         ffi.string(ffi.C.pdns_ffi_param_get_remote(ref)) == '192.0.2.7' and ffi.C.pdns_ffi_param_get_qtype(ref) == 1 then
        ffi.C.pdns_ffi_param_set_tag(ref, 9)
        ffi.C.pdns_ffi_param_set_rcode(ref, 0)
        ffi.C.pdns_ffi_param_add_record(ref, nil, 1, 60, '192.0.2.99', 10, 1)
      end
      return {1}
    end)");
  engine.tag(bench.question);
  CHECK(bench.question.tag == 9);
  CHECK(bench.question.answered);
  REQUIRE(bench.question.records.size() == 1);
  CHECK(bench.question.records[0].rdata.size() == 4);
  CHECK(bench.question.data);
}
#endif

TEST_CASE("a script whose globals refuse what is not declared is loaded and called") {
  const std::string strict = "setmetatable(_G, {__index = function(t, k) error('undeclared ' .. tostring(k)) end})\n";
  LuaBench bench;
  bench.load(strict + "rawset(_G, 'preresolve', function(dq) dq.udpCallback = 'nowhere' return true end)");
  CHECK(bench.engine->run(LuaHook::PreResolve, bench.question) == LuaAnswer::Handled);
  CHECK(bench.engine->udpCallback(bench.question) == LuaAnswer::Pass);
  bench.loadAll({strict, "function nodata(dq) return true end"});
  CHECK(bench.engine->run(LuaHook::NoData, bench.question) == LuaAnswer::Handled);
}

TEST_CASE("a script has no finalisers, and no way to the hook that limits it") {
  LuaBench bench;
  CHECK(bench.value("newproxy") == "nil");
  CHECK(bench.value("debug.sethook or debug.setmetatable or debug.getregistry or debug.getmetatable") == "nil");
  CHECK(bench.value("type(debug.traceback) .. type(debug.getinfo)") == "functionfunction");
  CHECK(bench.value("pcall(setmetatable, {}, {__gc = function() end})") == "false");
  CHECK(bench.value("getmetatable(setmetatable({}, {__index = {}})) ~= nil") == "true");
  CHECK(bench.value("pcall(setmetatable, setmetatable({}, {__metatable = 1}), {})") == "false");
  CHECK(bench.value("getmetatable(io.stdout)") == "false");
  CHECK(bench.value("io.stdout.__index or io.stdout.__gc") == "nil");
  CHECK(bench.value("type(io.stdout.write)") == "function");
}

#ifdef ROOTWALK_TESTS_LUAJIT
TEST_CASE("LuaJIT's compiler cannot be switched on by a script, nor its ffi finalise") {
  LuaBench bench;
  CHECK(bench.preresolve("jit.on() if jit.status() then return false end while true do end") == LuaAnswer::Failed);
  CHECK(bench.value("require('ffi').gc") == "nil");
  CHECK(bench.value("pcall(require('ffi').metatype, 'struct { int x; }', {__gc = function() end})") == "false");
  CHECK(bench.value("require('ffi').metatype('struct { int x; }', {__index = {two = 2}})().two") == "2");
}
#endif

TEST_CASE("what objects hold is memory of the state, given back with them") {
  for (const char* body : {"local s = newDS() for i = 1, 1e9 do s:add('a' .. i .. '.example') end",
                           "local s = newCAS() for i = 1, 1e9 do s:add('10.' .. math.floor(i / 65536) .. '.' .. "
                           "math.floor(i / 256) % 256 .. '.' .. i % 256) end",
                           "local s = newNMG() for i = 1, 1e9 do s:addMask('10.0.0.0/8') end",
                           "local s = newDS() for i = 1, 1e9 do pcall(s.add, s, 'a' .. i .. '.example') end"}) {
    LuaBench bench;
    bench.options.limits.instructions = 0;
    bench.options.limits.memory = 2'000'000;
    CHECK(bench.preresolve(body) == LuaAnswer::Failed);
    CHECK(bench.counters.get(Metric::LuaHookMemoryExceeded) == 1);
    CHECK(bench.engine->memory() < 1'000'000);
  }
}

TEST_CASE("who catches the error of too much memory has failed all the same") {
  LuaBench bench;
  CHECK(bench.preresolve("pcall(string.rep, 'x', 2e7) return true") == LuaAnswer::Failed);
  CHECK(bench.counters.get(Metric::LuaHookMemoryExceeded) == 1);
}

TEST_CASE("garbage of many calls is collected before the limit is reached") {
  LuaBench bench;
  bench.load("kept = {} for i = 1, 4 do kept[i] = string.rep(tostring(i), 1000000) end\n"
             "function preresolve(dq) for i = 1, 100 do local s = string.rep('y', 1000) .. i end return true end");
  for (int i = 0; i < 500; ++i) {
    REQUIRE(bench.engine->run(LuaHook::PreResolve, bench.question) == LuaAnswer::Handled);
  }
}

TEST_CASE(
    "what a script left behind for a follow-up is not another one's, nor there when it did not handle the question") {
  LuaBench bench;
  auto& engine = bench.loadAll({"function preresolve(dq) dq.followupFunction = 'udpQueryResponse' end",
                                "function preresolve(dq) return dq.isTcp end"});
  CHECK(engine.run(LuaHook::PreResolve, bench.question) == LuaAnswer::Pass);
  CHECK(bench.question.followUp() == rec::LuaFollowUp::None);
  bench.question.tcp = true;
  CHECK(engine.run(LuaHook::PreResolve, bench.question) == LuaAnswer::Handled);
  CHECK(bench.question.followUp() == rec::LuaFollowUp::None);
}

#ifdef ROOTWALK_TESTS_LUAJIT
TEST_CASE("what a failing gettag_ffi has set is undone, and a record alone is no answer") {
  LuaBench bench;
  const std::string begin = R"(
    local ffi = require('ffi')
    ffi.cdef[[
      void pdns_ffi_param_set_tag(void* ref, unsigned int tag);
      void pdns_ffi_param_set_rcode(void* ref, int rcode);
      bool pdns_ffi_param_add_record(void* ref, const char* name, uint16_t type, uint32_t ttl, const char* content,
                                     size_t contentSize, int place);
    ]]
    function gettag_ffi(ref) )";
  auto& failing = bench.load(begin + "ffi.C.pdns_ffi_param_set_tag(ref, 9) ffi.C.pdns_ffi_param_set_rcode(ref, 3) "
                                     "error('no') end");
  failing.tag(bench.question);
  CHECK(bench.question.tag == 0);
  CHECK_FALSE(bench.question.answered);
  bench.load(begin + "ffi.C.pdns_ffi_param_add_record(ref, nil, 1, 60, '192.0.2.99', 10, 1) end").tag(bench.question);
  CHECK(bench.question.records.size() == 1);
  CHECK_FALSE(bench.question.answered);
}
#endif

TEST_CASE("engines that are loaded together have the same number, others have not") {
  LuaBench bench;
  const std::vector<std::string> script{"x = 1"};
  bench.options.generation = rec::LuaEngine::nextGeneration();
  const auto first = bench.tryLoad(script);
  const auto second = bench.tryLoad(script);
  bench.options.generation = 0;
  const auto other = bench.tryLoad(script);
  REQUIRE((first && second && other));
  CHECK((*first)->id() == (*second)->id());
  CHECK((*first)->id() != (*other)->id());
}
