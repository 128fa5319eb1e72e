// rec_control blocklist list|stats|reload|add|remove|test|shadow: one row each in kActions.
#include "recursor/control/blocklistcommands.hh"

#include <algorithm>
#include <array>

#include "recursor/config/values.hh"
#include "recursor/control/explainpolicy.hh"

namespace rec {
namespace {

using Words = std::vector<std::string>;

std::string column(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text + " ";
}

std::string number(std::uint64_t value) {
  std::string text = std::to_string(value);
  return std::string(text.size() < 10 ? 10 - text.size() : 0, ' ') + text + " ";
}

Reply reply(const base::Result<std::string>& done) { return done ? success(*done) : failure(done.error().message); }

// What the lists are.
Reply list(CommandCall& call, const Words&) {
  std::string text = column("list", 24) + column("action", 12) + column("format", 9) + "  priority      rules  state\n";
  for (const auto& row : call.target.blockLists().rows()) {
    text += column(row.name, 24) + column(row.action, 12) + column(row.format, 9) + number(row.priority) +
            number(row.rules) + " " + (row.shadow ? "shadow" : "in force") + (row.isConditional ? ", for some" : "") +
            (row.path.empty() ? "" : ", " + row.path) + "\n" + (row.error.empty() ? "" : "  " + row.error + "\n");
  }
  return success(std::move(text));
}

Reply stats(CommandCall& call, const Words&) {
  std::string text =
      column("list", 24) + "      hits     shadow      rules   allowing    skipped  malformed      bytes\n";
  for (const auto& row : call.target.blockLists().rows()) {
    text += column(row.name, 24) + number(row.applied) + number(row.shadowed) + number(row.rules) +
            number(row.allowing) + number(row.skipped) + number(row.malformed) + number(row.bytes) + "\n";
  }
  return success(std::move(text));
}

Reply reload(CommandCall& call, const Words&) { return reply(call.target.blockLists().reload()); }
Reply add(CommandCall& call, const Words& words) { return reply(call.target.blockLists().add(words)); }
Reply remove(CommandCall& call, const Words& words) { return reply(call.target.blockLists().remove(words)); }

Reply test(CommandCall& call, const Words& words) {
  const auto name = dns::Name::parse(words.front());
  if (!name) return failure("'" + words.front() + "': " + name.error().message);
  const auto client = base::Address::parse(words.size() > 1 ? words[1] : "127.0.0.1");
  if (!client) return failure("'" + words[1] + "': " + client.error().message);
  const dns::Question question{*name, dns::RRType::A, dns::RRClass::IN};
  return success(questionPolicyText(call.target.policies(), question, *client, call.target.now()));
}

Reply shadow(CommandCall& call, const Words& words) {
  const auto on = parseBool(words[1]);
  return on ? reply(call.target.blockLists().setShadow(words[0], *on)) : failure("'" + words[1] + "': on or off");
}

struct Action {
  std::string_view name;
  std::size_t least, most; // arguments
  Reply (*run)(CommandCall& call, const Words& words);
};
constexpr std::size_t kMany = 1000;
constexpr std::array kActions{Action{"list", 0, 0, list},         Action{"stats", 0, 0, stats},
                              Action{"reload", 0, 0, reload},     Action{"add", 1, kMany, add},
                              Action{"remove", 1, kMany, remove}, Action{"test", 1, 2, test},
                              Action{"shadow", 2, 2, shadow}};

} // namespace

Reply blockListCommand(CommandCall& call) {
  const Words words(call.arguments.begin(), call.arguments.end());
  const auto* const action = std::ranges::find(kActions, words.empty() ? "" : words.front(), &Action::name);
  if (action == kActions.end()) {
    return failure("one of list, stats, reload, add, remove, test and shadow is needed");
  }
  const Words arguments(words.begin() + 1, words.end());
  if (arguments.size() < action->least || arguments.size() > action->most) {
    return failure("blocklist " + words.front() + ": " + (arguments.size() < action->least ? "too few" : "too many") +
                   " arguments, see 'help'");
  }
  return action->run(call, arguments);
}

} // namespace rec
