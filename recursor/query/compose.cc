// Writing an answer: room for the OPT record is kept free first; then answer, authority and additional section, whole
// record sets only; what does not fit sets TC, or is left out silently when it is additional (RFC 2181 9).
#include "recursor/query/compose.hh"

#include <algorithm>

#include "lib/base/random.hh"
#include "lib/dns/message.hh"

namespace rec {
namespace {

constexpr std::size_t kSmallestLimit = 512; // RFC 1035 4.2.1
constexpr std::size_t kQuestionRoom = dns::kHeaderSize + dns::kMaxNameSize + 4;
constexpr std::size_t kMaxOptSize = 4096;

bool isProof(dns::RRType type) { return type == dns::RRType::NSEC || type == dns::RRType::NSEC3; }

dns::Header answerHeader(const dns::Header& question, dns::RCode rcode) {
  dns::Header header;
  header.id = question.id;
  header.qr = true;
  header.rd = question.rd;
  header.ra = true;
  header.cd = question.cd; // RFC 4035 3.2.2
  header.opcode = question.opcode;
  header.rcode = rcode;
  return header;
}

// Denial records go to those who ask for them only; name servers only along with local data (minimal answers).
bool isWanted(dns::Section section, const AgedRRset& set, const Query& query) {
  if (section == dns::Section::Answer) {
    return true;
  }
  const dns::RRType type = set.rrset.type();
  if (isProof(type) || type == dns::RRType::DS) {
    return query.dnssecOk();
  }
  return type != dns::RRType::NS || query.outcome.authoritative || query.outcome.answer.empty();
}

// RFC 6840 5.7, 5.8: to those who set DO or AD. With CD nothing was validated for this client, and the signatures of
// expired data may be over.
bool saysAuthentic(const Query& query) {
  const bool isStale = query.outcome.kind == AnswerKind::Stale;
  return query.outcome.security == Security::Secure && !isStale && query.outcome.rcode != dns::RCode::ServFail &&
         !query.header.cd && (query.dnssecOk() || query.header.ad);
}

// Shortens the explanations until the record fits: texts go before codes.
void shorten(dns::Edns& edns) {
  if (!edns.errors.back().text.empty()) {
    edns.errors.back().text.clear();
  } else {
    edns.errors.pop_back();
  }
}

} // namespace

Composer::Composer(const Settings& settings)
    : d_settings(settings), d_buffer(dns::kMaxMessageSize), d_opt(kMaxOptSize) {
  adoptSettings();
}

void Composer::adoptSettings() {
  d_nsid.clear();
  if (d_settings.serverId != "disabled") {
    const auto id = std::as_bytes(std::span(d_settings.serverId));
    d_nsid.assign(id.begin(), id.end());
  }
}

std::size_t Composer::limit(const Query& query) const {
  if (query.client.tcp) {
    return dns::kMaxMessageSize;
  }
  const std::size_t offered = query.edns ? std::max<std::size_t>(query.edns->udpSize, kSmallestLimit) : kSmallestLimit;
  return std::min<std::size_t>(offered, d_settings.udpTruncationThreshold);
}

dns::Edns Composer::answerEdns(const Query& query) const {
  dns::Edns edns;
  edns.udpSize = d_settings.udpTruncationThreshold;
  edns.extendedRcode = static_cast<std::uint8_t>(static_cast<unsigned>(query.outcome.rcode) >> 4);
  edns.dnssecOk = query.edns->dnssecOk; // RFC 3225 3
  if (query.edns->nsidRequested) {
    edns.nsid = d_nsid;
  }
  if (query.client.tcp && query.edns->keepaliveRequested) { // RFC 7828 3.3.2, in units of 100 ms
    edns.keepaliveTimeout =
        static_cast<std::uint16_t>(std::min<std::int64_t>(d_settings.clientTcpTimeout.count() * 10, 65535));
  }
  const dns::RCode rcode = query.outcome.rcode;
  const bool isData = rcode == dns::RCode::NoError || rcode == dns::RCode::NXDomain;
  if (d_settings.useIncomingEdnsSubnet && query.edns->clientSubnet && isData) { // RFC 7871 7.2.1
    const auto& scope = query.outcome.scope;
    const bool named = query.edns->clientSubnet->source.bits > 0;
    edns.clientSubnet =
        dns::ClientSubnet{query.edns->clientSubnet->source, scope && named ? scope->told : std::uint8_t{0}};
  }
  if (d_settings.extendedResolutionErrors) {
    edns.errors = query.outcome.errors;
  }
  return edns;
}

std::span<const std::byte> Composer::optRecord(const Query& query, std::size_t room) {
  if (!query.edns) {
    return {};
  }
  dns::Edns edns = answerEdns(query);
  room = std::min(room, d_opt.size());
  std::size_t size = dns::writeEdns(edns, d_opt);
  while (size > room && !edns.errors.empty()) {
    shorten(edns);
    size = dns::writeEdns(edns, d_opt);
  }
  return std::span(d_opt).first(std::min(size, d_opt.size()));
}

Composed Composer::compose(const Query& query) {
  const std::size_t most = limit(query);
  const std::span<std::byte> buffer(d_buffer);
  dns::WireWriter writer(buffer.first(most));
  const auto opt = optRecord(query, most - std::min(kQuestionRoom, most / 2));
  writer.reserve(opt.size());
  writer.question(query.question);
  Composed composed;
  composed.lowestTtl = 0xFFFFFFFF;
  const bool whole = !query.truncate && writeSections(writer, query, composed);
  writer.unreserve();
  if (!opt.empty()) {
    writer.raw(dns::Section::Additional, opt);
  }
  dns::Header header = answerHeader(query.header, query.outcome.rcode);
  header.aa = query.outcome.authoritative;
  header.ad = saysAuthentic(query);
  header.tc = !whole;
  writer.header(header);
  const auto offsets = writer.ttlOffsets();
  std::copy(offsets.begin(), offsets.end(), d_ttlOffsets.begin());
  composed.message = writer.message();
  composed.ttlOffsets = std::span(d_ttlOffsets).first(offsets.size());
  composed.complete = whole && !writer.overflowed() && writer.ttlOffsetsComplete();
  composed.lowestTtl = offsets.empty() ? 0 : composed.lowestTtl;
  return composed;
}

// False when something that matters did not fit.
bool Composer::writeSections(dns::WireWriter& writer, const Query& query, Composed& composed) const {
  const Outcome& outcome = query.outcome;
  if (!writeSection(writer, dns::Section::Answer, outcome.answer, query, composed) ||
      !writeSection(writer, dns::Section::Authority, outcome.authority, query, composed)) {
    return false;
  }
  static_cast<void>(writeSection(writer, dns::Section::Additional, outcome.additional, query, composed));
  return true;
}

bool Composer::writeSection(dns::WireWriter& writer, dns::Section section, const std::vector<AgedRRset>& sets,
                            const Query& query, Composed& composed) const {
  for (const AgedRRset& set : sets) {
    if (!isWanted(section, set, query)) {
      continue;
    }
    if (!writer.rrset(section, set.rrset, set.ttl, query.dnssecOk(), firstRecord(set.rrset, query))) {
      return false;
    }
    if (set.ttl < composed.lowestTtl) {
      composed.lowestTtl = set.ttl;
      composed.originalTtl = set.originalTtl == 0 ? set.ttl : set.originalTtl;
    }
  }
  return true;
}

std::size_t Composer::firstRecord(const dns::RRset& rrset, const Query& query) const {
  const std::size_t count = rrset.count();
  return count < 2 || d_settings.noShuffle || query.isSorted ? 0 : base::randomBelow(static_cast<std::uint32_t>(count));
}

std::span<const std::byte> Composer::headerOnly(const dns::Header& question, dns::RCode rcode) {
  const std::span<std::byte> buffer(d_buffer);
  dns::WireWriter writer(buffer.first(dns::kHeaderSize));
  writer.header(answerHeader(question, rcode));
  return writer.message();
}

} // namespace rec
