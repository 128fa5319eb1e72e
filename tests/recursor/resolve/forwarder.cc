// Forward rules: recursive servers and authoritative ones.
#include "recursor/resolve/forwarder.hh"

#include "tests/recursor/resolve/smallinternet.hh"

using namespace rec;
using namespace rectest;
using namespace std::chrono_literals;
using dns::RCode;
using dns::RRType;

namespace {

using Bench = SmallInternet;

} // namespace

TEST_CASE("a recursive forwarder is asked once, with RD, and followed through its chain") {
  Bench bench;
  bench.options->forwards.push_back(ForwardRule{name("."), {address("192.0.2.53")}, true});
  bench.internet.answerWith("192.0.2.53", R"(ra
    answer
      alias.example.com. 300 IN CNAME www.example.com.
      www.example.com. 300 IN A 192.0.2.80)");
  const Result result = bench.resolve(question("alias.example.com"));
  CHECK(result.answer() == "alias.example.com. CNAME www.example.com.\nwww.example.com. A 192.0.2.80\n");
  REQUIRE(bench.internet.asked().size() == 1);
  CHECK(bench.internet.asked().front().recursionDesired);
}

TEST_CASE("forwarders are asked one after the other until one answers") {
  Bench bench;
  bench.options->forwards.push_back(
      ForwardRule{name("."), {address("192.0.2.53"), address("192.0.2.54"), address("192.0.2.55")}, true});
  bench.internet.answerWith("192.0.2.53", RCode::ServFail);
  bench.internet.silence("192.0.2.54");
  bench.internet.answerWith("192.0.2.55", "ra\nanswer\nwww.example.com. 300 IN A 192.0.2.80");
  CHECK(bench.resolve(question("www.example.com")).answer() == "www.example.com. A 192.0.2.80\n");
}

TEST_CASE("forwarders that fail are named") {
  Bench bench;
  bench.options->forwards.push_back(ForwardRule{name("example.com"), {address("192.0.2.53")}, true});
  bench.internet.answerWith("192.0.2.53", RCode::Refused);
  const Result result = bench.resolve(question("www.example.com"));
  CHECK(result.outcome.rcode == RCode::ServFail);
  CHECK(result.why().find("192.0.2.53 REFUSED") != std::string::npos);
}

TEST_CASE("forward-zones to authoritative servers are asked without RD, and their referrals followed") {
  Bench bench;
  bench.options->forwards.push_back(ForwardRule{name("example.com"), {address("192.0.2.60")}, false});
  bench.internet.serve("192.0.2.60", R"(
    example.com. 900 IN SOA ns1.example.com. host.example.com. 1 2 3 4 60
    sub.example.com. 900 IN NS ns.sub.example.com.
    ns.sub.example.com. 900 IN A 192.0.2.61)");
  bench.internet.serve("192.0.2.61", "sub.example.com. 900 IN SOA a.test. b.test. 1 2 3 4 60\n"
                                     "www.sub.example.com. 900 IN A 192.0.2.83\n");
  CHECK(bench.resolve(question("www.sub.example.com")).answer() == "www.sub.example.com. A 192.0.2.83\n");
  CHECK(bench.internet.askedOf("192.0.2.1").empty());
  CHECK_FALSE(bench.internet.asked().front().recursionDesired);
}
