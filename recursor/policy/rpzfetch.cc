// One visit to a primary: 1. its SOA: is there anything newer? 2. IXFR on the same connection; 3. when that fails, AXFR
// on a new one. Every message is checked for its signature before anything in it is believed.
#include "recursor/policy/rpzfetch.hh"

#include "lib/base/log.hh"
#include "lib/base/random.hh"
#include "lib/dnssec/tsig.hh"
#include "recursor/policy/rpztransfer.hh"

namespace rec {
namespace {

using base::Error;
using base::Result;

using std::chrono::seconds;

constexpr seconds kSerialTime{10}; // to connect, and for the serial
constexpr seconds kIdleTime{60};   // for the next message of a transfer without a limit (axfrTimeout=0)

// What a transfer says becomes rules.
class RulesSink final : public RpzTransferSink {
 public:
  RulesSink(const RpzConfig& config, RpzRulesPtr have, bool logChanges)
      : d_config(config), d_have(std::move(have)), d_logChanges(logChanges) {}

  void begin(bool whole) override {
    RpzLoadOptions options{d_config.name, d_config.ignoreDuplicates, expectedSize(d_have, d_config.zoneSizeHint)};
    d_loader.emplace(whole ? nullptr : d_have, std::move(options));
    d_loader->setZone(d_config.zone);
    d_logged = d_logChanges && !whole;
  }
  void add(Octets owner, dns::RRType type, std::uint32_t ttl, Octets rdata) override {
    if (d_logged) tell("had addition of ", owner, type);
    d_loader->add(owner, type, ttl, rdata);
  }
  bool remove(Octets owner, dns::RRType type, Octets rdata) override {
    if (d_logged) tell("had removal of ", owner, type);
    return d_loader->remove(owner, type, rdata);
  }
  [[nodiscard]] bool isFull() const { return d_loader && d_loader->isFull(); }
  [[nodiscard]] RpzRulesPtr finish() { return d_loader->finish(); }

 private:
  void tell(const char* what, Octets owner, dns::RRType type) const {
    base::log(base::LogLevel::Info,
              "RPZ " + d_config.name + " " + what + dns::Name::fromWire(owner).text() + " " + dns::text(type));
  }

  const RpzConfig& d_config;
  RpzRulesPtr d_have;
  bool d_logChanges, d_logged = false;
  std::optional<RpzLoader> d_loader;
};

class Visit {
 public:
  Visit(const RpzConfig& config, const base::Address& primary, const RpzFetchContext& context)
      : d_config(config), d_primary(primary), d_context(context),
        d_options{config.localAddress, {}, context.stop, config.maxReceivedMBytes * 1024 * 1024, context.meanwhile} {}

  Result<void> connect();
  Result<RpzFetched> incremental(const RpzRulesPtr& have);
  Result<RpzFetched> whole(const RpzRulesPtr& have);
  Result<std::uint32_t> serial();
  Result<void> run(RpzTransfer& transfer, const RulesSink& sink);

 private:
  Result<void> ask(std::vector<std::byte> question);
  Result<Octets> next();

  [[nodiscard]] bool isLimited() const { return d_config.axfrTimeout.count() > 0; }
  [[nodiscard]] seconds shortTime() const {
    return isLimited() ? std::min(d_config.axfrTimeout, kSerialTime) : kSerialTime;
  }

  const RpzConfig& d_config;
  const base::Address& d_primary;
  const RpzFetchContext& d_context;
  RpzConnection::Options d_options;
  std::unique_ptr<RpzLink> d_connection;
  std::optional<dnssec::TsigAnswer> d_signature;
};

Result<void> Visit::connect() {
  d_options.deadline = d_context.clock.mono() + shortTime();
  auto opened = d_context.connect(d_primary, d_options, d_context.clock);
  if (!opened) return opened.error();
  d_connection = std::move(*opened);
  return {};
}

Result<void> Visit::ask(std::vector<std::byte> question) {
  if (d_config.tsig) {
    d_signature.emplace(*d_config.tsig, dnssec::signTsig(*d_config.tsig, question, d_context.clock.wall()));
  }
  return d_connection->send(question);
}

Result<Octets> Visit::next() {
  auto message = d_connection->receive();
  if (!message || !d_signature) return message;
  if (const auto good = d_signature->take(*message, d_context.clock.wall()); !good) return good.error();
  return message;
}

Result<std::uint32_t> Visit::serial() {
  std::array<std::byte, dns::kHeaderSize + dns::kMaxNameSize + 4> buffer;
  dns::Header header;
  header.id = base::randomU16();
  const std::size_t size = dns::writeQuery(buffer, header, {d_config.zone, dns::RRType::SOA}, std::nullopt);
  if (const auto asked = ask({buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size)}); !asked) {
    return asked.error();
  }
  const auto octets = next();
  if (!octets) return octets.error();
  const auto answer = dns::parseMessage(*octets);
  if (!answer) return Error{"an answer that cannot be read: " + answer.error().message};
  if (answer->header.id != header.id || !answer->header.qr) return Error{"an answer to another question"};
  if (answer->header.rcode != dns::RCode::NoError) {
    return Error{"answers " + dns::text(answer->header.rcode) + " for the SOA"};
  }
  for (const dns::RRset& set : answer->answer) {
    const bool isIt = set.type() == dns::RRType::SOA && set.ownerIs(d_config.zone);
    if (const auto soa = isIt ? dns::readSoa(set.front()) : std::nullopt) return soa->serial;
  }
  return Error{"has no SOA of the zone"};
}

Result<void> Visit::run(RpzTransfer& transfer, const RulesSink& sink) {
  const auto limit = [this] { return d_context.clock.mono() + (isLimited() ? d_config.axfrTimeout : kIdleTime); };
  d_connection->setDeadline(limit());
  if (const auto asked = ask(transfer.question()); !asked) return asked;
  while (!transfer.isDone()) {
    const auto message = next();
    if (!message) return message.error();
    if (const auto taken = transfer.take(*message); !taken) return taken;
    if (sink.isFull()) return Error{"there is no room for the records of a rule"};
    if (!isLimited()) d_connection->setDeadline(limit());
  }
  if (d_signature && !d_signature->lastWasSigned()) return Error{"TSIG: the last message is not signed"};
  return {};
}

// Whatever is wrong with the differences, memory included: there is still AXFR.
Result<RpzFetched> Visit::incremental(const RpzRulesPtr& have) {
  try {
    RulesSink sink(d_config, have, d_context.logChanges);
    RpzTransfer transfer(d_config.zone, have->serial(), base::randomU16(), sink);
    if (const auto done = run(transfer, sink); !done) return done.error();
    return RpzFetched{transfer.changedNothing() ? nullptr : sink.finish(), transfer.wasWhole(), ""};
  } catch (const std::exception& error) {
    return Error{error.what()};
  }
}

Result<RpzFetched> Visit::whole(const RpzRulesPtr& have) {
  RulesSink sink(d_config, have, d_context.logChanges);
  RpzTransfer transfer(d_config.zone, std::nullopt, base::randomU16(), sink);
  if (const auto done = run(transfer, sink); !done) return done.error();
  return RpzFetched{sink.finish(), true, ""};
}

} // namespace

Result<RpzFetched> fetchRpz(const RpzConfig& config, const base::Address& primary, const RpzRulesPtr& have,
                            const RpzFetchContext& context) {
  Visit visit(config, primary, context);
  if (const auto connected = visit.connect(); !connected) return connected.error();
  RpzFetched fetched;
  if (have && have->soa()) {
    const auto serial = visit.serial();
    if (!serial) return serial.error();
    if (*serial == have->serial()) return fetched;
    if (!serialIsNewer(*serial, have->serial())) {
      return Error{"its serial " + std::to_string(*serial) + " is older than ours, " + std::to_string(have->serial())};
    }
    auto changed = visit.incremental(have);
    if (changed) return std::move(*changed);
    fetched.ixfrFault = changed.error().message;
    if (const auto connected = visit.connect(); !connected) return connected.error();
  }
  auto all = visit.whole(have);
  const std::string& ixfr = fetched.ixfrFault;
  if (!all) return Error{all.error().message + (ixfr.empty() ? "" : " (and before, by IXFR: " + ixfr + ")")};
  all->ixfrFault = ixfr;
  return all;
}

} // namespace rec
