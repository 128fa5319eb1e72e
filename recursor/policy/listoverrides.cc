// Names given at run time: a NameSet of them, and their file.
#include "recursor/policy/listoverrides.hh"

#include "lib/base/log.hh"
#include "recursor/trust/statefile.hh"

namespace rec {
namespace {

constexpr std::size_t kNamesInChunk = 12;
constexpr std::string_view kAllow = "@@", kTree = "||";

// As text() writes them, in lower case and without a final dot. Nothing when one cannot stand in a list.
base::Result<std::vector<std::string>> listable(const std::vector<std::string>& names) {
  std::vector<std::string> texts;
  for (const std::string& text : names) {
    const auto name = dns::Name::parse(text);
    const std::string plain = name ? std::string(NameProbe(*name).text()) : "";
    if (!name || !PackedName::pack(plain)) {
      return base::Error{"'" + text + "' is no name that can be listed"};
    }
    texts.push_back(plain);
  }
  return texts;
}

} // namespace

void ListOverrides::load() {
  const auto read = d_path.empty() ? std::optional<std::string>() : readWhole(d_path);
  if (!read) {
    base::log(base::LogLevel::Error, "blocklist-additions-file: " + read.error().message);
  }
  const std::optional<std::string> content = read ? *read : std::nullopt;
  std::string_view rest = content ? std::string_view(*content) : std::string_view();
  for (std::size_t number = 1; !rest.empty(); ++number) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const bool isAllow = line.starts_with(kAllow);
    line.remove_prefix(isAllow ? kAllow.size() : 0);
    if (!isAllow && (line.empty() || line.starts_with('!'))) {
      continue;
    }
    const bool isRule = line.starts_with(kTree) && line.ends_with('^');
    const auto names = isRule ? listable({std::string(line.substr(2, line.size() - 3))})
                              : base::Result<std::vector<std::string>>(base::Error{"not a rule"});
    if (names) {
      d_names[names->front()] = isAllow ? Kind::Allow : Kind::Block;
    } else {
      base::log(base::LogLevel::Error, d_path + ":" + std::to_string(number) + ": " + names.error().message);
    }
  }
  compile();
}

base::Result<std::string> ListOverrides::block(const std::vector<std::string>& names) {
  const auto texts = listable(names);
  if (!texts) {
    return texts.error();
  }
  std::string report;
  for (const std::string& name : *texts) {
    d_names[name] = Kind::Block;
    report += name + ": blocked\n";
  }
  return finish(std::move(report));
}

base::Result<std::string> ListOverrides::allow(const std::vector<std::string>& names, const IsListed& isListed) {
  const auto texts = listable(names);
  if (!texts) {
    return texts.error();
  }
  std::string report;
  for (const std::string& name : *texts) {
    report += allowOne(name, isListed);
  }
  return finish(std::move(report));
}

// The nearest of our names that is above this one, or the same, blocks it.
bool ListOverrides::covers(std::string_view name) const {
  for (;;) {
    if (const auto found = d_names.find(name); found != d_names.end()) {
      return found->second == Kind::Block;
    }
    const auto dot = name.find('.');
    if (dot == std::string_view::npos) {
      return false;
    }
    name.remove_prefix(dot + 1);
  }
}

// A name that was added is only taken back, unless it would be blocked nevertheless.
std::string ListOverrides::allowOne(const std::string& name, const IsListed& isListed) {
  const auto own = d_names.find(name);
  const bool wasAdded = own != d_names.end() && own->second == Kind::Block;
  if (wasAdded) {
    d_names.erase(own);
  }
  if (covers(name) || isListed(NameProbe(*dns::Name::parse(name)))) {
    d_names[name] = Kind::Allow;
    return name + ": exempt\n";
  }
  return name + (wasAdded ? ": no longer blocked\n" : d_names.contains(name) ? ": exempt\n" : ": is not blocked\n");
}

std::string ListOverrides::text() const {
  std::string text = "! Written by `rec_control blocklist add` and `remove`.\n";
  for (const auto& [name, kind] : d_names) {
    text += std::string(kind == Kind::Allow ? kAllow : "") + std::string(kTree) + name + "^\n";
  }
  return text;
}

void ListOverrides::compile() {
  NameSetBuilder builder;
  std::size_t count = 0;
  for (const auto& [name, kind] : d_names) {
    if (count % kNamesInChunk == 0) {
      static_cast<void>(builder.beginChunk(0));
    }
    static_cast<void>(builder.add(name, kind == Kind::Allow ? RuleKind::AllowTree : RuleKind::Tree));
    if (++count % kNamesInChunk == 0 || count == d_names.size()) {
      builder.endChunk();
    }
  }
  auto list = std::make_shared<CompiledList>();
  list->names = builder.finish();
  list->lines = d_names.size();
  d_rules = d_names.empty() ? nullptr : std::move(list);
}

// They are in force even when the file cannot be written.
base::Result<std::string> ListOverrides::finish(std::string report) {
  compile();
  const auto kept = d_path.empty() ? base::Result<void>() : writeWhole(d_path, text());
  if (!kept) {
    base::log(base::LogLevel::Error, "blocklist-additions-file: " + kept.error().message);
    report += "but not for the next start: " + kept.error().message + "\n";
  }
  return report;
}

} // namespace rec
