// ReplyMatcher: is this packet the answer to that query? Checks id, question and its letter case (RFC 5452 9.1, 0x20),
// parses it, checks the cookie (RFC 7873 5.3). Passes over everything else, counting what looks like an attack. One for
// each packet sent, made by WireExchange and fed by a transport.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/dns/message.hh"
#include "recursor/stats/metrics.hh"
#include "recursor/upstream/transport.hh"

namespace rec {

class ReplyMatcher final : public ReplyJudge {
 public:
  struct Query {
    std::uint16_t id = 0;
    dns::Question question;            // as the resolver asked it
    dns::Name sentName;                // the same name as sent, its case perhaps mixed
    bool caseMatters = false;          // another case than sent is not to be believed
    bool overTcp = false;              // nobody off the path can have sent it
    std::optional<dns::Cookie> cookie; // sent along
    bool cookieExpected = false;       // this server is known to do cookies
    unsigned nearMissMax = 1;          // spoof-nearmiss-max; 0 never gives up
  };
  // Why it was abandoned.
  enum class Doubt : std::uint8_t { None, NearMisses, CaseLost, Cookie, Malformed };

  // `answer`: where an answer is put; of use only after Accept.
  ReplyMatcher(Query query, dns::Message& answer, Counters& counters)
      : d_query(std::move(query)), d_counters(counters), d_message(answer) {}

  ReplyVerdict take(std::span<std::byte> packet) override;
  [[nodiscard]] std::optional<std::chrono::milliseconds> idleAllowed() const override;

  [[nodiscard]] Doubt doubt() const { return d_doubt; }
  [[nodiscard]] const Query& query() const { return d_query; }
  // After Accept:
  [[nodiscard]] const dns::Message& message() const { return d_message; }
  [[nodiscard]] std::size_t size() const { return d_size; }  // octets of the packet
  [[nodiscard]] bool caseLost() const { return d_caseLost; } // over TCP: it came back in another case
  [[nodiscard]] bool cookieOk() const { return d_cookieOk; } // it carries the client cookie sent

 private:
  enum class Match : std::uint8_t { Same, OtherCase, Other, Absent };
  [[nodiscard]] Match matchQuestion(std::span<const std::byte> packet) const;
  ReplyVerdict nearMiss();
  ReplyVerdict abandon(Doubt why);
  ReplyVerdict unexpected();
  ReplyVerdict takeMatching(std::span<std::byte> packet, const dns::Header& header, Match match);
  [[nodiscard]] bool parse(std::span<const std::byte> packet, const dns::Header& header);
  // False: not to be believed.
  [[nodiscard]] bool checkCookie();

  Query d_query;
  Counters& d_counters;
  dns::Message& d_message;
  std::size_t d_size = 0;
  unsigned d_nearMisses = 0;
  Doubt d_doubt = Doubt::None;
  bool d_caseLost = false;
  bool d_cookieOk = false;
};

} // namespace rec
