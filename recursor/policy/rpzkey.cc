// Owner names of response policy zones and their actions: see rpzkey.hh.
#include "recursor/policy/rpzkey.hh"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>
#include <string_view>
#include <vector>

#include "lib/dns/fold.hh"
#include "lib/dns/rdata.hh"

namespace rec {
namespace {

using base::Error;

constexpr std::byte kServerName{0x80}; // marks: above any length of a label
constexpr std::byte kClient{0x90};
constexpr std::byte kAnswer{0xA0};
constexpr std::byte kServer{0xB0};
constexpr std::byte kV6{0x01}; // beside the mark of a prefix

struct Zone {
  std::string_view label;
  PolicyTrigger trigger;
};
constexpr std::array kTriggers{Zone{"rpz-client-ip", PolicyTrigger::ClientIp},
                               Zone{"rpz-ip", PolicyTrigger::ResponseIp}, Zone{"rpz-nsdname", PolicyTrigger::NsDName},
                               Zone{"rpz-nsip", PolicyTrigger::NsIp}};

std::byte markOf(PolicyTrigger trigger) {
  switch (trigger) {
  case PolicyTrigger::NsDName: return kServerName;
  case PolicyTrigger::ClientIp: return kClient;
  case PolicyTrigger::ResponseIp: return kAnswer;
  default: return kServer;
  }
}

bool equalsFolded(std::string_view a, std::string_view lower) {
  return a.size() == lower.size() && std::equal(a.begin(), a.end(), lower.begin(), [](char x, char y) {
           return dns::fold(static_cast<std::byte>(x)) == static_cast<std::byte>(y);
         });
}

// What the last label in front of the zone's name says. All of them have a '-' as their fourth octet, few names have.
PolicyTrigger triggerOfLabel(std::string_view label) {
  if (label.size() < 4 || label[3] != '-') return PolicyTrigger::QName;
  const auto* zone = std::find_if(kTriggers.begin(), kTriggers.end(),
                                  [label](const Zone& known) { return equalsFolded(label, known.label); });
  return zone == kTriggers.end() ? PolicyTrigger::QName : zone->trigger;
}

using Labels = std::vector<std::string_view>;

Labels labelsOf(Octets wire) {
  Labels labels;
  for (std::size_t at = 0; wire[at] != std::byte{0}; at += std::to_integer<std::size_t>(wire[at]) + 1) {
    labels.emplace_back(reinterpret_cast<const char*>(wire.data()) + at + 1, std::to_integer<std::size_t>(wire[at]));
  }
  return labels;
}

std::optional<unsigned> number(std::string_view digits, int base, unsigned most) {
  unsigned value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, value, base);
  return error == std::errc{} && at == end && value <= most ? std::optional(value) : std::nullopt;
}

// "32.4.3.2.1": the octets from the last to the first.
base::Result<base::Address> v4Of(const Labels& labels) {
  std::array<std::byte, 4> octets{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto octet = number(labels[4 - i], 10, 255);
    if (!octet) return Error{"not an IPv4 prefix"};
    octets[i] = static_cast<std::byte>(*octet);
  }
  return base::Address::v4(octets, 0);
}

// "128.57.zz.1.0.db8.2001": the words from the last to the first, once "zz" for as many zeros as are missing.
base::Result<base::Address> v6Of(const Labels& labels) {
  constexpr std::size_t kWords = 8;
  std::array<std::byte, 16> octets{};
  std::size_t word = 0;
  bool gap = false;
  for (std::size_t i = labels.size() - 1; i > 0; --i) {
    if (equalsFolded(labels[i], "zz")) {
      if (gap || labels.size() - 1 > kWords) return Error{"not an IPv6 prefix"};
      gap = true;
      word += kWords + 1 - (labels.size() - 1);
      continue;
    }
    const auto value = number(labels[i], 16, 0xFFFF);
    if (!value || word >= kWords) return Error{"not an IPv6 prefix"};
    octets[2 * word] = static_cast<std::byte>(*value >> 8);
    octets[2 * word + 1] = static_cast<std::byte>(*value & 0xFF);
    ++word;
  }
  if (word != kWords) return Error{"not an IPv6 prefix"};
  return base::Address::v6(octets, 0);
}

base::Result<RpzKey> prefixOf(PolicyTrigger trigger, Labels labels) {
  labels.pop_back();
  if (labels.size() < 3) return Error{"an address prefix is too short"};
  const bool hasGap =
      std::any_of(labels.begin(), labels.end(), [](std::string_view label) { return equalsFolded(label, "zz"); });
  const bool v4 = labels.size() == 5 && !hasGap;
  const auto bits = number(labels.front(), 10, v4 ? 32 : 128);
  if (!bits) return Error{"not the length of a prefix"};
  const auto address = v4 ? v4Of(labels) : v6Of(labels);
  if (!address) return address.error();
  return RpzKey::ofPrefix(trigger, *address, *bits);
}

std::uint64_t labelHash(std::uint64_t state, const std::byte* label) { // its length octet included
  const std::size_t size = std::to_integer<std::size_t>(*label) + 1;
  const base::HashSeeds& seeds = base::hashSeeds();
  if (size < 8) return base::mix(dns::shortWord(label, size) ^ seeds.b, state ^ seeds.c);
  for (std::size_t i = 0; i + 8 < size; i += 8) {
    state = base::mix(base::load64(label + i) ^ seeds.b, state ^ seeds.c);
  }
  return base::mix(base::load64(label + size - 8) ^ seeds.b, state ^ seeds.c);
}

bool isName(std::byte first) { return first < std::byte{0x80}; }

// Without the final dot. Nearly all names need no escapes.
std::string nameText(Octets wire, bool wildcard) {
  const auto isPlain = [](std::byte octet) {
    const char c = static_cast<char>(octet);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  std::string text(wildcard ? "*." : "");
  text.reserve(wire.size() + 1);
  for (std::size_t at = 0; wire[at] != std::byte{0};) {
    const Octets label = wire.subspan(at + 1, std::to_integer<std::size_t>(wire[at]));
    if (!std::all_of(label.begin(), label.end(), isPlain)) {
      text.resize(wildcard ? 2 : 0);
      text += dns::Name::fromWire(wire).text();
      break;
    }
    text.append(reinterpret_cast<const char*>(label.data()), label.size()) += '.';
    at += label.size() + 1;
  }
  if (!text.empty()) text.pop_back();
  return text;
}

std::string prefixText(Octets key) {
  const bool v6 = (key[0] & kV6) != std::byte{0};
  std::array<std::byte, 16> octets{};
  std::copy(key.begin() + 2, key.end(), octets.begin());
  std::string text = std::to_string(std::to_integer<unsigned>(key[1]));
  if (!v6) {
    for (std::size_t i = 4; i-- > 0;) text += "." + std::to_string(std::to_integer<unsigned>(octets[i]));
    return text;
  }
  for (std::size_t i = 8; i-- > 0;) {
    const unsigned word = std::to_integer<unsigned>(octets[2 * i]) << 8 | std::to_integer<unsigned>(octets[2 * i + 1]);
    std::array<char, 8> hex{};
    const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), word, 16).ptr;
    text += "." + std::string(hex.data(), end);
  }
  return text;
}

} // namespace

// `labels`: without the root.
RpzKey RpzKey::ofLabels(PolicyTrigger trigger, Octets labels, bool wildcard) {
  RpzKey key;
  key.d_trigger = trigger;
  key.d_wildcard = wildcard;
  const std::size_t mark = trigger == PolicyTrigger::QName ? 0 : 1;
  key.d_octets[0] = kServerName;
  std::transform(labels.begin(), labels.end(), key.d_octets.begin() + static_cast<std::ptrdiff_t>(mark), dns::fold);
  key.d_octets[mark + labels.size()] = std::byte{0};
  key.d_size = static_cast<std::uint16_t>(mark + labels.size() + 1);
  return key;
}

RpzKey RpzKey::ofPrefix(PolicyTrigger trigger, const base::Address& address, unsigned bits) {
  RpzKey key;
  key.d_trigger = trigger;
  key.d_octets[0] = markOf(trigger) | (address.isV6() ? kV6 : std::byte{0});
  key.d_octets[1] = static_cast<std::byte>(bits);
  const std::size_t used = (bits + 7) / 8;
  const auto octets = address.octets();
  std::copy_n(octets.begin(), used, key.d_octets.begin() + 2);
  if (bits % 8 != 0) key.d_octets[2 + used - 1] &= static_cast<std::byte>(0xFF00U >> bits % 8);
  key.d_size = static_cast<std::uint16_t>(2 + used);
  return key;
}

base::Result<RpzKey> RpzKey::fromOwner(Octets relative) {
  std::size_t last = 0; // label
  for (std::size_t at = 0; relative[at] != std::byte{0}; at += std::to_integer<std::size_t>(relative[at]) + 1) {
    last = at;
  }
  const bool wildcard = relative[0] == std::byte{1} && relative[1] == std::byte{'*'};
  const std::size_t from = wildcard ? 2 : 0;
  const std::string_view label(reinterpret_cast<const char*>(relative.data()) + last + 1,
                               std::to_integer<std::size_t>(relative[last]));
  const PolicyTrigger trigger = triggerOfLabel(label);
  if (trigger == PolicyTrigger::QName) {
    return ofLabels(trigger, relative.subspan(from, relative.size() - 1 - from), wildcard);
  }
  if (trigger != PolicyTrigger::NsDName) return prefixOf(trigger, labelsOf(relative));
  if (last == 0) return Error{"a name is missing in front of rpz-nsdname"};
  return ofLabels(trigger, relative.subspan(from, last - from), wildcard);
}

PolicyTrigger RpzKey::triggerOf(Octets key) {
  if (isName(key.front())) return PolicyTrigger::QName;
  if (key.front() == kServerName) return PolicyTrigger::NsDName;
  const std::byte mark = key.front() & ~kV6;
  if (mark == kClient) return PolicyTrigger::ClientIp;
  return mark == kAnswer ? PolicyTrigger::ResponseIp : PolicyTrigger::NsIp;
}

std::size_t RpzKey::sizeAt(const std::byte* key) {
  if (isName(*key) || *key == kServerName) {
    std::size_t at = isName(*key) ? 0 : 1;
    while (key[at] != std::byte{0}) at += std::to_integer<std::size_t>(key[at]) + 1;
    return at + 1;
  }
  return 2 + (std::to_integer<std::size_t>(key[1]) + 7) / 8;
}

std::uint64_t RpzKey::hashOf(Octets key) {
  if (isName(key.front()) || key.front() == kServerName) {
    const bool server = key.front() == kServerName;
    const RpzNameHashes all(server ? PolicyTrigger::NsDName : PolicyTrigger::QName, key.subspan(server ? 1 : 0));
    return all.hashes[all.labels];
  }
  return dns::hashFolded(key.data(), key.size());
}

std::string RpzKey::ownerText(Octets key, bool wildcard) {
  const PolicyTrigger trigger = triggerOf(key);
  if (trigger == PolicyTrigger::QName || trigger == PolicyTrigger::NsDName) {
    const bool server = trigger == PolicyTrigger::NsDName;
    return nameText(key.subspan(server ? 1 : 0), wildcard) + (server ? ".rpz-nsdname" : "");
  }
  const auto* zone = std::find_if(kTriggers.begin(), kTriggers.end(),
                                  [trigger](const Zone& known) { return known.trigger == trigger; });
  return prefixText(key) + "." + std::string(zone->label);
}

RpzNameHashes::RpzNameHashes(PolicyTrigger trigger, Octets lowerWire) {
  std::size_t at = 0;
  while (lowerWire[at] != std::byte{0}) {
    starts[labels++] = static_cast<std::uint8_t>(at);
    at += std::to_integer<std::size_t>(lowerWire[at]) + 1;
  }
  std::reverse(starts.begin(), starts.begin() + static_cast<std::ptrdiff_t>(labels));
  std::copy_backward(starts.begin(), starts.begin() + static_cast<std::ptrdiff_t>(labels),
                     starts.begin() + static_cast<std::ptrdiff_t>(labels) + 1);
  starts[0] = static_cast<std::uint8_t>(at);
  const base::HashSeeds& seeds = base::hashSeeds();
  hashes[0] = base::mix(seeds.a, trigger == PolicyTrigger::QName ? seeds.b : seeds.c);
  for (std::size_t n = 1; n <= labels; ++n) hashes[n] = labelHash(hashes[n - 1], lowerWire.data() + starts[n]);
}

base::Result<PolicyAction> rpzAction(dns::RRType type, Octets rdata, Octets relativeOwner, Octets zone) {
  using dns::RRType;
  switch (type) {
  case RRType::RRSIG:
  case RRType::NSEC:
  case RRType::NSEC3:
  case RRType::NSEC3PARAM:
  case RRType::DNSKEY: return PolicyAction::None;
  case RRType::SOA:
  case RRType::DNAME: return Error{dns::text(type) + " is no action"};
  case RRType::CNAME: break;
  default: return PolicyAction::Custom;
  }
  if (rdata.size() == 1) return PolicyAction::NXDomain; // the root, which most rules have
  const auto target = dns::readNameRdata(rdata);
  if (!target) return Error{"a CNAME that cannot be read"};
  const std::string_view first = target->label(0);
  if (target->labelCount() == 1 && first == "*") return PolicyAction::NoData;
  const std::string_view top = target->label(target->labelCount() - 1);
  if (top.size() > 4 && equalsFolded(top.substr(0, 4), "rpz-")) {
    if (target->labelCount() == 1 && equalsFolded(top, "rpz-passthru")) return PolicyAction::NoAction;
    if (target->labelCount() == 1 && equalsFolded(top, "rpz-drop")) return PolicyAction::Drop;
    if (target->labelCount() == 1 && equalsFolded(top, "rpz-tcp-only")) return PolicyAction::Truncate;
    return Error{"unknown action " + target->text()};
  }
  const auto own = target->wire();
  const std::size_t relative = relativeOwner.size() - 1;
  const bool self = relative > 0 && own.size() == relative + zone.size() &&
                    dns::equalFolded(own.data(), relativeOwner.data(), relative) &&
                    dns::equalFolded(own.data() + relative, zone.data(), zone.size());
  return self ? PolicyAction::NoAction : PolicyAction::Custom;
}

} // namespace rec
