// Stages of the pipeline that need to look up nothing: opcodes, EDNS, classes, types and questions that are not
// answered, or not by the caches and the Internet.
#include "lib/dns/rdata.hh"
#include "recursor/query/anchorquery.hh"
#include "recursor/query/pipeline.hh"

namespace rec {
namespace {

// What the CHAOS names tell; null for other names.
const std::string* chaosText(const dns::Name& name, const Settings& settings) {
  const std::string text = name.lowercased().text();
  if (text == "version.bind." || text == "version.server.") {
    return &settings.versionString;
  }
  if (text == "id.server." || text == "hostname.bind.") {
    return &settings.serverId;
  }
  return nullptr;
}

bool isTransfer(dns::RRType type) { return type == dns::RRType::AXFR || type == dns::RRType::IXFR; }

} // namespace

Pipeline::Step Pipeline::checkOpcode(Query& query) {
  if (query.header.opcode == dns::Opcode::Query) {
    return Step::Next;
  }
  if (query.header.opcode == dns::Opcode::Notify) {
    return notify(query);
  }
  query.outcome.rcode = dns::RCode::NotImp;
  return Step::Answer;
}

// What we asked an upstream has come back.
Pipeline::Step Pipeline::checkLoop(Query& query) {
  if (d_parts.loops == nullptr || !d_parts.loops->notice(query.question.name)) {
    return Step::Next;
  }
  query.outcome = Outcome::failure(dns::EdeCode::Other, "this question came from here: a forwarding loop");
  return Step::Answer;
}

Pipeline::Step Pipeline::checkEdns(Query& query) {
  if (!query.edns) {
    return Step::Next;
  }
  if (query.edns->version != 0) { // RFC 6891 6.1.3
    query.outcome.rcode = dns::RCode::BadVers;
    return Step::Answer;
  }
  const bool scoped = query.edns->clientSubnet && query.edns->clientSubnet->scope != 0;
  if (query.edns->cookieMalformed || query.edns->clientSubnetMalformed || scoped) { // RFC 7873 5.2.2, RFC 7871 6
    query.outcome.rcode = dns::RCode::FormErr;
    return Step::Answer;
  }
  return Step::Next;
}

Pipeline::Step Pipeline::answerChaos(Query& query) {
  const dns::Question& question = query.question;
  if (question.rrclass == dns::RRClass::IN) {
    return Step::Next;
  }
  query.outcome.cacheable = false;
  query.outcome.rcode = dns::RCode::Refused;
  const bool isText = question.type == dns::RRType::TXT || question.type == dns::RRType::ANY;
  const std::string* text = chaosText(question.name, d_settings);
  if (question.rrclass == dns::RRClass::CH && isText && d_settings.allowTrustAnchorQuery && d_anchors) {
    if (const auto set = anchorAnswer(question.name, d_anchors->current(), d_parts.loop.wall())) {
      query.outcome.rcode = dns::RCode::NoError;
      if (*set) query.outcome.answer.push_back({*set, set->ttl()});
      return Step::Answer;
    }
  }
  if (question.rrclass == dns::RRClass::CH && isText && text != nullptr && *text != "disabled") {
    query.outcome.rcode = dns::RCode::NoError;
    query.outcome.answer.push_back({dns::makeTxtRRset(question.name, dns::RRClass::CH, 0, *text), 0});
  }
  return Step::Answer;
}

Pipeline::Step Pipeline::checkType(Query& query) {
  if (!isNoData(query.question.type)) {
    return Step::Next;
  }
  query.outcome.rcode = isTransfer(query.question.type) ? dns::RCode::Refused : dns::RCode::NotImp;
  return Step::Answer;
}

Pipeline::Step Pipeline::answerAny(Query& query) {
  if (query.question.type == dns::RRType::ANY && !query.client.tcp && d_settings.anyToTcp) {
    query.outcome.rcode = dns::RCode::NoError;
    query.truncate = true;
    return Step::Answer;
  }
  return Step::Next;
}

Pipeline::Step Pipeline::checkRecursionDesired(Query& query) {
  if (query.header.rd || d_settings.allowNoRd) {
    return Step::Next;
  }
  query.outcome.rcode = dns::RCode::Refused;
  query.outcome.errors.push_back({dns::EdeCode::NotAuthoritative, "recursion was not desired"}); // RFC 8914 4.21
  return Step::Answer;
}

} // namespace rec
