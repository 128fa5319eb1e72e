// RebindGuard: finds addresses in answers with which a web page could reach the machines of its reader's own network
// (DNS rebinding): those of private-address, also inside IPv6 addresses that stand for IPv4 ones, in address records
// and in the hints of SVCB and HTTPS records (RFC 9460 7.3). Immutable; it says what is to be taken out and changes
// nothing else. Asked by the pipeline for every answer that is put together, and by `rec_control explain`.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "lib/base/netmask.hh"
#include "recursor/config/settings.hh"
#include "recursor/resolve/resolver.hh"

namespace rec {

class RebindGuard {
 public:
  enum class Action : std::uint8_t { None, Remove, Refuse };
  // Whether a name may have such addresses, besides those of private-domain: the operator's own.
  using IsExempt = std::function<bool(const dns::Name& owner)>;
  struct Finding {
    dns::Name owner;
    base::Address address; // the first that was found
    std::uint32_t ttl = 0; // the lowest of the sets concerned
  };

  explicit RebindGuard(const Settings& settings);
  [[nodiscard]] Action action() const { return d_action; }
  // What there is to be found in these sets; nothing in most. Does not look unless there is an action.
  [[nodiscard]] std::optional<Finding> look(const std::vector<AgedRRset>& sets, const IsExempt& isExempt) const;
  // The sets without it: records that have such addresses go, signatures of what is left with them.
  [[nodiscard]] std::vector<AgedRRset> without(const std::vector<AgedRRset>& sets, const IsExempt& isExempt) const;

 private:
  [[nodiscard]] bool isPrivate(const base::Address& address) const;
  [[nodiscard]] bool isPrivateV6(std::span<const std::byte, 16> octets) const;
  [[nodiscard]] std::optional<base::Address> privateIn(dns::RRType type, std::span<const std::byte> rdata) const;
  [[nodiscard]] std::optional<base::Address> privateHint(std::span<const std::byte> rdata) const;
  [[nodiscard]] std::optional<base::Address> privateIn(const dns::RRset& set) const;
  [[nodiscard]] bool mayHave(const dns::Name& owner, const IsExempt& isExempt) const;

  Action d_action = Action::None;
  base::NetmaskGroup d_private;
  std::vector<dns::Name> d_domains; // private-domain
  // IPv6 networks whose addresses have an IPv4 one inside, behind so many octets.
  struct Embedding {
    base::Netmask network;
    std::size_t at;
  };
  std::vector<Embedding> d_embeddings;
};

} // namespace rec
