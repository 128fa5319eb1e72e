// The hook preoutquery: see luaexchange.hh.
#include "recursor/policy/luaexchange.hh"

namespace rec {
namespace {

constexpr int kEndResolution = -3; // PowerDNS's magic response code

coro::Task<ReplyPtr> ready(ReplyPtr reply) { co_return reply; }

// The script's records, as if the server had sent them.
ReplyPtr replyOf(const LuaQuestion& lua, const ServerQuestion& question) {
  auto reply = std::make_unique<ServerReply>();
  reply->status = ExchangeStatus::Answered;
  reply->server = question.server;
  reply->message.question = question.question;
  dns::Header& header = reply->message.header;
  header.qr = true;
  header.aa = true;
  header.rcode = static_cast<dns::RCode>(lua.rcode);
  Outcome records;
  putRecords(lua.records, records);
  const auto take = [](const std::vector<AgedRRset>& sets, std::vector<dns::RRset>& into) {
    for (const AgedRRset& set : sets) {
      into.push_back(set.rrset);
    }
  };
  take(records.answer, reply->message.answer);
  take(records.authority, reply->message.authority);
  take(records.additional, reply->message.additional);
  return reply;
}

} // namespace

coro::Task<ReplyPtr> LuaExchange::ask(ServerQuestion question, Work& work) {
  if (d_lua != nullptr) {
    if (ReplyPtr reply = askScript(question, work)) {
      return ready(std::move(reply));
    }
  }
  return d_wire->ask(std::move(question), work);
}

// Null: the server is to be asked.
ReplyPtr LuaExchange::askScript(ServerQuestion& question, Work& work) {
  LuaQuestion lua;
  lua.question = question.question;
  lua.remote = question.server;
  lua.local = work.requestor;
  lua.tcp = question.forceTcp;
  lua.queryTime = d_lua->now();
  const LuaAnswer answer = d_lua->run(LuaHook::PreOutQuery, lua);
  question.forceTcp = lua.tcp;
  if (answer != LuaAnswer::Handled) {
    return nullptr;
  }
  if (lua.rcode == kEndResolution) {
    work.exceeded = "a script has refused to have " + question.server.text() + " asked";
    auto reply = std::make_unique<ServerReply>();
    reply->status = ExchangeStatus::OverLimit;
    reply->server = question.server;
    reply->detail = "refused by a script";
    return reply;
  }
  return replyOf(lua, question);
}

} // namespace rec
