// Words for the facts of DNSSEC: see explainfacts.hh.
#include "recursor/control/explainfacts.hh"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>

#include "lib/dns/presentation.hh"

namespace rec {
namespace {

constexpr std::size_t kMaxListed = 8;     // records of a set that are named
constexpr std::int64_t kSoon = 7 * 86400; // seconds that a signature has left: worth telling

// "3 days", "5 hours", "40 minutes".
std::string spanText(std::int64_t seconds) {
  constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86400;
  const auto counted = [](std::int64_t count, const char* unit) {
    return std::to_string(count) + " " + unit + (count == 1 ? "" : "s");
  };
  if (seconds >= 2 * kDay) {
    return counted(seconds / kDay, "day");
  }
  return seconds >= 2 * kHour ? counted(seconds / kHour, "hour") : counted(seconds / kMinute, "minute");
}

// Seconds from now to a date of 32 bits, by serial arithmetic (RFC 4034 3.1.5).
std::int64_t until(std::uint32_t date, base::WallTime now) {
  const auto present = static_cast<std::uint32_t>(now.time_since_epoch().count());
  return static_cast<std::int32_t>(date - present);
}

std::string roleOf(const dnssec::Dnskey& key) {
  std::string role = key.isSecureEntryPoint() ? "KSK" : "ZSK";
  if (!key.isZoneKey()) {
    role = "no zone key, flags " + std::to_string(key.flags);
  }
  return role + (key.isRevoked() ? " revoked" : "");
}

// "1 a, 2 a" with the same in brackets for both: "1, 2 (a)".
struct Item {
  std::string what, kind;
};

std::string listed(std::vector<Item> items, std::size_t count) {
  const bool isSame = std::ranges::all_of(items, [&](const Item& item) { return item.kind == items.front().kind; });
  std::string text;
  for (const Item& item : items) {
    text += (text.empty() ? "" : ", ") + item.what + (isSame ? "" : " (" + item.kind + ")");
  }
  if (count > items.size()) {
    text += " and " + std::to_string(count - items.size()) + " more";
  }
  return text + (isSame && !items.empty() ? " (" + items.front().kind + ")" : "");
}

std::string dayText(std::uint32_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds{seconds}};
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return out.data();
}

bool isInForce(const dnssec::Rrsig& signature, base::WallTime now) {
  return until(signature.inception, now) <= 0 && until(signature.expiration, now) >= 0;
}

// "9 days left", "expired 3 days ago", "begins in 2 hours".
std::string lifeText(const dnssec::Rrsig& signature, base::WallTime now) {
  const std::int64_t left = until(signature.expiration, now);
  const std::int64_t begins = until(signature.inception, now);
  if (left < 0) {
    return "expired " + spanText(-left) + " ago";
  }
  return begins > 0 ? "begins in " + spanText(begins) : spanText(left) + " left";
}

} // namespace

std::string validityText(const dnssec::Rrsig& signature, base::WallTime now) {
  return dayText(signature.inception) + " to " + dayText(signature.expiration) + ", " + lifeText(signature, now);
}

std::string untilText(const dnssec::Rrsig& signature, base::WallTime now) {
  const bool isCalm = isInForce(signature, now) && until(signature.expiration, now) > kSoon;
  return "until " + dayText(signature.expiration) + (isCalm ? "" : ", " + lifeText(signature, now));
}

std::string signatureText(const dnssec::Rrsig& signature, base::WallTime now) {
  return "key " + std::to_string(signature.tag) + " (" + dnssec::text(signature.algorithm) + ") of " +
         signature.signer.text() + ", " + validityText(signature, now);
}

std::vector<dnssec::Rrsig> signaturesOf(const dns::RRset& set) {
  std::vector<dnssec::Rrsig> all;
  for (const auto rdata : set.signatures()) {
    if (auto signature = dnssec::readRrsig(rdata)) {
      all.push_back(std::move(*signature));
    }
  }
  return all;
}

std::vector<dnssec::Rrsig> inForceFirst(const dns::RRset& set, base::WallTime now) {
  std::vector<dnssec::Rrsig> sorted;
  const auto all = signaturesOf(set);
  for (const bool wanted : {true, false}) {
    std::ranges::copy_if(all, std::back_inserter(sorted),
                         [&](const dnssec::Rrsig& signature) { return isInForce(signature, now) == wanted; });
  }
  return sorted;
}

std::string dsText(const dns::RRset& ds) {
  std::vector<Item> items;
  for (const auto rdata : ds.rdatas()) {
    const auto fields = dnssec::readDs(rdata);
    if (fields && items.size() < kMaxListed) {
      items.push_back(
          {std::to_string(fields->tag), dnssec::text(fields->algorithm) + " " + dnssec::text(fields->digestType)});
    }
  }
  return listed(std::move(items), ds.count());
}

// The keys that a DS usually means stand first.
std::string keysText(const dns::RRset& dnskeys) {
  std::vector<Item> items;
  for (const bool isEntry : {true, false}) {
    for (const auto rdata : dnskeys.rdatas()) {
      const auto fields = dnssec::readDnskey(rdata);
      if (fields && fields->isSecureEntryPoint() == isEntry && items.size() < kMaxListed) {
        items.push_back({std::to_string(fields->tag) + " " + roleOf(*fields), dnssec::text(fields->algorithm)});
      }
    }
  }
  return listed(std::move(items), dnskeys.count());
}

std::string proofText(const dns::RRset& proof) {
  return proof.owner().text() + " " + dns::text(proof.type()) + " " + dns::rdataText(proof.type(), proof.front());
}

} // namespace rec
