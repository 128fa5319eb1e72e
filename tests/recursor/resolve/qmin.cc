// The names that servers get to see (RFC 9156).
#include "recursor/resolve/qmin.hh"

#include "tests/recursor/resolve/messages.hh"

using namespace rec;
using namespace rectest;
using dns::RRType;

namespace {

// What one server would be shown when every answer is "no data" until the full question.
std::vector<std::string> shown(Minimiser& minimiser, const char* zone) {
  std::vector<std::string> all;
  for (;;) {
    const dns::Question next = minimiser.next(name(zone));
    all.push_back(next.name.text() + " " + dns::text(next.type));
    if (minimiser.isFull(next) || all.size() > 200) {
      return all;
    }
  }
}

} // namespace

TEST_CASE("each zone is shown one label more, as an A question, and the full question last") {
  Minimiser minimiser(question("a.b.example.com", RRType::MX), {});
  CHECK(shown(minimiser, ".") ==
        std::vector<std::string>{"com. A", "example.com. A", "b.example.com. A", "a.b.example.com. MX"});
}

TEST_CASE("after a referral the next name is one label below the new zone") {
  Minimiser minimiser(question("www.example.com", RRType::AAAA), {});
  CHECK(minimiser.next(name(".")).name == name("com"));
  CHECK(minimiser.next(name("com")).name == name("example.com"));
  const auto last = minimiser.next(name("example.com"));
  CHECK(last == question("www.example.com", RRType::AAAA));
  CHECK(minimiser.isFull(last));
}

TEST_CASE("a name shown before is not shown again to a zone above it") {
  Minimiser minimiser(question("a.b.c.example.com"), {});
  CHECK(minimiser.next(name("com")).name == name("example.com"));
  CHECK(minimiser.next(name("com")).name == name("c.example.com"));
}

TEST_CASE("names directly below the zone, the zone itself and the root are asked in full") {
  Minimiser child(question("com", RRType::NS), {});
  CHECK(child.next(name(".")) == question("com", RRType::NS));
  Minimiser apex(question("example.com", RRType::SOA), {});
  CHECK(apex.next(name("example.com")) == question("example.com", RRType::SOA));
  Minimiser root(question(".", RRType::NS), {});
  CHECK(root.next(name(".")) == question(".", RRType::NS));
}

TEST_CASE("a long name takes at most ten minimised questions, the first four of one label") {
  std::string text;
  for (int i = 0; i < 32; ++i) {
    text += std::to_string(i % 10) + ".";
  }
  Minimiser minimiser(question(text + "ip6.arpa", RRType::PTR), {});
  const auto all = shown(minimiser, "ip6.arpa");
  CHECK(all.size() <= 11);
  CHECK(name(all[0].substr(0, all[0].find(' '))).labelCount() == 3);
  CHECK(name(all[3].substr(0, all[3].find(' '))).labelCount() == 6);
  CHECK(all.back() == text + "ip6.arpa. PTR");
  for (std::size_t i = 1; i < all.size(); ++i) {
    CHECK(all[i].size() > all[i - 1].size());
  }
}

TEST_CASE("giving up, or switched off, the full question is shown") {
  Minimiser minimiser(question("a.b.example.com", RRType::MX), {});
  CHECK(minimiser.next(name(".")).name == name("com"));
  minimiser.giveUp();
  CHECK(minimiser.next(name("com")) == question("a.b.example.com", RRType::MX));
  MinimiseOptions off;
  off.enabled = false;
  Minimiser never(question("a.b.example.com", RRType::MX), off);
  CHECK(never.next(name(".")) == question("a.b.example.com", RRType::MX));
}
