// What the way to the root servers lets through: asked by a Prober, looked at by the checks of pathchecks.cc.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "lib/base/address.hh"
#include "recursor/config/settings.hh"

namespace rec {

// What each server is asked.
enum class Probe : std::uint8_t {
  Plain,  // . SOA without EDNS: a short answer
  Edns,   // the same with EDNS
  Signed, // . NS with DO and a payload of 1232 octets: longer than 512, no fragments
  Large,  // . DNSKEY with 4096: in fragments, when it is longer than the path's packets
  Tcp     // the same over TCP: shows how long the answer is
};
constexpr std::size_t kProbes = 5;

struct ProbeAnswer {
  bool arrived = false; // with TC also
  bool truncated = false;
  std::size_t size = 0; // octets
};

struct ProbedServer {
  base::Address server;
  bool routed = false; // this machine knows a way there
  std::array<ProbeAnswer, kProbes> answers{};

  [[nodiscard]] const ProbeAnswer& of(Probe probe) const { return answers[static_cast<std::size_t>(probe)]; }
  [[nodiscard]] ProbeAnswer& of(Probe probe) { return answers[static_cast<std::size_t>(probe)]; }
  [[nodiscard]] bool answersAny() const;
};

struct PathReport {
  std::vector<ProbedServer> servers;
  bool forwardsAll = false; // the root itself is forwarded: nobody asks its servers
};

// Asks all servers everything at once, and waits a few seconds at most. Implemented over sockets, and by tests.
class Prober {
 public:
  virtual ~Prober() = default;
  [[nodiscard]] virtual std::vector<ProbedServer> ask(const std::vector<base::Address>& servers) = 0;
};

// The servers of the hints, of the families that query-local-address has. Errors are those of the hint-file.
[[nodiscard]] base::Result<PathReport> examinePaths(const Settings& settings, Prober& prober);

} // namespace rec
