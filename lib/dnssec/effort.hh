// Effort: how much cryptography one client question may still cost, over all that is validated for it. Nothing resets
// it but the next question (KeyTrap, CVE-2023-50387; NSEC3 exhaustion, CVE-2023-50868).
#pragma once

#include <cstdint>
#include <string>

namespace dnssec {

class Effort {
 public:
  // 0 is no limit.
  Effort(unsigned maxSignatures = 30, unsigned maxHashes = 600)
      : d_maxSignatures(maxSignatures), d_maxHashes(maxHashes) {}

  // Charges for one signature check; false when it may not be made.
  [[nodiscard]] bool chargeSignature() { return charge(d_signatures, d_maxSignatures, d_signaturesOver); }
  // Charges for one NSEC3 hash (of whatever number of iterations).
  [[nodiscard]] bool chargeHash() { return charge(d_hashes, d_maxHashes, d_hashesOver); }

  [[nodiscard]] unsigned signatures() const { return d_signatures; } // made so far
  [[nodiscard]] unsigned hashes() const { return d_hashes; }
  [[nodiscard]] bool exceeded() const { return d_signaturesOver || d_hashesOver; }
  // "max-signature-validations-per-query (30)"; empty when nothing was exceeded.
  [[nodiscard]] std::string exceededText() const;
  [[nodiscard]] bool signaturesExceeded() const { return d_signaturesOver; }
  [[nodiscard]] bool hashesExceeded() const { return d_hashesOver; }

 private:
  static bool charge(unsigned& count, unsigned most, bool& over) {
    if (most != 0 && count >= most) {
      over = true;
      return false;
    }
    ++count;
    return true;
  }
  unsigned d_maxSignatures, d_maxHashes;
  unsigned d_signatures = 0, d_hashes = 0;
  bool d_signaturesOver = false, d_hashesOver = false;
};

} // namespace dnssec
