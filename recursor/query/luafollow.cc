// What dq.followupFunction wants done after a hook: the target of an alias resolved, addresses or reverse names made of
// those of IPv4, a question asked over UDP whose answer a function of the script gets.
#include <array>

#include "lib/base/random.hh"
#include "lib/coro/wait.hh"
#include "lib/dns/rdata.hh"
#include "recursor/policy/luaengine.hh"
#include "recursor/policy/luaudp.hh"
#include "recursor/query/pipeline.hh"
#include "recursor/resolve/dns64.hh"

namespace rec {
namespace {

using dns::RRType;

constexpr std::uint32_t kReverseTtl = 3600; // of the CNAME that getFakePTRRecords makes
constexpr unsigned kMostUdpRounds = 4;      // of a question
constexpr unsigned kFakePrefixBits = 96;
constexpr std::size_t kIpv4Nibbles = 8; // at the end of an address: the first labels of its reverse name

// The target of the last alias that has no records behind it.
std::optional<dns::Name> danglingTarget(const Outcome& outcome) {
  std::optional<dns::Name> target;
  for (const AgedRRset& set : outcome.answer) {
    if (set.rrset.type() == RRType::CNAME) target = dns::readNameRdata(set.rrset.front());
  }
  return target;
}

std::optional<unsigned> nibble(std::string_view label) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto at = label.size() == 1 ? kDigits.find(static_cast<char>(label[0] | (label[0] >= 'A' ? 0x20 : 0)))
                                    : std::string_view::npos;
  return at == std::string_view::npos ? std::nullopt : std::optional(static_cast<unsigned>(at));
}

// The reverse name of the last four octets of an address below ip6.arpa.
std::optional<dns::Name> ipv4Reverse(const dns::Name& name) {
  if (name.labelCount() < kIpv4Nibbles) {
    return std::nullopt;
  }
  std::string text;
  for (std::size_t i = 0; i < kIpv4Nibbles; i += 2) {
    const auto low = nibble(name.label(i));
    const auto high = nibble(name.label(i + 1));
    if (!low || !high) return std::nullopt;
    text += std::to_string(*high * 16 + *low) + ".";
  }
  auto reverse = dns::Name::parse(text + "in-addr.arpa.");
  return reverse ? std::optional(*reverse) : std::nullopt;
}

std::optional<Dns64Prefix> prefixOf(const LuaQuestion& lua) {
  const std::string& text = lua.followupPrefix;
  const bool withBits = text.find('/') != std::string::npos;
  const auto mask = base::Netmask::parse(withBits ? text : text + "/" + std::to_string(kFakePrefixBits));
  const bool fits = mask && mask->network.isV6() && mask->bits >= 32 && mask->bits <= 96 && mask->bits % 8 == 0;
  return fits ? std::optional<Dns64Prefix>(*mask) : std::nullopt;
}

} // namespace

// The answer so far is in the outcome. What cannot be followed is answered as it is.
Pipeline::Step Pipeline::beginFollowUp(Query& query) {
  LuaQuestion& lua = *query.lua;
  std::optional<dns::Question> question;
  Outcome begun = query.outcome;
  const auto given = dns::Name::parse(lua.followupName);
  switch (lua.followUp()) {
  case LuaFollowUp::Cname:
    if (const auto target = danglingTarget(query.outcome)) question = {{*target, query.question.type}};
    break;
  case LuaFollowUp::FakeAaaa:
    if (given && prefixOf(lua)) {
      question = {{*given, RRType::A}};
      lua.untranslated = query.outcome;
      begun.answer.clear();
    }
    break;
  case LuaFollowUp::FakePtr:
    if (const auto reverse = given ? ipv4Reverse(*given) : std::nullopt) {
      question = {{*reverse, RRType::PTR}};
      begun.answer.push_back(
          {dns::makeNameRRset(query.question.name, RRType::CNAME, kReverseTtl, *reverse), kReverseTtl});
    }
    break;
  default: break;
  }
  if (!question) {
    return Step::Answer;
  }
  query.followed = FollowedAlias{std::move(begun), std::move(*question)};
  return Step::Follow;
}

// getFakeAAAARecords: addresses of the A records that were found; else the answer stands as it was.
void Pipeline::translateFollowed(Query& query) {
  LuaQuestion& lua = *query.lua;
  const auto prefix = lua.untranslated ? prefixOf(lua) : std::nullopt;
  if (!prefix) {
    return;
  }
  auto made = synthesise(*prefix, *lua.untranslated, query.outcome);
  query.outcome = made ? std::move(*made) : std::move(*lua.untranslated);
  lua.untranslated.reset();
}

// As an error of the hook that asked: rounds without end, or time that is over.
void Pipeline::beginUdp(const QueryPtr& query) {
  if (d_waiting.size() >= d_settings.maxOutstandingQueries) {
    d_counters.add(Metric::OverCapacityDrops);
    return d_parts.host.reply(query->client, {});
  }
  if (++query->lua->udpRounds > kMostUdpRounds || d_parts.loop.now() >= query->deadline) {
    return goOnAfterUdp(query, true);
  }
  d_parts.roots.spawn(askUdp(query));
}

// What comes after goes on from the loop's top level: a script may ask again and again.
coro::Task<void> Pipeline::askUdp(QueryPtr query) {
  {
    const Waiting waiting(*this, *query);
    const base::Address server = query->lua->udpQueryDest;
    std::string question = query->lua->udpQuery;
    const base::MonoTime deadline = std::min(query->deadline, d_parts.loop.now() + d_settings.networkTimeout);
    coro::Loop& loop = d_parts.loop;
    auto answer = co_await luaAskUdp(loop, server, std::move(question), deadline);
    query->lua->udpAnswer = std::move(answer);
    co_await coro::Yield(loop);
  }
  goOnAfterUdp(query, d_parts.loop.now() >= query->deadline);
}

// The script may have gone meanwhile; then its hook has not handled the question.
void Pipeline::goOnAfterUdp(const QueryPtr& query, bool isLate) {
  LuaQuestion& lua = *query->lua;
  const bool isThere = d_lua != nullptr && d_lua->id() == lua.engine;
  lua.followupFunction.clear();
  const LuaHook hook = lua.hook;
  LuaAnswer answer = LuaAnswer::Pass;
  if (isLate) {
    d_counters.add(Metric::LuaHookTimeouts);
    answer = LuaAnswer::Failed;
  } else if (isThere) {
    answer = callHook(LuaHook::UdpCallback, *query);
  }
  lua.settled = lua.settled && answer != LuaAnswer::Pass;
  goOn(query, carryOutHook(hook, *query, answer));
}

// Where the stages were left. What preresolve leaves alone is judged by policies as any other question: each hook is
// called once, so that this leads on.
void Pipeline::goOn(const QueryPtr& query, Step step) {
  if (isLeft(query, step)) {
    return;
  }
  if (step == Step::Follow) {
    return followAlias(query);
  }
  if (step == Step::Next && query->lua->hook == LuaHook::PreResolve) {
    query->policy = nullptr;
    return runBefore(query, kJudging);
  }
  finish(query);
}

} // namespace rec
