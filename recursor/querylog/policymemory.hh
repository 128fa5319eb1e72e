// PolicyMemory: what was said of a question when it was answered last, so that the packet cache's hits that follow are
// logged with it: the list and rule that decided, the extended error. Used by the block builder, on the writer's
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "recursor/querylog/rawrecord.hh"

namespace rec {

class PolicyMemory {
 public:
  struct Said {
    std::uint16_t ede = kNoEde;
    std::string policy, rule;
  };
  // `question` is a hash of name and type.
  void note(std::uint64_t question, Said said) {
    if (said.ede == kNoEde && said.policy.empty() && said.rule.empty()) {
      if (!d_said.empty()) d_said.erase(question);
      return;
    }
    if (d_said.size() >= kMost && !d_said.contains(question)) d_said.erase(d_said.begin());
    d_said.insert_or_assign(question, std::move(said));
  }
  [[nodiscard]] const Said* find(std::uint64_t question) const {
    if (d_said.empty()) return nullptr;
    const auto it = d_said.find(question);
    return it == d_said.end() ? nullptr : &it->second;
  }

 private:
  static constexpr std::size_t kMost = 65536;
  std::unordered_map<std::uint64_t, Said> d_said;
};

} // namespace rec
