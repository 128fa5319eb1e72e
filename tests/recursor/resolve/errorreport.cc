// The names of error reports (RFC 9567).
#include "recursor/resolve/errorreport.hh"

#include <catch2/catch.hpp>

using namespace rec;

namespace {

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

std::string report(std::string_view qname, std::string_view agent) {
  const auto made = errorReportName(name(qname), dns::RRType::A, dns::EdeCode::SignatureExpired, name(agent));
  return made ? made->text() : "none";
}

} // namespace

TEST_CASE("a report names type, question, code and agent") {
  CHECK(report("broken.test", "a01.agent-domain.example") == "_er.1.broken.test.7._er.a01.agent-domain.example.");
  CHECK(report(".", "agent.example") == "_er.1.7._er.agent.example.");
}

TEST_CASE("no report goes to the root, about a report, or about the agent's own domain") {
  CHECK(report("broken.test", ".") == "none");
  CHECK(report("_er.1.broken.test.7._er.other.example", "agent.example") == "none");
  CHECK(report("_ER.x", "agent.example") == "none");
  CHECK(report("agent.example", "agent.example") == "none");
  CHECK(report("www.Agent.example", "agent.example") == "none");
  CHECK(report("example", "agent.example") != "none");
}

TEST_CASE("a report whose name would be too long is not made") {
  const std::string label(50, 'x');
  const std::string three = label + "." + label + "." + label + ".";
  CHECK(report(three + label + ".test", "agent.example") != "none");
  CHECK(report(three + label + "." + std::string(20, 'y') + ".test", "agent.example") == "none");
}
