// UDP from clients: readable socket, batch by batch until it is empty or others must have their turn.
#include "recursor/ingress/udp.hh"

#include <event2/event.h>

#include <algorithm>

#include "lib/base/log.hh"
#include "recursor/query/querylogging.hh"

namespace rec {
namespace {

constexpr std::size_t kBatch = 32;
constexpr unsigned kWaitsBetweenChecks = 256;  // of the ticks; one costs a reading of the clock
constexpr std::size_t kLongestQuestion = 4096; // octets; UDP questions are short
constexpr std::size_t kBehindHeader = 1024;    // of them, behind the longest header of a proxy
// Answers of servers wait meanwhile, and must not be taken for late: a round of questions that each start a resolution
// ends by time, long before max-udp-queries-per-round.
constexpr std::chrono::milliseconds kLongestRound{10};

std::size_t longestQuestion(const Settings& settings) {
  return std::max<std::size_t>(kLongestQuestion, settings.proxyProtocolMaximumSize + kBehindHeader);
}

std::size_t longestAnswer(const Settings& settings) {
  return std::max<std::size_t>(settings.udpTruncationThreshold, 512);
}

} // namespace

struct UdpIngress::Listener {
  UdpIngress& owner;
  base::Fd socket;
  base::Address bound;
  std::uint16_t number = 0;
  bool isWildcard = false;
  event* readable = nullptr;
  ~Listener() {
    if (readable != nullptr) {
      event_free(readable);
    }
  }
};

UdpIngress::UdpIngress(const Parts& parts)
    : d_parts(parts), d_longestAnswer(longestAnswer(parts.settings)), d_outbox(2 * kBatch),
      d_batch(std::in_place, d_outbox, kBatch, longestQuestion(parts.settings), d_longestAnswer),
      d_answers(std::in_place, d_outbox, kBatch, d_longestAnswer), d_asked(kBatch),
      d_proxies(parts.settings, parts.counters), d_ticks(parts.loop.clock()),
      d_gathering(std::chrono::microseconds(parts.settings.udpGatherTime)) {
  d_missed.reserve(kBatch);
  d_outbox.setJoining(d_parts.settings.udpSegmentation);
  d_flushAnswers = event_new(d_parts.loop.base(), -1, 0, &UdpIngress::onAnswers, this);
  d_parts.loop.setAttendant(*this);
}

UdpIngress::~UdpIngress() {
  flush();
  event_free(d_flushAnswers);
}

// No batch is being worked on then; answers that wait for their flush go first.
void UdpIngress::adoptSettings() {
  d_gathering.setLongest(std::chrono::microseconds(d_parts.settings.udpGatherTime));
  if (const std::size_t longest = longestAnswer(d_parts.settings); longest > d_longestAnswer) {
    flush();
    d_longestAnswer = longest;
    d_batch.emplace(d_outbox, kBatch, longestQuestion(d_parts.settings), longest);
    d_answers.emplace(d_outbox, kBatch, longest);
  }
  d_outbox.setJoining(d_parts.settings.udpSegmentation);
}

void UdpIngress::flush() {
  const net::UdpOutbox::Sent sent = d_outbox.flush();
  if (sent.joined > 0) d_parts.counters.add(Metric::UdpJoinedAnswers, sent.joined);
  if (sent.refused > 0) [[unlikely]]
    d_parts.counters.add(Metric::UdpSegmentationRefusals, sent.refused);
  if (sent.dropped > 0) [[unlikely]]
    d_parts.counters.add(Metric::UdpSendDrops, sent.dropped);
}

void UdpIngress::listen(base::Fd socket, const base::Address& bound) {
  const auto number = static_cast<std::uint16_t>(d_listeners.size());
  const int fd = socket.get();
  auto& listener = d_listeners.emplace_back(new Listener{*this, std::move(socket), bound, number, bound.isWildcard()});
  listener->readable =
      event_new(d_parts.loop.base(), fd, EV_READ | EV_PERSIST, &UdpIngress::onReadable, listener.get());
  event_add(listener->readable, nullptr);
}

void UdpIngress::onReadable(int /*fd*/, short /*what*/, void* self) {
  auto* listener = static_cast<Listener*>(self);
  listener->owner.readRound(*listener);
}

void UdpIngress::onAnswers(int /*fd*/, short /*what*/, void* self) { static_cast<UdpIngress*>(self)->flush(); }

void UdpIngress::readRound(const Listener& listener) {
  std::size_t read = 0;
  const std::uint64_t begun = d_ticks.now();
  for (std::size_t count = kBatch; count == kBatch;) {
    if (read >= d_parts.settings.maxUdpQueriesPerRound || d_ticks.between(begun, d_ticks.now()) >= kLongestRound) {
      d_drained = false;
      return;
    }
    count = readOnce(listener);
    read += count;
  }
  d_parts.counters.add(Metric::NoPacketError, read == 0 ? 1 : 0);
}

std::size_t UdpIngress::readOnce(const Listener& listener) {
  const std::size_t count = d_batch->receive(listener.socket.get(), listener.bound);
  if (count > 0) {
    d_parts.counters.add(Metric::UdpBatches);
    d_read += count;
    handleBatch(listener, count);
  }
  return count;
}

void UdpIngress::beforeWaiting() {
  if (d_read > 0) {
    checkTicks();
    const std::uint64_t now = d_ticks.now();
    const auto pause = d_gathering.pauseAfter(d_read, d_ticks.between(d_lastWait, now));
    d_lastWait = now;
    if (pause.count() > 0 && d_drained) {
      d_parts.counters.add(Metric::UdpGatherPauses);
      flush();
      d_parts.loop.rest(pause);
    }
  }
  d_read = 0;
  d_drained = true;
}

void UdpIngress::checkTicks() {
  const bool before = d_ticks.usesCounter();
  if (before && ++d_sinceCheck < kWaitsBetweenChecks) {
    return;
  }
  d_sinceCheck = 0;
  d_ticks.check(d_parts.loop.clock().mono());
  if (before != d_ticks.usesCounter()) {
    d_lastWait = d_ticks.now();
  }
  if (before && !d_ticks.usesCounter()) {
    base::log(base::LogLevel::Warning, "the processor's time stamp counter and the clock do not agree: latencies of "
                                       "hits are measured by the clock from now on");
  }
}

// Answers that are ready leave with those to the questions that have come meanwhile.
void UdpIngress::betweenResumes() {
  for (const auto& listener : d_listeners) {
    d_drained = readOnce(*listener) < kBatch && d_drained; // what is left is read before any pause
  }
  flush();
}

// First all that the packet cache has; who is answered from there does not wait until resolutions have been started for
// others.
void UdpIngress::handleBatch(const Listener& listener, std::size_t count) {
  d_parts.loop.beginWork();
  const bool proxied = d_proxies.any();
  if (proxied) [[unlikely]] {
    unwrap(listener, count);
  }
  if (d_parts.hotPath.isTagging()) [[unlikely]] {
    return handleTagged(listener, count);
  }
  proxied ? answerBatch<true>(listener, count) : answerBatch<false>(listener, count);
}

template <bool Proxied> void UdpIngress::answerBatch(const Listener& listener, std::size_t count) {
  const std::uint64_t begun = d_ticks.now();
  const base::WallTime wall = d_parts.loop.wall();
  readBatch<Proxied>(count);
  std::size_t answers = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto result =
        d_parts.hotPath.answer(d_batch->packet(i), d_asked[i], askerOf<Proxied>(i), false, d_batch->room(i), wall);
    if (result.verdict == HotPath::Verdict::Answer) {
      d_batch->queueAnswer(i, result.size);
      ++answers;
    } else if (result.verdict == HotPath::Verdict::Miss) {
      d_missed.push_back(static_cast<std::uint16_t>(i));
    }
  }
  d_parts.hotPath.countHits(answers);
  flush();
  const auto took = d_ticks.between(begun, d_ticks.now());
  d_parts.hotPath.answered(answers, took);
  if (d_parts.queryLog.isOn()) [[unlikely]] {
    logHits<Proxied>(count, took);
  }
  if (d_parts.hotPath.wantsNote(answers)) {
    noteOneOf<Proxied>(count);
  }
  if (!d_missed.empty()) {
    passOn(listener);
  }
}

// At least one of the batch was answered.
template <bool Proxied> void UdpIngress::noteOneOf(std::size_t count) {
  const auto isHit = [this](std::size_t i) {
    return d_asked[i].verdict == HotPath::Verdict::Answer && std::ranges::find(d_missed, i) == d_missed.end();
  };
  std::size_t i = d_parts.hotPath.chooseOf(count);
  while (!isHit(i)) {
    i = i + 1 == count ? 0 : i + 1;
  }
  d_parts.hotPath.noteOne(d_asked[i], askerOf<Proxied>(i), d_batch->answer(i));
}

// All that were not missed. The questions are still there, below their answers.
template <bool Proxied> void UdpIngress::logHits(std::size_t count, std::chrono::nanoseconds took) {
  const std::int64_t now = LogTap::now();
  auto missed = d_missed.begin();
  for (std::size_t i = 0; i < count; ++i) {
    if (missed != d_missed.end() && *missed == i) {
      ++missed;
    } else if (d_asked[i].verdict == HotPath::Verdict::Answer) {
      logHit(d_parts.queryLog, d_asked[i].question, d_batch->answer(i), askerOf<Proxied>(i), false, took, now);
    }
  }
  d_parts.queryLog.publish();
}

void UdpIngress::logTagged(std::size_t i, const Client& client, const HotPath::Tagged& tagged,
                           std::chrono::nanoseconds took) {
  const auto answer = std::span<const std::byte>(d_batch->room(i)).first(tagged.result.size);
  logHit(d_parts.queryLog, tagged.question, answer, client.source, false, took, LogTap::now());
  d_parts.queryLog.publish();
}

// Each packet by itself: a script has its say first.
void UdpIngress::handleTagged(const Listener& listener, std::size_t count) {
  const base::MonoTime received = d_parts.loop.clock().mono();
  const base::WallTime wall = d_parts.loop.wall();
  std::size_t answers = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!isReadable(i)) {
      continue;
    }
    d_parts.loop.beginWork();
    const Client client = clientOf(listener, i);
    auto tagged = d_parts.hotPath.handleTagged(d_batch->packet(i), client, d_batch->room(i), wall);
    if (tagged.result.verdict == HotPath::Verdict::Answer) {
      d_outbox.leaveBy(listener.socket.get()); // the pipeline may have answered somebody meanwhile
      d_batch->queueAnswer(i, tagged.result.size);
      ++answers;
      if (d_parts.queryLog.isOn()) logTagged(i, client, tagged, d_parts.loop.clock().mono() - received);
    } else if (tagged.result.verdict == HotPath::Verdict::Miss) {
      d_parts.pipeline.accept(d_batch->packet(i), client, received, std::move(tagged.lua));
    }
  }
  d_parts.hotPath.countHits(answers);
  flush();
  d_parts.hotPath.answered(answers, (d_parts.loop.clock().mono() - received) / static_cast<int>(count));
}

// What needs memory of the cache is known of all packets before the first one is looked up. Who has just been let in
// need not show its address again; so do those who asked for others, many times in a batch.
template <bool Proxied> void UdpIngress::readBatch(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const bool readable = Proxied ? isReadable(i) : !d_batch->isCut(i);
    if (readable) {
      const bool admitted =
          i > 0 && d_asked[i - 1].verdict == HotPath::Verdict::Answer && askerOf<Proxied>(i) == askerOf<Proxied>(i - 1);
      d_parts.hotPath.read(d_batch->packet(i), askerOf<Proxied>(i), false, admitted, d_asked[i]);
    } else {
      d_asked[i].verdict = HotPath::Verdict::Drop;
      d_parts.counters.add(Metric::TruncatedDrops, Proxied ? 0 : 1);
    }
  }
  d_parts.hotPath.fetch(std::span(d_asked).first(count));
}

bool UdpIngress::isReadable(std::size_t i) {
  const bool cut = d_batch->isCut(i);
  d_parts.counters.add(Metric::TruncatedDrops, cut ? 1 : 0);
  return !cut && !(d_proxies.any() && d_unwrapped[i].dropped);
}

// What several questions need is fetched from memory at a time.
void UdpIngress::announce() {
  constexpr std::size_t kSeveral = 3;
  d_expected.clear();
  for (const std::uint16_t i : d_missed) {
    const RawQuestion& read = d_asked[i].question;
    if (!read.name.empty()) d_expected.push_back({read.name, read.type});
  }
  if (d_expected.size() >= kSeveral) d_parts.pipeline.expect(d_expected);
}

void UdpIngress::passOn(const Listener& listener) {
  announce();
  const base::MonoTime received = d_parts.loop.clock().mono();
  for (const std::uint16_t i : d_missed) {
    const RawQuestion& read = d_asked[i].question; // empty when it is not a plain one
    d_parts.loop.beginWork();
    d_parts.pipeline.accept(d_batch->packet(i), clientOf(listener, i), received, nullptr,
                            read.name.empty() ? nullptr : &read);
  }
  d_missed.clear();
}

Client UdpIngress::clientOf(const Listener& listener, std::size_t i) const {
  Client client{d_batch->peer(i), listener.bound};
  if (listener.isWildcard) {
    const base::Address told = d_batch->local(i);
    client.local = told.valid() ? told.withPort(listener.bound.port()) : told;
  }
  client.worker = d_parts.worker;
  client.listener = listener.number;
  if (d_proxies.any()) [[unlikely]] {
    nameClient(client, i);
  }
  return client;
}

const base::Address& UdpIngress::boundOf(const Listener& listener) { return listener.bound; }

void UdpIngress::send(const Client& client, std::span<const std::byte> message) {
  const Listener& listener = *d_listeners[client.listener];
  if (d_outbox.empty()) {
    event_active(d_flushAnswers, 0, 0); // when all else that is ready now has had its turn
  }
  const base::Address& to = client.proxy ? client.proxy->peer : client.source;
  const base::Address& from = client.proxy ? client.proxy->local : client.local;
  d_answers->add(listener.socket.get(), listener.isWildcard, to, from, message);
}

} // namespace rec
