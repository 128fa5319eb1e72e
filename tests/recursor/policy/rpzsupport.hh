// Helpers of the tests of response policy zones: rules from the text of a master file, questions to them.
#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "lib/dns/presentation.hh"
#include "lib/dns/wirewriter.hh"
#include "recursor/policy/rpzloader.hh"
#include "recursor/policy/rpzpolicy.hh"

namespace rpztest {

constexpr const char* kHead = "$ORIGIN rpz.test.\n$TTL 60\n@ SOA ns. host. 7 3600 600 86400 30\n@ NS ns.\n";

inline dns::Name name(const std::string& text) { return *dns::Name::parse(text); }
inline base::Address address(const std::string& text) { return *base::Address::parse(text); }

class File {
 public:
  explicit File(const std::string& text) {
    std::string pattern = "/tmp/rootwalk-rpz-XXXXXX";
    const int fd = ::mkstemp(pattern.data());
    REQUIRE(fd >= 0);
    ::close(fd);
    d_path = pattern;
    std::ofstream(d_path) << text;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::unlink(d_path.c_str()); }
  [[nodiscard]] const std::string& path() const { return d_path; }

 private:
  std::string d_path;
};

inline rec::RpzRulesPtr load(const std::string& rules, rec::RpzLoadOptions options = {"test", false, {}}) {
  const File file(kHead + rules);
  auto loaded = rec::loadRpzFile(file.path(), options);
  INFO((loaded ? "" : loaded.error().message));
  REQUIRE(loaded);
  return *loaded;
}

// A message of a transfer, with records as they stand in master files.
inline std::vector<std::byte> transferMessage(const dns::Header& header, const dns::Question& question,
                                              const std::vector<std::string>& records) {
  std::vector<std::byte> buffer(4096);
  dns::WireWriter writer(buffer);
  writer.header(header);
  writer.question(question);
  for (const auto& line : records) {
    const auto set = dns::parseRecord(line, dns::Name(), 60);
    REQUIRE(set);
    REQUIRE(writer.rrset(dns::Section::Answer, *set, set->ttl(), false));
  }
  buffer.resize(writer.size());
  return buffer;
}

// A zone with these rules as the pipeline sees it.
struct Zone {
  explicit Zone(const std::string& rules, const rec::RpzConfig& config = {})
      : all(load(rules)),
        policy(all, rec::rpzSource(config, *all, 5, std::make_shared<rec::PolicyHits>(), nullptr), config) {}

  rec::PolicyVerdict onName(const std::string& asked) const {
    const dns::Question question{name(asked), dns::RRType::A, dns::RRClass::IN};
    return policy.onName(question.name, {.client = client, .question = question});
  }
  [[nodiscard]] rec::PolicyAction action(const std::string& asked) const { return onName(asked).action; }

  base::Address client = address("192.0.2.1");
  rec::RpzRulesPtr all;
  rec::RpzPolicy policy;
};

} // namespace rpztest
