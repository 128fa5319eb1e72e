// What WireExchange learns from one attempt: step 4 of wireexchange.hh. Reports to NsSpeeds only what changes, so that
// its locks stay idle.
#include <algorithm>
#include <array>

#include "recursor/upstream/selector.hh"
#include "recursor/upstream/wireexchange.hh"

namespace rec {

namespace {

constexpr std::array<Metric, 16> kRcodeMetrics{
    Metric::AuthNoerrorAnswers, Metric::AuthFormerrAnswers, Metric::AuthServfailAnswers, Metric::AuthNxdomainAnswers,
    Metric::AuthNotimpAnswers,  Metric::AuthRefusedAnswers, Metric::AuthYxdomainAnswers, Metric::AuthYxrrsetAnswers,
    Metric::AuthNxrrsetAnswers, Metric::AuthNotauthAnswers, Metric::AuthRcode10Answers,  Metric::AuthRcode11Answers,
    Metric::AuthRcode12Answers, Metric::AuthRcode13Answers, Metric::AuthRcode14Answers,  Metric::AuthRcode15Answers};

Metric rcodeMetric(dns::RCode rcode) {
  return kRcodeMetrics[std::min<std::size_t>(static_cast<std::size_t>(rcode), kRcodeMetrics.size() - 1)];
}

bool isProper(dns::RCode rcode) { return rcode == dns::RCode::NoError || rcode == dns::RCode::NXDomain; }

bool sameCookie(const dns::Cookie& a, const dns::Cookie& b) {
  return a.client == b.client && a.server == b.server && a.serverSize == b.serverSize;
}

// What was wrong with UDP, said before the reason why TCP failed.
const char* whyTcp(ReplyMatcher::Doubt doubt) {
  switch (doubt) {
  case ReplyMatcher::Doubt::NearMisses: return "spoofed answers, then over TCP: ";
  case ReplyMatcher::Doubt::CaseLost: return "answer in another case, then over TCP: ";
  case ReplyMatcher::Doubt::Cookie: return "answer without the cookie, then over TCP: ";
  case ReplyMatcher::Doubt::Malformed: return "malformed answer, then over TCP: ";
  case ReplyMatcher::Doubt::None: break;
  }
  return "";
}

} // namespace

Finding WireExchange::examine(const Session& session, const WireOutcome& outcome, ReplyMatcher& matcher) {
  const bool accepted = outcome.status == WireStatus::Accepted;
  Finding finding{outcome.status, matcher.doubt(), accepted ? &matcher.message() : nullptr, matcher.cookieOk()};
  if (accepted && session.attempt.edns && session.attempt.subnet) {
    finding.subnetOk = believesSubnet(session, matcher.message());
  }
  return finding;
}

// RFC 7871 7.3: the option has to come back with the family, length and address that were sent. Who forges answers can
// have many questions for one name sent, one for each network, but does not know which network is in which of them. An
// answer without would fit them all, so it is not believed where somebody else may have sent it.
bool WireExchange::believesSubnet(const Session& session, const dns::Message& message) {
  const dns::RCode rcode = message.header.rcode;
  d_counters.add(Metric::EcsRefused, rcode == dns::RCode::FormErr || rcode == dns::RCode::Refused ? 1 : 0);
  const dns::Edns* edns = message.edns ? &*message.edns : nullptr;
  if (edns != nullptr && (edns->clientSubnet || edns->clientSubnetMalformed)) {
    const bool same = !edns->clientSubnetMalformed && edns->clientSubnet->source == *session.question.subnet;
    if (same) countSubnet(*edns->clientSubnet);
    d_counters.add(Metric::EcsMismatched, same ? 0 : 1);
    return same;
  }
  if (message.header.tc || !isProper(rcode)) return true; // no data in it
  d_counters.add(Metric::EcsMissing);
  return !d_options.hardenSubnets || session.attempt.via != TransportKind::Udp;
}

void WireExchange::countSubnet(const dns::ClientSubnet& said) {
  d_counters.add(Metric::EcsResponses);
  if (said.scope == 0) return;
  const Metric first = said.source.network.isV6() ? Metric::EcsV6ResponseBits1 : Metric::EcsV4ResponseBits1;
  d_counters.add(static_cast<Metric>(static_cast<unsigned>(first) + said.scope - 1U));
}

void WireExchange::learn(Session& session, ReplyMatcher& matcher, const WireOutcome& outcome) {
  switch (outcome.status) {
  case WireStatus::Accepted: learnAnswer(session, matcher, outcome); break;
  case WireStatus::Abandoned: learnDoubt(session, matcher.doubt()); break;
  case WireStatus::TimedOut:
  case WireStatus::Unreachable: learnFailure(session, outcome.status); break;
  case WireStatus::LocalFailure: break; // not the server's fault
  }
}

void WireExchange::learnAnswer(Session& session, ReplyMatcher& matcher, const WireOutcome& outcome) {
  const ServerPath& server = session.path;
  const dns::Message& message = matcher.message();
  const base::MonoTime now = d_loop.now();
  const bool udp = session.attempt.via == TransportKind::Udp;
  d_counters.add(rcodeMetric(message.header.rcode));
  d_latencies.serverAnswered(server.address.isV6(), outcome.rtt);
  if (udp || !session.progress.answeredOnce) d_speeds.reportRtt(server, outcome.rtt, now);
  learnEdns(session, message, now);
  learnCookie(session, matcher, now);
  const bool caseGivenUp =
      session.path.over == Scheme::Udp && d_options.mixCase && !d_options.lowercase && !session.attempt.mixCase;
  if (matcher.caseLost() || (caseGivenUp && session.known.keepsCase)) d_speeds.reportCaseLost(server, now);
  if (udp && message.header.tc) session.reply->detail = "truncated answer, then over TCP: ";
}

void WireExchange::learnEdns(const Session& session, const dns::Message& message, base::MonoTime now) {
  const EdnsStatus known = session.known.edns;
  const dns::RCode rcode = message.header.rcode;
  EdnsStatus seen = known;
  if (session.attempt.edns) {
    if (message.edns) seen = EdnsStatus::Good;
    if (!message.edns && known == EdnsStatus::Unknown && isProper(rcode)) seen = EdnsStatus::Ignorant;
  } else if (session.progress.ednsDropped && known != EdnsStatus::Good) {
    // The same error without EDNS: it was about something else.
    seen = rcode == session.progress.ednsRcode ? EdnsStatus::Ignorant : EdnsStatus::Broken;
  }
  if (seen != known) d_speeds.reportEdns(session.path, seen, now);
}

void WireExchange::learnCookie(Session& session, ReplyMatcher& matcher, base::MonoTime now) {
  const std::optional<dns::Cookie>& sent = matcher.query().cookie;
  const std::optional<dns::Edns>& edns = matcher.message().edns;
  if (!sent || !edns) return;
  std::optional<dns::Cookie>& known = session.known.cookie;
  if (matcher.cookieOk() && edns->cookie->serverSize > 0) {
    if (!known || !sameCookie(*known, *edns->cookie)) d_speeds.reportCookie(session.path, *edns->cookie, now);
    known = edns->cookie;
  } else if (!edns->cookie) { // the matcher lets that pass only from a server not known to do them, or over TCP
    d_speeds.reportNoCookies(session.path, now);
    known.reset();
  }
}

void WireExchange::learnDoubt(Session& session, ReplyMatcher::Doubt doubt) {
  if (session.attempt.via != TransportKind::Udp) return;
  session.reply->detail = whyTcp(doubt);
  if (doubt != ReplyMatcher::Doubt::NearMisses) return;
  d_counters.add(Metric::SpoofPrevents);
  d_speeds.reportSpoofing(session.path, d_loop.now());
}

void WireExchange::learnFailure(const Session& session, WireStatus status) {
  const ServerPath& server = session.path;
  if (status == WireStatus::TimedOut) {
    d_counters.add(Metric::OutgoingTimeouts);
    if (d_top != nullptr) d_top->note(TopEvent::TimedOut, server.address);
    d_counters.add(server.address.isV6() ? Metric::Outgoing6Timeouts : Metric::Outgoing4Timeouts);
  } else {
    d_counters.add(Metric::Unreachables);
  }
  // Whoever can send us forged packets must not be able to get the server throttled.
  if (!session.progress.answeredOnce && !session.progress.suspected) {
    d_speeds.reportTimeout(server, d_loop.now(), session.question.mayThrottle);
  }
}

WireExchange::LateWatch::~LateWatch() {
  const base::MonoTime now = d_exchange.d_loop.clock().mono();
  if (d_over || d_session.progress.answeredOnce || now - d_since < usualWait(d_session.known)) return;
  d_exchange.d_speeds.reportTimeout(d_session.path, now, d_session.question.mayThrottle);
}

void WireExchange::countFallback(const Session& session, const Finding& finding, const Attempt& next) {
  if (session.attempt.edns && !next.edns) d_counters.add(Metric::EdnsFallbacks);
  if (session.attempt.subnet && !next.subnet) d_counters.add(Metric::EcsFallbacks);
  if (finding.message == nullptr) return;
  if (session.attempt.via != next.via && finding.message->header.tc) d_counters.add(Metric::TruncatedToTcp);
  if (finding.message->header.rcode == dns::RCode::BadCookie) d_counters.add(Metric::CookieRetry);
}

} // namespace rec
