// rec_control explain NAME [TYPE] [CLIENT] [--fresh] [--trace] [--json] [--subnet=NETWORK].
#include "recursor/control/explaincommand.hh"

#include "recursor/control/explainwhole.hh"

namespace rec {
namespace {

struct Words {
  ExplainWanted wanted;
  bool asJson = false;
};

constexpr std::string_view kSubnet = "--subnet=";

base::Result<Words> wordsOf(std::span<const std::string> arguments) {
  Words words;
  std::vector<std::string> plain;
  for (const auto& argument : arguments) {
    const bool isOption = argument.starts_with("--");
    words.wanted.isFresh = words.wanted.isFresh || argument == "--fresh";
    words.wanted.withTrace = words.wanted.withTrace || argument == "--trace";
    words.asJson = words.asJson || argument == "--json";
    const bool hasSubnet = argument.starts_with(kSubnet);
    if (hasSubnet) {
      const auto client = base::Netmask::parse(std::string_view(argument).substr(kSubnet.size()));
      if (!client) return client.error();
      words.wanted.from = *client;
    }
    const bool isKnown = argument == "--fresh" || argument == "--trace" || argument == "--json" || hasSubnet;
    if (isOption && !isKnown) return base::Error{argument + ": unknown option"};
    if (!isOption) plain.push_back(argument);
  }
  if (plain.empty() || plain.size() > 3) return base::Error{"a name is needed, and perhaps a type and a client"};
  auto name = dns::Name::parse(plain.front());
  if (!name) return base::Error{"'" + plain.front() + "': " + name.error().message};
  const auto type = plain.size() > 1 ? dns::parseRRType(plain[1]) : dns::RRType::A;
  if (!type) return base::Error{"'" + plain[1] + "' is not a record type"};
  const auto client = base::Address::parse(plain.size() > 2 ? plain[2] : "127.0.0.1");
  if (!client) return base::Error{"'" + plain[2] + "' is not the address of a client"};
  words.wanted.client = *client;
  words.wanted.question = {std::move(*name), *type, dns::RRClass::IN};
  return words;
}

} // namespace

Reply explain(CommandCall& call) {
  auto words = wordsOf(call.arguments);
  if (!words) return failure(words.error().message);
  const auto whole = ExplainedWhole::of(call.target, std::move(words->wanted));
  if (!whole) return failure(whole.error().message);
  return success(words->asJson ? whole->json() : whole->text());
}

} // namespace rec
