// SignedZone: an authoritative zone that signs what it says (Ed25519, a chain of NSEC records), and SignedInternet: a
// resolver that validates, around servers of such zones. Used by the tests of the validator and of trust chains.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "tests/lib/dnssec/support.hh"
#include "tests/recursor/resolve/resolverbench.hh"

namespace rectest {

class SignedZone {
 public:
  // Lines as TextZone has them; the SOA gives the apex. `seed` makes the key.
  SignedZone(std::string_view text, unsigned seed);

  [[nodiscard]] const dns::Name& apex() const { return d_signer.zone(); }
  [[nodiscard]] const dnssectest::Signer& signer() const { return d_signer; }
  [[nodiscard]] dns::RRset ds(std::uint32_t ttl = 3600) const { return d_signer.ds().withTtl(ttl); }

  // Each before the first answer.
  SignedZone& add(const dns::RRset& set);
  SignedZone& withKey(const dnssectest::Signer& key); // a further DNSKEY, which signs nothing
  SignedZone& keyTtl(std::uint32_t ttl);

  // The set with its signature.
  [[nodiscard]] dns::RRset sign(const dns::RRset& set) const { return d_signer.signedSet(set); }
  [[nodiscard]] dns::RRset nsec(const dns::Name& owner) const; // of a name of the chain, signed
  [[nodiscard]] dns::Message answer(const dns::Question& question) const;

 private:
  using Sets = std::map<dns::RRType, dns::RRset>;
  [[nodiscard]] const dns::RRset* find(const dns::Name& name, dns::RRType type) const;
  [[nodiscard]] bool isCut(const dns::Name& name) const { return name != apex() && find(name, dns::RRType::NS); }
  [[nodiscard]] bool isBelowCut(const dns::Name& name) const;
  [[nodiscard]] bool exists(const dns::Name& name) const;
  [[nodiscard]] dns::Name lastBefore(const dns::Name& name) const; // of the chain, at or before it
  [[nodiscard]] dns::RRset covering(const dns::Name& name) const { return nsec(lastBefore(name)); }
  bool refer(const dns::Question& question, dns::Message& into) const;
  bool substitute(const dns::Question& question, dns::Message& into) const;
  bool fromNode(const dns::Name& node, const dns::Question& question, dns::Message& into) const;
  void deny(const dns::Question& question, dns::Message& into) const;
  void addSoa(dns::Message& into) const;

  dnssectest::Signer d_signer;
  std::vector<dnssectest::Octets> d_keys;
  std::uint32_t d_keyTtl = 3600;
  std::map<dns::Name, Sets> d_names;
};

// Helpers of misbehaviour.
[[nodiscard]] dns::RRset forged(const dns::RRset& set); // its signatures do not hold
void stripSignatures(dns::Message& message);            // and what only DNSSEC knows

// A resolver that validates. The root is signed and its key is the trust anchor.
class SignedInternet : public ResolverBench {
 public:
  SignedInternet();

  using Zone = std::shared_ptr<SignedZone>;
  // Signed, or as FakeInternet::serve() has it; a server may have several.
  void serve(std::string_view servers, const Zone& zone);
  static Zone zone(std::string_view text, unsigned seed) { return std::make_shared<SignedZone>(text, seed); }
  void trust(const dns::RRset& ds);

  ResultPtr begin(const dns::Question& question, rec::Checking checking = rec::Checking::Enforce);
  Result ask(const dns::Question& question, rec::Checking checking = rec::Checking::Enforce);
  Result ask(std::string_view name, dns::RRType type = dns::RRType::A) { return ask(question(name, type)); }
  [[nodiscard]] rec::Security securityOf(std::string_view name, dns::RRType type = dns::RRType::A);
  [[nodiscard]] rec::ZoneTrustPtr trustOf(std::string_view zone) {
    return trusts.find(rectest::name(zone), loop.wall());
  }
  void pass(std::chrono::seconds time) { clock.advance(time); }

  bool allowStale = false;

 private:
  coro::Task<void> client(dns::Question question, rec::Checking checking, ResultPtr result);
  std::map<std::string, std::vector<Zone>> d_served;
};

} // namespace rectest
