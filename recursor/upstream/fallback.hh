// Fallback: after one attempt at a server, is there another way to ask it that is worth trying? Pure decisions, without
// I/O, over what the attempt showed. Called by WireExchange; every way is gone once at most.
#pragma once

#include <optional>

#include "lib/dns/message.hh"
#include "recursor/cache/nsspeeds.hh"
#include "recursor/upstream/replymatcher.hh"
#include "recursor/upstream/transport.hh"

namespace rec {

// How to ask.
struct Attempt {
  TransportKind via = TransportKind::Udp;
  bool edns = true;
  bool cookie = true;          // meaningful with EDNS
  bool subnet = false;         // the client's, where there is one; meaningful with EDNS
  bool mixCase = true;         // 0x20
  bool passNearMisses = false; // do not give up because of them
};

// What has happened in this exchange before.
struct Progress {
  bool answeredOnce = false; // something came back: the server is not to blame for silence after that
  bool suspected = false;    // TCP from the start, because of near misses earlier
  // Why TCP was tried:
  bool caseLost = false, nearMissed = false, malformed = false;
  bool ednsDropped = false;
  bool cookieDropped = false;
  bool subnetDropped = false;  // it was refused, or its answer not believed
  bool subnetWithheld = false; // see SubnetEcho
  bool cookieRenewed = false;  // asked again after BADCOOKIE
  dns::RCode ednsRcode{};      // the error that made EDNS be dropped
};

// What one attempt showed.
struct Finding {
  WireStatus status = WireStatus::TimedOut;
  ReplyMatcher::Doubt doubt = ReplyMatcher::Doubt::None; // when Abandoned
  const dns::Message* message = nullptr;                 // when Accepted
  bool cookieOk = false;
  bool subnetOk = true; // false: the answer is not one to the client's network that was sent
};

// The next attempt, with `progress` brought up to date; nothing when what was found stands.
[[nodiscard]] std::optional<Attempt> nextAttempt(const Attempt& tried, const Finding& finding, EdnsStatus known,
                                                 Progress& progress);

} // namespace rec
