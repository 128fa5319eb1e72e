// The account of a walk, and its explanation when it fails.
#include "recursor/resolve/walk.hh"

#include <algorithm>

#include "recursor/resolve/keep.hh"
#include "recursor/resolve/verdict.hh"
#include "recursor/upstream/exchange.hh"

namespace rec {
namespace {

constexpr std::size_t kMaxFailures = 64;
constexpr std::size_t kMaxText = 400; // octets of EXTRA-TEXT: an answer with it still fits a small datagram

// "example.com.: 192.0.2.1 REFUSED, 192.0.2.2 timed out; com.: ..."
std::string listFailures(const std::vector<ServerFailure>& failures) {
  std::string text;
  const dns::Name* zone = nullptr;
  for (auto it = failures.begin(); it != failures.end(); ++it) {
    const ServerFailure& failure = *it;
    const auto isSame = [&](const ServerFailure& f) {
      return f.kind == failure.kind && f.who == failure.who && f.zone == failure.zone;
    };
    if (std::any_of(failures.begin(), it, isSame)) {
      continue; // a silent server is asked more than once
    }
    std::string part = zone == nullptr ? "" : (*zone == failure.zone ? ", " : "; ");
    if (zone == nullptr || *zone != failure.zone) {
      part += failure.zone.text() + ": ";
    }
    part += failure.who + " " + failure.what;
    if (text.size() + part.size() > kMaxText) {
      return text + " ...";
    }
    text += part;
    zone = &failure.zone;
  }
  return text;
}

bool any(const std::vector<ServerFailure>& failures, FailureKind kind) {
  return std::any_of(failures.begin(), failures.end(), [&](const ServerFailure& f) { return f.kind == kind; });
}

} // namespace

FailureKind failureKind(ExchangeStatus status) {
  switch (status) {
  case ExchangeStatus::Unreachable:
  case ExchangeStatus::NotAllowed: return FailureKind::Network;
  case ExchangeStatus::Malformed: return FailureKind::Malformed;
  default: return FailureKind::Silent;
  }
}

void Walk::note(Step step) const {
  if (trace) {
    step.depth = depth;
    trace->add(std::move(step));
  }
}

void Walk::noteAnswer(const Verdict& verdict, const dns::Question& question, base::MonoTime now) const {
  if (!trace || verdict.kind == VerdictKind::Referral) {
    return;
  }
  StepKind kind = StepKind::Records;
  switch (verdict.kind) {
  case VerdictKind::Alias: kind = StepKind::Alias; break;
  case VerdictKind::NoData: kind = StepKind::NoData; break;
  case VerdictKind::NxDomain: kind = StepKind::NxDomain; break;
  default: break;
  }
  std::string detail = kind == StepKind::Alias ? verdict.target.text() : std::string();
  detail += subnetText(verdict.scope, verdict.echo);
  const base::Address server = verdict.from.server.value_or(base::Address());
  note({kind, 0, question.name, question.type, {}, server, std::move(detail), now});
}

void Walk::fail(FailureKind kind, const dns::Name& zone, std::string who, std::string what) {
  if (failures.size() < kMaxFailures) {
    failures.push_back(ServerFailure{kind, zone, std::move(who), std::move(what)});
  }
}

void Walk::tell(const base::Address& server) {
  if (std::ranges::find(toldInVain, server) == toldInVain.end()) {
    toldInVain.push_back(server);
  }
}

void Walk::untell(const ServerReply& reply) {
  if (!reply.told) {
    std::erase(toldInVain, reply.server);
  }
}

void Walk::takeFailures(const std::vector<ServerFailure>& others) {
  for (const ServerFailure& failure : others) {
    fail(failure.kind, failure.zone, failure.who, failure.what);
  }
}

void Walk::failWith(dns::EdeCode code, std::string text) {
  const bool known = std::any_of(errors.begin(), errors.end(), [&](const dns::ExtendedError& error) {
    return error.code == code && error.text == text;
  });
  if (!known) {
    errors.push_back(dns::ExtendedError{code, std::move(text)});
  }
}

std::vector<dns::ExtendedError> Walk::explain() const {
  std::vector<dns::ExtendedError> all = errors;
  if (work && work->exhausted()) {
    all.push_back({dns::EdeCode::Other, "limit reached: " + work->exceeded});
  }
  if (!failures.empty()) {
    const std::string text = listFailures(failures);
    all.push_back({dns::EdeCode::NoReachableAuthority, text});
    if (any(failures, FailureKind::Network)) {
      all.push_back({dns::EdeCode::NetworkError, text});
    }
  }
  if (all.empty()) {
    all.push_back({dns::EdeCode::NoReachableAuthority, "no server of the zone could be asked in time"});
  }
  return all;
}

} // namespace rec
