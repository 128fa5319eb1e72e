// PublicSuffixes: below which names anybody can register one (com, co.uk): from a file in the form of publicsuffix.org,
// or a short list of our own. Immutable once made; asked by scripts (getregisteredname)
// and by the limits on clients.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "lib/base/result.hh"
#include "lib/dns/name.hh"

namespace rec {

class PublicSuffixes {
 public:
  // The commonest suffixes of two labels. Every top-level domain is one anyway.
  static PublicSuffixes builtIn();
  static base::Result<std::shared_ptr<const PublicSuffixes>> read(const std::string& path);

  [[nodiscard]] bool isSuffix(const dns::Name& name) const { return name.labelCount() <= suffixLabels(name); }
  // The suffix and one label more; the name itself when it has no more than that.
  [[nodiscard]] dns::Name registered(const dns::Name& name) const;

 private:
  enum class Rule : unsigned char { Suffix, Wildcard, Exception };
  void add(std::string_view line);
  [[nodiscard]] bool is(const dns::Name& name, Rule rule) const;
  [[nodiscard]] std::size_t suffixLabels(const dns::Name& name) const;

  std::unordered_multimap<dns::Name, Rule, dns::NameHash> d_rules; // a wildcard's without its asterisk
};

} // namespace rec
