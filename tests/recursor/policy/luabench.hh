// What the tests of Lua share: an engine from the text of a script, with small limits and a clock that stands still
// unless moved, and a question to give to its hooks.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "lib/dns/rdata.hh"
#include "recursor/policy/luaengine.hh"

namespace luatest {

inline dns::Name name(const std::string& text) { return *dns::Name::parse(text); }
inline base::Address address(const std::string& text) { return *base::Address::parse(text); }

// A clock that moves on by a microsecond whenever it is read: loops come to their end.
class TickingClock final : public base::Clock {
 public:
  [[nodiscard]] base::WallTime wall() const override { return base::WallTime(std::chrono::seconds(1767225600)); }
  [[nodiscard]] base::MonoTime mono() const override { return d_mono += std::chrono::microseconds(1); }

 private:
  mutable base::MonoTime d_mono{std::chrono::seconds(1000)};
};

struct LuaBench {
  LuaBench() { options.limits = {.instructions = 1'000'000, .time = {}, .memory = 8'000'000}; }

  base::Result<std::shared_ptr<rec::LuaEngine>> tryLoad(const std::vector<std::string>& texts) {
    rec::LuaProgram program;
    for (const std::string& text : texts) {
      program.scripts.push_back({"script" + std::to_string(program.scripts.size() + 1) + ".lua", text});
    }
    return rec::LuaEngine::load(program, options, host, 3);
  }
  rec::LuaEngine& load(const std::string& text) { return loadAll({text}); }
  rec::LuaEngine& loadAll(const std::vector<std::string>& texts) {
    auto loaded = tryLoad(texts);
    INFO((loaded ? "" : loaded.error().message));
    REQUIRE(loaded);
    engine = *loaded;
    engine->attach(&counters, &times);
    return *engine;
  }
  // Runs `body` as preresolve; what it did is in `question`.
  rec::LuaAnswer preresolve(const std::string& body) {
    return load("function preresolve(dq) " + body + "\nend").run(rec::LuaHook::PreResolve, question);
  }
  // The value of an expression in which dq is known, as tostring() writes it; checks that nothing fails.
  std::string value(const std::string& expression) {
    const auto answer = preresolve("dq.deviceId = tostring(" + expression + ") return true");
    CHECK(answer == rec::LuaAnswer::Handled);
    return question.deviceId;
  }

  TickingClock clock;
  rec::LuaMetrics metrics;
  rec::LuaHost host{clock,           metrics,
                    nullptr,         std::make_shared<const rec::PublicSuffixes>(rec::PublicSuffixes::builtIn()),
                    "/etc/rootwalk", "x"};
  rec::LuaEngine::Options options;
  rec::Counters counters;
  rec::LuaTimes times;
  std::shared_ptr<rec::LuaEngine> engine;
  rec::LuaQuestion question{.question = {name("www.Example.com"), dns::RRType::A},
                            .remote = address("192.0.2.7:5353"),
                            .local = address("198.51.100.1:53")};
};

} // namespace luatest
