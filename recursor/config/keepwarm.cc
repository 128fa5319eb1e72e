// Reading keepwarm: see keepwarm.hh.
#include "recursor/config/keepwarm.hh"

namespace rec {
namespace {

constexpr std::string_view kUsualTypes = "A|AAAA";

base::Result<void> addTypes(std::vector<dns::Question>& questions, const dns::Name& name, std::string_view types) {
  while (true) {
    const std::size_t end = types.find('|');
    const auto type = dns::parseRRType(types.substr(0, end));
    if (!type || dns::isMetaType(*type)) {
      return base::Error{"'" + std::string(types.substr(0, end)) + "' is not a record type"};
    }
    questions.push_back({name, *type, dns::RRClass::IN});
    if (end == std::string_view::npos) {
      return {};
    }
    types.remove_prefix(end + 1);
  }
}

} // namespace

base::Result<std::vector<dns::Question>> parseKeepwarm(const std::vector<std::string>& entries) {
  std::vector<dns::Question> questions;
  for (const std::string_view entry : entries) {
    const std::size_t slash = entry.find('/');
    const auto name = dns::Name::parse(entry.substr(0, slash));
    if (!name) {
      return base::Error{"'" + std::string(entry) + "': " + name.error().message};
    }
    const bool hasTypes = slash != std::string_view::npos;
    const auto added = addTypes(questions, *name, hasTypes ? entry.substr(slash + 1) : kUsualTypes);
    if (!added) {
      return base::Error{"'" + std::string(entry) + "': " + added.error().message};
    }
  }
  return questions;
}

} // namespace rec
