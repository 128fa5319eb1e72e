// Fuzz target: whatever a server sends, only a well-formed answer to the very question is accepted.
#include "recursor/upstream/replymatcher.hh"

#include "tests/fuzz/fuzz.hh"

namespace {

constexpr std::uint16_t kId = 0x1234;

rec::ReplyMatcher::Query makeQuery(bool overTcp) {
  rec::ReplyMatcher::Query query;
  query.id = kId;
  query.question = {dns::Name::parse("www.example.com").value(), dns::RRType::A, dns::RRClass::IN};
  query.sentName = dns::Name::parse("wWw.eXample.COM").value();
  query.caseMatters = true;
  query.overTcp = overTcp;
  query.cookie.emplace();
  query.nearMissMax = 0;
  return query;
}

void check(rec::ReplyMatcher& matcher, bool overTcp, std::span<const std::byte> packet) {
  std::vector<std::byte> copy(packet.begin(), packet.end());
  if (matcher.take(copy) != rec::ReplyVerdict::Accept) return;
  const dns::Message& message = matcher.message();
  fuzz::require(message.header.qr && message.header.id == kId);
  fuzz::require(matcher.size() == packet.size());
  if (message.question) fuzz::require(message.question->name.identicalTo(matcher.query().question.name));
  if (!message.question) fuzz::require(message.header.rcode != dns::RCode::NoError || message.header.tc);
  fuzz::require(overTcp || !matcher.caseLost());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static rec::Counters counters;
  for (const bool overTcp : {false, true}) {
    dns::Message answer;
    rec::ReplyMatcher matcher(makeQuery(overTcp), answer, counters);
    check(matcher, overTcp, fuzz::octets(data, size));
  }
  return 0;
}
