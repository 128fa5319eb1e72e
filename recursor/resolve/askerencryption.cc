// Which of a zone's servers are asked over TLS, and what a trace says of it. Names decide (dot-to-auth-names), ports
// (dot-to-port-853), or what probes have found out (RFC 9539). How that goes is DotExchange's part.
#include <algorithm>

#include "recursor/resolve/askinground.hh"

namespace rec {
namespace {

constexpr std::uint16_t kTlsPort = 853;

} // namespace

// An address of a server that is to be asked over TLS only is remembered as such for this asking: what the caches say
// of names may be another thing by the time that it is asked.
void Asker::add(Round& round, const dns::Name& server, const std::vector<base::Address>& addresses) const {
  round.addAll(addresses);
  const std::vector<dns::Name>& names = d_parts.options->tlsOnly;
  if (std::any_of(names.begin(), names.end(), [&](const dns::Name& name) { return server.isWithin(name); })) {
    round.tlsOnly.insert(round.tlsOnly.end(), addresses.begin(), addresses.end());
  }
}

Encryption Asker::encryptionFor(const Round& round, const base::Address& server) const {
  if (d_parts.dot == nullptr || round.asking.recurse) {
    return Encryption::None;
  }
  const bool isNamed = std::find(round.tlsOnly.begin(), round.tlsOnly.end(), server) != round.tlsOnly.end();
  if (isNamed || (d_parts.options->tlsAtPort853 && server.port() == kTlsPort)) {
    return Encryption::Required;
  }
  return d_parts.dot->wayTo(server);
}

// A connection may have to be made first, in three round trips: whoever is asked over TLS has network-timeout, and
// without TLS after that the time that it has anyway, if there is so much left.
void Asker::encrypt(ServerQuestion& question, const Round& round, const ServerChoice& choice, const Walk& walk) const {
  question.encryption = encryptionFor(round, choice.server);
  if (question.encryption == Encryption::None) {
    return;
  }
  if (question.encryption == Encryption::Probe) {
    question.zone = std::make_shared<const dns::Name>(round.zone());
    return;
  }
  const base::MonoTime now = d_parts.loop.now();
  const base::MonoTime end = walk.work->deadline;
  if (question.encryption == Encryption::Preferred) {
    const auto half = std::chrono::duration_cast<std::chrono::milliseconds>((end - now) / 2);
    question.inClear = std::min(choice.timeout, std::max(half, std::chrono::milliseconds(0)));
  }
  question.deadline = std::min(now + d_parts.options->networkTimeout + question.inClear, end);
}

Exchange& Asker::exchangeFor(const ServerQuestion& question) const {
  const bool usual = question.encryption == Encryption::None;
  return usual ? d_parts.exchange : static_cast<Exchange&>(*d_parts.dot);
}

void Asker::noteAsking(StepKind kind, const ServerQuestion& question, const Round& round, const Walk& walk) const {
  if (!walk.trace) {
    return;
  }
  const bool overTls = question.encryption >= Encryption::Preferred;
  const dns::Question& asked = question.question;
  std::string how = question.subnet ? "for " + question.subnet->text() : std::string();
  how += overTls ? (how.empty() ? "over DoT" : " over DoT") : "";
  walk.note({kind, 0, asked.name, asked.type, round.zone(), question.server, std::move(how), d_parts.loop.now()});
}

void Asker::noteTlsTrouble(const ServerReply& reply, const Round& round, const Walk& walk) const {
  if (!walk.trace || reply.tlsTrouble.empty()) {
    return;
  }
  const dns::Question& asked = round.asking.question;
  walk.note({StepKind::Ask, 0, asked.name, asked.type, round.zone(), reply.server,
             "without TLS, since DoT failed: " + reply.tlsTrouble, d_parts.loop.now()});
}

} // namespace rec
