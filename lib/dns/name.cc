// Name: parsing, printing, order and parts of domain names. Every result is a valid name of at most 255 octets.
#include "lib/dns/name.hh"

#include <array>
#include <cassert>

#include "lib/dns/fold.hh"

namespace dns {
namespace {

std::size_t octet(std::byte b) { return std::to_integer<std::size_t>(b); }

// Where each label begins in `wire`; the root label is left out.
struct LabelStarts {
  explicit LabelStarts(std::span<const std::byte> wire) {
    for (std::size_t at = 0; wire[at] != std::byte{0}; at += octet(wire[at]) + 1) {
      starts[count++] = static_cast<std::uint8_t>(at);
    }
  }
  std::array<std::uint8_t, 128> starts;
  std::size_t count = 0;
};

// Collects a name label by label.
class NameText {
 public:
  bool add(std::byte value) {
    if (d_size + 2 > kMaxNameSize || d_size - d_labelAt > kMaxLabelSize) {
      return false;
    }
    d_wire[d_size++] = value;
    return true;
  }
  // Ends the label; an empty one is refused.
  bool endLabel() {
    const std::size_t length = d_size - d_labelAt - 1;
    if (length == 0 || d_size + 1 > kMaxNameSize) {
      return false;
    }
    d_wire[d_labelAt] = static_cast<std::byte>(length);
    d_labelAt = d_size++;
    return true;
  }
  [[nodiscard]] bool labelOpen() const { return d_size - d_labelAt > 1; }
  Name finish() {
    d_wire[d_labelAt] = std::byte{0};
    return Name::fromWire(std::span(d_wire).first(d_labelAt + 1));
  }

 private:
  std::array<std::byte, kMaxNameSize + 1> d_wire;
  std::size_t d_labelAt = 0; // where the length of the current label goes
  std::size_t d_size = 1;
};

// The octet that an escape at text[at] (after the backslash) stands for; moves `at` past it. -1 when malformed.
int unescape(std::string_view text, std::size_t& at) {
  if (at >= text.size()) {
    return -1;
  }
  const auto digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  if (!digit(at)) {
    return static_cast<unsigned char>(text[at++]);
  }
  if (!digit(at + 1) || !digit(at + 2)) {
    return -1;
  }
  const int value = (text[at] - '0') * 100 + (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
  at += 3;
  return value > 255 ? -1 : value;
}

void appendEscaped(std::string& out, std::byte value) {
  const auto c = std::to_integer<unsigned char>(value);
  if (c <= 0x20 || c >= 0x7F) {
    out += '\\';
    out += static_cast<char>('0' + c / 100);
    out += static_cast<char>('0' + c / 10 % 10);
    out += static_cast<char>('0' + c % 10);
    return;
  }
  if (std::string_view(".\\\"();@$").find(static_cast<char>(c)) != std::string_view::npos) {
    out += '\\';
  }
  out += static_cast<char>(c);
}

std::weak_ordering compareLabels(std::span<const std::byte> a, std::span<const std::byte> b) {
  const std::size_t common = a.size() < b.size() ? a.size() : b.size();
  for (std::size_t i = 0; i < common; ++i) {
    if (const auto order = fold(a[i]) <=> fold(b[i]); order != 0) {
      return order;
    }
  }
  return a.size() <=> b.size();
}

std::span<const std::byte> labelAt(std::span<const std::byte> wire, std::size_t start) {
  return wire.subspan(start + 1, octet(wire[start]));
}

base::Error badName(std::string_view text, std::string_view why) {
  return base::Error{"'" + std::string(text.substr(0, 300)) + "' is not a domain name: " + std::string(why)};
}

} // namespace

void Name::assign(std::span<const std::byte> wire, std::size_t labels) {
  std::byte* to = d_store;
  if (wire.size() > kInline) {
    to = new std::byte[wire.size()];
    std::memcpy(d_store + kPointerAt, &to, sizeof to);
  }
  std::memcpy(to, wire.data(), wire.size());
  d_size = static_cast<std::uint8_t>(wire.size());
  d_labels = static_cast<std::uint8_t>(labels);
  d_hash = 0;
}

base::Result<Name> Name::parse(std::string_view text) {
  if (text.empty() || text == ".") {
    return Name();
  }
  NameText name;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c == '.') {
      if (!name.endLabel()) {
        return badName(text, "empty label or too long");
      }
      continue;
    }
    const int value = c == '\\' ? unescape(text, at) : static_cast<unsigned char>(c);
    if (value < 0) {
      return badName(text, "bad escape");
    }
    if (!name.add(static_cast<std::byte>(value))) {
      return badName(text, "label over 63 or name over 255 octets");
    }
  }
  if (name.labelOpen() && !name.endLabel()) {
    return badName(text, "too long");
  }
  return name.finish();
}

Name Name::fromWire(std::span<const std::byte> wire) {
  assert(!wire.empty() && wire.size() <= kMaxNameSize);
  std::size_t at = 0;
  std::size_t labels = 0;
  for (; wire[at] != std::byte{0}; ++labels) {
    assert(octet(wire[at]) <= kMaxLabelSize);
    at += octet(wire[at]) + 1;
    assert(at < wire.size());
  }
  assert(at + 1 == wire.size());
  Name name;
  name.assign(wire, labels);
  return name;
}

bool Name::isWildcard() const {
  const std::byte* at = data();
  return at[0] == std::byte{1} && at[1] == std::byte{'*'};
}

std::string_view Name::label(std::size_t index) const {
  assert(index < d_labels);
  const std::byte* at = data();
  for (; index > 0; --index) {
    at += octet(*at) + 1;
  }
  return {reinterpret_cast<const char*>(at + 1), octet(*at)};
}

bool Name::isWithin(const Name& zone) const {
  if (zone.d_labels > d_labels || zone.d_size > d_size) {
    return false;
  }
  const std::byte* start = data();
  const std::byte* at = start;
  for (unsigned skip = d_labels - zone.d_labels; skip > 0; --skip) {
    at += octet(*at) + 1;
  }
  return static_cast<std::size_t>(start + d_size - at) == zone.d_size && equalFolded(at, zone.data(), zone.d_size);
}

Name Name::parent() const { return isRoot() ? Name() : suffix(d_labels - 1U); }

Name Name::suffix(std::size_t labels) const {
  assert(labels <= d_labels);
  const std::byte* start = data();
  const std::byte* at = start;
  for (std::size_t skip = d_labels - labels; skip > 0; --skip) {
    at += octet(*at) + 1;
  }
  Name name;
  name.assign({at, start + d_size}, labels);
  return name;
}

Name Name::commonAncestor(const Name& other) const {
  const LabelStarts mine(wire());
  const LabelStarts theirs(other.wire());
  std::size_t shared = 0;
  while (shared < mine.count && shared < theirs.count) {
    const auto a = labelAt(wire(), mine.starts[mine.count - shared - 1]);
    const auto b = labelAt(other.wire(), theirs.starts[theirs.count - shared - 1]);
    if (compareLabels(a, b) != 0) {
      break;
    }
    ++shared;
  }
  return suffix(shared);
}

Name Name::lowercased() const {
  Name name = *this;
  std::byte* at = name.d_size <= kInline ? name.d_store : name.heap();
  for (std::size_t i = 0; i < d_size; ++i) {
    at[i] = fold(at[i]);
  }
  return name;
}

std::optional<Name> Name::withLabel(std::string_view label) const {
  if (label.empty() || label.size() > kMaxLabelSize || label.size() + 1 + d_size > kMaxNameSize) {
    return std::nullopt;
  }
  std::array<std::byte, kMaxNameSize> wire;
  wire[0] = static_cast<std::byte>(label.size());
  std::memcpy(wire.data() + 1, label.data(), label.size());
  std::memcpy(wire.data() + 1 + label.size(), data(), d_size);
  Name name;
  name.assign(std::span(wire).first(label.size() + 1 + d_size), d_labels + 1U);
  return name;
}

std::optional<Name> Name::withSuffixReplaced(const Name& from, const Name& to) const {
  assert(isWithin(from));
  const std::size_t kept = d_size - from.wireSize();
  if (kept + to.wireSize() > kMaxNameSize) {
    return std::nullopt;
  }
  std::array<std::byte, kMaxNameSize> wire;
  std::memcpy(wire.data(), data(), kept);
  std::memcpy(wire.data() + kept, to.data(), to.wireSize());
  Name name;
  name.assign(std::span(wire).first(kept + to.wireSize()), d_labels - from.labelCount() + to.labelCount());
  return name;
}

std::string Name::text() const {
  if (isRoot()) {
    return ".";
  }
  std::string out;
  out.reserve(d_size);
  const std::byte* at = data();
  while (*at != std::byte{0}) {
    const std::size_t size = octet(*at++);
    for (std::size_t i = 0; i < size; ++i) {
      appendEscaped(out, *at++);
    }
    out += '.';
  }
  return out;
}

std::uint64_t Name::makeHash() const {
  const std::uint64_t hash = hashFolded(data(), d_size);
  std::atomic_ref<std::uint64_t>(d_hash).store(hash, std::memory_order_relaxed);
  return hash;
}

bool Name::identicalTo(const Name& other) const {
  return d_size == other.d_size && std::memcmp(data(), other.data(), d_size) == 0;
}

bool operator==(const Name& a, const Name& b) {
  return a.d_size == b.d_size && equalFolded(a.data(), b.data(), a.d_size);
}

std::weak_ordering operator<=>(const Name& a, const Name& b) {
  const LabelStarts left(a.wire());
  const LabelStarts right(b.wire());
  for (std::size_t i = 1; i <= left.count && i <= right.count; ++i) {
    const auto order =
        compareLabels(labelAt(a.wire(), left.starts[left.count - i]), labelAt(b.wire(), right.starts[right.count - i]));
    if (order != 0) {
      return order;
    }
  }
  return left.count <=> right.count;
}

} // namespace dns
