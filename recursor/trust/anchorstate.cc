// The lines of the state:
//   zone NAME checked TIME good yes|no ttl SECONDS signed SECONDS
//   key STATE since TIME until TIME DNSKEY RDATA ; TAG        (or DS RDATA, as long as the key has not been seen)
//   end SHA256-OF-ALL-ABOVE
// "-" is no time; blank lines and those that begin with a semicolon are comments.
#include "recursor/trust/anchorstate.hh"

#include <openssl/sha.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

#include "lib/dns/presentation.hh"
#include "lib/dnssec/keyset.hh"
#include "recursor/config/values.hh"

namespace rec {
namespace {

using base::Error;
using base::Result;

constexpr std::string_view kHead =
    "; Trust anchors as the resolver follows them (RFC 5011). Written by the resolver. To begin anew from the\n"
    "; configured anchors, remove this file while the resolver is stopped.\n";
constexpr std::string_view kEnd = "end ";

std::string timeText(base::WallTime time) {
  if (time == base::WallTime()) return "-";
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::optional<base::WallTime> parseTime(std::string_view text) {
  if (text == "-") return base::WallTime();
  int year = 0, hour = 0, minute = 0, second = 0, used = 0;
  unsigned month = 0, day = 0;
  const std::string copy(text);
  const int read =
      std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2d:%2d:%2dZ%n", &year, &month, &day, &hour, &minute, &second, &used);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  const bool fits = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  if (read != 6 || used != static_cast<int>(copy.size()) || !date.ok() || !fits) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

std::string checksum(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string hex;
  for (const unsigned octet : digest) {
    hex += "0123456789abcdef"[octet >> 4];
    hex += "0123456789abcdef"[octet & 15];
  }
  return hex;
}

// Master-file text without what the library adds as a comment.
std::string plainRdata(dns::RRType type, std::span<const std::byte> rdata) {
  const std::string text = dns::rdataText(type, rdata);
  return std::string(trim(std::string_view(text).substr(0, text.find(';'))));
}

std::string keyLine(const dnssec::AnchorKey& key) {
  const bool seen = !key.dnskey.empty();
  return "key " + std::string(dnssec::text(key.state)) + " since " + timeText(key.since) + " until " +
         timeText(key.until) +
         (seen ? " DNSKEY " + plainRdata(dns::RRType::DNSKEY, key.dnskey)
               : " DS " + plainRdata(dns::RRType::DS, key.ds)) +
         " ; " + std::to_string(key.tag()) + "\n";
}

// The words of one line, taken from the left. A word that is missing or wrong spoils all that follow.
class Words {
 public:
  explicit Words(std::string_view line) : d_rest(line) {}
  std::string_view next() {
    d_rest = trim(d_rest);
    const auto size = std::min(d_rest.find(' '), d_rest.size());
    const auto word = d_rest.substr(0, size);
    d_rest.remove_prefix(size);
    d_good = d_good && !word.empty();
    return word;
  }
  void expect(std::string_view wanted) { d_good = next() == wanted && d_good; }
  base::WallTime time() { return take(parseTime(next())); }
  dnssec::AnchorState state() { return take(dnssec::parseAnchorState(next())); }
  std::uint32_t number() {
    const auto word = next();
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    d_good = d_good && error == std::errc() && end == word.data() + word.size();
    return value;
  }
  bool yes() {
    const auto word = next();
    d_good = d_good && (word == "yes" || word == "no");
    return word == "yes";
  }
  std::vector<std::byte> rdata(dns::RRType type) {
    auto parsed = dns::parseRdata(type, trim(d_rest.substr(0, d_rest.find(';'))));
    d_good = d_good && parsed.ok();
    return parsed ? std::move(*parsed) : std::vector<std::byte>();
  }
  dns::Name name() {
    auto parsed = dns::Name::parse(next());
    d_good = d_good && parsed.ok();
    return parsed ? std::move(*parsed) : dns::Name();
  }
  [[nodiscard]] bool good() const { return d_good; }

 private:
  template <typename T> T take(std::optional<T> value) {
    d_good = d_good && value.has_value();
    return value.value_or(T());
  }
  std::string_view d_rest;
  bool d_good = true;
};

std::optional<dnssec::TrustPoint> readZone(Words words) {
  dnssec::TrustPoint point;
  words.expect("zone");
  point.zone = words.name();
  words.expect("checked");
  point.checked = words.time();
  words.expect("good");
  point.succeeded = words.yes();
  words.expect("ttl");
  point.ttl = words.number();
  words.expect("signed");
  point.signatureLife = std::chrono::seconds(words.number());
  if (!words.good()) return std::nullopt;
  return point;
}

std::optional<dnssec::AnchorKey> readKey(const dns::Name& zone, Words words) {
  dnssec::AnchorKey key;
  words.expect("key");
  key.state = words.state();
  words.expect("since");
  key.since = words.time();
  words.expect("until");
  key.until = words.time();
  const auto type = words.next();
  if (type == "DNSKEY") {
    key.dnskey = words.rdata(dns::RRType::DNSKEY);
    if (!words.good() || !dnssec::readDnskey(key.dnskey)) return std::nullopt;
    key.ds = dnssec::makeDs(zone, key.dnskey, dnssec::DigestType::Sha256);
  } else if (type == "DS") {
    key.ds = words.rdata(dns::RRType::DS);
  }
  if (!words.good() || !dnssec::readDs(key.ds)) return std::nullopt;
  return key;
}

bool readLine(std::string_view line, TrustPoints& points, dns::Name& zone) {
  if (line.starts_with("zone ")) {
    auto point = readZone(Words(line));
    if (!point) return false;
    zone = point->zone;
    return points.try_emplace(zone, std::move(*point)).second;
  }
  const auto at = points.find(zone);
  if (at == points.end()) return false;
  auto key = readKey(zone, Words(line));
  if (key) at->second.keys.push_back(std::move(*key));
  return key.has_value();
}

} // namespace

std::string anchorStateText(const TrustPoints& points) {
  std::string text(kHead);
  for (const auto& [zone, point] : points) {
    text += "\nzone " + zone.text() + " checked " + timeText(point.checked) + " good " +
            (point.succeeded ? "yes" : "no") + " ttl " + std::to_string(point.ttl) + " signed " +
            std::to_string(point.signatureLife.count()) + "\n";
    for (const auto& key : point.keys) text += keyLine(key);
  }
  return text + std::string(kEnd) + checksum(text) + "\n";
}

Result<TrustPoints> parseAnchorState(std::string_view text) {
  const auto end = text.rfind(kEnd);
  if (end == std::string_view::npos) return Error{"it has no end"};
  const auto body = text.substr(0, end);
  if (text.substr(end) != std::string(kEnd) + checksum(body) + "\n") return Error{"its checksum is wrong"};
  TrustPoints points;
  dns::Name zone;
  std::size_t number = 0;
  for (auto rest = body; !rest.empty();) {
    const auto line = trim(takeLine(rest));
    ++number;
    if (line.empty() || line.starts_with(';')) continue;
    if (!readLine(line, points, zone)) return Error{"line " + std::to_string(number) + " cannot be read"};
  }
  return points;
}

} // namespace rec
