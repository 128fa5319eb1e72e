// JSON to zones, zones to files: see zonerequest.hh.
#include "recursor/web/zonerequest.hh"

#include "recursor/config/endpoint.hh"
#include "recursor/web/jsonvalue.hh"

namespace rec {

namespace {

constexpr const char* kHead = " Made by the web server: changes are lost.\n";

base::Result<std::string> stringOf(const JsonValue& document, std::string_view name) {
  const JsonValue* value = document.member(name);
  if (value == nullptr || !value->isString())
    return base::Error{"Key '" + std::string(name) + "' not present or not a String"};
  return value->text;
}

base::Result<bool> boolOf(const JsonValue& document, std::string_view name, bool otherwise) {
  const JsonValue* value = document.member(name);
  if (value == nullptr) return otherwise;
  if (value->kind != JsonValue::Kind::Bool) return base::Error{"Key '" + std::string(name) + "' is not a Bool"};
  return value->truth;
}

std::string lowered(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

// What would mean something else in a line of recursor.conf is not taken.
bool isPlain(std::string_view text) {
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (code <= 0x20 || code >= 0x7f || std::string_view(",;\\").find(letter) != std::string_view::npos) return false;
  }
  return !text.empty();
}

base::Result<void> takeServers(const JsonValue& document, ZoneRequest& zone) {
  const JsonValue* servers = document.member("servers");
  if (servers == nullptr || !servers->isArray() || servers->items.empty()) {
    return base::Error{"Need at least one upstream server when forwarding"};
  }
  for (const JsonValue& server : servers->items) {
    if (!server.isString() || !isPlain(server.text)) return base::Error{"Forwarded-to server must be an address"};
    const auto endpoint = Endpoint::parse(server.text);
    if (!endpoint) return endpoint.error();
    const bool isBare = endpoint->scheme == Scheme::Udp && endpoint->host.empty();
    if (!zone.recurse && !isBare) return base::Error{"without recursion_desired a server is an address"};
    zone.servers.push_back(isBare ? endpoint->address.textWithPort() : server.text);
  }
  return {};
}

base::Result<void> takeAddress(const JsonValue& document, ZoneRequest& zone) {
  const JsonValue* target = document.member("single_target_ip");
  if (target == nullptr || (target->isString() && target->text.empty())) return {};
  const auto address = base::Address::parse(target->text);
  if (!target->isString() || !address || !address->isV4()) {
    return base::Error{"Single IP target '" + target->text + "' is invalid"};
  }
  zone.singleAddress = address->text();
  return {};
}

} // namespace

base::Result<ZoneRequest> parseZoneRequest(const std::string& body) {
  const auto document = parseJson(body);
  if (!document) return document.error();
  if (!document->isObject()) return base::Error{"an object is needed"};
  ZoneRequest zone;
  const auto nameText = stringOf(*document, "name");
  if (!nameText) return nameText.error();
  auto name = dns::Name::parse(*nameText);
  if (nameText->empty() || !name || !isPlain(name->text()) || name->text().find('=') != std::string::npos) {
    return base::Error{"'" + *nameText + "' is not the name of a zone"};
  }
  zone.name = std::move(*name);
  const auto kind = stringOf(*document, "kind");
  if (!kind) return kind.error();
  const auto recurse = boolOf(*document, "recursion_desired", false);
  const auto notify = boolOf(*document, "notify_allowed", false);
  if (!recurse || !notify) return recurse ? notify.error() : recurse.error();
  zone.recurse = *recurse;
  zone.notifyAllowed = *notify;
  zone.isNative = lowered(*kind) == "native";
  if (!zone.isNative && lowered(*kind) != "forwarded") return base::Error{"invalid kind"};
  if (zone.isNative && zone.recurse) return base::Error{"kind=Native and recursion_desired are mutually exclusive"};
  const auto taken = zone.isNative ? takeAddress(*document, zone) : takeServers(*document, zone);
  if (!taken) return taken.error();
  return zone;
}

std::string zoneFileText(const ZoneRequest& zone) {
  const std::string name = zone.name.text();
  std::string text =
      std::string(";") + kHead + name + "\t3600\tIN\tSOA\tlocal.zone. hostmaster.local.zone. 1 3600 600 86400 60\n";
  if (!zone.singleAddress.empty()) {
    const std::string below = name == "." ? "*." : "*." + name;
    text +=
        name + "\t3600\tIN\tA\t" + zone.singleAddress + "\n" + below + "\t3600\tIN\tA\t" + zone.singleAddress + "\n";
  }
  return text;
}

std::string settingsText(const ZoneRequest& zone, const std::string& recordPath) {
  std::string text = std::string("#") + kHead;
  const std::string name = zone.name.text();
  if (zone.isNative) return text + "auth-zones+=" + name + "=" + recordPath + "\n";
  std::string servers;
  for (const std::string& server : zone.servers) servers += (servers.empty() ? "" : ";") + server;
  text += (zone.recurse ? "forward-zones-recurse+=" : "forward-zones+=") + name + "=" + servers + "\n";
  return zone.notifyAllowed ? text + "allow-notify-for+=" + name + "\n" : text;
}

} // namespace rec
