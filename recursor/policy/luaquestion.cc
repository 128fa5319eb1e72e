// EDNS options and networks read for scripts, and records between the form of outcomes and that of scripts.
#include "recursor/policy/luaquestion.hh"

#include <algorithm>
#include <array>

#include "lib/base/netmask.hh"
#include "lib/dns/rdata.hh"
#include "lib/dns/wirereader.hh"

namespace rec {
namespace {

constexpr std::size_t kMostRecords = 16; // of a question, looked through for its OPT

LuaOptions readOptions(std::span<const std::byte> rdata) {
  LuaOptions options;
  dns::WireReader reader(rdata);
  while (!reader.atEnd()) {
    const std::uint16_t code = reader.u16();
    const auto content = reader.bytes(reader.u16());
    if (reader.failed()) {
      break;
    }
    options.emplace_back(code, std::string(reinterpret_cast<const char*>(content.data()), content.size()));
  }
  return options;
}

// A set being put together again.
struct Group {
  dns::RRsetBuilder builder;
  dns::RRType type;
  LuaPlace place;
  std::uint32_t ttl;
};

std::vector<AgedRRset>* sectionOf(LuaPlace place, Outcome& outcome) {
  switch (place) {
  case LuaPlace::Question: return nullptr;
  case LuaPlace::Answer: return &outcome.answer;
  case LuaPlace::Authority: return &outcome.authority;
  case LuaPlace::Additional: break;
  }
  return &outcome.additional;
}

Group* findGroup(std::vector<Group>& groups, const LuaRecord& record, dns::RRType type) {
  const auto same = [&](const Group& group) {
    return group.type == type && group.place == record.place && group.builder.owner() == record.name;
  };
  const auto found = std::ranges::find_if(groups, same);
  return found == groups.end() ? nullptr : &*found;
}

void addRecord(std::vector<Group>& groups, const LuaRecord& record) {
  const bool signs = record.type == dns::RRType::RRSIG;
  if (Group* signedSet = signs ? findGroup(groups, record, dns::readRrsigCovered(record.rdata)) : nullptr) {
    signedSet->builder.addSignature(record.rdata);
    return;
  }
  Group* group = findGroup(groups, record, record.type);
  if (group == nullptr) {
    groups.push_back({dns::RRsetBuilder(record.name, record.type, dns::RRClass::IN, record.ttl), record.type,
                      record.place, record.ttl});
    group = &groups.back();
  }
  group->builder.add(record.rdata);
  group->builder.lowerTtl(record.ttl);
  group->ttl = std::min(group->ttl, record.ttl);
}

void append(std::vector<LuaRecord>& records, const std::vector<AgedRRset>& sets, LuaPlace place, bool withSignatures) {
  for (const AgedRRset& set : sets) {
    const auto add = [&](dns::RRType type, std::span<const std::byte> rdata) {
      records.push_back({set.rrset.owner(), type, set.ttl, place, {rdata.begin(), rdata.end()}});
    };
    for (const auto rdata : set.rrset.rdatas()) {
      add(set.rrset.type(), rdata);
    }
    for (const auto rdata : withSignatures ? set.rrset.signatures() : dns::RdataRange(nullptr, nullptr)) {
      add(dns::RRType::RRSIG, rdata);
    }
  }
}

} // namespace

LuaFollowUp LuaQuestion::followUp() const {
  constexpr std::array<std::pair<std::string_view, LuaFollowUp>, 5> kNames{
      {{"", LuaFollowUp::None},
       {"followCNAMERecords", LuaFollowUp::Cname},
       {"getFakeAAAARecords", LuaFollowUp::FakeAaaa},
       {"getFakePTRRecords", LuaFollowUp::FakePtr},
       {"udpQueryResponse", LuaFollowUp::UdpQuery}}};
  const auto* found = std::ranges::find(kNames, followupFunction, &std::pair<std::string_view, LuaFollowUp>::first);
  return found == kNames.end() ? LuaFollowUp::Unknown : found->second;
}

void LuaQuestion::forgetFollowUp() {
  for (std::string* text : {&followupFunction, &followupPrefix, &followupName, &udpQuery, &udpAnswer, &udpCallback}) {
    text->clear();
  }
}

LuaOptions optionsOf(std::span<const std::byte> packet) {
  dns::WireReader reader(packet, 4);
  const std::size_t questions = reader.u16();
  const std::size_t records = std::size_t{reader.u16()} + reader.u16() + reader.u16();
  for (std::size_t i = 0; i < std::min(questions, kMostRecords); ++i) {
    static_cast<void>(reader.name());
    reader.skip(4);
  }
  for (std::size_t i = 0; i < std::min(records, kMostRecords) && !reader.failed(); ++i) {
    static_cast<void>(reader.name());
    const auto type = static_cast<dns::RRType>(reader.u16());
    reader.skip(6);
    const auto rdata = reader.bytes(reader.u16());
    if (type == dns::RRType::OPT && !reader.failed()) {
      return readOptions(rdata);
    }
  }
  return {};
}

base::Result<LuaNetmask> LuaNetmask::parse(const std::string& text) {
  const auto mask = base::Netmask::parse(text);
  if (!mask) {
    return mask.error();
  }
  auto written = base::Address::parse(std::string_view(text).substr(0, text.find('/')));
  return LuaNetmask{written ? written->withPort(0) : mask->network, mask->bits};
}

std::string LuaNetmask::text() const { return empty() ? "" : network.text() + "/" + std::to_string(bits); }

base::Address truncated(const base::Address& address, unsigned bits) {
  std::array<std::byte, 16> octets{};
  const auto given = address.octets();
  for (std::size_t i = 0; i < given.size(); ++i) {
    const unsigned left = bits > 8 * i ? std::min(bits - static_cast<unsigned>(8 * i), 8U) : 0;
    octets[i] = given[i] & static_cast<std::byte>(0xFF00U >> left & 0xFFU);
  }
  if (address.isV4()) {
    return base::Address::v4(std::span(octets).first<4>(), address.port());
  }
  return address.isV6() ? base::Address::v6(octets, address.port()) : address;
}

LuaNetmask subnetOf(const LuaOptions& options) {
  constexpr auto code = static_cast<std::uint16_t>(dns::EdnsOption::ClientSubnet);
  const auto found = std::ranges::find(options, code, &LuaOptions::value_type::first);
  if (found == options.end()) {
    return {};
  }
  dns::WireReader reader(std::as_bytes(std::span(found->second)));
  const unsigned family = reader.u16();
  const std::uint8_t bits = reader.u8();
  reader.skip(1);
  const std::size_t most = family == 1 ? 4 : 16;
  const auto given = reader.bytes(reader.remaining());
  if (reader.failed() || (family != 1 && family != 2) || bits > most * 8 || given.size() > most) {
    return {};
  }
  std::array<std::byte, 16> octets{};
  std::ranges::copy(given, octets.begin());
  const auto network = family == 1 ? base::Address::v4(std::span(octets).first<4>(), 0) : base::Address::v6(octets, 0);
  return {network, bits};
}

std::vector<LuaRecord> recordsOf(const Outcome& outcome, bool withSignatures) {
  std::vector<LuaRecord> records;
  append(records, outcome.answer, LuaPlace::Answer, withSignatures);
  append(records, outcome.authority, LuaPlace::Authority, withSignatures);
  append(records, outcome.additional, LuaPlace::Additional, withSignatures);
  return records;
}

void putRecords(const std::vector<LuaRecord>& records, Outcome& outcome) {
  std::vector<Group> groups;
  for (const LuaRecord& record : records) {
    addRecord(groups, record);
  }
  outcome.answer.clear();
  outcome.authority.clear();
  outcome.additional.clear();
  for (Group& group : groups) {
    if (auto* section = sectionOf(group.place, outcome)) {
      section->push_back({group.builder.build(), group.ttl});
    }
  }
}

} // namespace rec
