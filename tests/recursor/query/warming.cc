// keepwarm: names that are fetched without anybody asking.
#include "tests/lib/coro/settle.hh"
#include "tests/recursor/query/bench.hh"

using namespace querytest;
using namespace std::chrono_literals;

namespace {

// Until all names have had their turn; the next one is a second away or more.
void drive(Bench& bench) { corotest::settle(bench.loop, 500ms); }

const std::vector<dns::Question> kNames{{name("www.example.com"), dns::RRType::A, dns::RRClass::IN},
                                        {name("example.com"), dns::RRType::MX, dns::RRClass::IN}};

} // namespace

TEST_CASE("names that are kept warm are fetched at the start, validated, past what is about to expire") {
  Bench bench;
  bench.settings.dnssec = "process";
  bench.pipeline->keepWarm(kNames);
  drive(bench);
  CHECK(bench.resolver.resolutions == 2);
  CHECK(bench.resolver.last->question == kNames[1]);
  CHECK(bench.resolver.last->checking == rec::Checking::Enforce);
  CHECK(bench.resolver.last->renew == 10);
  CHECK(bench.counters.get(rec::Metric::KeepwarmRenewals) == 2);
  CHECK(bench.answers.empty());
}

TEST_CASE("what is in the caches is not fetched to keep it warm") {
  Bench bench;
  bench.resolver.cached = [](const rec::Request& request) { return positive(request.question.name.text()); };
  bench.pipeline->keepWarm(kNames);
  drive(bench);
  CHECK(bench.resolver.resolutions == 0);
}

TEST_CASE("each worker keeps the names warm whose home it is") {
  Bench bench;
  bench.workerCount = 1000;
  bench.pipeline->keepWarm(kNames);
  drive(bench);
  CHECK(bench.resolver.resolutions == 0);
  CHECK(bench.handedOver.empty());
}
