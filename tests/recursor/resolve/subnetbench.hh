// A small internet whose servers answer each client's network in its own way, for the tests of EDNS Client Subnet.
#pragma once

#include "recursor/cache/key.hh"
#include "tests/recursor/resolve/smallinternet.hh"

namespace rectest {

using namespace rec;
using dns::RCode;
using dns::RRType;

inline constexpr auto kServers = "192.0.2.11 192.0.2.12";

inline SubnetPolicy subnetPolicy(std::vector<std::string> list, const std::function<void(Settings&)>& change = {}) {
  Settings settings = defaultSettings();
  settings.ednsSubnetAllowList = std::move(list);
  if (change) {
    change(settings);
  }
  return SubnetPolicy(settings);
}

// Each address of the answer is the network's: 10.1.2.0/24 is told 10.1.2.1.
inline void localise(const base::Netmask& client, dns::Message& into) {
  for (dns::RRset& set : into.answer) {
    if (set.type() == RRType::A) {
      auto octets = client.network.octets();
      std::vector<std::byte> own(octets.begin(), octets.begin() + 4);
      own[3] |= std::byte{1};
      dns::RRsetBuilder builder(set.owner(), RRType::A, dns::RRClass::IN, set.ttl());
      builder.add(own);
      set = builder.build();
    }
  }
}

struct SubnetBench : SmallInternet {
  explicit SubnetBench(std::vector<std::string> list = {"example.com"}) {
    options->subnets = subnetPolicy(std::move(list));
  }
  std::string ask(const char* client, std::string_view name = "www.example.com", RRType type = RRType::A) {
    subnet = *base::Netmask::parse(client);
    last = resolve(question(name, type));
    return last.answer();
  }
  // Servers of example.com have nothing but SERVFAIL for clients in 66.0.0.0/8.
  void failFor66() {
    for (const char* server : {"192.0.2.11", "192.0.2.12"}) {
      internet.rewrite(server, [](const ServerQuestion& asked, dns::Message& into) {
        if (asked.subnet && asked.subnet->network.octets()[0] == std::byte{66}) {
          into.header.rcode = RCode::ServFail;
          into.answer.clear();
        }
      });
    }
  }
  // Everything goes to 192.0.2.53, which answers so.
  void forward(const std::string& answer) {
    ForwardRule rule;
    rule.recurse = true;
    rule.upstreams.push_back(upstreams.get(Endpoint::parse("192.0.2.53").value()));
    options->forwards.add(rule);
    internet.answerWith("192.0.2.53", answer);
  }
  void tailor(std::uint8_t scope) { internet.tailor(kServers, scope, localise); }
  // Of questions that came with a network: "192.0.2.11 www.example.com. A 10.1.2.0/24".
  [[nodiscard]] Strings told() const {
    Strings found;
    for (const auto& asked : internet.asked()) {
      if (asked.subnet) {
        found.push_back(asked.question.name.text() + " " + dns::text(asked.question.type) + " " + asked.subnet->text());
      }
    }
    return found;
  }
  [[nodiscard]] std::size_t asked() const { return internet.asked().size(); }
  Upstreams upstreams;
  Result last;
};

inline const std::string kOwner = "www.example.com. A ";

} // namespace rectest
