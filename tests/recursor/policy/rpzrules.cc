// Rules of response policy zones: reading them, finding them, changing them.
#include "tests/recursor/policy/rpzsupport.hh"

#include <map>
#include <random>

using namespace rec;
using namespace rpztest;

namespace {

std::string textOf(const RpzRules& rules) {
  char* memory = nullptr;
  std::size_t size = 0;
  std::FILE* out = ::open_memstream(&memory, &size);
  writeRpz(rules, out);
  std::fclose(out);
  std::string text(memory, size);
  std::free(memory);
  return text;
}

// The zone after its text was written and read again.
RpzRulesPtr again(const RpzRules& rules) {
  const File file(textOf(rules));
  auto loaded = loadRpzFile(file.path(), {"again", false, {}});
  REQUIRE(loaded);
  return *loaded;
}

Octets wireOf(const dns::Name& owner) { return owner.wire(); }

void add(RpzLoader& loader, const std::string& owner) {
  const std::vector<std::byte> root{std::byte{0}};
  const dns::Name whole = name(owner + ".rpz.test");
  loader.add(wireOf(whole), dns::RRType::CNAME, 60, root);
}

bool removeRule(RpzLoader& loader, const std::string& owner) {
  const std::vector<std::byte> root{std::byte{0}};
  const dns::Name whole = name(owner + ".rpz.test");
  return loader.remove(wireOf(whole), dns::RRType::CNAME, root);
}

} // namespace

TEST_CASE("every action of a response policy zone is known") {
  const Zone zone(
      "nx CNAME .\nnodata CNAME *.\npass CNAME rpz-passthru.\ndrop CNAME rpz-drop.\n"
      "tcp CNAME rpz-tcp-only.\ndata A 192.0.2.9\nalias CNAME garden.example.\nself CNAME self.rpz.test.\n");
  CHECK(zone.action("nx.") == PolicyAction::NXDomain);
  CHECK(zone.action("nodata.") == PolicyAction::NoData);
  CHECK(zone.action("pass.") == PolicyAction::NoAction);
  CHECK(zone.action("self.") == PolicyAction::NoAction);
  CHECK(zone.action("drop.") == PolicyAction::Drop);
  CHECK(zone.action("tcp.") == PolicyAction::Truncate);
  CHECK(zone.action("data.") == PolicyAction::Custom);
  CHECK(zone.action("alias.") == PolicyAction::Custom);
  CHECK(zone.action("other.") == PolicyAction::None);
}

TEST_CASE("a name goes before wildcards, a longer wildcard before a shorter one") {
  const Zone zone("*.example CNAME .\n*.b.example CNAME *.\nc.b.example CNAME rpz-passthru.\n");
  CHECK(zone.action("example.") == PolicyAction::None);
  CHECK(zone.action("a.example.") == PolicyAction::NXDomain);
  CHECK(zone.action("b.example.") == PolicyAction::NXDomain);
  CHECK(zone.action("x.y.B.Example.") == PolicyAction::NoData);
  CHECK(zone.action("c.b.example.") == PolicyAction::NoAction);
  CHECK(zone.action("d.c.b.example.") == PolicyAction::NoData);
  CHECK(zone.onName("x.b.example.").trigger == "*.b.example");
}

TEST_CASE("the wildcard of the apex is for all names") {
  const Zone zone("* CNAME .\n");
  CHECK(zone.action("a.b.c.") == PolicyAction::NXDomain);
  CHECK(zone.onName("a.b.c.").trigger == "*");
}

TEST_CASE("addresses match the longest prefix of their trigger") {
  const Zone zone("8.0.0.0.10.rpz-ip CNAME .\n32.1.0.0.10.rpz-ip CNAME *.\n24.0.2.0.192.rpz-client-ip CNAME rpz-drop.\n"
                  "32.zz.db8.2001.rpz-nsip CNAME rpz-passthru.\n128.1.zz.2.db8.2001.rpz-nsip CNAME .\n"
                  "0.0.0.0.0.rpz-nsip CNAME *.\n64.0.0.0.0.1.0.db8.2001.rpz-ip CNAME .\n");
  const dns::Question question{name("x."), dns::RRType::A, dns::RRClass::IN};
  const PolicySubject subject{.client = zone.client, .question = question};
  CHECK(zone.policy.onAnswer(address("10.9.9.9"), subject).action == PolicyAction::NXDomain);
  CHECK(zone.policy.onAnswer(address("10.0.0.1"), subject).action == PolicyAction::NoData);
  CHECK(zone.policy.onAnswer(address("11.0.0.1"), subject).action == PolicyAction::None);
  CHECK(zone.policy.onAnswer(address("2001:db8:0:1::9"), subject).action == PolicyAction::NXDomain);
  CHECK(zone.policy.onAnswer(address("2001:db8:0:2::9"), subject).action == PolicyAction::None);
  const auto client = zone.policy.onClient(subject);
  CHECK(client.action == PolicyAction::Drop);
  CHECK(client.variable);
  CHECK(client.trigger == "24.0.2.0.192.rpz-client-ip");
  CHECK(zone.policy.onServerAddress(address("2001:db8::1"), subject).action == PolicyAction::NoAction);
  CHECK(zone.policy.onServerAddress(address("2001:db8:2::1"), subject).action == PolicyAction::NXDomain);
  CHECK(zone.policy.onServerAddress(address("198.51.100.1"), subject).action == PolicyAction::NoData);
  CHECK(zone.policy.onServerAddress(address("2002::1"), subject).action == PolicyAction::None);
}

TEST_CASE("names of servers are a trigger of their own") {
  const Zone zone("ns.bad.rpz-nsdname CNAME .\n*.worse.rpz-nsdname CNAME *.\n");
  const dns::Question question{name("x."), dns::RRType::A, dns::RRClass::IN};
  const PolicySubject subject{.client = zone.client, .question = question};
  CHECK(zone.policy.onServerName(name("NS.bad."), subject).action == PolicyAction::NXDomain);
  CHECK(zone.policy.onServerName(name("a.ns.bad."), subject).action == PolicyAction::None);
  CHECK(zone.policy.onServerName(name("a.worse."), subject).action == PolicyAction::NoData);
  CHECK(zone.action("ns.bad.") == PolicyAction::None);
  CHECK(zone.policy.triggers() == bitOf(PolicyTrigger::NsDName));
}

TEST_CASE("records that are no rules are passed over and counted") {
  const auto rules =
      load("good CNAME .\n33.1.2.3.4.rpz-ip CNAME .\n32.1.2.3.rpz-ip CNAME .\n32.1.2.3.400.rpz-ip CNAME .\n"
           "129.zz.1.rpz-ip CNAME .\n64.zz.1.zz.rpz-ip CNAME .\nx CNAME rpz-other.\nd DNAME x.\n"
           "good CNAME *.\nout.of.zone. CNAME .\nrpz-nsdname CNAME .\n");
  CHECK(rules->rules() == 1);
  CHECK(rules->refused() == 10);
  CHECK(load("x CNAME .\nx CNAME *.\n", {"test", true, {}})->refused() == 0);
}

TEST_CASE("unusual lines of a zone file are read, too") {
  const Zone zone(
      "a 30 IN CNAME . ; comment\n  TXT \"more\"\nb\tIN\t1h\tA 192.0.2.1\r\n$ORIGIN sub.rpz.test.\nc CNAME .\n"
      "d ( CNAME\n . )\nw\\.x CNAME .\nABS.rpz.test. CNAME *.\ne AAAA 2001:db8::1\n A 192.0.2.7\n");
  CHECK(zone.onName("a.").ttl == 30);
  CHECK(zone.onName("b.").ttl == 3600);
  CHECK(zone.action("c.sub.") == PolicyAction::NXDomain);
  CHECK(zone.action("d.sub.") == PolicyAction::NXDomain);
  CHECK(zone.action("w\\.x.sub.") == PolicyAction::NXDomain);
  CHECK(zone.action("abs.") == PolicyAction::NoData);
  CHECK(zone.onName("e.sub.").custom.size() == 2);
  CHECK(zone.all->refused() == 1); // the TXT beside the CNAME
}

TEST_CASE("a file that cannot be read says where") {
  const File file(std::string(kHead) + "a CNAME .\nb NONSENSE x\n");
  const auto loaded = loadRpzFile(file.path(), {"test", false, {}});
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().message.starts_with(file.path() + ":6: "));
}

TEST_CASE("without a SOA the zone is the root") {
  const File file("bad.example. 60 CNAME .\n");
  const auto loaded = loadRpzFile(file.path(), {"test", false, {}});
  REQUIRE(loaded);
  CHECK((*loaded)->find(PolicyTrigger::QName, name("bad.example.")));
}

TEST_CASE("a zone that was written and read again is the same") {
  const auto rules =
      load("a CNAME .\n*.a CNAME *.\nb 7 A 192.0.2.1\nb 9 TXT \"x y\"\nc 5 CNAME rpz-drop.\n* CNAME rpz-tcp-only.\n"
           "24.0.2.0.192.rpz-client-ip CNAME rpz-passthru.\n128.1.zz.2001.rpz-nsip CNAME .\n"
           "ns.bad.rpz-nsdname CNAME .\n*.ns.rpz-nsdname CNAME g.\n");
  const auto copy = again(*rules);
  CHECK(rules->rules() == 9);
  CHECK(copy->rules() == 9);
  CHECK(copy->refused() == 0);
  CHECK(copy->serial() == 7);
  CHECK(textOf(*again(*copy)).size() == textOf(*rules).size());
}

TEST_CASE("a change shares what it does not touch, and the old version stays as it was") {
  const auto before = load("a CNAME .\nb CNAME .\n");
  RpzLoader loader(before, {"test", false, {}});
  CHECK(removeRule(loader, "a"));
  CHECK_FALSE(removeRule(loader, "a"));
  CHECK_FALSE(removeRule(loader, "never"));
  add(loader, "c");
  const auto after = loader.finish();
  CHECK(before->find(PolicyTrigger::QName, name("a.")));
  CHECK_FALSE(before->find(PolicyTrigger::QName, name("c.")));
  CHECK_FALSE(after->find(PolicyTrigger::QName, name("a.")));
  CHECK(after->find(PolicyTrigger::QName, name("b.")));
  CHECK(after->find(PolicyTrigger::QName, name("c.")));
  CHECK(after->rules() == 2);
}

TEST_CASE("one record of several can go and come back") {
  const auto rules = load("a A 192.0.2.1\na A 192.0.2.2\n*.a A 192.0.2.3\n");
  const dns::Name owner = name("a.rpz.test");
  const std::vector<std::byte> first{std::byte{192}, std::byte{0}, std::byte{2}, std::byte{1}};
  RpzLoader loader(rules, {"test", false, {}});
  CHECK(loader.remove(owner.wire(), dns::RRType::A, first));
  const auto fewer = loader.finish();
  CHECK(fewer->find(PolicyTrigger::QName, name("a."))->side.records.size() == 8);
  CHECK(fewer->find(PolicyTrigger::QName, name("x.a."))->side.records.size() == 8);
  RpzLoader back(fewer, {"test", false, {}});
  back.add(owner.wire(), dns::RRType::A, 60, first);
  CHECK(back.finish()->find(PolicyTrigger::QName, name("a."))->side.records.size() == 16);
}

TEST_CASE("many random changes leave what a plain map has") {
  std::mt19937 random(1);
  std::map<std::string, bool> wanted;
  RpzRulesPtr rules;
  for (int round = 0; round < 30; ++round) {
    RpzLoader loader(rules, {"test", true, {}});
    loader.setZone(name("rpz.test"));
    for (int i = 0; i < 400; ++i) {
      const std::string owner = (random() % 2 == 0 ? "*.n" : "n") + std::to_string(random() % 4000) + ".example";
      const bool removes = random() % 3 == 0;
      if (removes) {
        CHECK(removeRule(loader, owner) == (wanted.erase(owner) == 1));
      } else if (wanted.emplace(owner, true).second) {
        add(loader, owner);
      }
    }
    rules = loader.finish();
    REQUIRE(rules->rules() == wanted.size());
  }
  for (int i = 0; i < 4000; ++i) {
    const std::string owner = "n" + std::to_string(i) + ".example";
    REQUIRE(rules->find(PolicyTrigger::QName, name(owner)).has_value() == wanted.contains(owner));
    REQUIRE(rules->find(PolicyTrigger::QName, name("x." + owner)).has_value() == wanted.contains("*." + owner));
  }
}

TEST_CASE("many random changes of records leave what a plain map has") {
  std::mt19937 random(2);
  std::map<std::string, std::map<unsigned, bool>> wanted;
  RpzRulesPtr rules;
  const auto octets = [](unsigned last) {
    return std::vector{std::byte{192}, std::byte{0}, std::byte{2}, std::byte(last)};
  };
  for (int round = 0; round < 40; ++round) {
    RpzLoader loader(rules, {"test", false, {}});
    loader.setZone(name("rpz.test"));
    for (int i = 0; i < 200; ++i) {
      const std::string owner = (random() % 2 == 0 ? "*.n" : "n") + std::to_string(random() % 40);
      const dns::Name whole = name(owner + ".rpz.test");
      const auto last = static_cast<unsigned>(random() % 3);
      if (wanted[owner].erase(last) == 1) {
        REQUIRE(loader.remove(whole.wire(), dns::RRType::A, octets(last)));
      } else {
        loader.add(whole.wire(), dns::RRType::A, 60 + static_cast<std::uint32_t>(random() % 3), octets(last));
        wanted[owner][last] = true;
      }
    }
    rules = loader.finish();
    REQUIRE(rules->refused() == 0);
  }
  for (int i = 0; i < 40; ++i) {
    const std::string owner = "n" + std::to_string(i);
    const auto exact = rules->find(PolicyTrigger::QName, name(owner));
    const auto wildcard = rules->find(PolicyTrigger::QName, name("x." + owner));
    CHECK((exact ? exact->side.records.size() : 0) == 8 * wanted[owner].size());
    CHECK((wildcard ? wildcard->side.records.size() : 0) == 8 * wanted["*." + owner].size());
  }
}

TEST_CASE("a rule that goes and comes back many times leaves nothing behind") {
  const std::vector<std::byte> octets(4);
  RpzRulesPtr rules = load("a A 192.0.2.1\n");
  const std::size_t before = rules->bytes();
  const dns::Name owner = name("b.rpz.test");
  RpzLoader loader(rules, {"test", false, {}});
  for (int i = 0; i < 50; ++i) {
    loader.add(owner.wire(), dns::RRType::A, 60, octets);
    REQUIRE(loader.remove(owner.wire(), dns::RRType::A, octets));
  }
  rules = loader.finish();
  CHECK(rules->rules() == 1);
  CHECK(rules->bytes() <= before + 64);
}

TEST_CASE("a rule of many records takes no more than they are; one of too many is told") {
  const dns::Name owner = name("a.rpz.test");
  RpzLoader loader(nullptr, {"test", false, {}});
  loader.setZone(name("rpz.test"));
  std::vector<std::byte> rdata(30000);
  const auto addOne = [&](unsigned number) {
    rdata[0] = static_cast<std::byte>(number);
    rdata[1] = static_cast<std::byte>(number >> 8);
    loader.add(owner.wire(), dns::RRType::TXT, 60, rdata);
  };
  for (unsigned i = 0; i < 60; ++i) addOne(i); // 1.8 MB, and as many times that as there are records when none goes
  CHECK_FALSE(loader.isFull());
  for (unsigned i = 60; i < 600 && !loader.isFull(); ++i) addOne(i);
  CHECK(loader.isFull());
  CHECK(loader.finish()->find(PolicyTrigger::QName, name("a."))->side.records.size() > 200 * rdata.size());
}

TEST_CASE("what is left of a rule that several owners gave is not guessed") {
  const auto rules = load("24.1.2.3.10.rpz-ip CNAME .\n24.0.2.3.10.rpz-ip CNAME .\nb CNAME .\nb CNAME *.\nc CNAME .\n");
  RpzLoader loader(rules, {"test", false, {}});
  CHECK_FALSE(removeRule(loader, "24.1.2.3.10.rpz-ip"));
  CHECK_FALSE(removeRule(loader, "b"));
  CHECK(removeRule(loader, "c"));
}

TEST_CASE("a record is removed whatever the case of the names in it") {
  const auto rules = load("a CNAME Garden.Example.\nm MX 65 Mail.Example.\n");
  RpzLoader loader(rules, {"test", false, {}});
  const dns::Name target = name("gARDEN.example.");
  CHECK(loader.remove(name("A.rpz.test").wire(), dns::RRType::CNAME, target.wire()));
  std::vector<std::byte> mail{std::byte{0}, std::byte{97}}; // 'a' is not 'A' here
  const dns::Name exchange = name("mail.example.");
  mail.insert(mail.end(), exchange.wire().begin(), exchange.wire().end());
  CHECK_FALSE(loader.remove(name("m.rpz.test").wire(), dns::RRType::MX, mail));
  mail[1] = std::byte{65};
  CHECK(loader.remove(name("m.rpz.test").wire(), dns::RRType::MX, mail));
}

TEST_CASE("a zone whose size is known before, about, is the same and takes no more room") {
  std::string text;
  for (int i = 0; i < 20000; ++i) {
    const std::string owner = "name" + std::to_string(i * 7919 % 20000) + ".example";
    text += owner + " CNAME .\n*." + owner + " CNAME .\n";
  }
  const auto guessed = load(text);
  const auto known = load(text, {"test", false, guessed->size()});
  const auto wrong = load(text, {"test", false, {100, 50'000'000}});
  CHECK(guessed->size().entries == 20000);
  for (const auto& rules : {guessed, known, wrong}) {
    CHECK(rules->rules() == 40000);
    CHECK(rules->size().octets == guessed->size().octets);
    CHECK(rules->bytes() < 1'000'000);
    CHECK(rules->find(PolicyTrigger::QName, name("name19999.example.")));
    CHECK(rules->find(PolicyTrigger::QName, name("x.name0.example."))->wildcard);
  }
}

TEST_CASE("of the names of a batch, those that there are rules for are known before they are looked up") {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "n" + std::to_string(i) + " CNAME .\n";
  const auto rules = load(text);
  std::vector<dns::Name> asked;
  for (int i = 0; i < 6000; ++i) asked.push_back(name("WWW.N" + std::to_string(i)));
  NameBatch batch;
  for (const dns::Name& one : asked) batch.names.push_back({.wire = one.wire()});
  rules->prefetch(batch);
  const auto found = [&](auto from, auto to) {
    return std::count_if(batch.names.begin() + from, batch.names.begin() + to,
                         [](const NameBatch::Name& one) { return one.found; });
  };
  CHECK(found(0, 3000) == 3000);
  CHECK(found(3000, 6000) < 1500); // parts of hashes are equal
  CHECK(batch.names.front().hashes == 2);
}

TEST_CASE("a name and its wildcard cost about one") {
  std::string pairs;
  for (int i = 0; i < 20000; ++i) {
    const std::string one = "name" + std::to_string(i) + ".example";
    pairs += one + " CNAME .\n*." + one + " CNAME .\n";
  }
  const auto rules = load(pairs);
  CHECK(rules->rules() == 40000);
  CHECK(rules->bytes() / 20000 < 50);
}
