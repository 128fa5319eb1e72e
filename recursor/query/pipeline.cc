// The course of a question: reading it, the stages in order, the hand-over to its home worker, finishing. The stages
// are in files of their own (pipeline.hh says where), waiting for a resolution in merging.cc.
#include "recursor/query/pipeline.hh"

#include "lib/base/log.hh"
#include "lib/dns/message.hh"
#include "recursor/query/hotpath.hh"
#include "recursor/query/querylogging.hh"

namespace rec {
namespace {

// The resolution ends itself with a better explanation than ours when we give it this much longer.
constexpr std::chrono::milliseconds kGrace{200};

} // namespace

const Pipeline::Stage Pipeline::kBeforeResolving[] = {
    {"opcode", &Pipeline::checkOpcode},
    {"edns", &Pipeline::checkEdns},
    {"chaos and other classes", &Pipeline::answerChaos},
    {"type", &Pipeline::checkType},
    {"any", &Pipeline::answerAny},
    {"our own question", &Pipeline::checkLoop},
    {"recursion desired", &Pipeline::checkRecursionDesired},
    {"lua: prerpz", &Pipeline::preRpz},
    {"policy on client and question", &Pipeline::judgeQuestion},
    {"lua: preresolve", &Pipeline::preResolve},
    {"local data and caches", &Pipeline::askCaches},
    {"limits on clients", &Pipeline::checkLimits},
};

const Pipeline::Stage Pipeline::kAfterResolving[] = {
    {"DNS rebinding", &Pipeline::checkRebinding},
    {"policy on the servers", &Pipeline::judgeServers},
    {"lua: nodata, nxdomain, postresolve", &Pipeline::postResolve},
    {"root key sentinel", &Pipeline::checkSentinel},
    {"policy on the answer", &Pipeline::judgeAnswer},
    {"order of addresses", &Pipeline::sortAddresses},
    {"compose", &Pipeline::compose},
    {"packet cache", &Pipeline::keep},
    {"send", &Pipeline::send},
    {"log", &Pipeline::log},
};

Pipeline::Pipeline(const Parts& parts)
    : d_parts(parts), d_settings(parts.settings), d_counters(parts.counters), d_subnets(parts.settings),
      d_composer(parts.settings), d_denials(parts.settings), d_flights(parts.loop, parts.roots),
      d_additionals(parts.resolver, parts.loop, parts.roots), d_rebinding(parts.settings) {
  if (parts.anchors != nullptr) {
    d_anchors.emplace(*parts.anchors);
  }
}

void Pipeline::adoptSettings() {
  d_subnets = SubnetPolicy(d_settings);
  d_rebinding = RebindGuard(d_settings);
  d_composer.adoptSettings();
}

void Pipeline::accept(std::span<const std::byte> packet, const Client& client, base::MonoTime received,
                      std::shared_ptr<LuaQuestion> tagged, const RawQuestion* read) {
  const auto header = dns::parseHeader(packet);
  if (!header || header->qr) {
    d_parts.host.reply(client, {});
    return;
  }
  if (d_lua != nullptr && isFiltered(*header, client)) {
    return d_parts.host.reply(client, {});
  }
  if (header->opcode == dns::Opcode::Notify && toldListener(*header, packet, client)) {
    return;
  }
  const AtOnce atOnce = denyAtOnce(packet, client, received, read);
  if (atOnce == AtOnce::Denied) {
    return;
  }
  auto query = std::make_shared<Query>();
  const bool isRead = read != nullptr && !d_subnets.isOn(); // a client subnet is not in it
  if (isRead) {
    query->question = read->question();
    if (read->hasEdns) query->edns = read->edns();
  } else {
    auto message = dns::parseMessage(packet);
    if (!message || !message->question) {
      return refuseUnread(*header, message.ok(), client);
    }
    query->question = std::move(*message->question);
    query->edns = std::move(message->edns);
  }
  static_cast<void>(query->question.name.hash()); // many will ask for it, of copies that know it then
  query->client = client;
  query->isUnlisted = atOnce == AtOnce::Unlisted;
  query->header = *header;
  query->received = received;
  query->deadline = received + resolutionTime() + kGrace;
  countQuestion(*query);
  if (d_lua != nullptr) {
    beginLua(packet, *query, std::move(tagged));
    d_parts.loop.beginWork(); // scripts have had their say, and may have taken their time
  }
  runBefore(query, isRead ? kReadInPlace : 0);
}

void Pipeline::runBefore(const QueryPtr& query, std::size_t from) {
  for (const Stage& stage : std::span(kBeforeResolving).subspan(from)) {
    const Step step = (this->*stage.run)(*query);
    if (step == Step::Answer) {
      return finish(query);
    }
    if (step != Step::Next && isLeft(query, step)) {
      return;
    }
  }
  beginWaiting(query);
}

// Whether the stages end here: there will be no answer, or a script wants something first.
bool Pipeline::isLeft(const QueryPtr& query, Step step) {
  if (step == Step::Drop) {
    d_parts.host.reply(query->client, {});
    if (isLogged(*query)) logAnswer(*d_parts.queryLog, *query, {}, d_parts.loop.clock().mono() - query->received);
  } else if (step == Step::AskUdp) {
    beginUdp(query);
  }
  return step == Step::Drop || step == Step::AskUdp;
}

void Pipeline::beginWaiting(const QueryPtr& query) {
  d_counters.add(Metric::CacheMisses);
  const std::uint32_t home = homeOf(*query);
  if (home == d_parts.host.self()) {
    receive(query);
  } else {
    query->missed = false; // by then somebody else may have asked for it
    d_parts.host.handOver(home, query);
  }
}

void Pipeline::refuseUnread(const dns::Header& header, bool empty, const Client& client) {
  d_counters.add(empty ? Metric::EmptyQueries : Metric::ClientParseErrors);
  if (d_settings.logCommonErrors) {
    base::log(base::LogLevel::Info, "a packet of " + client.source.textWithPort() + " cannot be read");
  }
  const bool known = header.opcode == dns::Opcode::Query || header.opcode == dns::Opcode::Notify;
  const dns::RCode rcode = known ? dns::RCode::FormErr : dns::RCode::NotImp;
  countRCode(d_counters, rcode);
  d_parts.host.reply(client, d_composer.headerOnly(header, rcode));
  if (d_parts.queryLog != nullptr && d_parts.queryLog->isOn()) logUnread(*d_parts.queryLog, header, rcode, client);
}

void Pipeline::countQuestion(const Query& query) {
  d_counters.add(Metric::DnssecQueries, query.dnssecOk() ? 1 : 0);
  d_counters.add(Metric::DnssecAuthenticDataQueries, query.header.ad ? 1 : 0);
  d_counters.add(Metric::DnssecCheckDisabledQueries, query.header.cd ? 1 : 0);
  if (d_parts.types != nullptr) {
    d_parts.types->add(query.question.type);
  }
  if (d_mapping) {
    d_mapping->noteQuestion(query.client.source, query.question.name);
  }
  if (d_parts.top != nullptr) {
    d_parts.top->note(TopEvent::Asked, query.question.name.wire(), query.question.type, query.client.source);
  }
}

std::uint32_t Pipeline::homeOf(const Query& query) const {
  const std::size_t hash = FlightHash{}({query.wanted(), Checking::Enforce});
  return static_cast<std::uint32_t>((hash >> 16) % d_parts.host.workers());
}

void Pipeline::receive(const QueryPtr& query) {
  if (query->errand == Errand::Renew) {
    return d_parts.roots.spawn(resolveRenewal(query));
  }
  if (query->errand == Errand::Renewed) {
    return endRenewal(*query);
  }
  if (query->errand == Errand::Landed) {
    query->errand = Errand::Answer;
    return finish(query);
  }
  if (d_waiting.size() >= d_settings.maxOutstandingQueries) {
    d_counters.add(Metric::OverCapacityDrops);
    d_parts.host.reply(query->client, {});
    return;
  }
  d_parts.roots.spawn(serve(query));
}

void Pipeline::finish(const QueryPtr& query) {
  if (query->lua && needsReturn(*query)) {
    query->errand = Errand::Landed;
    return d_parts.host.handOver(query->client.worker, query);
  }
  for (const Stage& stage : kAfterResolving) {
    const Step step = (this->*stage.run)(*query);
    if (step != Step::Next && isLeft(query, step)) {
      return;
    }
    if (step == Step::Follow) {
      return followAlias(query);
    }
  }
}

// Once for a question at most: what is followed is not judged again.
void Pipeline::followAlias(const QueryPtr& query) {
  if (askCaches(*query) == Step::Answer) {
    return finish(query);
  }
  beginWaiting(query);
}

} // namespace rec
