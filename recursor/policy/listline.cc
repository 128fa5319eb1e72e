// One line. Flow: readListLine takes the comment away and lets the reader of the format have it; for Auto chooseFormat
// says which. The domain rules of ad blockers are those of AdGuard's syntax for DNS.
#include "recursor/policy/listline.hh"

#include <algorithm>
#include <array>

#include "lib/base/address.hh"

namespace rec {
namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && kBlanks.find(text.front()) != std::string_view::npos) {
    text.remove_prefix(1);
  }
  while (!text.empty() && kBlanks.find(text.back()) != std::string_view::npos) {
    text.remove_suffix(1);
  }
  return text;
}

bool isBlank(char character) { return kBlanks.find(character) != std::string_view::npos; }

std::string_view takeWord(std::string_view& rest) {
  rest = trimmed(rest);
  const auto end = std::find_if(rest.begin(), rest.end(), isBlank);
  const std::string_view word = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(word.size());
  return word;
}

// A # at the beginning of a line or of a word, and all behind it.
std::string_view withoutComment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || isBlank(line[at - 1])) {
      return line.substr(0, at);
    }
  }
  return line;
}

std::string_view withoutDot(std::string_view name) {
  return name.size() > 1 && name.back() == '.' ? name.substr(0, name.size() - 1) : name;
}

bool isNumber(std::string_view label) {
  return !label.empty() && std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Of two labels at least, and no address: a word of a text that is no list must not block a top level domain.
bool isDomain(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot != std::string_view::npos && dot > 0 && !isNumber(name.substr(dot + 1));
}

LineMeaning rules(bool good) { return good ? LineMeaning::Rules : LineMeaning::Malformed; }

bool takeDomain(std::string_view name, RuleKind kind, RuleSink& sink) {
  name = withoutDot(name);
  return isDomain(name) && sink.name(name, kind);
}

// Whole top level domains may be meant here.
bool takeZone(std::string_view name, RuleKind kind, RuleSink& sink) {
  name = withoutDot(name);
  return !isNumber(name.substr(name.rfind('.') + 1)) && sink.name(name, kind);
}

bool looksLikeAddress(std::string_view word) {
  return word.find(':') != std::string_view::npos ||
         (!word.empty() && word.front() >= '0' && word.front() <= '9' && isNumber(word.substr(word.rfind('.') + 1)));
}

// What hosts files say of the machine itself.
bool isOwnName(std::string_view name) {
  constexpr std::array<std::string_view, 12> kOwn{
      "localhost",    "localhost.localdomain", "local",        "broadcasthost",  "ip6-localhost", "ip6-loopback",
      "ip6-localnet", "ip6-mcastprefix",       "ip6-allnodes", "ip6-allrouters", "ip6-allhosts",  "0.0.0.0"};
  return std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end();
}

LineMeaning readHosts(std::string_view line, RuleSink& sink) {
  if (!base::Address::parse(takeWord(line))) {
    return LineMeaning::Malformed;
  }
  bool good = true, some = false;
  for (std::string_view name = takeWord(line); !name.empty(); name = takeWord(line)) {
    if (!isOwnName(name)) {
      good = takeDomain(name, RuleKind::Exact, sink) && good;
      some = true;
    }
  }
  return some ? rules(good) : LineMeaning::Nothing;
}

LineMeaning readWildcard(std::string_view line, RuleSink& sink) {
  if (line.starts_with("*.")) {
    return rules(takeZone(line.substr(2), RuleKind::Below, sink));
  }
  return rules(takeDomain(line, RuleKind::Exact, sink));
}

LineMeaning readDomain(std::string_view line, RuleSink& sink) {
  if (line.starts_with("*.")) {
    return readWildcard(line, sink);
  }
  return rules(takeDomain(line.starts_with('.') ? line.substr(1) : line, RuleKind::Tree, sink));
}

bool isPattern(std::string_view line) { return line.size() > 2 && line.front() == '/' && line.back() == '/'; }

LineMeaning readRegex(std::string_view line, RuleSink& sink) {
  const bool allowing = line.starts_with("@@");
  line.remove_prefix(allowing ? 2 : 0);
  return rules(sink.pattern(isPattern(line) ? line.substr(1, line.size() - 2) : line, allowing));
}

// Rules for parts of pages: "##", "#@#", "#?#", "#$#", "#%#", "$$".
bool isCosmetic(std::string_view line) {
  const auto at = line.find('#');
  const bool hash = at != std::string_view::npos && at + 1 < line.size() &&
                    std::string_view("#@?$%").find(line[at + 1]) != std::string_view::npos;
  return hash || line.find("$$") != std::string_view::npos;
}

// Those that do not change which names a rule is about.
bool isHarmless(std::string_view option) { return option == "important" || option == "all" || option == "document"; }

// Takes "$options" off. False: with these the rule is not for DNS.
bool takeOptions(std::string_view& rule) {
  const auto at = rule.find('$');
  if (at == std::string_view::npos) {
    return true;
  }
  std::string_view options = rule.substr(at + 1);
  rule = rule.substr(0, at);
  while (!options.empty()) {
    const std::string_view option = options.substr(0, options.find(','));
    options.remove_prefix(std::min(option.size() + 1, options.size()));
    if (!isHarmless(option)) {
      return false;
    }
  }
  return true;
}

RuleKind orAllowing(RuleKind kind, bool allowing) {
  return static_cast<RuleKind>(static_cast<unsigned>(kind) + (allowing ? 3U : 0U));
}

LineMeaning readAdBlock(std::string_view line, RuleSink& sink) {
  const bool allowing = line.starts_with("@@");
  std::string_view rule = line.substr(allowing ? 2 : 0);
  if (isPattern(rule)) {
    return readRegex(line, sink);
  }
  if (isCosmetic(rule) || !takeOptions(rule)) {
    return LineMeaning::Skipped;
  }
  const bool anchored = rule.starts_with("||");
  rule.remove_prefix(anchored ? 2 : 0);
  if (rule.ends_with("^|")) rule.remove_suffix(1);
  if (rule.ends_with('^')) rule.remove_suffix(1);
  const bool below = rule.starts_with("*.");
  rule.remove_prefix(below ? 2 : 0);
  if (rule.find_first_of("/*^|:=?&") != std::string_view::npos) {
    return LineMeaning::Skipped;
  }
  const RuleKind kind = orAllowing(below ? RuleKind::Below : RuleKind::Tree, allowing);
  return rules(anchored || below ? takeZone(rule, kind, sink) : takeDomain(rule, kind, sink));
}

ListFormat chooseFormat(std::string_view line) {
  if (line.starts_with("||") || line.starts_with("@@") || isPattern(line) ||
      line.find_first_of("^$|#") != std::string_view::npos) {
    return ListFormat::AdBlock;
  }
  const auto blank = std::find_if(line.begin(), line.end(), isBlank);
  const bool several = blank != line.end();
  return several && looksLikeAddress(line.substr(0, static_cast<std::size_t>(blank - line.begin())))
             ? ListFormat::Hosts
             : ListFormat::Domains;
}

// "! comment", "[Adblock Plus 2.0]".
bool isRemark(std::string_view line) { return line.front() == '!' || (line.front() == '[' && line.back() == ']'); }

} // namespace

std::optional<ListFormat> parseListFormat(std::string_view word) {
  for (const auto format : {ListFormat::Auto, ListFormat::Hosts, ListFormat::Domains, ListFormat::Wildcards,
                            ListFormat::AdBlock, ListFormat::Regex}) {
    if (text(format) == word) {
      return format;
    }
  }
  return std::nullopt;
}

std::string_view text(ListFormat format) {
  switch (format) {
  case ListFormat::Auto: return "auto";
  case ListFormat::Hosts: return "hosts";
  case ListFormat::Domains: return "domains";
  case ListFormat::Wildcards: return "wildcards";
  case ListFormat::AdBlock: return "adblock";
  case ListFormat::Regex: return "regex";
  }
  return "";
}

LineMeaning readListLine(std::string_view line, ListFormat format, RuleSink& sink) {
  const bool maybePlain = format == ListFormat::Auto || format == ListFormat::Domains;
  if (maybePlain && takeDomain(line, RuleKind::Tree, sink)) { // nearly all lines of most lists
    return LineMeaning::Rules;
  }
  line = trimmed(format == ListFormat::Regex ? line : withoutComment(line));
  if (line.empty() || (format == ListFormat::Regex && line.front() == '#')) {
    return LineMeaning::Nothing;
  }
  const bool remarks = format == ListFormat::Auto || format == ListFormat::AdBlock;
  if (remarks && isRemark(line)) {
    return LineMeaning::Nothing;
  }
  switch (format == ListFormat::Auto ? chooseFormat(line) : format) {
  case ListFormat::Hosts: return readHosts(line, sink);
  case ListFormat::Wildcards: return readWildcard(line, sink);
  case ListFormat::AdBlock: return readAdBlock(line, sink);
  case ListFormat::Regex: return readRegex(line, sink);
  case ListFormat::Auto:
  case ListFormat::Domains: break;
  }
  return readDomain(line, sink);
}

} // namespace rec
