// LocalZones: zone files, wildcards, aliases, cuts, denials, the hosts file and the zones that are built in.
#include "recursor/resolve/localzone.hh"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "lib/dns/presentation.hh"
#include "recursor/resolve/hostsfile.hh"

using namespace rec;
using dns::RCode;
using dns::RRType;

namespace {

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    d_fd = mkstemp(d_path);
    std::ofstream(d_path) << content;
  }
  ~TemporaryFile() {
    ::close(d_fd);
    ::unlink(d_path);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] std::string path() const { return d_path; }

 private:
  char d_path[32] = "/tmp/localzone-test-XXXXXX";
  int d_fd = -1;
};

constexpr std::string_view kZone = R"($ORIGIN corp.example.
$TTL 300
@ IN SOA ns hostmaster 1 3600 600 86400 120
@ IN NS ns
ns IN A 192.0.2.53
www IN A 192.0.2.1
www IN AAAA 2001:db8::1
alias IN CNAME www
out IN CNAME www.elsewhere.net.
across IN CNAME deep.lab.example.
loop1 IN CNAME loop2
loop2 IN CNAME loop1
empty.non.terminal IN A 192.0.2.2
*.wild IN A 192.0.2.3
*.wildalias IN CNAME www
host.wild IN TXT here
tree IN DNAME www.elsewhere.net.
long IN DNAME much.longer.elsewhere.net.
sub IN NS ns.sub
sub IN NS ns.other.net.
sub IN DS 1 8 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF
ns.sub IN A 192.0.2.54
ns.sub IN AAAA 2001:db8::54
tosub IN CNAME x.sub
)";

constexpr std::string_view kLab = R"($ORIGIN lab.example.
@ 300 IN SOA ns hostmaster 1 3600 600 86400 120
deep 300 IN A 192.0.2.9
)";

struct Fixture {
  explicit Fixture(LocalZoneOptions options = {}) {
    options.authZones = {{name("corp.example."), corp.path()}, {name("lab.example."), lab.path()}};
    for (const char* special : {"localhost.", "invalid.", "home.arpa."}) {
      options.specialNames.push_back(name(special));
    }
    zones = std::move(LocalZones::load(options)).value();
  }
  std::optional<LocalAnswer> ask(std::string_view owner, RRType type = RRType::A) {
    return zones->answer({name(owner), type}, false);
  }
  // "owner TYPE rdata" of each record of the answer section, joined by " | ".
  std::string answer(std::string_view owner, RRType type = RRType::A) {
    const auto got = ask(owner, type);
    std::string text;
    for (const AgedRRset& aged : got ? got->outcome.answer : std::vector<AgedRRset>{}) {
      for (const auto rdata : aged.rrset.rdatas()) {
        text += (text.empty() ? "" : " | ") + aged.rrset.owner().text() + " " + dns::text(aged.rrset.type()) + " " +
                dns::rdataText(aged.rrset.type(), rdata);
      }
    }
    return text;
  }
  RCode rcode(std::string_view owner, RRType type = RRType::A) { return ask(owner, type)->outcome.rcode; }
  // NOERROR without data, with the SOA to show for it.
  bool isNoData(std::string_view owner, RRType type = RRType::A) {
    const auto got = ask(owner, type);
    return got && got->outcome.rcode == RCode::NoError && got->outcome.answer.empty() && !got->cut && !got->chase &&
           got->outcome.authority.size() == 1 && got->outcome.authority[0].rrset.type() == RRType::SOA;
  }
  bool isNameError(std::string_view owner, RRType type = RRType::A) {
    const auto got = ask(owner, type);
    return got && got->outcome.rcode == RCode::NXDomain && got->outcome.authority.size() == 1 &&
           got->outcome.authority[0].rrset.type() == RRType::SOA;
  }

  TemporaryFile corp{kZone}, lab{kLab};
  std::shared_ptr<const LocalZones> zones;
};

} // namespace

TEST_CASE("a name of a zone file is answered authoritatively") {
  Fixture t;
  CHECK(t.answer("WWW.corp.example.") == "www.corp.example. A 192.0.2.1");
  CHECK(t.ask("www.corp.example.")->outcome.authoritative);
  CHECK(t.ask("www.corp.example.")->outcome.kind == AnswerKind::Local);
  CHECK(t.answer("corp.example.", RRType::NS) == "corp.example. NS ns.corp.example.");
  CHECK_FALSE(t.ask("example."));
  CHECK_FALSE(t.ask("www.example."));
  CHECK_FALSE(t.zones->answer({name("www.corp.example."), RRType::A, dns::RRClass::CH}, false));
}

TEST_CASE("a missing type and an empty non-terminal are no data, a missing name is denied, with the SOA") {
  Fixture t;
  CHECK(t.isNoData("www.corp.example.", RRType::MX));
  CHECK(t.isNoData("non.terminal.corp.example."));
  CHECK(t.isNoData("terminal.corp.example."));
  CHECK(t.isNameError("nothing.corp.example."));
  CHECK(t.isNameError("x.www.corp.example."));
  CHECK(t.ask("nothing.corp.example.")->outcome.authority[0].ttl == 120); // RFC 2308 5
}

TEST_CASE("a wildcard stands for names that do not exist, below its own encloser only") {
  Fixture t;
  CHECK(t.answer("a.wild.corp.example.") == "a.wild.corp.example. A 192.0.2.3");
  CHECK(t.answer("b.a.wild.corp.example.") == "b.a.wild.corp.example. A 192.0.2.3");
  CHECK(t.isNoData("a.wild.corp.example.", RRType::TXT));
  CHECK(t.isNoData("host.wild.corp.example."));
  CHECK(t.isNameError("x.host.wild.corp.example."));
  CHECK(t.isNoData("wild.corp.example."));
  CHECK(t.answer("x.wildalias.corp.example.") ==
        "x.wildalias.corp.example. CNAME www.corp.example. | www.corp.example. A 192.0.2.1");
}

TEST_CASE("aliases are followed through local zones, and the rest of the way is left to the caller") {
  Fixture t;
  CHECK(t.answer("alias.corp.example.") ==
        "alias.corp.example. CNAME www.corp.example. | www.corp.example. A 192.0.2.1");
  CHECK(t.answer("alias.corp.example.", RRType::CNAME) == "alias.corp.example. CNAME www.corp.example.");
  CHECK(t.answer("across.corp.example.") ==
        "across.corp.example. CNAME deep.lab.example. | deep.lab.example. A 192.0.2.9");
  CHECK(t.answer("out.corp.example.") == "out.corp.example. CNAME www.elsewhere.net.");
  CHECK(t.ask("out.corp.example.")->chase == name("www.elsewhere.net."));
  CHECK(t.ask("tosub.corp.example.")->chase == name("x.sub.corp.example."));
  CHECK_FALSE(t.ask("tosub.corp.example.")->cut);
}

TEST_CASE("aliases that loop end in SERVFAIL") {
  Fixture t;
  CHECK(t.rcode("loop1.corp.example.") == RCode::ServFail);
  CHECK(t.ask("loop1.corp.example.")->outcome.errors.size() == 1);
}

TEST_CASE("a DNAME moves all below it but not its own name") {
  Fixture t;
  CHECK(t.answer("a.tree.corp.example.") == "tree.corp.example. DNAME www.elsewhere.net. | "
                                            "a.tree.corp.example. CNAME a.www.elsewhere.net.");
  CHECK(t.ask("a.tree.corp.example.")->chase == name("a.www.elsewhere.net."));
  CHECK(t.isNoData("tree.corp.example."));
  const std::string label(60, 'x');
  CHECK(t.rcode(label + "." + label + "." + label + "." + label.substr(0, 48) + ".long.corp.example.") ==
        RCode::YXDomain);
}

TEST_CASE("a cut inside a zone leads to its servers, except for its DS") {
  Fixture t;
  const auto got = t.ask("host.sub.corp.example.");
  REQUIRE(got);
  REQUIRE(got->cut);
  CHECK(got->cut->zone == name("sub.corp.example."));
  REQUIRE(got->cut->servers.size() == 2);
  CHECK(got->cut->servers[0].name == name("ns.sub.corp.example."));
  CHECK(got->cut->servers[0].glue.size() == 2);
  CHECK(got->cut->servers[1].glue.empty());
  CHECK(t.ask("sub.corp.example.", RRType::NS)->cut);
  CHECK_FALSE(t.ask("sub.corp.example.", RRType::DS)->cut);
  CHECK(t.ask("sub.corp.example.", RRType::DS)->outcome.answer.size() == 1);
  CHECK_FALSE(t.ask("corp.example.", RRType::DS)); // the parent's to give
}

TEST_CASE("localhost and all below it are the loopback addresses") {
  Fixture t;
  CHECK(t.answer("localhost.") == "localhost. A 127.0.0.1");
  CHECK(t.answer("my.localhost.", RRType::AAAA) == "my.localhost. AAAA ::1");
  CHECK(t.isNoData("localhost.", RRType::MX));
  CHECK(t.answer("1.0.0.127.in-addr.arpa.", RRType::PTR) == "1.0.0.127.in-addr.arpa. PTR localhost.");
}

TEST_CASE("special names are denied or empty, and only those that were asked for") {
  Fixture t;
  CHECK(t.isNameError("invalid."));
  CHECK(t.isNameError("a.b.invalid."));
  CHECK(t.isNoData("home.arpa."));
  CHECK(t.isNameError("tv.home.arpa."));
  CHECK_FALSE(t.ask("a.onion."));
  CHECK_FALSE(t.ask("a.test."));
}

TEST_CASE("reverse names of private addresses are denied here unless switched off or forwarded") {
  Fixture t;
  CHECK(t.isNameError("1.0.0.10.in-addr.arpa.", RRType::PTR));
  CHECK(t.isNameError("1.0.31.172.in-addr.arpa.", RRType::PTR));
  CHECK_FALSE(t.ask("1.0.32.172.in-addr.arpa.", RRType::PTR));
  CHECK(t.isNoData("10.in-addr.arpa.", RRType::DS)); // does not leak either
  CHECK(t.isNameError("1.0.64.100.in-addr.arpa.", RRType::PTR));
  CHECK(t.isNameError("x.8.b.d.0.1.0.0.2.ip6.arpa.", RRType::PTR));
  Fixture off({.serveRfc1918 = false});
  CHECK_FALSE(off.ask("1.0.0.10.in-addr.arpa.", RRType::PTR));
  Fixture some({.serveRfc6303 = false});
  CHECK(some.isNameError("1.0.0.10.in-addr.arpa.", RRType::PTR));
  CHECK_FALSE(some.ask("1.0.64.100.in-addr.arpa.", RRType::PTR));
  Fixture forwarded({.configuredElsewhere = {name("10.in-addr.arpa."), name("1.168.192.in-addr.arpa.")}});
  CHECK_FALSE(forwarded.ask("1.0.0.10.in-addr.arpa.", RRType::PTR));
  CHECK_FALSE(forwarded.ask("7.1.168.192.in-addr.arpa.", RRType::PTR));
  CHECK(forwarded.isNameError("7.2.168.192.in-addr.arpa.", RRType::PTR));
}

TEST_CASE("the hosts file gives addresses and names, and says nothing of names below them") {
  const TemporaryFile hosts("# comment\n"
                            "192.0.2.10 printer printer.office.example # the old one\n"
                            "192.0.2.11 printer\n"
                            "2001:db8::10\tprinter\n"
                            "nonsense here\n"
                            "127.0.0.1 localhost\n");
  Fixture t({.exportHosts = true, .hostsPath = hosts.path(), .hostsSuffix = name("lan.")});
  CHECK(t.answer("printer.lan.") == "printer.lan. A 192.0.2.10 | printer.lan. A 192.0.2.11");
  CHECK(t.answer("printer.lan.", RRType::AAAA) == "printer.lan. AAAA 2001:db8::10");
  CHECK(t.answer("printer.office.example.") == "printer.office.example. A 192.0.2.10");
  CHECK(t.answer("10.2.0.192.in-addr.arpa.", RRType::PTR) == "10.2.0.192.in-addr.arpa. PTR printer.lan.");
  CHECK(t.isNoData("printer.lan.", RRType::MX));
  CHECK_FALSE(t.ask("x.printer.lan."));
  CHECK_FALSE(t.ask("lan."));
}

TEST_CASE("the reverse name of an IPv6 address is made of nibbles") {
  CHECK(reverseName(base::Address::parse("2001:db8::1").value()) ==
        name("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."));
}

TEST_CASE("a zone without SOA, with a record outside of it, or with no file is an error that names setting and file") {
  const TemporaryFile noSoa("www.x.example. 60 IN A 192.0.2.1\n");
  const auto load = [](const std::string& path) {
    return LocalZones::load({.authZones = {{name("x.example."), path}}});
  };
  CHECK(load(noSoa.path()).error().message ==
        "auth-zones: x.example: " + noSoa.path() + ": no SOA record at x.example.");
  CHECK(load("/nonexistent/zone").error().message ==
        "auth-zones: x.example: cannot read /nonexistent/zone: No such file or directory");
}
