// rec_control explain NAME [TYPE] [CLIENT] [--fresh] [--trace] [--json] [--subnet=NETWORK].
#include "recursor/control/explaincommand.hh"

#include "recursor/control/explainhooks.hh"
#include "recursor/control/explainjson.hh"
#include "recursor/control/explainpolicy.hh"
#include "recursor/control/explaintext.hh"
#include "recursor/control/limitcommands.hh"

namespace rec {
namespace {

struct Words {
  dns::Question question;
  base::Address asker; // whom policies are to judge
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
  if (plain.empty() || plain.size() > 3) return base::Error{"a name is needed, and perhaps a type and a client"};
  auto name = dns::Name::parse(plain.front());
  if (!name) return base::Error{"'" + plain.front() + "': " + name.error().message};
  const auto type = plain.size() > 1 ? dns::parseRRType(plain[1]) : dns::RRType::A;
  if (!type) return base::Error{"'" + plain[1] + "' is not a record type"};
  const auto client = base::Address::parse(plain.size() > 2 ? plain[2] : "127.0.0.1");
  if (!client) return base::Error{"'" + plain[2] + "' is not the address of a client"};
  words.asker = *client;
  words.question = {std::move(*name), *type, dns::RRClass::IN};
  return words;
}

} // namespace

Reply explain(CommandCall& call) {
  const auto words = wordsOf(call.arguments);
  if (!words) return failure(words.error().message);
  const auto explanation = call.target.explain(words->question, words->isFresh, words->client);
  if (!explanation) return failure(explanation.error().message);
  const auto policies = call.target.policies();
  const base::WallTime now = call.target.now();
  const Outcome& outcome = (*explanation)->outcome;
  const ScriptHooks hooks = call.target.scriptHooks();
  if (words->asJson) {
    return success(
        explanationJson(**explanation, words->withTrace,
                        {{"policy", policyJson(policies, words->question, words->asker, now, outcome.answer)},
                         {"hooks", hooksJson(hooks, outcome)}}));
  }
  std::string policy = limitText(call.target, words->asker, words->question.name) + hooksText(hooks, outcome);
  if (policies) {
    policy += questionPolicyText(policies, words->question, words->asker, now) +
              answerPolicyText(policies, words->question, words->asker, now, outcome.answer);
  }
  policy += rebindText(call.target, outcome.answer);
  return success(policy + (policy.empty() ? "" : "\n") + explanationText(**explanation, words->withTrace));
}

} // namespace rec
