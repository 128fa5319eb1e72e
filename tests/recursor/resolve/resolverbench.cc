// A resolver whose hints name one root server, 192.0.2.1; tests fill the servers with zones.
#include "tests/recursor/resolve/resolverbench.hh"

#include <algorithm>

#include "lib/dns/rdata.hh"

namespace rectest {

namespace {

rec::Selector::Options calm() {
  rec::Selector::Options options;
  options.explorePermille = 0;
  return options;
}

std::shared_ptr<const rec::LocalZones> noLocalZones() {
  rec::LocalZoneOptions options;
  options.serveRfc1918 = options.serveRfc6303 = false;
  auto zones = rec::LocalZones::load(options);
  REQUIRE(zones);
  return *zones;
}

} // namespace

std::string Result::answer() const {
  std::string text;
  for (const rec::AgedRRset& set : outcome.answer) {
    for (const dns::Rdata rdata : set.rrset.rdatas()) {
      text += set.rrset.owner().text() + " " + dns::text(set.rrset.type()) + " " +
              dns::rdataText(set.rrset.type(), rdata) + "\n";
    }
  }
  return text;
}

std::string Result::why() const {
  std::string text;
  for (const dns::ExtendedError& error : outcome.errors) {
    text += error.text + "\n";
  }
  return text;
}

bool Result::has(dns::EdeCode code) const {
  return std::any_of(outcome.errors.begin(), outcome.errors.end(),
                     [&](const dns::ExtendedError& error) { return error.code == code; });
}

ResolverBench::ResolverBench(const rec::DotServers::Options& probing)
    : roots([](const std::string& what) { FAIL_CHECK("a coroutine threw: " << what); }), selector(speeds, calm()),
      dotServers(probing),
      router(rec::ResolveParts{loop, roots,
                               rec::Caches{records, negatives, failures, delegations, speeds, wildcards, aggressive,
                                           trusts, subnets, dnameSeen},
                               internet, selector, counters, anchors, memo, loops, options, &dot, &fetches},
             noLocalZones()) {
  options->hints.push_back(rec::NameServer{name("a.root.test"), {address("192.0.2.1")}});
}

coro::Task<void> ResolverBench::client(dns::Question question, ResultPtr result) {
  rec::Request request;
  request.question = question;
  request.deadline = loop.now() + options->maxTotal;
  request.trace = trace;
  request.renew = renew;
  request.missed = missed;
  request.subnet = subnet;
  auto outcome = co_await router.resolve(std::move(request));
  result->outcome = std::move(outcome);
  result->done = true;
}

ResultPtr ResolverBench::start(const dns::Question& question) {
  auto result = std::make_shared<Result>();
  roots.spawn(client(question, result));
  return result;
}

void ResolverBench::drive() {
  for (int i = 0; i < 50; ++i) {
    loop.runOnce();
  }
}

Result ResolverBench::resolve(const dns::Question& question) {
  const ResultPtr result = start(question);
  drive();
  REQUIRE(result->done);
  return *result;
}

} // namespace rectest
