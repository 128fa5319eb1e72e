// LuaQuestion: what a script sees of a question, and what it says about it: the data behind `dq`, PolicyEvent and the
// hooks before the packet cache. Goes along with the question from hook to hook, on the worker where it came in. Plain
// data: a Lua value is in it by a number only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/address.hh"
#include "lib/dns/message.hh"
#include "lib/net/proxyheader.hh"
#include "recursor/policy/luahooks.hh"
#include "recursor/policy/verdict.hh"
#include "recursor/resolve/resolver.hh"

namespace rec {

constexpr std::size_t kMostLuaRecords = 4096; // of an answer

// pdns.place
enum class LuaPlace : std::uint8_t { Question = 0, Answer = 1, Authority = 2, Additional = 3 };

struct LuaRecord {
  dns::Name name;
  dns::RRType type{};
  std::uint32_t ttl = 0;
  LuaPlace place = LuaPlace::Answer;
  std::vector<std::byte> rdata; // uncompressed wire form
};

// A value that gettag or a hook left for the later ones (dq.data): in the table of the state that made it, for as long
// as somebody has this.
struct LuaData {
  std::uint64_t state = 0; // which one: after a reload it is another
  int reference = 0;
};

// Microseconds since 1970, as the two members of `queryTime` and pdns.now.
struct LuaTime {
  std::int64_t seconds = 0;
  std::int32_t micros = 0;
};

// EDNS options as they came: code and content, in their order.
using LuaOptions = std::vector<std::pair<std::uint16_t, std::string>>;

// dq.followupFunction, parsed.
enum class LuaFollowUp : std::uint8_t { None, Cname, FakeAaaa, FakePtr, UdpQuery, Unknown };

struct LuaQuestion {
  // What it is.
  dns::Question question;
  base::Address remote, local;
  bool tcp = false;
  net::ProxyHopPtr proxy; // that named `remote` and `local`; null: nobody did
  std::optional<dns::Header> header;
  bool hasEdns = false, dnssecOk = false;
  LuaOptions options;
  LuaTime queryTime;
  std::optional<base::Address> authority; // postresolve_ffi: none where no single server answered
  // What has become of it so far.
  Security security = Security::Indeterminate;
  std::vector<dns::ExtendedError> errors;

  // What the script may change.
  int rcode = 0;
  std::vector<LuaRecord> records;
  bool variable = false, wantsRpz = true, logResponse = true, padding = true;
  std::uint32_t tag = 0;
  std::string requestorId, deviceId, deviceName, routingTag;
  std::shared_ptr<const LuaData> data;
  std::uint16_t extendedErrorCode = 0;
  std::string extendedErrorExtra;
  std::set<std::string> policyTags, discardedPolicies;
  PolicyVerdict policy;
  std::string policyName; // of `policy`
  bool policyChanged = false;
  std::string followupFunction, followupPrefix, followupName;
  std::string udpQuery, udpAnswer, udpCallback;
  base::Address udpQueryDest;
  // gettag_ffi
  bool answered = false, followCname = false;
  std::uint32_t ttlCap = UINT32_MAX;

  unsigned udpRounds = 0;              // how often it was asked over UDP
  std::size_t script = 0;              // which one handled it
  std::uint64_t engine = 0;            // LuaEngine::id() of who saw it first: after a reload its answer is not kept
  std::uint32_t hooksRun = 0;          // bit 1 << LuaHook: each has its say once
  bool entered = false;                // it got as far as prerpz: nothing before has answered it
  bool settled = false;                // a hook before resolving has answered it, or failed: none has a say any more
  bool handled = false;                // some hook has made or changed the answer
  LuaHook hook = LuaHook::PreRpz;      // that began a follow-up
  std::optional<Outcome> untranslated; // getFakeAAAARecords: what the answer is when there is no A

  // Of the packet itself, whoever it was sent for.
  [[nodiscard]] const base::Address& interfaceRemote() const { return proxy ? proxy->peer : remote; }
  [[nodiscard]] const base::Address& interfaceLocal() const { return proxy ? proxy->local : local; }
  [[nodiscard]] LuaFollowUp followUp() const;
  void forgetFollowUp();
};

// The EDNS options of a question as it came; nothing when it cannot be read.
[[nodiscard]] LuaOptions optionsOf(std::span<const std::byte> packet);

// A network, as newNetmask makes it: the address as written.
struct LuaNetmask {
  base::Address network;
  std::uint8_t bits = 0;

  static base::Result<LuaNetmask> parse(const std::string& text);
  [[nodiscard]] bool empty() const { return !network.valid(); }
  [[nodiscard]] std::string text() const;
};

// The client's network in an EDNS Client Subnet option (RFC 7871 6).
[[nodiscard]] LuaNetmask subnetOf(const LuaOptions& options);
// `address` with all but the first `bits` bits cleared.
[[nodiscard]] base::Address truncated(const base::Address& address, unsigned bits);

// An outcome's records as scripts see them, and back: sets again, in the order of their first records. Signatures are
// records of their own to those who want them, else left out.
[[nodiscard]] std::vector<LuaRecord> recordsOf(const Outcome& outcome, bool withSignatures);
void putRecords(const std::vector<LuaRecord>& records, Outcome& outcome);

} // namespace rec
