// EDNS(0) options: ONE ROW of kOptions per option, with its reader and its writer. Unknown options are skipped.
#include "lib/dns/edns.hh"

#include <algorithm>
#include <cstring>

#include "lib/dns/wirereader.hh"

namespace dns {
namespace {

constexpr std::size_t kMaxOptions = 100;
constexpr std::size_t kMaxExtendedErrors = 16;
constexpr std::size_t kMaxErrorText = 512;
constexpr std::size_t kMaxNsid = 512;
constexpr std::size_t kMaxKeyTags = 128;                // 64 keys
constexpr std::size_t kMinCookie = 16, kMaxCookie = 40; // client and server part (RFC 7873 4)
constexpr std::uint16_t kDnssecOk = 0x8000;             // RFC 3225 3

using Content = std::span<const std::byte>;

// Writes what fits and counts everything.
class Output {
 public:
  explicit Output(std::span<std::byte> out) : d_out(out) {}
  void put(Content octets) {
    if (!octets.empty() && d_size + octets.size() <= d_out.size()) {
      std::memcpy(d_out.data() + d_size, octets.data(), octets.size());
    }
    d_size += octets.size();
  }
  void put16(std::size_t value) {
    const std::byte octets[2] = {static_cast<std::byte>(value >> 8), static_cast<std::byte>(value)};
    put(octets);
  }
  void zeros(std::size_t count) {
    if (d_size + count <= d_out.size()) {
      std::fill_n(d_out.begin() + static_cast<std::ptrdiff_t>(d_size), count, std::byte{0});
    }
    d_size += count;
  }
  void option(EdnsOption code, std::size_t size) {
    put16(static_cast<std::uint16_t>(code));
    put16(size);
  }
  [[nodiscard]] std::size_t size() const { return d_size; }

 private:
  std::span<std::byte> d_out;
  std::size_t d_size = 0;
};

bool readNsid(Content content, Edns& edns) {
  edns.nsidRequested = edns.nsidRequested || content.empty();
  content = content.first(std::min(content.size(), kMaxNsid));
  edns.nsid.assign(content.begin(), content.end());
  return true;
}

void writeNsid(const Edns& edns, Output& out) {
  if (edns.nsidRequested || !edns.nsid.empty()) {
    out.option(EdnsOption::Nsid, edns.nsid.size());
    out.put(edns.nsid);
  }
}

bool readSubnet(Content content, Edns& edns) {
  auto subnet = readClientSubnet(content);
  edns.clientSubnetMalformed = edns.clientSubnetMalformed || !subnet || edns.clientSubnet;
  if (subnet && !edns.clientSubnet) {
    edns.clientSubnet = *subnet;
  }
  return true; // the rest is still worth reading
}

void writeSubnet(const Edns& edns, Output& out) {
  if (edns.clientSubnet) {
    std::array<std::byte, kMaxClientSubnetSize> content;
    const std::size_t size = writeClientSubnet(*edns.clientSubnet, content);
    out.option(EdnsOption::ClientSubnet, size);
    out.put(std::span(content).first(size));
  }
}

bool readCookie(Content content, Edns& edns) {
  if (content.size() != 8 && (content.size() < kMinCookie || content.size() > kMaxCookie)) {
    edns.cookieMalformed = true;
    return true; // the rest is still worth reading: the answer is FORMERR (RFC 7873 5.2.2)
  }
  if (!edns.cookie) { // the first of several counts (RFC 7873 5.2)
    Cookie& cookie = edns.cookie.emplace();
    std::copy_n(content.begin(), 8, cookie.client.begin());
    std::copy(content.begin() + 8, content.end(), cookie.server.begin());
    cookie.serverSize = static_cast<std::uint8_t>(content.size() - 8);
  }
  return true;
}

void writeCookie(const Edns& edns, Output& out) {
  if (edns.cookie) {
    const std::size_t serverSize = std::min<std::size_t>(edns.cookie->serverSize, edns.cookie->server.size());
    out.option(EdnsOption::Cookie, 8 + serverSize);
    out.put(edns.cookie->client);
    out.put(std::span(edns.cookie->server).first(serverSize));
  }
}

bool readKeepalive(Content content, Edns& edns) {
  if (!content.empty() && content.size() != 2) {
    return false;
  }
  edns.keepaliveRequested = true;
  if (!content.empty()) {
    edns.keepaliveTimeout = WireReader(content).u16();
  }
  return true;
}

void writeKeepalive(const Edns& edns, Output& out) {
  if (edns.keepaliveTimeout) {
    out.option(EdnsOption::TcpKeepalive, 2);
    out.put16(*edns.keepaliveTimeout);
  } else if (edns.keepaliveRequested) {
    out.option(EdnsOption::TcpKeepalive, 0);
  }
}

bool readKeyTags(Content content, Edns& edns) {
  content = content.first(std::min(content.size(), kMaxKeyTags));
  edns.keyTags.assign(content.begin(), content.end());
  return true;
}

void writeKeyTags(const Edns& edns, Output& out) {
  if (!edns.keyTags.empty()) {
    out.option(EdnsOption::KeyTag, edns.keyTags.size());
    out.put(edns.keyTags);
  }
}

bool readExtendedError(Content content, Edns& edns) {
  if (content.size() < 2) {
    return false;
  }
  if (edns.errors.size() < kMaxExtendedErrors) {
    WireReader reader(content);
    const auto code = static_cast<EdeCode>(reader.u16());
    const Content text = reader.bytes(std::min(reader.remaining(), kMaxErrorText));
    edns.errors.push_back({code, std::string(reinterpret_cast<const char*>(text.data()), text.size())});
  }
  return true;
}

void writeExtendedErrors(const Edns& edns, Output& out) {
  const std::size_t count = std::min(edns.errors.size(), kMaxExtendedErrors);
  for (const ExtendedError& error : std::span(edns.errors).first(count)) {
    const std::string_view text = std::string_view(error.text).substr(0, kMaxErrorText);
    out.option(EdnsOption::ExtendedError, 2 + text.size());
    out.put16(static_cast<std::uint16_t>(error.code));
    out.put(std::as_bytes(std::span(text)));
  }
}

bool readReportChannel(Content content, Edns& edns) {
  WireReader reader(content);
  Name agent = reader.name();
  if (reader.failed() || !reader.atEnd()) {
    return false;
  }
  edns.reportChannel = std::move(agent);
  return true;
}

void writeReportChannel(const Edns& edns, Output& out) {
  if (edns.reportChannel) {
    out.option(EdnsOption::ReportChannel, edns.reportChannel->wireSize());
    out.put(edns.reportChannel->wire());
  }
}

bool readPadding(Content content, Edns& edns) {
  edns.paddingSize = static_cast<std::uint16_t>(content.size());
  return true;
}

void writePadding(const Edns& edns, Output& out) {
  if (edns.paddingSize) {
    out.option(EdnsOption::Padding, *edns.paddingSize);
    out.zeros(*edns.paddingSize);
  }
}

struct OptionRow {
  EdnsOption code;
  bool (*read)(Content content, Edns& edns); // false: malformed
  void (*write)(const Edns& edns, Output& out);
};

// In the order of writing; padding is last.
constexpr OptionRow kOptions[] = {
    {EdnsOption::Nsid, readNsid, writeNsid},
    {EdnsOption::ClientSubnet, readSubnet, writeSubnet},
    {EdnsOption::Cookie, readCookie, writeCookie},
    {EdnsOption::TcpKeepalive, readKeepalive, writeKeepalive},
    {EdnsOption::KeyTag, readKeyTags, writeKeyTags},
    {EdnsOption::ExtendedError, readExtendedError, writeExtendedErrors},
    {EdnsOption::ReportChannel, readReportChannel, writeReportChannel},
    {EdnsOption::Padding, readPadding, writePadding},
};

bool readOption(EdnsOption code, Content content, Edns& edns) {
  for (const OptionRow& row : kOptions) {
    if (row.code == code) {
      return row.read(content, edns);
    }
  }
  return true;
}

} // namespace

base::Result<Edns> parseEdns(std::uint16_t rrclass, std::uint32_t ttl, std::span<const std::byte> options) {
  Edns edns;
  edns.udpSize = rrclass;
  edns.extendedRcode = static_cast<std::uint8_t>(ttl >> 24);
  edns.version = static_cast<std::uint8_t>(ttl >> 16);
  edns.dnssecOk = (ttl & kDnssecOk) != 0;
  WireReader reader(options);
  for (std::size_t count = 0; !reader.atEnd(); ++count) {
    const auto code = static_cast<EdnsOption>(reader.u16());
    const std::size_t size = reader.u16();
    const Content content = reader.bytes(size);
    if (reader.failed()) {
      return base::Error{"EDNS option cut off"};
    }
    if (count == kMaxOptions) {
      return base::Error{"too many EDNS options"};
    }
    if (!readOption(code, content, edns)) {
      return base::Error{"malformed EDNS option " + std::to_string(static_cast<unsigned>(code))};
    }
  }
  return edns;
}

std::size_t writeEdns(const Edns& edns, std::span<std::byte> out) {
  constexpr std::size_t kSizeAt = 9; // of RDLENGTH: behind root, type, class and TTL
  Output output(out);
  output.zeros(1);
  output.put16(static_cast<std::uint16_t>(RRType::OPT));
  output.put16(edns.udpSize);
  output.put16(static_cast<std::size_t>(edns.extendedRcode) << 8 | edns.version);
  output.put16(edns.dnssecOk ? kDnssecOk : 0);
  output.put16(0);
  for (const OptionRow& row : kOptions) {
    row.write(edns, output);
  }
  if (out.size() >= kSizeAt + 2) {
    const std::size_t size = output.size() - kSizeAt - 2;
    out[kSizeAt] = static_cast<std::byte>(size >> 8);
    out[kSizeAt + 1] = static_cast<std::byte>(size);
  }
  return output.size();
}

std::vector<std::byte> writeEdns(const Edns& edns) {
  std::vector<std::byte> record(writeEdns(edns, std::span<std::byte>{}));
  static_cast<void>(writeEdns(edns, record));
  return record;
}

} // namespace dns
