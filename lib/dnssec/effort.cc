// The limit that was hit, by the name of its setting.
#include "lib/dnssec/effort.hh"

namespace dnssec {

std::string Effort::exceededText() const {
  if (d_signaturesOver) {
    return "max-signature-validations-per-query (" + std::to_string(d_maxSignatures) + ")";
  }
  return d_hashesOver ? "max-nsec3-hash-computations-per-query (" + std::to_string(d_maxHashes) + ")" : std::string();
}

} // namespace dnssec
