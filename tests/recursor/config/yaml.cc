// recursor.yml: the tree, the settings in their sections, zones, what stands for the Lua configuration, and back again.
#include <catch2/catch.hpp>
#include <set>

#include "recursor/config/luaconfig.hh"
#include "recursor/config/startup.hh"
#include "recursor/config/values.hh"
#include "recursor/config/yamlconfig.hh"
#include "recursor/config/yamllua.hh"
#include "recursor/config/yamlnames.hh"
#include "recursor/config/yamltree.hh"
#include "recursor/control/showyaml.hh"
#include "tests/recursor/config/tempdir.hh"

using namespace rec;

namespace {

std::string reasonOf(const std::string& text) {
  const auto read = parseYamlConfig(text, "file", false);
  return read ? "" : read.error().message;
}

std::string valueOf(const std::string& text, std::string_view key) {
  const auto read = parseYamlConfig(text, "file", false);
  INFO((read ? "" : read.error().message));
  REQUIRE(read);
  for (const Assignment& line : *read) {
    if (line.key == key) return line.value;
  }
  return "not there";
}

Startup start(const TempDir& dir, const std::string& content) {
  dir.write("recursor.yml", content);
  return startUp({"--config-dir=" + dir.path()});
}

std::string luaReason(const std::string& content) {
  const TempDir dir;
  const auto config = runLuaConfig(dir.write("recursor.yml", content));
  return config ? "" : config.error().message.substr(dir.path().size() + 1);
}

} // namespace

TEST_CASE("a YAML tree knows lines, tags and what is quoted") {
  const auto root = parseYaml("a: 1\nb: !override\n  - x\n  - '2'\nc: {d: ~}\n", "file");
  REQUIRE(root);
  CHECK(root->find("a")->text == "1");
  CHECK_FALSE(root->find("a")->quoted);
  CHECK(root->find("b")->tag == "!override");
  CHECK(root->find("b")->items.at(1).quoted);
  CHECK(root->find("b")->items.at(1).line == 4);
  CHECK(root->find("c")->find("d")->isNull());
  CHECK(root->find("e") == nullptr);
  CHECK(parseYaml("", "file")->isNull());
  CHECK(parseYaml("---\n# nothing\n", "file")->isNull());
}

TEST_CASE("what is no YAML, or too much of it, is refused with file and line") {
  const auto reason = [](const std::string& text) {
    const auto root = parseYaml(text, "file");
    return root ? std::string() : root.error().message;
  };
  CHECK(reason("a: [1\n").starts_with("file:2: "));
  CHECK(reason("a: 1\n\tb: 2\n").starts_with("file:2: "));
  CHECK(reason("a: 1\nb: 2\na: 3\n") == "file:3: a: is there twice");
  CHECK(reason("a: &x 1\n") == "file:1: anchors are not supported");
  CHECK(reason("a: *x\n") == "file:1: aliases are not supported");
  CHECK(reason("a: 1\n---\nb: 2\n") == "file:2: a second document");
  CHECK(reason("[a]: 1\n") == "file:1: a key has to be a word");
  CHECK(reason(std::string(100, '[') + std::string(100, ']')) == "file:1: too deep");
  CHECK_FALSE(reason(std::string("a: \"\0\"", 7)).empty());
}

TEST_CASE("settings stand in their sections under PowerDNS's names") {
  const std::string text = "incoming:\n  allow_from: [10.0.0.0/8, '::1']\n  port: 5301\n"
                           "recordcache:\n  max_ttl: 600\n  refresh_on_ttl_perc: 20\n"
                           "logging:\n  quiet: false\noutgoing:\n  source_address:\n    - 192.0.2.1\n"
                           "recursor:\n  prefetch_min_hits: 7\n  server_id:\n";
  CHECK(valueOf(text, "allow-from") == "10.0.0.0/8, ::1");
  CHECK(valueOf(text, "local-port") == "5301");
  CHECK(valueOf(text, "max-cache-ttl") == "600");
  CHECK(valueOf(text, "quiet") == "false");
  CHECK(valueOf(text, "query-local-address") == "192.0.2.1");
  CHECK(valueOf(text, "prefetch-min-hits") == "7");
  CHECK(valueOf(text, "server-id").empty());
}

TEST_CASE("zones are objects, and mean the same as in recursor.conf") {
  const std::string text = "recursor:\n"
                           "  forward_zones:\n"
                           "    - {zone: a.example, forwarders: [192.0.2.1, '[2001:db8::1]:5353']}\n"
                           "    - zone: b.example\n      recurse: true\n      notify_allowed: true\n"
                           "      forwarders: ['tls://192.0.2.2#dns.example']\n"
                           "  forward_zones_recurse:\n    - {zone: ., forwarders: [192.0.2.3]}\n"
                           "  auth_zones:\n    - {zone: c.example, file: /zones/c}\n";
  CHECK(valueOf(text, "forward-zones") ==
        "a.example=192.0.2.1;[2001:db8::1]:5353, +^b.example=tls://192.0.2.2#dns.example");
  CHECK(valueOf(text, "forward-zones-recurse") == ".=192.0.2.3");
  CHECK(valueOf(text, "auth-zones") == "c.example=/zones/c");
  const TempDir dir;
  const auto started = start(dir, text);
  INFO(started.error);
  REQUIRE(started.configuration);
  const auto& zones = started.configuration->settings->forwardZones;
  REQUIRE(zones.size() == 2);
  CHECK_FALSE(zones[0].recurse);
  CHECK(zones[1].recurse);
  CHECK(zones[1].notifyAllowed);
}

TEST_CASE("mistakes in recursor.yml are told with their line") {
  CHECK(reasonOf("incoming: 1\n") == "file:1: incoming: a section has settings");
  CHECK(reasonOf("- a\n") == "file:1: the file has sections, such as 'incoming:'");
  CHECK(reasonOf("incoming:\n  port: [1, 2]\n") == "file:2: local-port: is not a list");
  CHECK(reasonOf("incoming:\n  allow_from:\n    - 10.0.0.0/8, ::1\n").starts_with("file:3: allow-from: "));
  CHECK(reasonOf("incoming:\n  allow_from:\n    a: b\n").starts_with("file:3: allow-from: "));
  CHECK(reasonOf("recursor:\n  forward_zones:\n    - {zone: a.example, forwarders: ['192.0.2.1:99999']}\n")
            .starts_with("file:3: "));
  CHECK(reasonOf(
            "recursor:\n  forward_zones_recurse:\n    - {zone: a.example, recurse: false, forwarders: [192.0.2.1]}\n")
            .starts_with("file:3: "));
  CHECK(reasonOf("recursor:\n  auth_zones:\n    - {zone: a.example}\n").starts_with("file:3: "));
  CHECK(reasonOf("recordcache:\n  zonetocaches: []\n") == "file:2: recordcache.zonetocaches: not supported (yet)");
  const TempDir dir;
  CHECK(start(dir, "incoming:\n  nonsense: 1\n").error.find("recursor.yml:2: incoming.nonsense: unknown setting") !=
        std::string::npos);
  CHECK(start(dir, "incoming:\n  port: many\n").error.find("recursor.yml:2: local-port: ") != std::string::npos);
  CHECK(start(dir, "recordcache:\n  nonsense: 1\nrecursor:\n  ignore_unknown_settings: [recordcache.nonsense]\n")
            .configuration);
}

TEST_CASE("recursor.yml comes before recursor.conf, and its include_dir has .yml files whose lists add") {
  const TempDir dir;
  dir.write("recursor.conf", "max-qperq=1\nnonsense=1\n");
  std::filesystem::create_directory(dir.path() + "/more");
  dir.write("more/a.yml", "incoming:\n  allow_from: ['::1']\n  allow_notify_from: !override [192.0.2.0/24]\n");
  dir.write("more/b.conf", "max-qperq=3\n");
  const auto started =
      start(dir, "recursor:\n  include_dir: " + dir.path() +
                     "/more\nincoming:\n  allow_from: [10.0.0.0/8]\n  allow_notify_from: [10.0.0.0/8]\n"
                     "outgoing:\n  max_qperq: 2\n");
  INFO(started.error);
  REQUIRE(started.configuration);
  CHECK(started.configuration->settings->maxQperq == 2);
  CHECK(started.configuration->text("allow-from") == "10.0.0.0/8, ::1");
  CHECK(started.configuration->text("allow-notify-from") == "192.0.2.0/24");
  CHECK(started.configuration->file.ends_with("/recursor.yml"));
}

TEST_CASE("trust anchors, policy zones and block lists in recursor.yml are those of the Lua configuration") {
  const TempDir dir;
  const std::string digest(64, 'a');
  const auto path =
      dir.write("recursor.yml",
                "dnssec:\n  negative_trustanchors:\n    - {name: a.example, reason: \"it's \\\"so\\\"\"}\n"
                "  trustanchors:\n    - name: .\n      dsrecords: ['20326 8 2 " +
                    digest +
                    "']\nrecursor:\n  rpzs:\n    - {name: /zones/rpz, defpol: NXDOMAIN, tags: [a, b], maxTTL: 60}\n"
                    "    - name: rpz.example\n      addresses: [192.0.2.1]\n      refresh: 30\n"
                    "      tsig: {name: key, algo: hmac-sha256, secret: c2VjcmV0}\n"
                    "  blocklists:\n    - {path: /lists/a, shadow: true}\n");
  const auto config = runLuaConfig(path);
  INFO((config ? "" : config.error().message));
  REQUIRE(config);
  CHECK(config->negativeTrustAnchors.begin()->second == "it's \"so\"");
  REQUIRE(config->trustAnchors.at(dns::Name()).size() == 1);
  REQUIRE(config->rpzs.size() == 2);
  CHECK(config->rpzs[0].file == "/zones/rpz");
  CHECK(config->rpzs[0].defpol == RpzPolicyKind::NXDomain);
  CHECK(config->rpzs[0].tags == std::set<std::string>{"a", "b"});
  CHECK(config->rpzs[1].tsig.has_value());
  CHECK(config->rpzs[1].refresh == std::chrono::seconds(30));
  REQUIRE(config->blockLists.size() == 1);
  CHECK(config->blockLists[0].where == path + ":15");
  const auto started = startUp({"--config-dir=" + dir.path()});
  REQUIRE(started.configuration);
  CHECK(started.configuration->settings->luaConfigFile == path);
}

TEST_CASE("sort lists, additional records and mapped addresses in recursor.yml are those of the Lua configuration") {
  const TempDir dir;
  const auto config = runLuaConfig(dir.write(
      "recursor.yml", "recursor:\n  sortlists:\n    - key: 10.0.0.0/8\n      subnets:\n"
                      "        - {subnet: 192.0.2.0/24, order: 3}\n        - {subnet: 198.51.100.0/24, order: 1}\n"
                      "  allowed_additional_qtypes:\n    - {qtype: MX, targets: [A, AAAA]}\n"
                      "    - {qtype: SRV, targets: [A], mode: ResolveImmediately}\nincoming:\n  proxymappings:\n"
                      "    - {subnet: 127.0.0.0/8, address: 192.0.2.7}\n"
                      "    - {subnet: 10.0.0.0/8, address: '2001:db8::7', domains: [example.com, example.net]}\n"));
  INFO((config ? "" : config.error().message));
  REQUIRE(config);
  const auto* order = config->answers.sortLists.find(*base::Address::parse("10.0.0.1"));
  REQUIRE(order != nullptr);
  CHECK(order->of(*base::Address::parse("192.0.2.1")) == 3);
  CHECK(order->of(*base::Address::parse("198.51.100.1")) == 1);
  REQUIRE(config->answers.additionals.size() == 2);
  CHECK(config->answers.additionals.at(dns::RRType::MX).targets == std::vector{dns::RRType::A, dns::RRType::AAAA});
  CHECK(config->answers.additionals.at(dns::RRType::SRV).mode == AdditionalMode::ResolveImmediately);
  REQUIRE(config->proxyMapping.size() == 2);
  CHECK_FALSE(config->proxyMapping[0].domains);
  CHECK(config->proxyMapping[1].domains->size() == 2);
}

TEST_CASE("mistakes in these are told with their line, too") {
  const std::string list = "recursor:\n  sortlists:\n    - key: 10.0.0.0/8\n      subnets:\n        - ";
  CHECK(luaReason(list + "{subnet: 192.0.2.0/24}\n") == "recursor.yml:5: order is a number");
  CHECK(luaReason(list + "{subnet: here, order: 1}\n").starts_with("recursor.yml:5: addSortList: "));
  CHECK(luaReason(list + "{subnet: 192.0.2.0/24, order: 1, of: 2}\n") == "recursor.yml:5: 'of' is no option");
  const std::string types = "recursor:\n  allowed_additional_qtypes:\n    - ";
  CHECK(luaReason(types + "{qtype: 'MX\"]=os.exit()', targets: [A]}\n") == "recursor.yml:3: a name is needed");
  CHECK(luaReason(types + "{qtype: TXT, targets: [A]}\n").starts_with("recursor.yml:3: addAllowedAdditionalQType: "));
  CHECK(luaReason(types + "{qtype: MX, targets: [NOTYPE]}\n").starts_with("recursor.yml:3: "));
  CHECK(luaReason("incoming:\n  proxymappings:\n    - {subnet: 10.0.0.0/8}\n") == "recursor.yml:3: address is needed");
}

TEST_CASE("mistakes in those parts are told with their line, and nothing of them becomes code") {
  CHECK(luaReason("recursor:\n  rpzs:\n    - {name: /a, nonsense: 1}\n").starts_with("recursor.yml:3: rpzFile: "));
  CHECK(luaReason("recursor:\n  rpzs:\n    - {defpol: Drop}\n") == "recursor.yml:3: name is needed");
  CHECK(luaReason("recursor:\n  rpzs:\n    - {name: a, defpol: 'os.exit()'}\n") ==
        "recursor.yml:3: 'os.exit()' is no policy");
  CHECK(luaReason("recursor:\n  rpzs:\n    - {name: a, 'x]=os.exit(),[y': 1}\n").find("is no option") !=
        std::string::npos);
  CHECK(luaReason("dnssec:\n  trustanchors:\n    - {name: ., dsrecords: ['1 2']}\n")
            .starts_with("recursor.yml:3: addTA: "));
  CHECK(luaReason("dnssec:\n  trustanchorfile: /does/not/exist\n  trustanchorfile_interval: 1\n")
            .starts_with("recursor.yml:2: readTrustAnchorsFromFile: "));
  CHECK(luaReason("dnssec:\n  trustanchorfile: /x\n  trustanchorfile_interval: os.exit()\n")
            .starts_with("recursor.yml:3: "));
  CHECK(luaReason("dnssec:\n  negative_trustanchors:\n    - {name: \"a\\\"..os.exit()..\\\"\"}\n").find("addNTA") !=
        std::string::npos);
  CHECK(reasonOf("recursor:\n  lua_config_file: /x\n  rpzs:\n    - {name: /a}\n").starts_with("file:4: "));
}

TEST_CASE("every setting has a place of its own in recursor.yml") {
  std::set<std::string> places;
  for (const SettingInfo& setting : allSettings()) {
    INFO(setting.name);
    const YamlName place = yamlNameOf(setting);
    CHECK(places.insert(place.section + "." + place.name).second);
    CHECK(settingAt(place.section, place.name) == &setting);
    CHECK_FALSE(isYamlLuaPart(place.section, place.name));
  }
  CHECK(settingAt("recursor", "allow_from") == nullptr);
}

TEST_CASE("show-yaml says the same in YAML, whatever stands in recursor.conf") {
  const TempDir dir;
  dir.write("recursor.conf",
            "allow-from=10.0.0.0/8 ::1\nquiet=no\nserver-id=it's 5\nmax-cache-ttl=7\nlocal-address=\n"
            "forward-zones=a.example=192.0.2.1;192.0.2.2:5353\nforward-zones-recurse=.=[2001:db8::1]:53\n"
            "auth-zones=b.example=/zones/b\ncpu-map=0=0 1=1,2\nforward-zones+=c.example=192.0.2.3\n"
            "local-address=127.0.0.1:5300\n");
  const auto before = startUp({"--config-dir=" + dir.path()});
  INFO(before.error);
  REQUIRE(before.configuration);
  const auto shown = showYaml(before.line, "");
  INFO((shown ? "" : shown.error().message));
  REQUIRE(shown);
  CHECK(shown->text.find("incoming:\n  allow_from:\n    - '10.0.0.0/8'\n    - '::1'\n") != std::string::npos);
  const TempDir other;
  const auto after = start(other, shown->text);
  INFO(after.error + shown->text);
  REQUIRE(after.configuration);
  for (const SettingInfo& setting : allSettings()) {
    if (setting.name == "config-dir") continue;
    INFO(setting.name);
    CHECK(after.configuration->text(setting.name) == before.configuration->text(setting.name));
  }
  CHECK(after.configuration->settings->forwardZones == before.configuration->settings->forwardZones);
  CHECK(showYaml(after.line, "")->text == shown->text);
  CHECK_FALSE(showYaml(before.line, dir.write("wrong.conf", "nonsense=1\n")));
}
