// Pipeline: NOTIFY (RFC 1996), from primaries of zones that are transferred and from those who say that a zone changed.
#include <algorithm>

#include "lib/dns/message.hh"
#include "recursor/query/hotpath.hh"
#include "recursor/query/pipeline.hh"

namespace rec {
namespace {

bool notifyAllowedFor(const dns::Name& zone, const Settings& settings) {
  const auto covers = [&zone](const dns::Name& allowed) { return zone.isWithin(allowed); };
  return std::any_of(settings.allowNotifyFor.begin(), settings.allowNotifyFor.end(), covers);
}

} // namespace

// A zone that is transferred hears from its primaries, whatever allow-notify-from says.
bool Pipeline::toldListener(const dns::Header& header, std::span<const std::byte> packet, const Client& client) {
  const auto answer = d_parts.notified != nullptr ? d_parts.notified->notify(packet, client.source) : std::nullopt;
  if (!answer) {
    return false;
  }
  countRCode(d_counters, dns::parseHeader(*answer).value_or(header).rcode);
  d_parts.host.reply(client, *answer);
  return true;
}

// RFC 1996: what we know of the zone may be out of date. NOTIMP when NOTIFYs are not wanted at all.
Pipeline::Step Pipeline::notify(Query& query) {
  query.outcome.cacheable = false;
  query.outcome.rcode = dns::RCode::NotImp;
  const base::Address& source = query.client.source;
  const base::Address& client = d_mapping ? d_mapping->forAccess(source) : source;
  if (d_settings.allowNotifyFrom.empty()) {
    const bool known = d_settings.allowFrom.empty() || d_settings.allowFrom.contains(client);
    return known ? Step::Answer : Step::Drop;
  }
  if (!d_settings.allowNotifyFrom.contains(client)) {
    d_counters.add(Metric::SourceDisallowedNotify);
    return Step::Drop;
  }
  if (!notifyAllowedFor(query.question.name, d_settings) && !d_parts.resolver.wantsNotify(query.question.name)) {
    d_counters.add(Metric::ZoneDisallowedNotify);
    query.outcome.rcode = dns::RCode::Refused;
    return Step::Answer;
  }
  d_parts.host.wipeZone(query.question.name);
  query.outcome.rcode = dns::RCode::NoError;
  return Step::Answer;
}

} // namespace rec
