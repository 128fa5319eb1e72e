// Looking for names, and for those in a message.
#include "recursor/policy/policychange.hh"

#include <algorithm>

#include "lib/dns/wirereader.hh"

namespace rec {

bool PolicyChange::touches(const dns::Name& name) const {
  if (d_names.contains(name)) {
    return true;
  }
  for (std::size_t labels = name.labelCount(); !d_below.empty() && labels-- > 0;) {
    if (d_below.contains(name.suffix(labels))) {
      return true;
    }
  }
  return false;
}

// A message that cannot be read, which ours can, is touched.
bool PolicyChange::touchesAnswer(std::span<const std::byte> message) const {
  dns::WireReader reader(message);
  reader.skip(6); // id, flags, number of questions
  const unsigned answers = reader.u16();
  reader.skip(4);
  const dns::Name asked = reader.name();
  reader.skip(4);
  if (reader.failed() || touches(asked)) {
    return true;
  }
  for (unsigned left = answers; left > 0 && !reader.failed(); --left) {
    static_cast<void>(reader.name());
    const auto type = static_cast<dns::RRType>(reader.u16());
    reader.skip(6);
    const std::size_t end = reader.u16() + reader.offset();
    if (type == dns::RRType::CNAME && touches(reader.name())) {
      return true;
    }
    reader.skip(end - std::min(end, reader.offset()));
  }
  return reader.failed();
}

PolicyChangePtr PolicyChange::merged(const PolicyChangePtr& one, const PolicyChangePtr& other) {
  if (!one || !other) {
    return nullptr;
  }
  auto both = std::make_shared<PolicyChange>(*one);
  both->d_names.insert(other->d_names.begin(), other->d_names.end());
  both->d_below.insert(other->d_below.begin(), other->d_below.end());
  return both;
}

} // namespace rec
