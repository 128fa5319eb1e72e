// rec_control explain NAME [TYPE] [--fresh] [--trace] [--json] [--subnet=NETWORK].
#include "recursor/control/explaincommand.hh"

#include "recursor/control/explainjson.hh"
#include "recursor/control/explaintext.hh"

namespace rec {
namespace {

struct Words {
  dns::Question question;
  bool isFresh = false, withTrace = false, asJson = false;
  std::optional<base::Netmask> client;
};

constexpr std::string_view kSubnet = "--subnet=";

base::Result<Words> wordsOf(std::span<const std::string> arguments) {
  Words words;
  std::vector<std::string> plain;
  for (const auto& argument : arguments) {
    const bool isOption = argument.starts_with("--");
    words.isFresh = words.isFresh || argument == "--fresh";
    words.withTrace = words.withTrace || argument == "--trace";
    words.asJson = words.asJson || argument == "--json";
    const bool hasSubnet = argument.starts_with(kSubnet);
    if (hasSubnet) {
      const auto client = base::Netmask::parse(std::string_view(argument).substr(kSubnet.size()));
      if (!client) return client.error();
      words.client = *client;
    }
    const bool isKnown = argument == "--fresh" || argument == "--trace" || argument == "--json" || hasSubnet;
    if (isOption && !isKnown) return base::Error{argument + ": unknown option"};
    if (!isOption) plain.push_back(argument);
  }
  if (plain.empty() || plain.size() > 2) return base::Error{"a name is needed, and perhaps a type"};
  auto name = dns::Name::parse(plain.front());
  if (!name) return base::Error{"'" + plain.front() + "': " + name.error().message};
  const auto type = plain.size() == 2 ? dns::parseRRType(plain.back()) : dns::RRType::A;
  if (!type) return base::Error{"'" + plain.back() + "' is not a record type"};
  words.question = {std::move(*name), *type, dns::RRClass::IN};
  return words;
}

} // namespace

Reply explain(CommandCall& call) {
  const auto words = wordsOf(call.arguments);
  if (!words) return failure(words.error().message);
  const auto explanation = call.target.explain(words->question, words->isFresh, words->client);
  if (!explanation) return failure(explanation.error().message);
  if (words->asJson) return success(explanationJson(**explanation, words->withTrace));
  return success(explanationText(**explanation, words->withTrace));
}

} // namespace rec
