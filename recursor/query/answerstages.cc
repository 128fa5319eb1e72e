// The last stages of the pipeline: the root key sentinel, composing, sending, counting and logging an answer.
#include "lib/base/log.hh"
#include "recursor/policy/luaquestion.hh"
#include "recursor/query/hotpath.hh"
#include "recursor/query/pipeline.hh"
#include "recursor/query/querylogging.hh"
#include "recursor/trust/keytags.hh"

namespace rec {
namespace {

AnsweredFrom sourceOf(AnswerKind kind) {
  switch (kind) {
  case AnswerKind::Local: return AnsweredFrom::Local;
  case AnswerKind::RecordCache: return AnsweredFrom::RecordCache;
  case AnswerKind::Iterated:
  case AnswerKind::Forwarded: return AnsweredFrom::Resolved;
  case AnswerKind::Stale: return AnsweredFrom::Stale;
  case AnswerKind::Failure:
  case AnswerKind::CachedFailure: return AnsweredFrom::Failure;
  }
  return AnsweredFrom::Failure;
}

} // namespace

// RFC 8509 3: only of answers that were validated for the client.
Pipeline::Step Pipeline::checkSentinel(Query& query) {
  const dns::RRType type = query.question.type;
  const bool isAddress = type == dns::RRType::A || type == dns::RRType::AAAA;
  if (!isAddress || query.outcome.security != Security::Secure || query.header.cd || !d_settings.rootKeySentinel ||
      !d_anchors || sentinelVerdict(query.question.name, d_anchors->current()) != SentinelVerdict::ServFail) {
    return Step::Next;
  }
  query.outcome = Outcome::failure(dns::EdeCode::Other, "root key sentinel (RFC 8509)");
  return Step::Next;
}

Pipeline::Step Pipeline::compose(Query& query) {
  d_composed = d_composer.compose(query);
  return Step::Next;
}

void Pipeline::noteAnswer(const Query& query) const {
  if (d_parts.top == nullptr) {
    return;
  }
  const auto note = [&](TopEvent event) {
    d_parts.top->note(event, query.question.name.wire(), query.question.type, query.client.source);
  };
  if (query.outcome.rcode == dns::RCode::ServFail) note(TopEvent::ServFail);
  if (query.outcome.security == Security::Bogus) note(TopEvent::Bogus);
  if (d_composed.message.size() > kLargeAnswer) d_parts.top->note(TopEvent::Large, query.client.source);
}

Pipeline::Step Pipeline::send(Query& query) {
  d_parts.host.reply(query.client, d_composed.message);
  noteAnswer(query);
  countRCode(d_counters, query.outcome.rcode);
  d_counters.add(Metric::StaleAnswers, query.outcome.kind == AnswerKind::Stale ? 1 : 0);
  const bool truncated = (d_composed.message[2] & std::byte{2}) != std::byte{0};
  d_counters.add(Metric::TruncatedAnswers, truncated ? 1 : 0);
  query.took = d_parts.loop.clock().mono() - query.received;
  d_parts.latencies.answered(sourceOf(query.outcome.kind), query.took, query.waited);
  return Step::Next;
}

// NOTIFYs are none of its business, and scripts may keep a question out.
bool Pipeline::isLogged(const Query& query) const {
  return d_parts.queryLog != nullptr && d_parts.queryLog->isOn() && query.header.opcode == dns::Opcode::Query &&
         (!query.lua || query.lua->logResponse);
}

Pipeline::Step Pipeline::log(Query& query) {
  if (isLogged(query)) {
    logAnswer(*d_parts.queryLog, query, d_composed.message, query.took);
  }
  if (d_settings.quiet || (query.lua && !query.lua->logResponse)) {
    return Step::Next;
  }
  const auto took = std::chrono::duration<double, std::milli>(query.took).count();
  if (base::logIsStructured()) {
    base::log(base::LogLevel::Notice, "answer",
              {{"subsystem", "out"},
               {"qname", query.question.name.text()},
               {"qtype", dns::text(query.question.type)},
               {"remote", query.client.source.textWithPort()},
               {"answers", std::to_string(query.outcome.answer.size())},
               {"additional", std::to_string(query.outcome.additional.size())},
               {"totms", std::to_string(took)},
               {"rcode", dns::text(query.outcome.rcode)}});
    return Step::Next;
  }
  base::log(base::LogLevel::Notice, "[" + std::to_string(d_parts.host.self()) + "] answer to question '" +
                                        query.question.name.text() + "|" + dns::text(query.question.type) + "' from " +
                                        query.client.source.textWithPort() + ": " +
                                        std::to_string(query.outcome.answer.size()) + " answers, " +
                                        std::to_string(query.outcome.additional.size()) + " additional, took " +
                                        std::to_string(took) + " ms, rcode=" + dns::text(query.outcome.rcode));
  return Step::Next;
}

} // namespace rec
