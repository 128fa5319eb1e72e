// FakeInternet: an Exchange that plays authoritative servers from text zones, without network and without waiting. What
// a server does wrong is scripted per address. Every question is recorded. Time is a manual clock: a late server moves
// it on while it is being asked.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/coro/gate.hh"
#include "recursor/cache/nsspeeds.hh"
#include "recursor/upstream/exchange.hh"

namespace rectest {

// A zone's records by name and type. Names that only exist because something is below them count as existing.
class TextZone {
 public:
  // Lines "owner ttl IN type rdata", names absolute; the SOA gives the apex. Records outside of the zone are kept, too:
  // they are handed out as glue, right or wrong.
  explicit TextZone(std::string_view text);
  [[nodiscard]] const dns::Name& apex() const { return d_apex; }
  [[nodiscard]] dns::Message answer(const dns::Question& question) const;

 private:
  [[nodiscard]] const dns::RRset* find(const dns::Name& name, dns::RRType type) const;
  [[nodiscard]] bool exists(const dns::Name& name) const;
  bool refer(const dns::Question& question, dns::Message& into) const;
  bool substitute(const dns::Question& question, dns::Message& into) const;
  void addGlue(const dns::RRset& ns, dns::Message& into) const;

  dns::Name d_apex;
  std::map<dns::Name, std::map<dns::RRType, dns::RRset>> d_names;
};

class FakeInternet final : public rec::Exchange {
 public:
  FakeInternet(coro::Loop& loop, base::ManualClock& clock, rec::NsSpeeds& speeds)
      : d_loop(loop), d_clock(clock), d_speeds(speeds) {}

  // Adds a zone to servers ("192.0.2.1 2001:db8::1").
  void serve(std::string_view servers, std::string_view zone);

  // Scripted misbehaviour of a server.
  using Rewrite = std::function<void(const rec::ServerQuestion&, dns::Message&)>;
  void rewrite(std::string_view server, Rewrite rewrite); // changes each answer before it is sent
  void answerWith(std::string_view server, dns::RCode rcode);
  void answerWith(std::string_view server, const std::string& text); // messages.hh: message()
  void referUpwards(std::string_view server);
  void denyEmptyNonTerminals(std::string_view server);
  // Answers each question that comes with a client's network, with this scope; `change` makes it that network's own.
  using Tailor = std::function<void(const base::Netmask& client, dns::Message&)>;
  void tailor(std::string_view servers, std::uint8_t scope, const Tailor& change);
  // From now on it is asked without the client's network, as after silence or SERVFAIL to it.
  void withhold(std::string_view server);
  void losePacket(std::string_view server); // its next answer is to a question without EDNS: no signatures
  void silence(std::string_view server);    // nothing comes until the deadline, which passes at once
  void disconnect(std::string_view server); // the network says that it cannot be reached
  void jam(std::string_view server);        // nothing can be sent to it, which is this machine's own fault
  void hold(std::string_view server);       // answers only when released; meanwhile time stands still
  void delay(std::string_view server, std::chrono::milliseconds late); // held, and its lateness passes at once
  void release(std::string_view server);

  struct Asked {
    base::Address server;
    dns::Question question;
    bool recursionDesired = false;
    bool mayThrottle = true;
    std::optional<base::Netmask> subnet; // the client's
  };
  [[nodiscard]] const std::vector<Asked>& asked() const { return d_asked; }
  [[nodiscard]] std::vector<std::string> askedOf(std::string_view servers) const; // "www.example.com. A", in order
  [[nodiscard]] std::size_t count(std::string_view name) const;                   // questions for that name
  void forget() { d_asked.clear(); }
  [[nodiscard]] std::size_t waiting() const { return d_waiting; } // exchanges that wait for release()

  coro::Task<rec::ReplyPtr> ask(rec::ServerQuestion question, rec::Work& work) override;

 private:
  enum class Network { Works, Silent, Down, Jammed };
  struct Server {
    std::vector<TextZone> zones;
    std::vector<Rewrite> rewrites;
    Network network = Network::Works;
    std::unique_ptr<coro::Gate> gate;
    std::chrono::milliseconds late{0};
    bool plainOnce = false, withheld = false;
  };
  Server& server(std::string_view text);
  [[nodiscard]] dns::Message answer(const Server& server, const rec::ServerQuestion& question) const;
  rec::ServerReply fail(const rec::ServerQuestion& question, Network network);

  coro::Loop& d_loop;
  base::ManualClock& d_clock;
  rec::NsSpeeds& d_speeds;
  std::unordered_map<base::Address, Server, base::AddressHash> d_servers;
  std::vector<Asked> d_asked;
  std::size_t d_waiting = 0;
};

} // namespace rectest
