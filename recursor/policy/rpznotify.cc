// NOTIFYs for response policy zones: see rpznotify.hh.
#include "recursor/policy/rpznotify.hh"

#include <algorithm>

#include "lib/base/log.hh"
#include "lib/dns/message.hh"
#include "recursor/policy/rpzkeeper.hh"

namespace rec {
namespace {

constexpr std::int64_t kWarningPause = 60; // seconds between two lines about NOTIFYs that are refused, for each zone

std::vector<std::byte> notifyAnswer(const dns::Header& asked, const dns::Question& question, dns::RCode rcode) {
  std::vector<std::byte> buffer(dns::kHeaderSize + dns::kMaxNameSize + 4);
  dns::WireWriter writer(buffer);
  dns::Header header;
  header.id = asked.id;
  header.qr = header.aa = true;
  header.opcode = dns::Opcode::Notify;
  header.rcode = rcode;
  writer.header(header);
  writer.question(question);
  buffer.resize(writer.size());
  return buffer;
}

} // namespace

void RpzNotifications::set(std::vector<RpzNotified> zones) {
  auto fresh = std::make_shared<const std::vector<RpzNotified>>(std::move(zones));
  const std::lock_guard lock(d_mutex);
  d_zones.swap(fresh);
}

std::shared_ptr<const std::vector<RpzNotified>> RpzNotifications::current() const {
  const std::lock_guard lock(d_mutex);
  return d_zones;
}

// Whoever can forge a source could fill the log else.
void RpzNotifications::logRefused(const RpzNotified& zone, const base::Address& source, const std::string& why) const {
  const std::int64_t now = std::chrono::duration_cast<std::chrono::seconds>(d_clock.mono().time_since_epoch()).count();
  std::int64_t next = zone.nextWarning->load(std::memory_order_relaxed);
  if (now < next || !zone.nextWarning->compare_exchange_strong(next, now + kWarningPause)) return;
  base::log(base::LogLevel::Warning, "RPZ " + zone.name + ": NOTIFY from " + source.text() + ": " + why);
}

// RFC 1996 3.10: from a primary of the zone, signed where the zone has a key.
std::optional<std::vector<std::byte>> RpzNotifications::notify(std::span<const std::byte> packet,
                                                               const base::Address& source) const {
  const auto message = dns::parseMessage(packet);
  if (!message || !message->question || message->question->type != dns::RRType::SOA) return std::nullopt;
  const auto zones = current();
  std::optional<std::vector<std::byte>> answer;
  if (!zones) return std::nullopt;
  for (const RpzNotified& zone : *zones) {
    const bool fromPrimary = std::ranges::any_of(
        zone.primaries, [&](const base::Address& primary) { return primary.withPort(0) == source.withPort(0); });
    if (!(zone.zone == message->question->name) || !fromPrimary) continue;
    const auto signature =
        zone.tsig ? std::optional(dnssec::verifyTsig(*zone.tsig, packet, d_clock.wall())) : std::nullopt;
    if (signature && !*signature) {
      logRefused(zone, source, signature->error().message);
      if (!answer) answer = notifyAnswer(message->header, *message->question, dns::RCode::NotAuth);
      continue;
    }
    RpzKeeper::checkSoon(*zone.waker);
    answer = notifyAnswer(message->header, *message->question, dns::RCode::NoError);
    if (signature) dnssec::signTsig(*zone.tsig, *answer, d_clock.wall(), **signature);
  }
  return answer;
}

} // namespace rec
