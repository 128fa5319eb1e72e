// LuaExchange: asks a script's hook preoutquery before each question to a server; the script may answer in its stead,
// have it asked over TCP, or end the whole resolution. Stands between the resolver and the wire, of one worker; costs
// one test where no script has that hook.
#pragma once

#include <memory>

#include "recursor/policy/luaengine.hh"
#include "recursor/upstream/exchange.hh"

namespace rec {

class LuaExchange final : public Exchange {
 public:
  explicit LuaExchange(std::unique_ptr<Exchange> wire) : d_wire(std::move(wire)) {}
  // Null, or an engine that has preoutquery.
  void setLua(LuaEngine* lua) { d_lua = lua; }
  coro::Task<ReplyPtr> ask(ServerQuestion question, Work& work) override;

 private:
  [[nodiscard]] ReplyPtr askScript(ServerQuestion& question, Work& work);

  std::unique_ptr<Exchange> d_wire;
  LuaEngine* d_lua = nullptr;
};

} // namespace rec
