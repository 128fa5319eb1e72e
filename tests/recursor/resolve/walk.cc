// The explanation of a failed walk.
#include "recursor/resolve/walk.hh"

#include "tests/recursor/resolve/messages.hh"

using namespace rec;
using namespace rectest;
using dns::EdeCode;

TEST_CASE("a failure names each server and how it failed, zone by zone") {
  Walk walk;
  walk.fail(FailureKind::Refusing, name("example.com"), "192.0.2.1", "REFUSED");
  walk.fail(FailureKind::Silent, name("example.com"), "192.0.2.2", "timed out");
  walk.fail(FailureKind::Silent, name("example.com"), "192.0.2.2", "timed out");
  walk.fail(FailureKind::Lame, name("com"), "192.0.2.3", "refers upwards to .");
  const auto errors = walk.explain();
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].code == EdeCode::NoReachableAuthority);
  CHECK(errors[0].text == "example.com.: 192.0.2.1 REFUSED, 192.0.2.2 timed out; com.: 192.0.2.3 refers upwards to .");
}

TEST_CASE("network errors are told as such, too") {
  Walk walk;
  walk.fail(FailureKind::Network, name("example.com"), "192.0.2.1", "connection refused");
  const auto errors = walk.explain();
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].code == EdeCode::NoReachableAuthority);
  CHECK(errors[1].code == EdeCode::NetworkError);
}

TEST_CASE("a server that was silent several times is named once") {
  Walk walk;
  walk.fail(FailureKind::Silent, name("example.com"), "192.0.2.1", "timed out after 1500 ms");
  walk.fail(FailureKind::Silent, name("example.com"), "192.0.2.1", "timed out after 20 ms");
  CHECK(walk.explain().front().text == "example.com.: 192.0.2.1 timed out after 1500 ms");
}

TEST_CASE("an exceeded limit is named") {
  Walk walk;
  walk.work = std::make_shared<Work>();
  walk.work->exceeded = "max-qperq";
  const auto errors = walk.explain();
  REQUIRE_FALSE(errors.empty());
  CHECK(errors[0].code == EdeCode::Other);
  CHECK(errors[0].text == "limit reached: max-qperq");
}

TEST_CASE("a walk without any failure still says something") {
  const Walk walk;
  CHECK(walk.explain().size() == 1);
}

TEST_CASE("the same further reason is told once") {
  Walk walk;
  walk.failWith(EdeCode::Other, "limit reached");
  walk.failWith(EdeCode::Other, "limit reached");
  CHECK(walk.explain().size() == 1);
}

TEST_CASE("texts and lists are bounded") {
  Walk walk;
  for (int i = 0; i < 500; ++i) {
    walk.fail(FailureKind::Silent, name("example.com"), "192.0.2." + std::to_string(i), "timed out after 1500 ms");
  }
  CHECK(walk.failures.size() <= 64);
  const auto errors = walk.explain();
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].text.size() < 450);
}

TEST_CASE("steps carry the depth of their walk") {
  Walk walk;
  walk.trace = std::make_shared<Trace>(base::MonoTime{});
  walk.depth = 2;
  walk.note({StepKind::Question, 0, name("www.example.com"), dns::RRType::A, {}, {}, {}, base::MonoTime{}});
  REQUIRE(walk.trace->steps().size() == 1);
  CHECK(walk.trace->steps().front().depth == 2);
  CHECK(walk.trace->describe().front() == "     0.0 ms     wanted: www.example.com. A");
}
