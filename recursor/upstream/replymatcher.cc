// take() in steps: header, id and question, letter case, the whole message, cookie.
#include "recursor/upstream/replymatcher.hh"

#include <algorithm>
#include <cstring>
#include <utility>

#include "lib/dns/wirereader.hh"

namespace rec {

namespace {

constexpr std::size_t kCountOffset = 4; // of QDCOUNT

// An answer that says why there is no proper one may lack the question.
bool mayLackQuestion(dns::RCode rcode) { return rcode != dns::RCode::NoError && rcode != dns::RCode::NXDomain; }

// A server that does not understand a query sends back all sorts of things with these.
bool mayBeGarbled(const dns::Header& header) {
  return header.tc || header.rcode == dns::RCode::FormErr || header.rcode == dns::RCode::NotImp;
}

} // namespace

ReplyVerdict ReplyMatcher::take(std::span<std::byte> packet) {
  const auto header = dns::parseHeader(packet);
  if (!header) {
    d_counters.add(Metric::ServerParseErrors);
    return unexpected();
  }
  if (!header->qr || header->opcode != dns::Opcode::Query) return unexpected();
  const Match match = matchQuestion(packet);
  const bool named = match == Match::Same || match == Match::OtherCase;
  if (header->id != d_query.id) return named ? nearMiss() : unexpected();
  if (!named && !(match == Match::Absent && mayLackQuestion(header->rcode))) return nearMiss();
  if (match == Match::OtherCase) {
    d_counters.add(Metric::CaseMismatches);
    if (d_query.caseMatters && !d_query.overTcp) return abandon(Doubt::CaseLost);
    d_caseLost = d_query.caseMatters;
  }
  return takeMatching(packet, *header, match);
}

ReplyMatcher::Match ReplyMatcher::matchQuestion(std::span<const std::byte> packet) const {
  dns::WireReader reader(packet, kCountOffset);
  const unsigned count = reader.u16();
  if (count == 0) return Match::Absent;
  dns::WireReader question(packet, dns::kHeaderSize);
  const dns::Name name = question.name();
  const std::size_t nameSize = question.offset() - dns::kHeaderSize;
  const auto type = static_cast<dns::RRType>(question.u16());
  const auto rrclass = static_cast<dns::RRClass>(question.u16());
  const bool same = count == 1 && !question.failed() && nameSize == d_query.sentName.wireSize() &&
                    type == d_query.question.type && rrclass == d_query.question.rrclass && name == d_query.sentName;
  if (!same) return Match::Other;
  return name.identicalTo(d_query.sentName) ? Match::Same : Match::OtherCase;
}

ReplyVerdict ReplyMatcher::unexpected() {
  d_counters.add(Metric::UnexpectedPackets);
  return ReplyVerdict::Ignore;
}

ReplyVerdict ReplyMatcher::nearMiss() {
  d_counters.add(Metric::UnexpectedPackets);
  ++d_nearMisses;
  const bool enough = d_query.nearMissMax > 0 && d_nearMisses >= d_query.nearMissMax;
  return enough ? abandon(Doubt::NearMisses) : ReplyVerdict::Ignore;
}

ReplyVerdict ReplyMatcher::abandon(Doubt why) {
  d_doubt = why;
  return ReplyVerdict::Abandon;
}

ReplyVerdict ReplyMatcher::takeMatching(std::span<std::byte> packet, const dns::Header& header, Match match) {
  if (match != Match::Absent) {
    // The case asked for goes back in, so that no mixed case spreads into names compressed against the question.
    const auto wire = d_query.question.name.wire();
    std::memcpy(packet.data() + dns::kHeaderSize, wire.data(), wire.size());
  }
  if (!parse(packet, header)) {
    d_counters.add(Metric::ServerParseErrors);
    return abandon(Doubt::Malformed);
  }
  if (!checkCookie()) return abandon(Doubt::Cookie);
  d_size = packet.size();
  return ReplyVerdict::Accept;
}

bool ReplyMatcher::parse(std::span<const std::byte> packet, const dns::Header& header) {
  auto message = dns::parseMessage(packet);
  if (message) {
    d_message = std::move(*message);
    return true;
  }
  d_message = dns::Message();
  d_message.header = header;
  return mayBeGarbled(header);
}

bool ReplyMatcher::checkCookie() {
  if (!d_query.cookie) return true;
  const dns::Edns* edns = d_message.edns ? &*d_message.edns : nullptr;
  if (edns != nullptr && edns->cookieMalformed) d_counters.add(Metric::CookieMalformed);
  if (edns == nullptr || !edns->cookie) {
    d_counters.add(Metric::CookieNotInReply);
    return !d_query.cookieExpected || d_query.overTcp;
  }
  d_cookieOk = edns->cookie->client == d_query.cookie->client;
  if (d_cookieOk) {
    d_counters.add(Metric::CookieMatched);
    return true;
  }
  d_counters.add(d_query.overTcp ? Metric::CookieMismatchTcp : Metric::CookieMismatchUdp);
  return d_query.overTcp;
}

std::optional<std::chrono::milliseconds> ReplyMatcher::idleAllowed() const {
  constexpr std::chrono::milliseconds kUnit{100}; // RFC 7828 3.1
  const bool given = d_message.edns && d_message.edns->keepaliveTimeout;
  return given ? std::optional(*d_message.edns->keepaliveTimeout * kUnit) : std::nullopt;
}

} // namespace rec
