// PolicyMemory: what was said of a question when it was answered last, so that the packet cache's hits that follow are
// logged with it: the list and rule that decided, the extended error. Used by the block builder, on the writer's
// thread. Most questions are not in it: that is seen from one bit, without a look at the table.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "recursor/querylog/rawrecord.hh"

namespace rec {

class PolicyMemory {
 public:
  struct Said {
    std::uint16_t ede = kNoEde;
    std::string policy, rule;
  };
  // `question` is a hash of name and type; where nothing was said it is forgotten.
  void note(std::uint64_t question, Said said) {
    if (said.ede == kNoEde && said.policy.empty() && said.rule.empty()) {
      forget(question);
      return;
    }
    if (d_said.size() >= kMost && !d_said.contains(question)) d_said.erase(d_said.begin());
    d_said.insert_or_assign(question, std::move(said));
    if (++d_noted > 2 * kMost || d_bits.empty()) return makeBits();
    mark(question);
  }
  [[nodiscard]] const Said* find(std::uint64_t question) const {
    if (!mayHave(question)) return nullptr;
    const auto it = d_said.find(question);
    return it == d_said.end() ? nullptr : &it->second;
  }
  [[nodiscard]] bool empty() const { return d_said.empty(); }

 private:
  static constexpr std::size_t kMost = 65536;
  static constexpr std::size_t kBits = 8 * kMost;

  [[nodiscard]] bool mayHave(std::uint64_t question) const {
    return !d_said.empty() && (d_bits[question % kBits / 64] >> question % 64 & 1U) != 0;
  }
  void forget(std::uint64_t question) {
    if (mayHave(question)) d_said.erase(question);
  }
  void mark(std::uint64_t question) { d_bits[question % kBits / 64] |= std::uint64_t{1} << question % 64; }
  // Without what has gone.
  void makeBits() {
    d_bits.assign(kBits / 64, 0);
    for (const auto& [question, said] : d_said) mark(question);
    d_noted = d_said.size();
  }

  std::unordered_map<std::uint64_t, Said> d_said;
  std::vector<std::uint64_t> d_bits; // set for all that are there, and for some that were
  std::size_t d_noted = 0;           // how many may have set one
};

} // namespace rec
