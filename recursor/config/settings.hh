// Settings: a plain struct with one typed member for each working row of settings.def, and the table of all rows.
// Everything reads a std::shared_ptr<const Settings>, a snapshot that is swapped whole; configuration.hh makes it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/netmask.hh"
#include "lib/base/result.hh"
#include "lib/dns/name.hh"
#include "recursor/config/endpoint.hh"

namespace rec {

// A zone with the servers to ask for it, from forward-zones, forward-zones-recurse or forward-zones-file.
struct ForwardZone {
  dns::Name zone;
  std::vector<Endpoint> servers;
  bool recurse = false;       // ask with RD
  bool notifyAllowed = false; // a NOTIFY for the zone is welcome ("^" in forward-zones-file)
  friend bool operator==(const ForwardZone&, const ForwardZone&) = default;
};

// A zone served from a master file, from auth-zones.
struct AuthZone {
  dns::Name zone;
  std::string file;
};

// The CPUs that each worker (0 is the first) may run on.
using WorkerCpus = std::map<unsigned, std::vector<unsigned>>;

enum class SettingType {
  Bool,
  U16,
  U32,
  U64,
  Double,
  Millis,
  Seconds,
  String,
  Choice,
  Path,
  Octal,
  Addresses,
  Netmasks,
  Prefix,
  Names,
  Strings,
  Ports,
  CpuMap,
  ForwardZones,
  AuthZones
};

// See the head of settings.def.
enum class SettingStatus { Works, Meaningless, Unsupported };

// The C++ type that holds a setting of each type.
template <SettingType> struct SettingValue;
template <> struct SettingValue<SettingType::Bool> {
  using Type = bool;
};
template <> struct SettingValue<SettingType::U16> {
  using Type = std::uint16_t;
};
template <> struct SettingValue<SettingType::U32> {
  using Type = std::uint32_t;
};
template <> struct SettingValue<SettingType::U64> {
  using Type = std::uint64_t;
};
template <> struct SettingValue<SettingType::Double> {
  using Type = double;
};
template <> struct SettingValue<SettingType::Millis> {
  using Type = std::chrono::milliseconds;
};
template <> struct SettingValue<SettingType::Seconds> {
  using Type = std::chrono::seconds;
};
template <> struct SettingValue<SettingType::String> {
  using Type = std::string;
};
template <> struct SettingValue<SettingType::Choice> {
  using Type = std::string;
};
template <> struct SettingValue<SettingType::Path> {
  using Type = std::string;
};
template <> struct SettingValue<SettingType::Octal> {
  using Type = std::uint32_t;
};
template <> struct SettingValue<SettingType::Addresses> {
  using Type = std::vector<base::Address>;
};
template <> struct SettingValue<SettingType::Netmasks> {
  using Type = base::NetmaskGroup;
};
template <> struct SettingValue<SettingType::Prefix> {
  using Type = std::optional<base::Netmask>;
};
template <> struct SettingValue<SettingType::Names> {
  using Type = std::vector<dns::Name>;
};
template <> struct SettingValue<SettingType::Strings> {
  using Type = std::vector<std::string>;
};
template <> struct SettingValue<SettingType::Ports> {
  using Type = std::vector<std::uint16_t>;
};
template <> struct SettingValue<SettingType::CpuMap> {
  using Type = WorkerCpus;
};
template <> struct SettingValue<SettingType::ForwardZones> {
  using Type = std::vector<ForwardZone>;
};
template <> struct SettingValue<SettingType::AuthZones> {
  using Type = std::vector<AuthZone>;
};

// Members are named after the setting: "max-qperq" is maxQperq. `Settings{}` is all zeros: use defaultSettings().
struct Settings {
#define MEMBER_Works(field, type) SettingValue<SettingType::type>::Type field{};
#define MEMBER_Meaningless(field, type)
#define MEMBER_Unsupported(field, type)
#define SETTING(field, name, type, defaultText, unit, min, max, changedBy, status, help) MEMBER_##status(field, type)
#include "recursor/config/settings.def"
#undef SETTING
#undef MEMBER_Works
#undef MEMBER_Meaningless
#undef MEMBER_Unsupported
};

// One row of settings.def.
struct SettingInfo {
  std::string_view name;
  SettingType type;
  std::string_view defaultText;
  std::string_view unit; // for Choice the words allowed, separated by |
  std::uint64_t min, max;
  std::string_view changedBy; // rec_control command, empty when a restart is needed
  SettingStatus status;
  std::string_view help;
  // Parses the text into the member (or only checks it, where there is none). The error says what is wrong with it.
  base::Result<void> (*assign)(Settings& settings, const SettingInfo& info, std::string_view text);
};

[[nodiscard]] std::span<const SettingInfo> allSettings(); // in the order of settings.def
[[nodiscard]] const SettingInfo* findSetting(std::string_view name);

// The defaults of the table, with what they stand for filled in (threads, server-id ...). For tests and --config.
[[nodiscard]] Settings defaultSettings();

// Replaces what the texts stand for by values: 0 threads by the number of CPUs, RUNTIME by the host name or version,
// local-address without a port by one with local-port.
void fillIn(Settings& settings);

} // namespace rec
