// Fuzz target: recursor.conf, the values of every setting, the forward-zones-file, hosts files, and the words of a
// control request.
#include "recursor/config/configfile.hh"
#include "recursor/config/settings.hh"
#include "recursor/config/values.hh"
#include "recursor/config/zones.hh"
#include "recursor/config/zonesources.hh"
#include "recursor/control/protocol.hh"
#include "recursor/resolve/hostsfile.hh"
#include "tests/fuzz/fuzz.hh"

namespace {

// A value that parses has a normal spelling that parses too, and stays as it is.
void tryValue(const rec::SettingInfo& info, const std::string& text) {
  rec::Settings settings;
  if (!info.assign(settings, info, text)) return;
  const auto normal = rec::normalValue(info, text);
  fuzz::require(info.assign(settings, info, normal).ok());
  fuzz::require(rec::normalValue(info, normal) == normal);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto lines = rec::parseConfigText(text, "recursor.conf")) {
    for (const auto& line : *lines) {
      if (const auto* info = rec::findSetting(line.key)) tryValue(*info, line.value);
    }
  }
  static_cast<void>(rec::parseForwardZonesFile(text, "zones").ok());
  static_cast<void>(rec::parseForwardZones(text, true).ok());
  static_cast<void>(rec::parseAuthZones(text).ok());
  static_cast<void>(rec::parseHosts(text, dns::Name()));
  if (const auto words = rec::decodeWords(text)) fuzz::require(rec::encodeRequest(*words).substr(4) == text);
  return 0;
}
