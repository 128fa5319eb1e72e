// Master files of response policy zones, read and written. Nearly all lines are plain, "name [ttl] [IN] CNAME target",
// or A and AAAA: those are read here, whatever is unusual by lib/dns.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "lib/dns/presentation.hh"
#include "lib/dns/zonefile.hh"
#include "recursor/policy/rpzloader.hh"

namespace rec {
namespace {

using base::Error;
using base::Result;

bool isBlank(char c) { return c == ' ' || c == '\t'; }

// For each octet what it is in a name: itself in lower case, or 0 when the line is left to others.
constexpr auto kPlain = [] {
  std::array<char, 256> table{};
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = c;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = static_cast<char>(c | 0x20);
  for (char c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = c;
  for (const char c : {'-', '_', '*'}) table[static_cast<std::size_t>(c)] = c;
  return table;
}();

// A name of plain octets in wire form, without its root.
struct PlainName {
  std::array<std::byte, dns::kMaxNameSize> wire;
  std::size_t size = 0;
  bool absolute = false;

  bool parse(std::string_view text);
};

bool PlainName::parse(std::string_view text) {
  size = 0;
  std::size_t label = size++;
  for (const char c : text) {
    if (size + 1 >= wire.size()) return false;
    if (c == '.') {
      if (size - label == 1 || size - label > dns::kMaxLabelSize + 1) return false;
      wire[label] = static_cast<std::byte>(size - label - 1);
      label = size++;
      continue;
    }
    const char plain = kPlain[static_cast<unsigned char>(c)];
    if (plain == 0) return false;
    wire[size++] = static_cast<std::byte>(plain);
  }
  absolute = size - label == 1;
  if (absolute) {
    size = label;
    return size > 0;
  }
  if (size - label > dns::kMaxLabelSize + 1) return false;
  wire[label] = static_cast<std::byte>(size - label - 1);
  return true;
}

std::string_view nextField(std::string_view& rest) {
  std::size_t from = 0;
  while (from < rest.size() && isBlank(rest[from])) ++from;
  std::size_t end = from;
  while (end < rest.size() && !isBlank(rest[end])) ++end;
  const std::string_view field = rest.substr(from, end - from);
  rest.remove_prefix(end);
  return field;
}

class RpzLines final : public dns::LineTaker {
 public:
  explicit RpzLines(RpzLoader& loader) : d_loader(loader) {}
  Taken take(std::string_view line, const dns::LineContext& context) override;

 private:
  [[nodiscard]] bool follow(const dns::Name& origin);
  [[nodiscard]] bool readRdata(std::string_view type, std::string_view text);
  [[nodiscard]] bool readTarget(std::string_view text);

  RpzLoader& d_loader;
  dns::Name d_origin;              // as it was last
  bool d_inZone = false;           // it is the zone, or below
  std::vector<std::byte> d_suffix; // of it, what stands in front of the zone
  PlainName d_owner, d_target;
  dns::RRType d_type = dns::RRType::CNAME;
  std::array<std::byte, dns::kMaxNameSize> d_rdata;
  std::size_t d_rdataSize = 0;
};

bool RpzLines::follow(const dns::Name& origin) {
  const bool same = !d_suffix.empty() && origin == d_origin;
  if (same) return d_inZone;
  d_origin = origin;
  d_inZone = origin.isWithin(d_loader.zone());
  d_suffix.assign(1, std::byte{0});
  if (d_inZone) {
    const dns::Name lower = origin.lowercased();
    const auto wire = lower.wire();
    d_suffix.assign(wire.begin(), wire.end() - static_cast<std::ptrdiff_t>(d_loader.zone().wireSize()));
    d_suffix.push_back(std::byte{0});
  }
  return d_inZone;
}

bool RpzLines::readTarget(std::string_view text) {
  if (text == ".") {
    d_rdata[0] = std::byte{0};
    d_rdataSize = 1;
    return true;
  }
  if (!d_target.parse(text) || !d_target.absolute) return false;
  std::copy_n(d_target.wire.begin(), d_target.size, d_rdata.begin());
  d_rdata[d_target.size] = std::byte{0};
  d_rdataSize = d_target.size + 1;
  return true;
}

bool RpzLines::readRdata(std::string_view type, std::string_view text) {
  if (type == "CNAME") {
    d_type = dns::RRType::CNAME;
    return readTarget(text);
  }
  const bool v4 = type == "A";
  if (!v4 && type != "AAAA") return false;
  std::array<char, INET6_ADDRSTRLEN + 1> zeroEnded{};
  if (text.empty() || text.size() >= zeroEnded.size()) return false;
  text.copy(zeroEnded.data(), text.size());
  d_type = v4 ? dns::RRType::A : dns::RRType::AAAA;
  d_rdataSize = v4 ? 4 : 16;
  return ::inet_pton(v4 ? AF_INET : AF_INET6, zeroEnded.data(), d_rdata.data()) == 1;
}

dns::LineTaker::Taken RpzLines::take(std::string_view line, const dns::LineContext& context) {
  if (line.empty() || kPlain[static_cast<unsigned char>(line.front())] == 0 || !d_loader.knowsZone()) return {};
  if (line.back() == '\r') line.remove_suffix(1);
  if (context.rrclass != dns::RRClass::IN || !follow(context.origin)) return {};
  if (!d_owner.parse(nextField(line))) return {};
  if (!d_owner.absolute && d_owner.size + d_suffix.size() + d_loader.zone().wireSize() > dns::kMaxNameSize + 1)
    return {};
  std::string_view field = nextField(line);
  Taken taken;
  if (!field.empty() && field.front() >= '0' && field.front() <= '9') {
    taken.ttl = dns::parseTtl(field);
    if (!taken.ttl) return {};
    field = nextField(line);
  }
  if (field == "IN") field = nextField(line);
  if (!readRdata(field, nextField(line)) || !nextField(line).empty()) return {};
  taken.taken = true;
  const std::uint32_t ttl = taken.ttl.value_or(context.ttl);
  const Octets rdata{d_rdata.data(), d_rdataSize};
  if (d_owner.absolute) {
    d_owner.wire[d_owner.size] = std::byte{0};
    d_loader.add({d_owner.wire.data(), d_owner.size + 1}, d_type, ttl, rdata);
    return taken;
  }
  std::copy(d_suffix.begin(), d_suffix.end(), d_owner.wire.begin() + static_cast<std::ptrdiff_t>(d_owner.size));
  d_loader.addRelative({d_owner.wire.data(), d_owner.size + d_suffix.size()}, d_type, ttl, rdata);
  return taken;
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Error systemError(const std::string& path) { return Error{path + ": " + std::strerror(errno)}; }

void writeRecords(const std::string& owner, const RpzSide& side, std::FILE* out, std::size_t& lines) {
  const Octets all = side.records;
  const auto at = [all](std::size_t i) { return std::to_integer<unsigned>(all[i]); };
  for (std::size_t from = 0; from < all.size(); ++lines) {
    const auto type = static_cast<dns::RRType>(at(from) << 8 | at(from + 1));
    const std::size_t size = at(from + 2) << 8 | at(from + 3);
    std::fprintf(out, "%s %u IN %s %s\n", owner.c_str(), side.ttl, dns::text(type).c_str(),
                 dns::rdataText(type, all.subspan(from + 4, size)).c_str());
    from += 4 + size;
  }
}

const char* targetOf(PolicyAction action) {
  switch (action) {
  case PolicyAction::NXDomain: return ".";
  case PolicyAction::NoData: return "*.";
  case PolicyAction::NoAction: return "rpz-passthru.";
  case PolicyAction::Drop: return "rpz-drop.";
  default: return "rpz-tcp-only.";
  }
}

// Of a zone that nobody knows yet: as if it were names with their wildcards, in two plain lines each.
RpzSize guessedSize(const std::string& path) {
  constexpr std::size_t kOctetsOfEntry = 60;
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return {};
  const auto octets = static_cast<std::size_t>(about.st_size);
  return {octets / kOctetsOfEntry, octets * 3 / 8};
}

} // namespace

Result<RpzRulesPtr> loadRpzFile(const std::string& path, RpzLoadOptions options) {
  if (options.expected.entries == 0) options.expected = guessedSize(path);
  RpzLoader loader(nullptr, std::move(options));
  RpzLines lines(loader);
  const auto sink = [&loader](dns::MasterRecord&& record) {
    if (!loader.knowsZone()) loader.setZone(record.type == dns::RRType::SOA ? record.owner : dns::Name());
    if (record.rrclass == dns::RRClass::IN) loader.add(record.owner.wire(), record.type, record.ttl, record.rdata);
    return Result<void>();
  };
  const auto read = dns::readZoneRecords(path, dns::Name(), {}, sink, &lines);
  if (!read) return read.error();
  return loader.finish();
}

std::size_t writeRpz(const RpzRules& rules, std::FILE* out) {
  std::size_t lines = 0;
  if (rules.soa()) {
    std::fputs(rules.soa().text().c_str(), out);
    ++lines;
  }
  const std::string zone = rules.zone().isRoot() ? "." : "." + rules.zone().text();
  const auto write = [&](Octets key, const RpzSide& side, bool wildcard) {
    if (side.action == PolicyAction::None) return;
    const std::string owner = RpzKey::ownerText(key, wildcard) + zone;
    if (side.action == PolicyAction::Custom) return writeRecords(owner, side, out, lines);
    std::fprintf(out, "%s %u IN CNAME %s\n", owner.c_str(), side.ttl, targetOf(side.action));
    ++lines;
  };
  rules.forEach([&](const RpzShard::Entry& entry) {
    write(entry.key, entry.exact, false);
    write(entry.key, entry.wildcard, true);
  });
  return lines;
}

Result<void> saveRpz(const RpzRules& rules, const std::string& path) {
  std::string temporary = path + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  File file(descriptor >= 0 ? ::fdopen(descriptor, "w") : nullptr, std::fclose);
  if (!file) return systemError(temporary);
  ::fchmod(descriptor, 0644);
  writeRpz(rules, file.get());
  bool good = std::fflush(file.get()) == 0 && std::ferror(file.get()) == 0 && ::fsync(::fileno(file.get())) == 0;
  good = good && ::rename(temporary.c_str(), path.c_str()) == 0;
  if (good) return {};
  const Error error = systemError(path);
  ::unlink(temporary.c_str());
  return error;
}

} // namespace rec
