// A small internet for the tests of a whole resolver: the root, com. with example.com. on two servers, and net.
#pragma once

#include <string>
#include <vector>

#include "tests/recursor/resolve/resolverbench.hh"

namespace rectest {

using Strings = std::vector<std::string>;

inline constexpr const char* kRoot = R"(
  . 86400 IN SOA a.root.test. host.root.test. 1 2 3 4 60
  . 518400 IN NS a.root.test.
  a.root.test. 518400 IN A 192.0.2.1
  com. 172800 IN NS a.nic.com.
  com. 172800 IN DS 1 8 2 AA
  a.nic.com. 172800 IN A 192.0.2.2
  net. 172800 IN NS a.nic.net.
  a.nic.net. 172800 IN A 192.0.2.3
)";

inline constexpr const char* kCom = R"(
  com. 900 IN SOA a.nic.com. host.nic.com. 1 2 3 4 60
  com. 172800 IN NS a.nic.com.
  a.nic.com. 172800 IN A 192.0.2.2
  example.com. 86400 IN NS ns1.example.com.
  example.com. 86400 IN NS ns2.example.com.
  ns1.example.com. 86400 IN A 192.0.2.11
  ns2.example.com. 86400 IN A 192.0.2.12
)";

inline constexpr const char* kExample = R"(
  example.com. 900 IN SOA ns1.example.com. host.example.com. 1 2 3 4 60
  example.com. 900 IN NS ns1.example.com.
  example.com. 900 IN NS ns2.example.com.
  ns1.example.com. 900 IN A 192.0.2.11
  ns2.example.com. 900 IN A 192.0.2.12
  www.example.com. 300 IN A 192.0.2.80
  a.b.c.example.com. 300 IN A 192.0.2.81
  alias.example.com. 300 IN CNAME www.example.com.
  gone.example.com. 300 IN CNAME no.example.com.
  self.example.com. 300 IN CNAME self.example.com.
  old.example.com. 300 IN DNAME example.com.
  zero.example.com. 0 IN A 192.0.2.82
)";

// Root, com. with example.com. on two servers, net. on one, without zones below it.
class SmallInternet : public ResolverBench {
 public:
  explicit SmallInternet(const rec::DotServers::Options& probing = {}) : ResolverBench(probing) {
    internet.serve("192.0.2.1", kRoot);
    internet.serve("192.0.2.2", kCom);
    internet.serve("192.0.2.11 192.0.2.12", kExample);
  }
  void serveNet(const std::string& content) {
    internet.serve("192.0.2.3", "net. 900 IN SOA a.nic.net. host.nic.net. 1 2 3 4 60\n"
                                "net. 900 IN NS a.nic.net.\na.nic.net. 900 IN A 192.0.2.3\n" +
                                    content);
  }
  // Questions to the servers of example.com., in order.
  [[nodiscard]] Strings askedOfExample() const { return internet.askedOf("192.0.2.11 192.0.2.12"); }
};

} // namespace rectest
