// The names: a word that an operator finds in this file when it is seen somewhere, and 128 random bits.
#include "recursor/upstream/loopwatch.hh"

#include <algorithm>
#include <array>
#include <string>

#include "lib/base/random.hh"

namespace rec {
namespace {

constexpr std::string_view kWord = "loop-check-";
constexpr std::size_t kRandomOctets = 16;
constexpr std::size_t kLabelSize = kWord.size() + 2 * kRandomOctets;

std::string freshLabel() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::byte, kRandomOctets> random{};
  base::randomBytes(random);
  std::string label(kWord);
  for (const std::byte octet : random) {
    label += kDigits[std::to_integer<std::size_t>(octet >> 4)];
    label += kDigits[std::to_integer<std::size_t>(octet & std::byte{15})];
  }
  return label;
}

} // namespace

LoopWatch::Check::~Check() {
  const std::lock_guard lock(d_watch.d_mutex);
  std::erase(d_watch.d_checks, this);
}

LoopWatch::CheckPtr LoopWatch::begin(const dns::Name& zone) {
  auto name = zone.withLabel(freshLabel());
  if (!name) {
    return nullptr;
  }
  auto check = std::make_unique<Check>(*this, std::move(*name));
  const std::lock_guard lock(d_mutex);
  d_checks.push_back(check.get());
  return check;
}

bool LoopWatch::notice(const dns::Name& name) {
  if (name.isRoot() || name.label(0).size() != kLabelSize) {
    return false;
  }
  const std::lock_guard lock(d_mutex);
  const auto found =
      std::ranges::find(d_checks, name, [](const Check* check) -> const dns::Name& { return check->name(); });
  if (found == d_checks.end()) {
    return false;
  }
  (*found)->d_cameBack = true;
  return true;
}

} // namespace rec
