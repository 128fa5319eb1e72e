// A line and its fields for each group of figures.
#include "recursor/statsreport.hh"

#include <array>
#include <cstdio>

#include "lib/base/log.hh"

namespace rec {

namespace {

using base::LogField;

std::string percent(std::uint64_t part, std::uint64_t whole) {
  std::array<char, 32> text{};
  const double share = whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  std::snprintf(text.data(), text.size(), "%.2f", share);
  return text.data();
}

std::string number(std::uint64_t value) { return std::to_string(value); }

// Structured lines say it in their fields, others in words.
void line(const std::string& words, const std::vector<LogField>& fields) {
  if (base::logIsStructured()) {
    base::log(base::LogLevel::Notice, "Periodic statistics report", base::LogFields(fields));
  } else {
    base::log(base::LogLevel::Notice, "stats: " + words);
  }
}

} // namespace

void StatsReport::log(std::chrono::steady_clock::time_point now) {
  logCaches();
  logServers();
  logWork();
  logRate(now);
}

void StatsReport::logCaches() const {
  const auto questions = number(value(Metric::Questions)), entries = number(value(Metric::CacheEntries)),
             negatives = number(value(Metric::NegcacheEntries)), packets = number(value(Metric::PacketcacheEntries));
  const auto hits = percent(value(Metric::CacheHits), value(Metric::CacheHits) + value(Metric::CacheMisses));
  const auto packetHits =
      percent(value(Metric::PacketcacheHits), value(Metric::PacketcacheHits) + value(Metric::PacketcacheMisses));
  const auto contended = number(value(Metric::RecordCacheContended)),
             acquired = number(value(Metric::RecordCacheAcquired));
  const auto busy = percent(value(Metric::RecordCacheContended), value(Metric::RecordCacheAcquired));
  line(questions + " questions, " + entries + " cache entries, " + negatives + " negative entries, " + hits +
           "% cache hits",
       {{"subsystem", "stats"},
        {"questions", questions},
        {"cache-entries", entries},
        {"negcache-entries", negatives},
        {"record-cache-hitratio-perc", hits}});
  line("cache contended/acquired " + contended + "/" + acquired + " = " + busy + "%",
       {{"subsystem", "stats"},
        {"record-cache-contended", contended},
        {"record-cache-acquired", acquired},
        {"record-cache-contended-perc", busy}});
  line(packets + " packet cache entries, " + packetHits + "% packet cache hits",
       {{"subsystem", "stats"}, {"packetcache-entries", packets}, {"packetcache-hitratio-perc", packetHits}});
}

void StatsReport::logServers() const {
  const auto throttles = number(value(Metric::ThrottleEntries)), speeds = number(value(Metric::NsspeedsEntries)),
             failing = number(value(Metric::FailedHostEntries)),
             nonResolving = number(value(Metric::NonResolvingNameserverEntries)),
             cuts = number(value(Metric::DelegationEntries));
  line("throttle map: " + throttles + ", ns speeds: " + speeds + ", failed ns: " + failing +
           ", non-resolving: " + nonResolving + ", zone cuts: " + cuts,
       {{"subsystem", "stats"},
        {"throttle-entries", throttles},
        {"nsspeed-entries", speeds},
        {"failed-host-entries", failing},
        {"non-resolving-nameserver-entries", nonResolving},
        {"delegation-entries", cuts}});
}

void StatsReport::logWork() const {
  const std::uint64_t asked = value(Metric::AllOutqueries), throttled = value(Metric::ThrottledOut);
  const auto ratio = percent(asked, value(Metric::Questions)), spared = percent(throttled, asked + throttled);
  const auto tcp = number(value(Metric::TcpOutqueries)), dot = number(value(Metric::DotOutqueries)),
             running = number(value(Metric::ConcurrentQueries)), late = number(value(Metric::OutgoingTimeouts)),
             clients = number(value(Metric::TcpClients)), failures = number(value(Metric::ServfailAnswers));
  line("outpacket/query ratio " + ratio + "%, " + spared + "% throttled",
       {{"subsystem", "stats"}, {"outqueries-per-query-perc", ratio}, {"throttled-queries-perc", spared}});
  line(tcp + "/" + dot + " outgoing tcp/dot queries, " + running + " queries running, " + late +
           " outgoing timeouts, " + clients + " TCP clients, " + failures + " SERVFAILs",
       {{"subsystem", "stats"},
        {"tcp-outqueries", tcp},
        {"dot-outqueries", dot},
        {"concurrent-queries", running},
        {"outgoing-timeouts", late},
        {"tcp-clients", clients},
        {"servfail-answers", failures}});
}

void StatsReport::logRate(std::chrono::steady_clock::time_point now) {
  const std::uint64_t questions = value(Metric::Questions);
  if (d_before && now > d_before->at) {
    const double seconds = std::chrono::duration<double>(now - d_before->at).count();
    const auto rate =
        number(static_cast<std::uint64_t>(static_cast<double>(questions - d_before->questions) / seconds));
    const auto over = number(static_cast<std::uint64_t>(seconds));
    line(rate + " qps (average over " + over + " seconds)",
         {{"subsystem", "stats"}, {"qps", rate}, {"averagedOver", over}});
  }
  d_before = Before{now, questions};
}

} // namespace rec
