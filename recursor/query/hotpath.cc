// The way of a hit: header, allow-from, question, packet cache, id and letter case, done.
#include "recursor/query/hotpath.hh"

#include <algorithm>
#include <cstring>

#include "lib/base/log.hh"
#include "lib/dns/message.hh"

namespace rec {
namespace {

bool isAnswer(std::span<const std::byte> packet) { return (packet[2] & std::byte{0x80}) != std::byte{0}; }

// NOTIFYs have an access list of their own.
bool isNotify(std::span<const std::byte> packet) {
  return (std::to_integer<unsigned>(packet[2]) >> 3 & 15U) == static_cast<unsigned>(dns::Opcode::Notify);
}

} // namespace

void countRCode(Counters& counters, dns::RCode rcode) {
  switch (rcode) {
  case dns::RCode::NoError: return counters.add(Metric::NoerrorAnswers);
  case dns::RCode::NXDomain: return counters.add(Metric::NxdomainAnswers);
  case dns::RCode::ServFail: return counters.add(Metric::ServfailAnswers);
  case dns::RCode::FormErr: return counters.add(Metric::FormerrAnswers);
  case dns::RCode::NotImp: return counters.add(Metric::NotimpAnswers);
  case dns::RCode::Refused: return counters.add(Metric::RefusedAnswers);
  default: return;
  }
}

HotPath::HotPath(const Settings& settings, PacketCache& cache, Counters& counters, Latencies& latencies)
    : d_settings(settings), d_cache(cache), d_counters(counters), d_latencies(latencies) {}

HotPath::Result HotPath::handle(std::span<const std::byte> packet, const base::Address& source, bool tcp,
                                std::span<std::byte> out, base::WallTime now) {
  if (packet.size() < dns::kHeaderSize) {
    d_counters.add(Metric::ClientParseErrors);
    return {};
  }
  if (isAnswer(packet)) { // never answered: two servers could go on for ever
    d_counters.add(Metric::IgnoredPackets);
    return {};
  }
  if (!tcp && !isNotify(packet) && !isAllowed(source)) {
    d_counters.add(Metric::UnauthorizedUdp);
    return {};
  }
  d_counters.add(Metric::Questions);
  d_counters.add(Metric::Ipv6Questions, source.isV6() ? 1 : 0);
  d_counters.add(Metric::TcpQuestions, tcp ? 1 : 0);
  const auto question = parseRawQuestion(packet);
  if (!question) {
    return {Verdict::Miss, 0};
  }
  const Result result = answer(packet, *question, tcp, out, now);
  if (result.verdict == Verdict::Answer && !d_settings.quiet) {
    logHit(*question, source);
  }
  return result;
}

bool HotPath::isAllowed(const base::Address& source) const {
  return d_settings.allowFrom.empty() || d_settings.allowFrom.contains(source);
}

HotPath::Result HotPath::answer(std::span<const std::byte> packet, const RawQuestion& question, bool tcp,
                                std::span<std::byte> out, base::WallTime now) {
  const PacketCache::Hit hit = d_cache.find(question.key(tcp), now);
  if (hit.message.empty() ||
      hit.message.size() > (tcp ? out.size() : std::min<std::size_t>(out.size(), question.udpSize))) {
    d_counters.add(Metric::PacketcacheMisses);
    return {Verdict::Miss, 0};
  }
  std::memcpy(out.data(), hit.message.data(), hit.message.size());
  std::memcpy(out.data(), packet.data(), 2); // the id; RD and CD are as in the question, being part of the key
  std::memcpy(out.data() + dns::kHeaderSize, question.name.data(), question.name.size()); // in the case asked
  d_counters.add(Metric::PacketcacheHits);
  d_counters.add(Metric::DnssecQueries, question.dnssecOk ? 1 : 0);
  d_counters.add(Metric::DnssecAuthenticDataQueries, question.authenticData ? 1 : 0);
  d_counters.add(Metric::DnssecCheckDisabledQueries, question.checkingDisabled ? 1 : 0);
  countRCode(d_counters, hit.rcode);
  return {Verdict::Answer, hit.message.size()};
}

void HotPath::answered(std::size_t count, std::chrono::nanoseconds took) {
  for (std::size_t i = 0; i < count; ++i) {
    d_latencies.answered(took);
  }
}

void HotPath::logHit(const RawQuestion& question, const base::Address& source) const {
  base::log(base::LogLevel::Notice, "question for '" + dns::Name::fromWire(question.name).text() + "|" +
                                        dns::text(question.type) + "' from " + source.textWithPort() +
                                        " answered from packet cache");
}

} // namespace rec
