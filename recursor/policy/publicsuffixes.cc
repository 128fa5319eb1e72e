// The rules of publicsuffix.org: a name's suffix is the longest rule that matches; "*.ck" stands for every label below
// ck, "!www.ck" takes one out again.
#include "recursor/policy/publicsuffixes.hh"

#include <array>
#include <sstream>

#include "recursor/config/configfile.hh"

namespace rec {
namespace {

constexpr std::array<std::string_view, 76> kCommon{
    "co.uk",  "org.uk", "me.uk",  "ltd.uk", "plc.uk", "net.uk", "sch.uk", "ac.uk",  "gov.uk", "nhs.uk",  "com.au",
    "net.au", "org.au", "edu.au", "gov.au", "id.au",  "co.nz",  "net.nz", "org.nz", "ac.nz",  "govt.nz", "co.jp",
    "ne.jp",  "or.jp",  "ac.jp",  "go.jp",  "co.kr",  "or.kr",  "com.br", "net.br", "org.br", "gov.br",  "edu.br",
    "com.cn", "net.cn", "org.cn", "gov.cn", "edu.cn", "com.tw", "org.tw", "edu.tw", "com.hk", "org.hk",  "com.sg",
    "edu.sg", "com.my", "co.in",  "net.in", "org.in", "gov.in", "ac.in",  "co.id",  "or.id",  "co.th",   "com.vn",
    "com.ph", "com.tr", "org.tr", "gov.tr", "com.mx", "com.ar", "com.co", "com.pe", "co.za",  "org.za",  "gov.za",
    "co.il",  "org.il", "ac.il",  "com.pl", "net.pl", "org.pl", "com.ua", "co.at",  "or.at",  "ac.at"};

} // namespace

PublicSuffixes PublicSuffixes::builtIn() {
  PublicSuffixes suffixes;
  for (const std::string_view text : kCommon) {
    suffixes.add(text);
  }
  return suffixes;
}

base::Result<std::shared_ptr<const PublicSuffixes>> PublicSuffixes::read(const std::string& path) {
  const auto text = readFile(path);
  if (!text) {
    return text.error();
  }
  auto suffixes = std::make_shared<PublicSuffixes>();
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    suffixes->add(std::string_view(line).substr(0, line.find_first_of(" \t\r")));
  }
  return std::shared_ptr<const PublicSuffixes>(std::move(suffixes));
}

void PublicSuffixes::add(std::string_view line) {
  if (line.empty() || line.starts_with("//")) {
    return;
  }
  const Rule rule = line.starts_with("*.") ? Rule::Wildcard : line.starts_with('!') ? Rule::Exception : Rule::Suffix;
  line.remove_prefix(rule == Rule::Wildcard ? 2 : rule == Rule::Exception ? 1 : 0);
  if (auto name = dns::Name::parse(line)) { // what is written in other letters is there as xn-- only in names
    d_rules.emplace(*std::move(name), rule);
  }
}

bool PublicSuffixes::is(const dns::Name& name, Rule rule) const {
  const auto [first, last] = d_rules.equal_range(name);
  for (auto it = first; it != last; ++it) {
    if (it->second == rule) return true;
  }
  return false;
}

// From the shortest suffix to the longest; without a rule it is the last label.
std::size_t PublicSuffixes::suffixLabels(const dns::Name& name) const {
  std::size_t best = 1;
  for (std::size_t labels = 1; labels <= name.labelCount(); ++labels) {
    const dns::Name suffix = name.suffix(labels);
    if (is(suffix, Rule::Exception)) {
      return labels - 1;
    }
    if (is(suffix, Rule::Suffix) || (labels > 1 && is(suffix.parent(), Rule::Wildcard))) {
      best = labels;
    }
  }
  return best;
}

dns::Name PublicSuffixes::registered(const dns::Name& name) const {
  const std::size_t labels = suffixLabels(name) + 1;
  return name.labelCount() <= labels ? name : name.suffix(labels);
}

} // namespace rec
