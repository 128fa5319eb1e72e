// Answers as RFC 1034 4.3.2 has them: referral at the cut, alias, records, no data, no name; then what is scripted.
#include "tests/recursor/resolve/fakeinternet.hh"

#include <algorithm>
#include <sstream>
#include <utility>

#include "lib/dns/rdata.hh"
#include "recursor/resolve/alias.hh"
#include "tests/recursor/resolve/messages.hh"
#include "tests/recursor/resolve/signedzone.hh"

namespace rectest {

using dns::RRType;

TextZone::TextZone(std::string_view text) {
  std::map<std::pair<dns::Name, RRType>, dns::RRsetBuilder> builders;
  for (const std::string& line : lines(text)) {
    const dns::RRset one = rrset(line);
    const auto key = std::pair(one.owner(), one.type());
    auto [it, isNew] = builders.try_emplace(key, one.owner(), one.type(), one.rrclass(), one.ttl());
    it->second.add(one.front());
    if (one.type() == RRType::SOA) {
      d_apex = one.owner();
    }
  }
  for (const auto& [key, builder] : builders) {
    d_names[key.first].emplace(key.second, builder.build());
  }
}

const dns::RRset* TextZone::find(const dns::Name& name, RRType type) const {
  const auto node = d_names.find(name);
  if (node == d_names.end()) {
    return nullptr;
  }
  const auto set = node->second.find(type);
  return set == node->second.end() ? nullptr : &set->second;
}

bool TextZone::exists(const dns::Name& name) const {
  return std::any_of(d_names.begin(), d_names.end(), [&](const auto& node) { return node.first.isWithin(name); });
}

void TextZone::addGlue(const dns::RRset& ns, dns::Message& into) const {
  for (const dns::Rdata rdata : ns.rdatas()) {
    const auto target = dns::readNameRdata(rdata);
    for (const RRType type : {RRType::A, RRType::AAAA}) {
      if (const dns::RRset* glue = find(*target, type)) {
        into.additional.push_back(*glue);
      }
    }
  }
}

// Whether a cut at or above the name (above it for DS) makes a referral of the answer.
bool TextZone::refer(const dns::Question& question, dns::Message& into) const {
  for (std::size_t labels = d_apex.labelCount() + 1; labels <= question.name.labelCount(); ++labels) {
    const dns::Name name = question.name.suffix(labels);
    const dns::RRset* ns = find(name, RRType::NS);
    if (ns != nullptr && !(question.type == RRType::DS && name == question.name)) {
      into.header.aa = false;
      into.authority.push_back(*ns);
      addGlue(*ns, into);
      return true;
    }
  }
  return false;
}

bool TextZone::substitute(const dns::Question& question, dns::Message& into) const {
  for (std::size_t labels = d_apex.labelCount(); labels < question.name.labelCount(); ++labels) {
    if (const dns::RRset* dname = find(question.name.suffix(labels), RRType::DNAME)) {
      into.answer = rec::followDname(*dname, question.name).records;
      return true;
    }
  }
  return false;
}

dns::Message TextZone::answer(const dns::Question& question) const {
  dns::Message message;
  message.header.aa = true;
  if (refer(question, message) || substitute(question, message)) {
    return message;
  }
  if (const dns::RRset* set = find(question.name, question.type)) {
    message.answer.push_back(*set);
    if (question.type == RRType::NS) {
      addGlue(*set, message);
    }
    return message;
  }
  if (const dns::RRset* cname = find(question.name, RRType::CNAME)) {
    message.answer.push_back(*cname);
    return message;
  }
  if (!exists(question.name)) {
    message.header.rcode = dns::RCode::NXDomain;
  }
  message.authority.push_back(*find(d_apex, RRType::SOA));
  return message;
}

void FakeInternet::serve(std::string_view servers, std::string_view zone) {
  std::istringstream list{std::string(servers)};
  for (std::string text; list >> text;) {
    server(text).zones.emplace_back(zone);
  }
}

FakeInternet::Server& FakeInternet::server(std::string_view text) { return d_servers[address(text)]; }

void FakeInternet::rewrite(std::string_view text, Rewrite rewrite) {
  server(text).rewrites.push_back(std::move(rewrite));
}

void FakeInternet::answerWith(std::string_view text, dns::RCode rcode) {
  rewrite(text, [rcode](const rec::ServerQuestion&, dns::Message& answer) {
    answer = dns::Message();
    answer.header.rcode = rcode;
  });
}

void FakeInternet::answerWith(std::string_view text, const std::string& content) {
  rewrite(text, [content](const rec::ServerQuestion&, dns::Message& answer) { answer = message(content); });
}

void FakeInternet::referUpwards(std::string_view text) {
  answerWith(text, " \nauthority\n. 3600 IN NS a.root.test.\n");
}

void FakeInternet::denyEmptyNonTerminals(std::string_view text) {
  rewrite(text, [](const rec::ServerQuestion&, dns::Message& answer) {
    const bool noData = answer.answer.empty() && answer.header.aa;
    answer.header.rcode = noData ? dns::RCode::NXDomain : answer.header.rcode;
  });
}

void FakeInternet::tailor(std::string_view servers, std::uint8_t scope, const Tailor& change) {
  std::istringstream list{std::string(servers)};
  for (std::string text; list >> text;) {
    rewrite(text, [scope, change](const rec::ServerQuestion& question, dns::Message& answer) {
      if (question.subnet) {
        answer.edns.emplace();
        answer.edns->clientSubnet = dns::ClientSubnet{*question.subnet, scope};
        change(*question.subnet, answer);
      }
    });
  }
}

void FakeInternet::silence(std::string_view text) { server(text).network = Network::Silent; }
void FakeInternet::disconnect(std::string_view text) { server(text).network = Network::Down; }
void FakeInternet::jam(std::string_view text) { server(text).network = Network::Jammed; }
void FakeInternet::hold(std::string_view text) { server(text).gate = std::make_unique<coro::Gate>(d_loop); }
void FakeInternet::release(std::string_view text) { server(text).gate->open(); }

void FakeInternet::delay(std::string_view text, std::chrono::milliseconds late) {
  hold(text);
  server(text).late = late;
}

std::vector<std::string> FakeInternet::askedOf(std::string_view servers) const {
  std::vector<std::string> found;
  for (const Asked& asked : d_asked) {
    if ((" " + std::string(servers) + " ").find(" " + asked.server.text() + " ") != std::string::npos) {
      found.push_back(asked.question.name.text() + " " + dns::text(asked.question.type));
    }
  }
  return found;
}

std::size_t FakeInternet::count(std::string_view text) const {
  return static_cast<std::size_t>(std::count_if(d_asked.begin(), d_asked.end(),
                                                [&](const Asked& asked) { return asked.question.name == name(text); }));
}

// From the deepest zone that holds the name; the parent's for DS. A server without such a zone refuses.
dns::Message FakeInternet::answer(const Server& server, const rec::ServerQuestion& question) const {
  const TextZone* best = nullptr;
  for (const TextZone& zone : server.zones) {
    const bool holds = question.question.type == RRType::DS && server.zones.size() > 1
                           ? question.question.name.isBelow(zone.apex())
                           : question.question.name.isWithin(zone.apex());
    if (holds && (best == nullptr || zone.apex().isBelow(best->apex()))) {
      best = &zone;
    }
  }
  dns::Message message;
  message.header.rcode = dns::RCode::Refused;
  if (best != nullptr) {
    message = best->answer(question.question);
  }
  message.question = question.question;
  message.header.qr = true;
  for (const Rewrite& rewrite : server.rewrites) {
    rewrite(question, message);
  }
  return message;
}

rec::ServerReply FakeInternet::fail(const rec::ServerQuestion& question, Network network) {
  rec::ServerReply reply;
  reply.server = question.server;
  if (network == Network::Down || network == Network::Jammed) {
    reply.status = rec::ExchangeStatus::Unreachable;
    reply.ownFault = network == Network::Jammed;
    reply.detail = reply.ownFault ? "too many open files" : "unreachable";
    return reply;
  }
  reply.status = rec::ExchangeStatus::TimedOut;
  reply.detail = "timed out";
  d_clock.advance(std::max(question.deadline - d_clock.mono(), std::chrono::nanoseconds(0)));
  d_speeds.reportTimeout(question.server, d_clock.mono());
  return reply;
}

void FakeInternet::withhold(std::string_view address) { server(address).withheld = true; }
void FakeInternet::losePacket(std::string_view address) { server(address).plainOnce = true; }

coro::Task<rec::ReplyPtr> FakeInternet::ask(rec::ServerQuestion question, rec::Work& work) {
  auto owned = std::make_unique<rec::ServerReply>();
  rec::ServerReply& reply = *owned;
  reply.server = question.server;
  if (!work.chargeQuery()) {
    reply.status = rec::ExchangeStatus::OverLimit;
    co_return owned;
  }
  d_asked.push_back(
      Asked{question.server, question.question, question.recursionDesired, question.mayThrottle, question.subnet});
  Server& server = d_servers[question.server];
  const bool unknown = server.zones.empty() && server.rewrites.empty();
  if (unknown || server.network != Network::Works) {
    reply = fail(question, unknown ? Network::Silent : server.network);
    reply.told = question.subnet && !server.withheld;
    co_return owned;
  }
  if (server.gate && !server.gate->isOpen()) {
    struct Count {
      explicit Count(std::size_t& counted) : count(counted) { ++count; }
      Count(const Count&) = delete;
      Count& operator=(const Count&) = delete;
      ~Count() { --count; }
      std::size_t& count;
    };
    const Count counted(d_waiting);
    d_clock.advance(server.late);
    const base::MonoTime never = d_clock.mono() + std::chrono::hours(1); // the release is what ends it
    co_await coro::GateWait(*server.gate, never);
  }
  reply.status = rec::ExchangeStatus::Answered;
  if (question.subnet && server.withheld) {
    reply.subnet = rec::SubnetEcho::Withheld;
    question.subnet.reset();
  }
  reply.told = question.subnet.has_value();
  reply.message = answer(server, question);
  if (question.subnet) {
    const bool echoed = reply.message.edns && reply.message.edns->clientSubnet;
    reply.subnet = echoed ? rec::SubnetEcho::Echoed : rec::SubnetEcho::Missing;
  }
  reply.withoutEdns = std::exchange(server.plainOnce, false);
  if (reply.withoutEdns) {
    stripSignatures(reply.message);
  }
  reply.rtt = std::chrono::milliseconds(10);
  d_speeds.reportRtt(question.server, reply.rtt, d_clock.mono());
  co_return owned;
}

} // namespace rectest
