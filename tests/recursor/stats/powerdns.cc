// The metrics of PowerDNS Recursor: each is here, under the same name, or docs/metrics.md says why not.
#include <algorithm>
#include <catch2/catch.hpp>

#include "recursor/stats/answertimes.hh"
#include "recursor/stats/statistics.hh"

using namespace rec;

namespace {

constexpr std::string_view kPowerDns[] = {
    "questions",
    "ipv6-questions",
    "tcp-questions",
    "cache-hits",
    "cache-misses",
    "cache-entries",
    "max-cache-entries",
    "max-packetcache-entries",
    "cache-bytes",
    "packetcache-hits",
    "packetcache-misses",
    "packetcache-entries",
    "packetcache-bytes",
    "malloc-bytes",
    "servfail-answers",
    "nxdomain-answers",
    "noerror-answers",
    "unauthorized-udp",
    "unauthorized-tcp",
    "tcp-client-overflow",
    "client-parse-errors",
    "server-parse-errors",
    "too-old-drops",
    "answers0-1",
    "answers1-10",
    "answers10-100",
    "answers100-1000",
    "answers-slow",
    "x-ourtime0-1",
    "x-ourtime1-2",
    "x-ourtime2-4",
    "x-ourtime4-8",
    "x-ourtime8-16",
    "x-ourtime16-32",
    "x-ourtime-slow",
    "auth4-answers0-1",
    "auth4-answers1-10",
    "auth4-answers10-100",
    "auth4-answers100-1000",
    "auth4-answers-slow",
    "auth6-answers0-1",
    "auth6-answers1-10",
    "auth6-answers10-100",
    "auth6-answers100-1000",
    "auth6-answers-slow",
    "qa-latency",
    "x-our-latency",
    "unexpected-packets",
    "case-mismatches",
    "spoof-prevents",
    "nsset-invalidations",
    "resource-limits",
    "over-capacity-drops",
    "policy-drops",
    "no-packet-error",
    "dlg-only-drops",
    "ignored-packets",
    "max-mthread-stack",
    "negcache-entries",
    "throttle-entries",
    "nsspeeds-entries",
    "failed-host-entries",
    "concurrent-queries",
    "security-status",
    "outgoing-timeouts",
    "outgoing4-timeouts",
    "outgoing6-timeouts",
    "auth-zone-queries",
    "tcp-outqueries",
    "all-outqueries",
    "ipv6-outqueries",
    "throttled-outqueries",
    "dont-outqueries",
    "throttled-out",
    "unreachables",
    "ecs-queries",
    "ecs-responses",
    "chain-resends",
    "tcp-clients",
    "udp-recvbuf-errors",
    "udp-sndbuf-errors",
    "udp-noport-errors",
    "udp-in-errors",
    "edns-ping-matches",
    "edns-ping-mismatches",
    "dnssec-queries",
    "noping-outqueries",
    "noedns-outqueries",
    "uptime",
    "real-memory-usage",
    "fd-usage",
    "user-msec",
    "sys-msec",
    "dnssec-validations",
    "dnssec-result-insecure",
    "dnssec-result-secure",
    "dnssec-result-bogus",
    "dnssec-result-indeterminate",
    "dnssec-result-nta",
    "policy-result-noaction",
    "policy-result-drop",
    "policy-result-nxdomain",
    "policy-result-nodata",
    "policy-result-truncate",
    "policy-result-custom",
    "query-pipe-full-drops",
    "truncated-drops",
    "empty-queries",
    "dnssec-authentic-data-queries",
    "dnssec-check-disabled-queries",
    "variable-responses",
    "special-memory-usage",
    "rebalanced-queries",
    "qname-min-fallback-success",

    "record-cache-contended",
    "record-cache-acquired",
    "nod-lookups-dropped-oversize",
    "taskqueue-pushed",
    "taskqueue-expired",
    "taskqueue-size",
    "aggressive-nsec-cache-entries",
    "aggressive-nsec-cache-nsec-hits",
    "aggressive-nsec-cache-nsec3-hits",
    "aggressive-nsec-cache-nsec-wc-hits",
    "aggressive-nsec-cache-nsec3-wc-hits",
    "dot-outqueries",
    "dns64-prefix-answers",
    "almost-expired-pushed",
    "almost-expired-run",
    "almost-expired-exceptions",
    "udp-in-csum-errors",
    "udp6-recvbuf-errors",
    "udp6-sndbuf-errors",
    "udp6-noport-errors",
    "udp6-in-errors",
    "udp6-in-csum-errors",
    "cpu-iowait",
    "cpu-steal",
    "cpu-msec-thread-n",
    "memory-allocs",
    "memory-alloc-flux",
    "memory-allocated",
    "dnssec-result-bogus-no-valid-dnskey",
    "dnssec-result-bogus-invalid-denial",
    "dnssec-result-bogus-unable-to-get-dss",
    "dnssec-result-bogus-unable-to-get-dnskeys",
    "dnssec-result-bogus-self-signed-ds",
    "dnssec-result-bogus-no-rrsig",
    "dnssec-result-bogus-no-valid-rrsig",
    "dnssec-result-bogus-missing-negative-indication",
    "dnssec-result-bogus-signature-not-yet-valid",
    "dnssec-result-bogus-signature-expired",
    "dnssec-result-bogus-unsupported-dnskey-algo",
    "dnssec-result-bogus-unsupported-ds-digest-type",
    "dnssec-result-bogus-no-zone-key-bit-set",
    "dnssec-result-bogus-revoked-dnskey",
    "dnssec-result-bogus-invalid-dnskey-protocol",
    "x-dnssec-result-bogus",
    "x-dnssec-result-bogus-no-valid-dnskey",
    "x-dnssec-result-bogus-invalid-denial",
    "x-dnssec-result-bogus-unable-to-get-dss",
    "x-dnssec-result-bogus-unable-to-get-dnskeys",
    "x-dnssec-result-bogus-self-signed-ds",
    "x-dnssec-result-bogus-no-rrsig",
    "x-dnssec-result-bogus-no-valid-rrsig",
    "x-dnssec-result-bogus-missing-negative-indication",
    "x-dnssec-result-bogus-signature-not-yet-valid",
    "x-dnssec-result-bogus-signature-expired",
    "x-dnssec-result-bogus-unsupported-dnskey-algo",
    "x-dnssec-result-bogus-unsupported-ds-digest-type",
    "x-dnssec-result-bogus-no-zone-key-bit-set",
    "x-dnssec-result-bogus-revoked-dnskey",
    "x-dnssec-result-bogus-invalid-dnskey-protocol",
    "x-dnssec-result-indeterminate",
    "x-dnssec-result-nta",
    "x-dnssec-result-insecure",
    "x-dnssec-result-secure",
    "idle-tcpout-connections",
    "source-disallowed-notify",
    "zone-disallowed-notify",
    "non-resolving-nameserver-entries",
    "maintenance-usec",
    "maintenance-calls",
    "auth-noerror-answers",
    "auth-formerr-answers",
    "auth-servfail-answers",
    "auth-nxdomain-answers",
    "auth-notimp-answers",
    "auth-refused-answers",
    "auth-yxdomain-answers",
    "auth-yxrrset-answers",
    "auth-nxrrset-answers",
    "auth-notauth-answers",
    "auth-rcode10-answers",
    "auth-rcode11-answers",
    "auth-rcode12-answers",
    "auth-rcode13-answers",
    "auth-rcode14-answers",
    "auth-rcode15-answers",
    "packetcache-contended",
    "packetcache-acquired",
    "nod-events",
    "udr-events",
    "max-chain-length",
    "max-chain-weight",
    "chain-limits",
    "tcp-overflow",
    "ecs-missing",
    "cookie-malformed",
    "cookie-matched",
    "cookie-mismatch-tcp",
    "cookie-mismatch-udp",
    "cookie-not-in-reply",
    "cookie-retry",
    "cookies-supported",
    "cookies-unsupported",
    "remote-logger-count",
    "cumul-clientanswers-x",
    "cumul-authanswers-x",
    "policy-hits",
    "proxy-mapping",
};

constexpr std::string_view kElsewhere[] = {
#define ELSEWHERE(name, why) name,
#include "recursor/stats/elsewhere.def"
#undef ELSEWHERE
};

// Names of several: of threads, of histograms.
constexpr std::string_view kFamilies[] = {"cpu-msec-thread-n", "cumul-clientanswers-x", "cumul-authanswers-x"};

template <typename Names> bool contains(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

} // namespace

TEST_CASE("every metric of PowerDNS Recursor's is here, or it is said why not") {
  for (const std::string_view name : kPowerDns) {
    INFO(name);
    CHECK((findMetric(name) != nullptr || contains(kElsewhere, name) || contains(kFamilies, name)));
  }
}

TEST_CASE("what is said not to be here is not here, and is PowerDNS Recursor's") {
  for (const std::string_view name : kElsewhere) {
    INFO(name);
    CHECK(findMetric(name) == nullptr);
    CHECK(contains(kPowerDns, name));
    CHECK(metricsMarkdown().find("| `" + std::string(name) + "` |") != std::string::npos);
  }
}

TEST_CASE("the times of servers are added up over the workers, by family") {
  Statistics statistics;
  ServerTimes one, two;
  addServerTimes(statistics, {&one, &two});
  one.add(AskedOver::Ipv4, std::chrono::milliseconds(2));
  two.add(AskedOver::Ipv4, std::chrono::microseconds(3));
  two.add(AskedOver::Ipv6, std::chrono::seconds(100));
  CHECK(statistics.value("cumul-authanswers-ipv4-count") == 2);
  CHECK(statistics.value("cumul-authanswers-ipv4-le-4") == 1);
  CHECK(statistics.value("cumul-authanswers-ipv4-sum") == 2003);
  CHECK(statistics.value("cumul-authanswers-ipv6-le-4194304") == 0);
  CHECK(statistics.value("cumul-authanswers-ipv6-count") == 1);
}
