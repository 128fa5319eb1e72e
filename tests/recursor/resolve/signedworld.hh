// SignedWorld: the small signed internet of the validator's tests: root, test. (192.0.2.2), example.test. on two
// servers, and below test. an insecure delegation, an insecure zone on test.'s own server, and a secure one beside it.
#pragma once

#include "tests/recursor/resolve/signedzone.hh"

namespace rectest {

inline constexpr const char* kSignedRoot = R"(
  . 86400 IN SOA a.root.test. host.root.test. 1 2 3 4 60
  . 518400 IN NS a.root.test.
  a.root.test. 518400 IN A 192.0.2.1
  test. 172800 IN NS a.nic.test.
  a.nic.test. 172800 IN A 192.0.2.2
)";

inline constexpr const char* kSignedTest = R"(
  test. 900 IN SOA a.nic.test. host.nic.test. 1 2 3 4 60
  test. 172800 IN NS a.nic.test.
  a.nic.test. 172800 IN A 192.0.2.2
  example.test. 86400 IN NS ns1.example.test.
  example.test. 86400 IN NS ns2.example.test.
  ns1.example.test. 86400 IN A 192.0.2.11
  ns2.example.test. 86400 IN A 192.0.2.12
  plain.test. 86400 IN NS ns.plain.test.
  ns.plain.test. 86400 IN A 192.0.2.20
  beside.test. 86400 IN NS a.nic.test.
  unsigned.test. 86400 IN NS a.nic.test.
)";

inline constexpr const char* kSignedExample = R"(
  example.test. 900 IN SOA ns1.example.test. host.example.test. 1 2 3 4 60
  example.test. 900 IN NS ns1.example.test.
  example.test. 900 IN NS ns2.example.test.
  ns1.example.test. 900 IN A 192.0.2.11
  ns2.example.test. 900 IN A 192.0.2.12
  www.example.test. 300 IN A 192.0.2.80
  mail.example.test. 300 IN A 192.0.2.83
  a.b.c.example.test. 300 IN A 192.0.2.81
  alias.example.test. 300 IN CNAME www.example.test.
  plainalias.example.test. 300 IN CNAME www.plain.test.
  old.example.test. 300 IN DNAME example.test.
  *.wild.example.test. 300 IN A 192.0.2.84
  *.cwild.example.test. 300 IN CNAME www.example.test.
)";

inline constexpr const char* kPlain = R"(
  plain.test. 900 IN SOA ns.plain.test. host.plain.test. 1 2 3 4 60
  plain.test. 900 IN NS ns.plain.test.
  www.plain.test. 300 IN A 192.0.2.90
  alias.plain.test. 300 IN CNAME www.example.test.
)";

class SignedWorld : public SignedInternet {
 public:
  SignedWorld() {
    top->add(example->ds());
    top->add(beside->ds());
    root->add(top->ds());
    SignedInternet::serve("192.0.2.1", root);
    SignedInternet::serve("192.0.2.2", top);
    SignedInternet::serve("192.0.2.2", beside);
    SignedInternet::serve("192.0.2.11 192.0.2.12", example);
    internet.serve("192.0.2.20", kPlain);
    trust(root->ds());
  }

  // What both servers of example.test. do.
  void onExample(const FakeInternet::Rewrite& rewrite) {
    internet.rewrite("192.0.2.11", rewrite);
    internet.rewrite("192.0.2.12", rewrite);
  }
  // The same for answers to one name.
  static FakeInternet::Rewrite onlyFor(std::string_view of, dns::RRType type,
                                       std::function<void(dns::Message&)> change) {
    return [of = rectest::name(of), type, change](const rec::ServerQuestion& asked, dns::Message& into) {
      if (asked.question.name == of && asked.question.type == type) {
        change(into);
      }
    };
  }

  Zone root = zone(kSignedRoot, 1);
  Zone top = zone(kSignedTest, 2);
  Zone example = zone(kSignedExample, 3);
  Zone beside = zone("beside.test. 900 IN SOA a.nic.test. host.nic.test. 1 2 3 4 60\n"
                     "beside.test. 900 IN NS a.nic.test.\nwww.beside.test. 300 IN A 192.0.2.85\n",
                     4);
};

} // namespace rectest
