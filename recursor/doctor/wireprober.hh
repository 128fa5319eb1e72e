// WireProber: asks servers over sockets of its own, all at once, each question over UDP twice at most. For the doctor:
// it waits, so nobody with clients may call it.
#pragma once

#include <chrono>

#include "recursor/doctor/paths.hh"

namespace rec {

class WireProber final : public Prober {
 public:
  // `sources`: query-local-address; those with an address of their own are asked from.
  explicit WireProber(std::vector<base::Address> sources, std::chrono::milliseconds patience = std::chrono::seconds(3))
      : d_sources(std::move(sources)), d_patience(patience) {}

  [[nodiscard]] std::vector<ProbedServer> ask(const std::vector<base::Address>& servers) override;

 private:
  std::vector<base::Address> d_sources;
  std::chrono::milliseconds d_patience;
};

} // namespace rec
