// ServerPolicy: the policies as the resolver asks them about the servers of zones (NSDNAME and NSIP rules), for one
// client's question.
#pragma once

#include "recursor/policy/policy.hh"
#include "recursor/resolve/serverjudge.hh"

namespace rec {

struct PolicyServerVerdict final : ServerVerdict {
  PolicyVerdict verdict;
};

class ServerPolicy final : public ServerJudge {
 public:
  // Copies what the subject refers to.
  ServerPolicy(PoliciesPtr policies, const PolicySubject& subject);

  [[nodiscard]] ServerVerdictPtr onName(const dns::Name& server, std::uint32_t before) const override;
  [[nodiscard]] ServerVerdictPtr onAddress(const base::Address& server, std::uint32_t before) const override;
  // Equal for questions that are judged alike, whoever asks.
  [[nodiscard]] std::uint64_t fingerprint() const;

 private:
  [[nodiscard]] PolicySubject subject(std::uint32_t before) const;
  [[nodiscard]] ServerVerdictPtr decided(PolicyVerdict verdict) const;

  PoliciesPtr d_policies;
  base::Address d_client;
  dns::Question d_question;
  bool d_tcp;
  base::WallTime d_now;
  std::set<std::string> d_tags, d_discarded;
  std::uint32_t d_before;
};

} // namespace rec
