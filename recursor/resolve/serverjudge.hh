// ServerJudge: whether the servers of a zone may be asked for a client's question: response policy zones have rules
// about their names and addresses. The policy layer implements it; resolving only passes on what it says. Immutable.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

#include "lib/base/address.hh"
#include "lib/dns/name.hh"

namespace rec {

struct ServerVerdict {
  virtual ~ServerVerdict() = default;
  bool refuses = false;       // false: from here on only sources that go before this one have a say
  std::uint32_t priority = 0; // of its source
};
using ServerVerdictPtr = std::shared_ptr<const ServerVerdict>;

class ServerJudge {
 public:
  virtual ~ServerJudge() = default;
  // By the sources that go before `before`; null: nothing is known about it.
  [[nodiscard]] virtual ServerVerdictPtr onName(const dns::Name& server, std::uint32_t before) const = 0;
  [[nodiscard]] virtual ServerVerdictPtr onAddress(const base::Address& server, std::uint32_t before) const = 0;
};
using ServerJudgePtr = std::shared_ptr<const ServerJudge>;

// What was found out for one question.
class Judging {
 public:
  Judging() = default;
  explicit Judging(ServerJudgePtr judge) : d_judge(std::move(judge)) {}

  [[nodiscard]] bool isWanted() const { return d_judge != nullptr && !isRefused(); }
  [[nodiscard]] bool isRefused() const { return d_verdict && d_verdict->refuses; }
  [[nodiscard]] const ServerVerdictPtr& verdict() const { return d_verdict; } // null: none
  // True: the server may not be asked.
  bool refuses(const dns::Name& server) { return take(d_judge->onName(server, d_before)); }
  bool refuses(const base::Address& server) { return take(d_judge->onAddress(server, d_before)); }

 private:
  bool take(ServerVerdictPtr verdict) {
    if (verdict) {
      d_before = verdict->priority;
      d_verdict = std::move(verdict);
    }
    return isRefused();
  }

  ServerJudgePtr d_judge;
  ServerVerdictPtr d_verdict;
  std::uint32_t d_before = std::numeric_limits<std::uint32_t>::max();
};

} // namespace rec
