// lua-config-file: a Lua script, run once at the start, that says what DNSSEC validation shall trust and which response
// policy zones there are. The result is plain data. The only user of Lua in this folder; the script gets no access to
// the running resolver.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hh"
#include "lib/dns/name.hh"
#include "recursor/config/answerrules.hh"
#include "recursor/config/listdeclaration.hh"
#include "recursor/config/proxymapping.hh"
#include "recursor/config/rpzconfig.hh"

namespace rec {

// A trust anchor in the form of a DS record (RFC 4034 5.1).
struct TrustAnchor {
  std::uint16_t keyTag = 0;
  std::uint8_t algorithm = 0;
  std::uint8_t digestType = 0;
  std::vector<std::byte> digest;

  // "20326 8 2 E06D44B8...".
  static base::Result<TrustAnchor> parse(std::string_view text);
  [[nodiscard]] std::string text() const; // lower case digest
  [[nodiscard]] std::vector<std::byte> rdata() const;
  friend bool operator==(const TrustAnchor&, const TrustAnchor&) = default;
};

struct LuaConfig {
  std::map<dns::Name, std::vector<TrustAnchor>> trustAnchors; // built in, or from addTA
  std::map<dns::Name, std::vector<TrustAnchor>> fileAnchors;  // from readTrustAnchorsFromFile
  std::map<dns::Name, std::string> negativeTrustAnchors;      // with the reason
  std::string anchorFile;                     // readTrustAnchorsFromFile, read once already; empty if unused
  std::chrono::hours anchorFileInterval{24};  // how often it is to be read again; 0 never
  std::vector<RpzConfig> rpzs;                // from rpzFile and rpzPrimary, in their order
  std::vector<ListDeclaration> blockLists;    // blockList
  AnswerRules answers;                        // addSortList, clearSortlist, addAllowedAdditionalQType
  std::vector<ProxyMappingRule> proxyMapping; // addProxyMapping
};

// The root's key signing keys of 2017 and 2024.
[[nodiscard]] LuaConfig builtInLuaConfig();

// Runs the script at `path` (the built-in anchors when empty). It has addTA(name, ds or {ds...}), clearTA([name]),
// addNTA(name [, reason]), clearNTA([name]) and readTrustAnchorsFromFile(path [, hours]), once; rpzFile, rpzPrimary and
// rpzMaster (luarpz.hh); blockList(path [, options]); what luaanswers.hh and luaproxies.hh have. Anchors given for the
// root replace the built-in ones. Errors are one line with file, line and reason; a script that does not end is
// stopped. Of a file whose name ends in .yml the same is taken from its sections (yamllua.hh).
base::Result<LuaConfig> runLuaConfig(const std::string& path);

// DS and DNSKEY records of a master file, as anchors by name. A DNSKEY becomes a DS with SHA-256.
base::Result<std::map<dns::Name, std::vector<TrustAnchor>>> readAnchorFile(const std::string& path);

// "lua luajit" or "lua": what --version says.
[[nodiscard]] std::string_view luaFeatures();

} // namespace rec
