// The lines of rec_control top: see topscreen.hh. Each function adds one part, from the top down.
#include "recursor/control/topscreen.hh"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "recursor/config/values.hh"
#include "recursor/control/latencyshares.hh"

namespace rec {
namespace {

constexpr std::size_t kLabel = 12;

// At least one blank behind it.
std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size() + 1), ' ');
  return text;
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

std::string fixed(double number, int digits) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.*f", digits, number);
  return text.data();
}

// "0.3", "12345".
std::string shortNumber(double number) { return fixed(number, number > 0 && number < 9.95 ? 1 : 0); }

std::string bytes(double count) {
  constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; count >= 1000 && unit + 1 < kUnits.size(); ++unit) count /= 1000;
  return shortNumber(count) + " " + kUnits[unit];
}

std::string duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds);
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%llu:%02llu:%02llu", static_cast<unsigned long long>(whole / 3600 % 24),
                static_cast<unsigned long long>(whole / 60 % 60), static_cast<unsigned long long>(whole % 60));
  const std::uint64_t days = whole / 86400;
  return (days > 0 ? std::to_string(days) + " d " : "") + text.data();
}

// What the parts read.
class Figures {
 public:
  explicit Figures(const TopView& view) : d_view(view) {}
  [[nodiscard]] double now(std::string_view name) const { return valueIn(d_view.now.values, name); }
  // Metrics that only grow: what came between the readings. Less than nothing: it began anew.
  [[nodiscard]] double grown(std::string_view name) const {
    return std::max(0.0, now(name) - valueIn(d_view.before.values, name));
  }
  [[nodiscard]] double seconds() const {
    const bool sinceStart = d_view.before.values.empty();
    return sinceStart ? std::max(1.0, now("uptime")) : std::max(0.001, d_view.now.seconds - d_view.before.seconds);
  }
  [[nodiscard]] std::string rate(std::string_view name) const { return shortNumber(grown(name) / seconds()) + "/s"; }
  [[nodiscard]] std::string share(double part, double whole) const {
    return whole > 0 ? fixed(100 * part / whole, 1) + " %" : "-";
  }
  [[nodiscard]] LatencyShares latencies(std::string_view source) const {
    return {d_view.before.values, d_view.now.values, source};
  }

 private:
  static double valueIn(const Statistics::Values& values, std::string_view name) {
    const auto at = values.find(name);
    return at == values.end() ? 0 : static_cast<double>(at->second);
  }
  const TopView& d_view;
};

using Lines = std::vector<std::string>;

void addHead(Lines& lines, const TopView& view, const Figures& figures) {
  const std::string span =
      view.before.values.empty() ? "since the start" : "over " + fixed(figures.seconds(), 1) + " s";
  lines.push_back("Rootwalk " + view.version + "   up " + duration(figures.now("uptime")) + "   " +
                  (view.trouble.empty() ? span + "   q quits" : view.trouble));
}

void addQuestions(Lines& lines, const Figures& figures) {
  lines.push_back(padded("questions", kLabel) + padded(figures.rate("questions"), 11) + "TCP " +
                  padded(figures.rate("tcp-questions"), 8) + "IPv6 " + padded(figures.rate("ipv6-questions"), 8) +
                  "waiting " + padded(shortNumber(figures.now("concurrent-queries")), 6) + "connections " +
                  shortNumber(figures.now("tcp-clients")));
}

void addRcodes(Lines& lines, const Figures& figures) {
  constexpr std::array kNames{"noerror", "nxdomain", "servfail", "refused", "formerr", "notimp"};
  double all = 0;
  for (const std::string name : kNames) all += figures.grown(name + "-answers");
  std::string line = padded("answers", kLabel);
  for (const std::string name : {"noerror", "nxdomain", "servfail", "refused"}) {
    std::string upper = name;
    std::ranges::transform(upper, upper.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    line += upper + " " + padded(figures.share(figures.grown(name + "-answers"), all), 8);
  }
  lines.push_back(line);
  const double strangers = figures.grown("unauthorized-udp") + figures.grown("unauthorized-tcp");
  lines.push_back(padded("dropped", kLabel) + "not allowed " +
                  padded(shortNumber(strangers / figures.seconds()) + "/s", 7) + "malformed " +
                  padded(figures.rate("client-parse-errors"), 7) + "by policy " +
                  padded(figures.rate("policy-drops"), 7) + "overload " + figures.rate("over-capacity-drops"));
}

void addLatency(Lines& lines, const Figures& figures) {
  struct Row {
    const char* label;
    const char* source;
  };
  constexpr std::array<Row, 5> kRows{{{"all", ""},
                                      {"packet cache", "packetcache"},
                                      {"record cache", "recordcache"},
                                      {"resolved", "resolved"},
                                      {"failures", "failure"}}};
  constexpr std::array kShares{0.5, 0.9, 0.99, 0.999};
  lines.push_back(padded("latency", 16) + right("answers", 10) + right("50 %", 10) + right("90 %", 10) +
                  right("99 %", 10) + right("99.9 %", 10));
  for (const Row& row : kRows) {
    const LatencyShares latencies = figures.latencies(row.source);
    std::string line = padded(std::string("  ") + row.label, 16) +
                       right(shortNumber(latencies.answers() / figures.seconds()) + "/s", 10);
    for (const double share : kShares) {
      const auto time = latencies.within(share);
      const bool tooLong = time && !std::isfinite(*time);
      line += right(!time ? "-" : tooLong ? ">" + shortTime(latencies.longest()) : shortTime(*time), 10);
    }
    lines.push_back(line);
  }
}

void addCaches(Lines& lines, const Figures& figures) {
  const auto row = [&](const char* label, const std::string& ratio, std::string_view entries, std::string_view size) {
    lines.push_back(padded(std::string("  ") + label, 16) + right(ratio, 10) +
                    right(fixed(figures.now(entries), 0), 12) + right(bytes(figures.now(size)), 12));
  };
  const double packets = figures.grown("packetcache-hits");
  const double records = figures.grown("cache-hits");
  lines.push_back(padded("caches", 16) + right("hits", 10) + right("entries", 12) + right("memory", 12));
  row("packet", figures.share(packets, packets + figures.grown("packetcache-misses")), "packetcache-entries",
      "packetcache-bytes");
  row("record", figures.share(records, records + figures.grown("cache-misses")), "cache-entries", "cache-bytes");
  row("negative", "", "negcache-entries", "negcache-bytes");
}

void addUpstream(Lines& lines, const Figures& figures) {
  const double encrypted = figures.grown("dot-outqueries") + figures.grown("doh-outqueries");
  lines.push_back(padded("upstream", kLabel) + padded(figures.rate("all-outqueries"), 9) + "TCP " +
                  padded(figures.rate("tcp-outqueries"), 7) + "encrypted " +
                  padded(shortNumber(encrypted / figures.seconds()) + "/s", 7) + "timeouts " +
                  padded(figures.rate("outgoing-timeouts"), 7) + "throttled " + figures.rate("throttled-out"));
  lines.push_back(padded("validation", kLabel) + "secure " + padded(figures.rate("dnssec-result-secure"), 10) +
                  "insecure " + padded(figures.rate("dnssec-result-insecure"), 10) + "bogus " +
                  figures.rate("dnssec-result-bogus"));
  const double cpu = (figures.grown("user-msec") + figures.grown("sys-msec")) / 10 / figures.seconds();
  lines.push_back(padded("process", kLabel) + "CPU " + padded(fixed(cpu, 0) + " %", 9) + "memory " +
                  padded(bytes(figures.now("real-memory-usage")), 10) + "descriptors " +
                  shortNumber(figures.now("fd-usage")));
}

std::string rowAt(const Lines& rows, std::size_t i) {
  if (i >= rows.size()) return "";
  const auto tab = rows[i].find('\t');
  return right(rows[i].substr(0, tab), 8) + "  " + (tab == std::string::npos ? "" : rows[i].substr(tab + 1));
}

void addBusiest(Lines& lines, const TopView& view, std::size_t width, std::size_t height) {
  if (lines.size() + 2 > height) return;
  const std::size_t half = width * 3 / 5;
  const auto column = [half](const std::string& text) { return padded(text.substr(0, half - 1), half); };
  lines.push_back(column("busiest names") + "busiest clients");
  const std::size_t most = std::max(view.names.size(), view.clients.size());
  for (std::size_t i = 0; i < most && lines.size() < height; ++i) {
    lines.push_back(column(rowAt(view.names, i)) + rowAt(view.clients, i));
  }
}

} // namespace

Statistics::Values parseMetrics(std::string_view text) {
  Statistics::Values values;
  for (const std::string_view line : split(text, "\n")) {
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    if (const auto value = parseNumber(line.substr(tab + 1), 0, UINT64_MAX)) {
      values.emplace(line.substr(0, tab), *value);
    }
  }
  return values;
}

std::vector<std::string> topRows(std::string_view text) {
  std::vector<std::string> rows;
  for (const std::string_view line : split(text, "\n")) {
    const bool isRow = line.find('\t') != std::string_view::npos && !line.ends_with("\trest");
    if (isRow) rows.emplace_back(line);
  }
  return rows;
}

std::vector<std::string> topScreen(const TopView& view, std::size_t width, std::size_t height) {
  const Figures figures(view);
  Lines lines;
  addHead(lines, view, figures);
  addQuestions(lines, figures);
  addRcodes(lines, figures);
  addLatency(lines, figures);
  addCaches(lines, figures);
  addUpstream(lines, figures);
  addBusiest(lines, view, width, height);
  lines.resize(std::min(lines.size(), height));
  for (std::string& line : lines) line.resize(std::min(line.size(), width));
  return lines;
}

} // namespace rec
