// One visit to a primary, and a keeper's thread, with primaries that the test plays.
#include "recursor/policy/rpzkeeper.hh"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <sstream>

#include "lib/dns/presentation.hh"
#include "recursor/policy/rpzfetch.hh"
#include "tests/recursor/policy/rpzsupport.hh"

using namespace rec;
using namespace rpztest;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

std::string soa(unsigned serial) {
  return "rpz.test. 60 IN SOA ns. host. " + std::to_string(serial) + " 3600 600 86400 30";
}

std::vector<std::byte> answerTo(std::span<const std::byte> question, const Lines& records, dns::RCode rcode) {
  const auto asked = dns::parseMessage(question).value();
  dns::Header header;
  header.id = asked.header.id;
  header.qr = true;
  header.rcode = rcode;
  return transferMessage(header, *asked.question, records);
}

// A primary: what it says to each kind of question, a list of records for each message. Thread safe: one mutex.
class Played {
 public:
  RpzConnect connect() {
    return [this](const base::Address& server, const RpzConnection::Options& options,
                  const base::Clock&) -> base::Result<std::unique_ptr<RpzLink>> {
      const std::lock_guard lock(d_mutex);
      connected.push_back(server);
      deadlines.push_back(options.deadline);
      if (down.contains(server)) return base::Error{"cannot connect: refused"};
      return std::unique_ptr<RpzLink>(std::make_unique<Link>(*this));
    };
  }
  // Serial 1 has a and b; differences lead to the serial now.
  void become(unsigned serial, const Lines& differences, const Lines& whole) {
    const std::lock_guard lock(d_mutex);
    d_soa = {soa(serial)};
    d_ixfr = {differences};
    d_axfr = {{soa(serial)}, whole, {soa(serial)}};
  }

  std::vector<base::Address> connected;
  std::vector<base::MonoTime> deadlines; // of connecting, and those that were set
  std::set<base::Address> down;
  Lines asked;
  bool refusesIxfr = false, silentIxfr = false;

 private:
  class Link final : public RpzLink {
   public:
    explicit Link(Played& primary) : d_primary(primary) {}
    void setDeadline(base::MonoTime deadline) override {
      const std::lock_guard lock(d_primary.d_mutex);
      d_primary.deadlines.push_back(deadline);
    }
    base::Result<void> send(std::span<const std::byte> message) override {
      const std::lock_guard lock(d_primary.d_mutex);
      d_primary.answer(message, d_waiting);
      return {};
    }
    base::Result<std::span<const std::byte>> receive() override {
      if (d_waiting.empty()) return base::Error{"not done in time"};
      d_current = std::move(d_waiting.front());
      d_waiting.pop_front();
      return std::span<const std::byte>(d_current);
    }

   private:
    Played& d_primary;
    std::deque<std::vector<std::byte>> d_waiting;
    std::vector<std::byte> d_current;
  };

  void answer(std::span<const std::byte> question, std::deque<std::vector<std::byte>>& into) {
    const dns::RRType type = dns::parseMessage(question).value().question->type;
    asked.push_back(dns::text(type));
    if (type == dns::RRType::IXFR && silentIxfr) return;
    if (type == dns::RRType::IXFR && refusesIxfr) {
      return into.push_back(answerTo(question, {}, dns::RCode::NotImp));
    }
    if (type == dns::RRType::SOA) {
      return into.push_back(answerTo(question, d_soa, dns::RCode::NoError));
    }
    for (const Lines& records : type == dns::RRType::IXFR ? d_ixfr : d_axfr) {
      into.push_back(answerTo(question, records, dns::RCode::NoError));
    }
  }

  std::mutex d_mutex;
  Lines d_soa{soa(1)};
  std::vector<Lines> d_ixfr{{soa(1)}};
  std::vector<Lines> d_axfr{{soa(1)}, {"a.rpz.test. 60 IN CNAME .", "b.rpz.test. 60 IN CNAME ."}, {soa(1)}};
};

const Lines kToTwo{soa(2), soa(1), "a.rpz.test. 60 IN CNAME .", soa(2), "*.c.rpz.test. 60 IN CNAME .", soa(2)};
const Lines kWholeTwo{"b.rpz.test. 60 IN CNAME .", "*.c.rpz.test. 60 IN CNAME ."};

RpzConfig configOf(const std::string& primaries = "192.0.2.1") {
  RpzConfig config;
  config.name = "played";
  config.zone = name("rpz.test");
  std::istringstream list(primaries);
  for (std::string one; list >> one;) {
    config.primaries.push_back(address(one).withPort(53));
  }
  return config;
}

struct Visit {
  base::Result<RpzFetched> fetch(const RpzRulesPtr& have) {
    return fetchRpz(config, config.primaries.front(), have, {clock, -1, false, {}, primary.connect()});
  }
  RpzRulesPtr first() {
    const auto fetched = fetch(nullptr);
    REQUIRE(fetched);
    REQUIRE(fetched->rules);
    return fetched->rules;
  }
  base::ManualClock clock;
  RpzConfig config = configOf();
  Played primary;
};

} // namespace

TEST_CASE("without anything the whole zone is asked for, in as many messages as it takes") {
  Visit visit;
  const auto fetched = visit.fetch(nullptr);
  REQUIRE(fetched);
  CHECK(fetched->whole);
  CHECK(fetched->rules->rules() == 2);
  CHECK(fetched->rules->serial() == 1);
  CHECK(visit.primary.asked == Lines{"AXFR"});
}

TEST_CASE("with the newest serial nothing is transferred") {
  Visit visit;
  const auto have = visit.first();
  const auto fetched = visit.fetch(have);
  REQUIRE(fetched);
  CHECK_FALSE(fetched->rules);
  CHECK(visit.primary.asked == Lines{"AXFR", "SOA"});
}

TEST_CASE("differences make the next version, which knows of which names it differs") {
  Visit visit;
  const auto have = visit.first();
  visit.primary.become(2, kToTwo, kWholeTwo);
  const auto fetched = visit.fetch(have);
  REQUIRE(fetched);
  CHECK_FALSE(fetched->whole);
  CHECK(fetched->rules->serial() == 2);
  CHECK(visit.primary.connected.size() == 2); // one for each visit
  const auto change = fetched->rules->changeSince(have.get());
  REQUIRE(change);
  CHECK(change->touches(name("a")));
  CHECK(change->touches(name("x.c")));
  CHECK_FALSE(change->touches(name("c")));
  CHECK_FALSE(change->touches(name("b")));
  CHECK_FALSE(fetched->rules->changeSince(fetched->rules.get()));
  CHECK_FALSE(have->changeSince(nullptr));
}

TEST_CASE("differences that are not about names alone are told as anything") {
  Visit visit;
  const auto have = visit.first();
  visit.primary.become(2, {soa(2), soa(1), soa(2), "32.1.2.0.192.rpz-ip.rpz.test. 60 IN CNAME .", soa(2)}, kWholeTwo);
  const auto fetched = visit.fetch(have);
  REQUIRE(fetched);
  REQUIRE_FALSE(fetched->whole);
  CHECK_FALSE(fetched->rules->changeSince(have.get()));
}

TEST_CASE("when there are no differences to be had the whole zone is taken over a new connection, with its own time") {
  Visit visit;
  const auto have = visit.first();
  visit.primary.become(2, kToTwo, kWholeTwo);
  SECTION("refused") { visit.primary.refusesIxfr = true; }
  SECTION("not answered") { visit.primary.silentIxfr = true; }
  SECTION("leading from another serial") { visit.primary.become(2, {soa(2), soa(7), soa(2), soa(2)}, kWholeTwo); }
  SECTION("taking away what is not there") {
    visit.primary.become(2, {soa(2), soa(1), "x.rpz.test. 60 IN CNAME .", soa(2), soa(2)}, kWholeTwo);
  }
  visit.primary.deadlines.clear();
  const auto fetched = visit.fetch(have);
  REQUIRE(fetched);
  CHECK(fetched->whole);
  CHECK_FALSE(fetched->ixfrFault.empty());
  CHECK(fetched->rules->rules() == 2);
  CHECK_FALSE(fetched->rules->changeSince(have.get()));
  CHECK(visit.primary.asked == Lines{"AXFR", "SOA", "IXFR", "AXFR"});
  CHECK(visit.primary.connected.size() == 3);
  CHECK(visit.primary.deadlines.size() == 4); // connecting and the serial, IXFR, connecting, AXFR
}

TEST_CASE("a primary that is behind is an error, and nothing is taken from it") {
  Visit visit;
  visit.primary.become(3, {}, {"a.rpz.test. 60 IN CNAME ."});
  const auto have = visit.first();
  visit.primary.become(2, kToTwo, kWholeTwo);
  const auto fetched = visit.fetch(have);
  REQUIRE_FALSE(fetched);
  CHECK(fetched.error().message == "its serial 2 is older than ours, 3");
}

namespace {

// What a keeper publishes, for a test to wait for.
class Published {
 public:
  RpzKeeper::Publish publish() {
    return [this](const RpzRulesPtr& rules) {
      const std::lock_guard lock(d_mutex);
      d_all.push_back(rules);
      d_changed.notify_all();
    };
  }
  RpzRulesPtr next() {
    std::unique_lock lock(d_mutex);
    REQUIRE(d_changed.wait_for(lock, 30s, [this] { return !d_all.empty(); }));
    RpzRulesPtr rules = d_all.front();
    d_all.pop_front();
    return rules;
  }

 private:
  std::mutex d_mutex;
  std::condition_variable d_changed;
  std::deque<RpzRulesPtr> d_all;
};

} // namespace

TEST_CASE("a keeper asks one primary after the other, and again when it is told to") {
  const base::SystemClock clock;
  Played primary;
  Published published;
  primary.down.insert(address("192.0.2.1").withPort(53));
  RpzKeeper keeper(configOf("192.0.2.1 192.0.2.2"), nullptr, {}, clock, false, published.publish(), primary.connect());
  keeper.start();
  const auto first = published.next();
  REQUIRE(first);
  CHECK(first->serial() == 1);
  primary.become(2, kToTwo, kWholeTwo);
  RpzKeeper::checkSoon(*keeper.waker());
  const auto second = published.next();
  REQUIRE(second);
  CHECK(second->serial() == 2);
  CHECK(second->changeSince(first.get()));
  const RpzCounts counts = keeper.counts();
  CHECK(counts.failed >= 2);
  CHECK(counts.full == 1);
}

TEST_CASE("a keeper gives up what no primary has confirmed for the time that the SOA says") {
  const base::SystemClock clock;
  Played primary;
  Published published;
  primary.down.insert(address("192.0.2.1").withPort(53));
  const auto have = load("a CNAME .\n"); // expires after a day
  RpzKeeper keeper(configOf(), have, clock.mono() - 25h, clock, false, published.publish(), primary.connect());
  keeper.start();
  CHECK_FALSE(published.next());
}
