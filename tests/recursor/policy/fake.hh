// A policy that says what the test told it, for the tests of the policy and query folders.
#pragma once

#include <map>
#include <string>

#include "lib/dns/rdata.hh"
#include "recursor/policy/policy.hh"

namespace policytest {

inline rec::PolicySourcePtr source(const std::string& name, std::uint32_t priority = 0,
                                   std::optional<dns::ExtendedError> error = {}) {
  rec::PolicySource made;
  made.name = name;
  made.priority = priority;
  made.error = std::move(error);
  return std::make_shared<const rec::PolicySource>(std::move(made));
}

inline rec::PolicyVerdict verdict(rec::PolicyAction action, rec::PolicySourcePtr from = source("fake")) {
  rec::PolicyVerdict made;
  made.action = action;
  made.source = std::move(from);
  made.ttl = 60;
  return made;
}

// Rules by the text of a name or address.
class FakePolicy final : public rec::Policy {
 public:
  explicit FakePolicy(std::uint32_t priority = 0) : d_priority(priority) {}
  std::map<std::string, rec::PolicyVerdict> clients, names, addresses;

  [[nodiscard]] rec::PolicyTriggers triggers() const override {
    using enum rec::PolicyTrigger;
    return static_cast<rec::PolicyTriggers>((clients.empty() ? 0 : rec::bitOf(ClientIp)) | rec::bitOf(QName) |
                                            (addresses.empty() ? 0 : rec::bitOf(ResponseIp)));
  }
  [[nodiscard]] std::uint32_t priority() const override { return d_priority; }
  [[nodiscard]] rec::PolicyVerdict onClient(const rec::PolicySubject& subject) const override {
    return find(clients, subject.client.text(), subject);
  }
  [[nodiscard]] rec::PolicyVerdict onName(const dns::Name& name, const rec::PolicySubject& subject) const override {
    return find(names, name.lowercased().text(), subject);
  }
  [[nodiscard]] rec::PolicyVerdict onAnswer(const base::Address& address,
                                            const rec::PolicySubject& subject) const override {
    return find(addresses, address.text(), subject);
  }

 private:
  static rec::PolicyVerdict find(const std::map<std::string, rec::PolicyVerdict>& rules, const std::string& text,
                                 const rec::PolicySubject& subject) {
    const auto at = rules.find(text);
    const bool applies = at != rules.end() && (!at->second.source || subject.admits(*at->second.source));
    return applies ? at->second : rec::PolicyVerdict();
  }
  std::uint32_t d_priority;
};

} // namespace policytest
