// The words of filters.
#include "recursor/querylog/filter.hh"

#include "logtest.hh"

using namespace logtest;

namespace {

std::string problemWith(const std::string& text) {
  const auto filter = rec::LogFilter::parse(text, kBegin);
  return filter ? "" : filter.error().message;
}

} // namespace

TEST_CASE("each word of a filter is understood") {
  const auto filter =
      rec::LogFilter::parse("since=-15m until=2026-02-01T12:00 name=A.example suffix=b.example,c.example "
                            "client=192.0.2.1 net=2001:db8::/32 type=AAAA,MX rcode=nxdomain,3841 kind=stale "
                            "transport=tcp security=bogus policy=* tag=x slower=1.5s ede=15",
                            kBegin);
  REQUIRE(filter.ok());
  CHECK(filter->since == kBegin - 900'000'000);
  CHECK(filter->until == 1'769'947'200'000'000);
  CHECK(filter->names.front() == name("a.example"));
  CHECK(filter->suffixes.size() == 2);
  CHECK(filter->clients.size() == 2);
  CHECK(filter->types.size() == 2);
  CHECK(filter->rcodes.back() == static_cast<dns::RCode>(3841));
  CHECK(filter->kinds.front() == rec::LogKind::Stale);
  CHECK(filter->slowerThan == 1'500'000U);
  CHECK(filter->ede == 15);
  CHECK_FALSE(filter->empty());
  CHECK(rec::LogFilter::parse("", 0)->empty());
}

TEST_CASE("times are given in several ways, in UTC") {
  CHECK(rec::LogFilter::parse("since=2026-01-01", 0)->since == kBegin);
  CHECK(rec::LogFilter::parse("since=1767225600", 0)->since == kBegin);
  CHECK(rec::LogFilter::parse("since=2026-01-01T00:00:01Z", 0)->since == kBegin + 1'000'000);
  CHECK(rec::LogFilter::parse("since=now", kBegin)->since == kBegin);
  CHECK(rec::LogFilter::parse("since=-1d", kBegin)->since == kBegin - 86'400'000'000);
}

TEST_CASE("what makes no sense is refused with the reason") {
  for (const char* text :
       {"since=yesterday", "name=a..b", "client=nobody", "type=NONE?", "rcode=MAYBE", "kind=new", "slower=soon",
        "ede=x", "colour=blue", "suffix", "since=-5x", "slower=-1s", "since=99999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(problemWith(text).empty());
  }
}

TEST_CASE("all words must match, and of the values of one word one") {
  rec::LogRecord record;
  record.name = name("www.b.example");
  record.client = address("192.0.2.7");
  record.type = dns::RRType::A;
  record.tags = "one,two";
  const auto matches = [&record](const std::string& text) { return rec::LogFilter::parse(text, 0)->matches(record); };
  CHECK(matches("suffix=a.example,b.example type=A,MX"));
  CHECK_FALSE(matches("suffix=a.example,b.example type=MX"));
  CHECK(matches("net=192.0.2.0/24"));
  CHECK_FALSE(matches("client=192.0.2.8"));
  CHECK_FALSE(matches("name=b.example"));
  CHECK_FALSE(matches("suffix=w.b.example"));
  CHECK(matches("tag=two"));
  CHECK_FALSE(matches("tag=on"));
  CHECK_FALSE(matches("policy=*"));
  CHECK_FALSE(matches("ede=0"));
  CHECK_FALSE(matches("slower=0"));
}
