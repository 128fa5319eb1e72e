// Fuzz target: the text of a name. What parses must print to a text that parses to the same octets.
#include "lib/dns/name.hh"

#include "tests/fuzz/fuzz.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto first = dns::Name::parse(fuzz::text(data, size));
  if (!first) {
    return 0;
  }
  const auto second = dns::Name::parse(first->text());
  fuzz::require(second.ok() && second->identicalTo(*first) && second->hash() == first->lowercased().hash());
  fuzz::require(first->isWithin(first->parent()) && first->commonAncestor(*second).identicalTo(*first));
  fuzz::require(first->isRoot() || first->parent() < *first);
  static_cast<void>(first->withLabel("x"));
  static_cast<void>(first->withSuffixReplaced(first->parent(), *second));
  return 0;
}
