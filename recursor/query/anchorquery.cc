// The texts about trust anchors: see anchorquery.hh.
#include "recursor/query/anchorquery.hh"

#include "lib/dns/rdata.hh"
#include "recursor/trust/keytags.hh"

namespace rec {
namespace {

constexpr std::uint32_t kTtl = 86400; // as PowerDNS

class Texts {
 public:
  explicit Texts(const dns::Name& owner) : d_owner(owner), d_builder(owner, dns::RRType::TXT, dns::RRClass::CH, kTtl) {}
  void add(const std::string& text) { d_builder.add(dns::makeTxtRRset(d_owner, dns::RRClass::CH, kTtl, text).front()); }
  [[nodiscard]] dns::RRset set() const { return d_builder.count() > 0 ? d_builder.build() : dns::RRset(); }

 private:
  const dns::Name& d_owner;
  dns::RRsetBuilder d_builder;
};

dns::RRset positiveTexts(const dns::Name& owner, const AnchorSnapshot& anchors) {
  Texts texts(owner);
  for (const auto& [zone, set] : anchors.positive) {
    std::string text = zone.text();
    for (const std::uint16_t tag : keyTags(set)) text += " " + std::to_string(tag);
    texts.add(text);
  }
  return texts.set();
}

dns::RRset negativeTexts(const dns::Name& owner, const AnchorSnapshot& anchors, base::WallTime now) {
  Texts texts(owner);
  for (const auto& [zone, anchor] : anchors.negative) {
    if (anchor.until && *anchor.until <= now) continue;
    texts.add(zone.text() + (anchor.reason.empty() ? "" : " " + anchor.reason));
  }
  return texts.set();
}

} // namespace

std::optional<dns::RRset> anchorAnswer(const dns::Name& name, const AnchorSnapshot& anchors, base::WallTime now) {
  const std::string text = name.lowercased().text();
  if (text == "trustanchor.server.") return positiveTexts(name, anchors);
  if (text == "negativetrustanchor.server.") return negativeTexts(name, anchors, now);
  return std::nullopt;
}

} // namespace rec
