// Records to rules: see rpzloader.hh. The master file reader is in rpzfile.cc.
#include "recursor/policy/rpzloader.hh"

#include <algorithm>

#include "lib/base/log.hh"
#include "lib/dns/fold.hh"

namespace rec {
namespace {

constexpr std::size_t kMostTold = 10;    // of one load
constexpr std::size_t kMostNames = 5000; // of a change; of more, all answers are forgotten

} // namespace

RpzLoader::RpzLoader(const RpzRulesPtr& base, RpzLoadOptions options)
    : d_options(std::move(options)), d_editor(base, d_options.expected), d_base(base),
      d_change(base ? std::make_shared<PolicyChange>() : nullptr), d_knowsZone(base != nullptr),
      d_refused(base ? base->refused() : 0) {}

void RpzLoader::setZone(const dns::Name& zone) {
  d_editor.setZone(zone.lowercased());
  d_knowsZone = true;
}

// The owner without the zone's name, with the root at its end. Nothing: it is not in the zone.
std::optional<Octets> RpzLoader::relativeTo(Octets owner, std::array<std::byte, dns::kMaxNameSize>& out) const {
  const auto zone = this->zone().wire();
  if (owner.size() < zone.size()) return std::nullopt;
  const std::size_t front = owner.size() - zone.size();
  std::size_t at = 0;
  while (at < front) at += std::to_integer<std::size_t>(owner[at]) + 1;
  if (at != front || !dns::equalFolded(owner.data() + front, zone.data(), zone.size())) return std::nullopt;
  std::copy_n(owner.begin(), front, out.begin());
  out[front] = std::byte{0};
  return Octets{out.data(), front + 1};
}

void RpzLoader::refuse(Octets relative, dns::RRType type, const std::string& why) {
  ++d_refused;
  if (++d_told > kMostTold) return;
  base::log(base::LogLevel::Warning, "RPZ " + d_options.what + ": " + dns::Name::fromWire(relative).text() + " " +
                                         dns::text(type) + ": " + why + "; passed over" +
                                         (d_told == kMostTold ? ", and so are others, which are only counted" : ""));
}

void RpzLoader::add(Octets owner, dns::RRType type, std::uint32_t ttl, Octets rdata) {
  std::array<std::byte, dns::kMaxNameSize> buffer;
  const auto relative = relativeTo(owner, buffer);
  if (!relative) return refuse(owner, type, "not in zone " + zone().text());
  if (relative->size() == 1) {
    if (type != dns::RRType::SOA) return;
    dns::RRsetBuilder soa(zone(), type, dns::RRClass::IN, ttl);
    soa.add(rdata);
    return d_editor.setSoa(soa.build());
  }
  addRelative(*relative, type, ttl, rdata);
}

void RpzLoader::addRelative(Octets owner, dns::RRType type, std::uint32_t ttl, Octets rdata) {
  const auto action = rpzAction(type, rdata, owner, zone().wire());
  if (!action) return refuse(owner, type, action.error().message);
  if (*action == PolicyAction::None) return;
  const auto key = RpzKey::fromOwner(owner);
  if (!key) return refuse(owner, type, key.error().message);
  noteChange(*key);
  const auto done = d_editor.add(*key, *action, ttl, type, rdata);
  if (done == RpzEditor::Done::Full) {
    d_full = true;
    refuse(owner, type, "there is no room for it");
  }
  if (done == RpzEditor::Done::Duplicate && !d_options.ignoreDuplicates) {
    refuse(owner, type, "there is a rule for this already");
  }
}

bool RpzLoader::remove(Octets owner, dns::RRType type, Octets rdata) {
  std::array<std::byte, dns::kMaxNameSize> buffer;
  const auto relative = relativeTo(owner, buffer);
  if (relative && relative->size() == 1) return true;
  const auto action =
      relative ? rpzAction(type, rdata, *relative, zone().wire()) : base::Result<PolicyAction>(base::Error{});
  const auto key = action ? RpzKey::fromOwner(*relative) : base::Result<RpzKey>(base::Error{});
  if (!key) { // it had been passed over
    d_refused -= std::min<std::size_t>(d_refused, 1);
    return true;
  }
  noteChange(*key);
  return *action == PolicyAction::None || d_editor.remove(*key, *action, type, rdata) == RpzEditor::Done::Yes;
}

// Names that are asked for: what was made of other names stays as it is. Of servers and addresses nobody knows which
// answers they stood behind.
void RpzLoader::noteChange(const RpzKey& key) {
  if (!d_change) return;
  if (key.trigger() != PolicyTrigger::QName || d_change->size() >= kMostNames) {
    d_change = nullptr;
    return;
  }
  d_change->add(dns::Name::fromWire(key.octets()), key.isWildcard());
}

RpzRulesPtr RpzLoader::finish() {
  d_editor.setRefused(d_refused);
  d_editor.setChange(d_base.get(), d_change);
  return d_editor.finish();
}

} // namespace rec
