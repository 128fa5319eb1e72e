// Packing: 40 values to a character (0 is none), 40 * 40 * 40 fit into 16 bits.
#include "recursor/policy/packedname.hh"

#include <algorithm>
#include <cstring>

#include "lib/dns/fold.hh"

namespace rec {
namespace {

constexpr std::string_view kAlphabet = " abcdefghijklmnopqrstuvwxyz0123456789-_."; // by value; 0 is no character
constexpr std::uint8_t kInvalid = 255;
constexpr unsigned kHighest = 63; // of the bits of valid ones together
constexpr std::size_t kLongestLabel = 63;

constexpr std::array<std::uint8_t, 256> makeValues() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kInvalid);
  for (std::size_t i = 1; i < kAlphabet.size(); ++i) {
    const char letter = kAlphabet[i];
    values[static_cast<unsigned char>(letter)] = static_cast<std::uint8_t>(i);
    if (letter >= 'a' && letter <= 'z') {
      values[static_cast<unsigned char>(letter - 'a' + 'A')] = static_cast<std::uint8_t>(i);
    }
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = makeValues();

// None is empty, none too long.
bool hasGoodLabels(std::string_view text) {
  std::size_t label = 0; // where it begins
  for (std::size_t at = 0;; ++at) {
    if (at < text.size() && text[at] != '.') continue;
    if (at == label || at - label > kLongestLabel) return false;
    if (at == text.size()) return true;
    label = at + 1;
  }
}

} // namespace

std::optional<PackedName> PackedName::pack(std::string_view text) {
  return text.size() <= kLongest && hasGoodLabels(text) ? packProbed(text) : std::nullopt;
}

// Three characters at a time; that one of them is none shows at the end.
std::optional<PackedName> PackedName::packProbed(std::string_view text) {
  const auto value = [&text](std::size_t at) -> unsigned {
    return at < text.size() ? kValues[static_cast<unsigned char>(text[at])] : 0;
  };
  std::optional<PackedName> name(std::in_place);
  std::uint16_t* out = name->d_words.data();
  unsigned all = 0;
  for (std::size_t at = 0; at <= text.size(); at += 3) { // the last word has at least one free place
    const unsigned first = value(at), second = value(at + 1), third = value(at + 2);
    all |= first | second | third;
    *out++ = static_cast<std::uint16_t>(first * 1600 + second * 40 + third);
  }
  name->d_count = static_cast<std::uint8_t>(out - name->d_words.data());
  return all <= kHighest ? name : std::nullopt;
}

std::size_t unpackName(const std::uint16_t* at, std::span<char> out) {
  std::size_t size = 0;
  for (;; ++at) {
    for (const unsigned value : {*at / 1600U, *at / 40U % 40U, *at % 40U}) {
      if (value == 0 || size == out.size()) {
        return size;
      }
      out[size++] = kAlphabet[value];
    }
  }
}

std::string unpackedName(const std::uint16_t* at) {
  std::array<char, PackedName::kLongest> text;
  return {text.data(), unpackName(at, text)};
}

std::uint64_t hashOfText(std::string_view text) {
  return dns::hashFolded(reinterpret_cast<const std::byte*>(text.data()), text.size());
}

// The text is the wire form with dots for the length octets, which fold to themselves.
NameProbe::NameProbe(std::span<const std::byte> wire) : d_size(std::max<std::size_t>(wire.size(), 2) - 2) {
  std::copy_n(wire.begin() + (d_size > 0 ? 1 : 0), d_size, reinterpret_cast<std::byte*>(d_text.data()));
  const auto hasDot = [this](std::size_t begin, std::size_t size) {
    return std::memchr(d_text.data() + begin, '.', size) != nullptr;
  };
  const bool somewhere = hasDot(0, d_size); // or a label of 46
  for (std::size_t at = 0; at < d_size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, d_text.data() + at, sizeof word);
    word = dns::foldWord(word);
    std::memcpy(d_text.data() + at, &word, sizeof word);
  }
  for (std::size_t at = 0; wire[at] != std::byte{0};) {
    const auto size = std::to_integer<std::size_t>(wire[at]);
    if (at > 0) {
      d_text[at - 1] = '.';
    }
    d_suffixes[d_count++].begin = static_cast<std::uint8_t>(at);
    if (somewhere && hasDot(at, size)) { // inside the label: its text would be that of another name
      d_first = d_count;
    }
    at += size + 1;
  }
  for (std::size_t i = d_first; i < d_count; ++i) {
    d_suffixes[i].hash = hashOfText(text(d_suffixes[i]));
  }
}

} // namespace rec
