// The ways to ask a server again, each rule with where it comes from.
#include "recursor/upstream/fallback.hh"

namespace rec {

namespace {

// A server that chokes on EDNS says so with one of these and without an OPT record (RFC 6891 7). SERVFAIL means it too,
// but from servers never seen doing EDNS only. BADVERS to version 0 is nonsense.
bool rejectsEdns(const dns::Message& message, EdnsStatus known) {
  const dns::RCode rcode = message.header.rcode;
  if (rcode == dns::RCode::BadVers) return true;
  if (message.edns) return false;
  if (rcode == dns::RCode::ServFail) return known == EdnsStatus::Unknown;
  return rcode == dns::RCode::FormErr || rcode == dns::RCode::NotImp;
}

// Some answer FORMERR, OPT included, to an option they do not know, against RFC 6891 6.1.2.
bool rejectsCookie(const dns::Message& message) {
  return message.edns && !message.edns->cookie && message.header.rcode == dns::RCode::FormErr;
}

// RFC 7871 7.1.2 has REFUSED from servers that do not want the option; FORMERR is said by those that do not know it.
// What is not believed was perhaps said by somebody else, who had the subnet chosen and sent many questions for one
// name.
bool rejectsSubnet(const Finding& finding) {
  const dns::RCode rcode = finding.message->header.rcode;
  const bool refuses = rcode == dns::RCode::FormErr || rcode == dns::RCode::Refused;
  return !finding.subnetOk || refuses || rcode == dns::RCode::ServFail; // the last perhaps for this network only
}

std::optional<Attempt> overTcp(Attempt attempt) {
  attempt.via = TransportKind::Tcp;
  return attempt;
}

std::optional<Attempt> afterAnswer(const Attempt& tried, const Finding& finding, EdnsStatus known, Progress& progress) {
  const dns::Message& message = *finding.message;
  const bool udp = tried.via == TransportKind::Udp;
  Attempt next = tried;
  if (udp && message.header.tc) return overTcp(tried); // RFC 2181 9, RFC 7766 5
  if (tried.edns && tried.subnet && !progress.subnetDropped && rejectsSubnet(finding)) {
    progress.subnetDropped = true;
    progress.subnetWithheld = message.header.rcode == dns::RCode::ServFail;
    next.subnet = false;
    return next;
  }
  if (tried.edns && !progress.ednsDropped && rejectsEdns(message, known)) {
    progress.ednsDropped = true;
    progress.ednsRcode = message.header.rcode;
    next.edns = false;
    return next;
  }
  if (tried.edns && tried.cookie && !progress.cookieDropped && rejectsCookie(message)) {
    progress.cookieDropped = true;
    next.cookie = false;
    return next;
  }
  if (udp && message.header.rcode == dns::RCode::BadCookie && finding.cookieOk) { // RFC 7873 5.3
    if (progress.cookieRenewed) return overTcp(tried);
    progress.cookieRenewed = true;
    return next;
  }
  return std::nullopt;
}

// TCP was asked out of mistrust and cannot be had: the server is not to suffer for what others sent.
std::optional<Attempt> afterFailure(const Attempt& tried, const Finding& finding, Progress& progress) {
  if (tried.via != TransportKind::Tcp) return std::nullopt;
  Attempt next = tried;
  next.via = TransportKind::Udp;
  if (progress.caseLost) {
    progress.caseLost = false;
    next.mixCase = false;
    return next;
  }
  const bool refused = finding.status == WireStatus::Unreachable;
  if (refused && (progress.suspected || progress.nearMissed)) {
    progress.suspected = progress.nearMissed = false;
    next.passNearMisses = true; // every packet still has a port and an id to be guessed
    return next;
  }
  return std::nullopt;
}

} // namespace

std::optional<Attempt> nextAttempt(const Attempt& tried, const Finding& finding, EdnsStatus known, Progress& progress) {
  switch (finding.status) {
  case WireStatus::Accepted: progress.answeredOnce = true; return afterAnswer(tried, finding, known, progress);
  case WireStatus::Abandoned:
    if (tried.via != TransportKind::Udp) return std::nullopt;
    progress.answeredOnce = true;
    progress.caseLost = finding.doubt == ReplyMatcher::Doubt::CaseLost;
    progress.nearMissed = finding.doubt == ReplyMatcher::Doubt::NearMisses;
    progress.malformed = finding.doubt == ReplyMatcher::Doubt::Malformed;
    return overTcp(tried);
  case WireStatus::TimedOut:
  case WireStatus::Unreachable: return afterFailure(tried, finding, progress);
  case WireStatus::LocalFailure: break;
  }
  return std::nullopt;
}

} // namespace rec
