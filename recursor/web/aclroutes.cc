// Access lists, shown as they are in force, and replaced by a file that recursor.conf's include-dir reads last.
#include "recursor/web/aclroutes.hh"

#include "recursor/config/values.hh"
#include "recursor/control/json.hh"
#include "recursor/web/fragments.hh"
#include "recursor/web/jsonvalue.hh"

namespace rec {

namespace {

using List = base::NetmaskGroup Settings::*;

HttpResponse show(const WebCall& call, std::string_view name, List list) {
  const auto configuration = call.parts.target.configuration();
  std::vector<std::string> networks;
  const std::string text = (*configuration->settings.*list).text();
  for (const auto part : split(text, kListSeparators)) {
    networks.push_back(jsonString(part));
  }
  return jsonResponse(jsonObject({{"name", jsonString(name)}, {"value", jsonArray(networks)}}));
}

// The networks of the body's "value", each in its usual spelling.
base::Result<std::string> networksOf(const std::string& body) {
  const auto document = parseJson(body);
  if (!document) return document.error();
  const JsonValue* value = document->member("value");
  if (value == nullptr || !value->isArray()) return base::Error{"'value' must be an array"};
  base::NetmaskGroup group;
  for (const JsonValue& item : value->items) {
    const bool isOne = item.isString() && split(item.text, kListSeparators).size() == 1;
    const auto added = isOne ? group.add(trim(item.text)) : base::Error{"each network is a string"};
    if (!added) return added.error();
  }
  return group.text();
}

HttpResponse put(const WebCall& call, const std::string& name, List list) {
  const auto networks = networksOf(call.request.body);
  if (!networks) return errorResponse(422, networks.error().message);
  const auto fragments = Fragments::of(*call.parts.settings);
  if (!fragments) return errorResponse(422, fragments.error().message);
  const std::lock_guard turn(call.parts.target.turn);
  const std::string file = name + ".conf";
  Restoring restoring(*fragments, file);
  const auto written = fragments->write(file, "# Made by the web server: changes are lost.\n" + name + "-file=\n" +
                                                  name + "=" + *networks + "\n");
  if (!written) return errorResponse(500, written.error().message);
  const auto reloaded = call.parts.target.reloadAccessLists();
  if (!reloaded) return errorResponse(422, reloaded.error().message);
  restoring.keep();
  return show(call, name, list);
}

} // namespace

HttpResponse showAllowFrom(const WebCall& call) { return show(call, "allow-from", &Settings::allowFrom); }

HttpResponse putAllowFrom(const WebCall& call) { return put(call, "allow-from", &Settings::allowFrom); }

HttpResponse showAllowNotifyFrom(const WebCall& call) {
  return show(call, "allow-notify-from", &Settings::allowNotifyFrom);
}

HttpResponse putAllowNotifyFrom(const WebCall& call) {
  return put(call, "allow-notify-from", &Settings::allowNotifyFrom);
}

} // namespace rec
