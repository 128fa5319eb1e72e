// Servers' cookies: see cookiecommands.hh. All addresses are checked before anything changes.
#include "recursor/control/cookiecommands.hh"

namespace rec {
namespace {

base::Result<std::vector<base::Address>> addressesOf(const CommandCall& call) {
  std::vector<base::Address> addresses;
  for (const std::string& word : call.arguments) {
    const auto address = base::Address::parse(word);
    if (!address) return base::Error{"'" + word + "': " + address.error().message};
    addresses.push_back(*address);
  }
  if (addresses.empty()) return base::Error{"an address is needed"};
  return addresses;
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

} // namespace

Reply addCookiesUnsupported(CommandCall& call) {
  const auto addresses = addressesOf(call);
  if (!addresses) return failure(addresses.error().message);
  for (const base::Address& address : *addresses) call.target.serverLists().addWithoutCookies(address);
  return success("added " + counted(addresses->size(), "server") + " to those without cookies\n");
}

Reply clearCookies(CommandCall& call) {
  const bool isAll = call.arguments.size() == 1 && call.arguments.front() == "*";
  if (isAll)
    return success("cleared the cookies of " + counted(call.target.clearCookies(std::nullopt), "server") + "\n");
  const auto addresses = addressesOf(call);
  if (!addresses) return failure(addresses.error().message);
  std::size_t cleared = 0;
  for (const base::Address& address : *addresses) cleared += call.target.clearCookies(address);
  return success("cleared the cookies of " + counted(cleared, "server") + "\n");
}

} // namespace rec
