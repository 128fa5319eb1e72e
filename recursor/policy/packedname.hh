// PackedName: a domain name in the letters that host names are made of, three to a word of 16 bits: how names stand in
// a NameSet. Letters, digits, '-', '_' and '.', in any case; other octets do not occur in lists. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/dns/name.hh"

namespace rec {

class PackedName {
 public:
  static constexpr std::size_t kLongest = 253; // characters
  static constexpr std::size_t kMostWords = kLongest / 3 + 1;

  // "ads.example.com", without a final dot. Nothing when it is no host name: other characters, an empty label or one of
  // more than 63, too long.
  static std::optional<PackedName> pack(std::string_view text);
  // The same of a part of a NameProbe: nothing when it has other characters; its labels are good.
  static std::optional<PackedName> packProbed(std::string_view text);
  [[nodiscard]] std::span<const std::uint16_t> words() const { return {d_words.data(), d_count}; }

 private:
  std::array<std::uint16_t, kMostWords> d_words;
  std::uint8_t d_count = 0;
};

// The last word of a name ends with at least one free place, the others have none.
[[nodiscard]] constexpr bool endsName(std::uint16_t word) { return word % 40 == 0; }
// How many words the name has that begins here.
[[nodiscard]] inline std::size_t wordsOfName(const std::uint16_t* at) {
  std::size_t count = 1;
  while (!endsName(at[count - 1])) {
    ++count;
  }
  return count;
}
// The text of the name that begins here, in lower case; `out` has room for kLongest. Returns its size.
[[nodiscard]] std::size_t unpackName(const std::uint16_t* at, std::span<char> out);
[[nodiscard]] std::string unpackedName(const std::uint16_t* at);

// Equal for names that differ in case only, keyed for this process. `text` is not empty.
[[nodiscard]] std::uint64_t hashOfText(std::string_view text);

// A name taken apart for looking it up in many sets: the text of it and of all its parents, with their hashes.
class NameProbe {
 public:
  explicit NameProbe(const dns::Name& name) : NameProbe(name.wire()) {}
  explicit NameProbe(std::span<const std::byte> wire);
  struct Suffix {
    std::uint64_t hash;
    std::uint8_t begin; // in the text
  };
  [[nodiscard]] std::span<const Suffix> suffixes() const { // longest first
    return std::span(d_suffixes.data(), d_count).subspan(d_first);
  }
  [[nodiscard]] std::string_view text(const Suffix& suffix) const {
    return std::string_view(d_text.data(), d_size).substr(suffix.begin);
  }
  // The whole name, without the final dot.
  [[nodiscard]] std::string_view text() const { return {d_text.data(), d_size}; }

 private:
  std::array<char, dns::kMaxNameSize + 8> d_text;
  std::size_t d_size = 0;
  std::array<Suffix, 128> d_suffixes;
  std::size_t d_count = 0, d_first = 0;
};

} // namespace rec
