// The members of the object: one function for each kind of thing that is explained.
#include "recursor/control/explainjson.hh"

#include "lib/dns/presentation.hh"
#include "recursor/control/explainadvice.hh"
#include "recursor/control/explainfacts.hh"

namespace rec {
namespace {

template <typename List, typename ToJson> std::string arrayOf(const List& list, const ToJson& toJson) {
  std::vector<std::string> values;
  for (const auto& item : list) {
    values.push_back(toJson(item));
  }
  return jsonArray(values);
}

std::string nameJson(const dns::Name& name) { return jsonString(name.text()); }
std::string typeJson(dns::RRType type) { return jsonString(dns::text(type)); }
std::string securityJson(Security security) { return jsonString(text(security)); }

std::string rdatasJson(const dns::RRset& set) {
  if (!set) {
    return "[]";
  }
  return arrayOf(set.rdatas(), [&](dnssec::Bytes rdata) { return jsonString(dns::rdataText(set.type(), rdata)); });
}

std::string signatureJson(const dnssec::Rrsig& signature) {
  return jsonObject({{"signer", nameJson(signature.signer)},
                     {"tag", std::to_string(signature.tag)},
                     {"algorithm", jsonString(dnssec::text(signature.algorithm))},
                     {"labels", std::to_string(signature.labels)},
                     {"inception", std::to_string(signature.inception)},
                     {"expiration", std::to_string(signature.expiration)}});
}

std::string signaturesJson(const dns::RRset& set) {
  return set ? arrayOf(signaturesOf(set), signatureJson) : std::string("[]");
}

std::string proofsJson(const std::vector<dns::RRset>& proofs) {
  return arrayOf(proofs, [](const dns::RRset& proof) { return jsonString(proofText(proof)); });
}

std::string recordsJson(const AgedRRset& set) {
  return jsonObject({{"name", nameJson(set.rrset.owner())},
                     {"type", typeJson(set.rrset.type())},
                     {"ttl", std::to_string(set.ttl)},
                     {"data", rdatasJson(set.rrset)},
                     {"signatures", signaturesJson(set.rrset)}});
}

std::string errorJson(const dns::ExtendedError& error) {
  return jsonObject({{"code", std::to_string(static_cast<unsigned>(error.code))}, {"text", jsonString(error.text)}});
}

std::string reasonJson(const ExplainedZone& zone) {
  if (!zone.trust) {
    return jsonString("none of its servers answers");
  }
  if (zone.trust->finding) {
    return jsonString(dnssec::text(zone.trust->finding));
  }
  return jsonString(zone.trust->errors.empty() ? std::string() : zone.trust->errors.front().text);
}

std::string keyJson(dnssec::Bytes rdata) {
  const auto key = dnssec::readDnskey(rdata);
  return !key ? std::string("null")
              : jsonObject({{"tag", std::to_string(key->tag)},
                            {"algorithm", jsonString(dnssec::text(key->algorithm))},
                            {"flags", std::to_string(key->flags)}});
}

std::string zoneJson(const ExplainedZone& zone) {
  return jsonObject({{"zone", nameJson(zone.zone)},
                     {"security", zone.trust ? securityJson(zone.trust->security) : "null"},
                     {"anchor", rdatasJson(zone.anchor)},
                     {"ds", rdatasJson(zone.ds)},
                     {"proofs", proofsJson(zone.proofs)},
                     {"keys", zone.keys ? arrayOf(zone.keys.rdatas(), keyJson) : "[]"},
                     {"signatures", signaturesJson(zone.keys)},
                     {"waived", jsonBool(zone.trust && zone.trust->waived)},
                     {"reason", reasonJson(zone)}});
}

std::string_view kindText(LookupKind kind) {
  switch (kind) {
  case LookupKind::Records: return "records";
  case LookupKind::Alias: return "alias";
  case LookupKind::NoData: return "no data";
  case LookupKind::NxDomain: return "no such name";
  case LookupKind::Failed: break;
  }
  return "failed";
}

std::string linkJson(const ExplainedLink& link) {
  std::vector<dns::RRset> proofs = link.found.proofs;
  proofs.insert(proofs.end(), link.found.negative.proofs.begin(), link.found.negative.proofs.end());
  return jsonObject({{"name", nameJson(link.question.name)},
                     {"type", typeJson(link.question.type)},
                     {"found", jsonString(kindText(link.found.kind))},
                     {"local", jsonBool(link.found.source == AnswerKind::Local)},
                     {"security", securityJson(link.found.security)},
                     {"zones", arrayOf(link.zones, zoneJson)},
                     {"records", arrayOf(link.found.records, recordsJson)},
                     {"proofs", proofsJson(proofs)}});
}

} // namespace

std::string explanationJson(const Explanation& explanation, bool withTrace, const JsonMembers& more) {
  const Outcome& outcome = explanation.outcome;
  JsonMembers members{
      {"name", nameJson(explanation.question.name)},    {"type", typeJson(explanation.question.type)},
      {"rcode", jsonString(dns::text(outcome.rcode))},  {"validated", jsonBool(explanation.isValidated)},
      {"security", securityJson(outcome.security)},     {"milliseconds", std::to_string(explanation.took.count())},
      {"answer", arrayOf(outcome.answer, recordsJson)}, {"errors", arrayOf(outcome.errors, errorJson)},
      {"links", arrayOf(explanation.links, linkJson)}};
  if (outcome.scope) {
    members.emplace_back("subnet", jsonString(outcome.scope->network.text()));
  }
  if (const auto advice = adviceFor(explanation)) {
    members.emplace_back(advice->isFailure ? "fault" : "note", jsonString(advice->fault));
    members.emplace_back("todo", jsonString(advice->todo));
    members.emplace_back("meanwhile", jsonString(advice->meanwhile));
  }
  if (withTrace && explanation.trace) {
    members.emplace_back("walk", arrayOf(explanation.trace->describe(), jsonString));
  }
  members.insert(members.end(), more.begin(), more.end());
  return jsonObject(members) + "\n";
}

} // namespace rec
