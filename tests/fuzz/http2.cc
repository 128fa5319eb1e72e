// Fuzz target: whatever a server says in HTTP/2, in whatever pieces, each request ends once at most and answers keep to
// their limit.
#include "lib/net/http2client.hh"

#include <map>

#include "tests/fuzz/fuzz.hh"

namespace {

constexpr int kRequests = 3;

struct Heard final : net::Http2Client::Listener {
  void answered(std::int32_t stream, std::span<std::byte> body, std::uint32_t /*age*/) override {
    fuzz::require(body.size() <= net::Http2Client::kMaxBody);
    fuzz::require(ended.emplace(stream, "answer of " + std::to_string(body.size())).second);
  }
  void failed(std::int32_t stream, std::string why, bool /*unprocessed*/) override {
    fuzz::require(!why.empty() && ended.emplace(stream, "failure").second);
  }
  std::map<std::int32_t, std::string> ended;
};

// What became of the requests when `said` comes in pieces of `piece` octets.
std::map<std::int32_t, std::string> talk(std::span<const std::byte> said, std::size_t piece) {
  net::Http2Client client({"dns.example.net", "/dns-query", "application/dns-message"});
  Heard heard;
  std::vector<std::byte> out;
  const std::byte question{1};
  for (int i = 0; i < kRequests; ++i) client.post({&question, 1});
  client.output(out);
  while (!said.empty()) {
    const auto now = said.first(std::min(piece, said.size()));
    said = said.subspan(now.size());
    if (!client.receive(now, heard).empty()) break;
    client.output(out);
  }
  fuzz::require(heard.ended.size() <= kRequests);
  return heard.ended;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto said = fuzz::octets(data + 1, size - 1);
  talk(said, said.size());
  talk(said, data[0] + std::size_t{1});
  return 0;
}
