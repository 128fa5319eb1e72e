// Fuzz target: what the web server reads of strangers: heads of requests, queries, JSON, zones, base64.
#include "lib/net/passwordhash.hh"
#include "recursor/web/httphead.hh"
#include "recursor/web/jsonvalue.hh"
#include "recursor/web/routes.hh"
#include "recursor/web/zonerequest.hh"
#include "recursor/web/zoneroutes.hh"
#include "tests/fuzz/fuzz.hh"

namespace {

void tryHead(std::string_view text) {
  const auto parsed = rec::parseHead(text);
  if (const auto* problem = std::get_if<rec::HeadProblem>(&parsed)) {
    fuzz::require(problem->status >= 400 && problem->status < 600);
    return;
  }
  const auto& request = std::get<rec::HttpRequest>(parsed);
  fuzz::require(request.path.starts_with('/') && request.path.find('\0') == std::string::npos);
  static_cast<void>(rec::findRoute(request.method, request.path).status);
}

// A zone that is taken is one line of recursor.conf for each setting.
void tryZone(const std::string& text) {
  const auto zone = rec::parseZoneRequest(text);
  if (!zone) return;
  for (const char letter : rec::settingsText(*zone, "file")) {
    fuzz::require(letter == '\n' || static_cast<unsigned char>(letter) >= 0x20);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  tryHead(std::string_view(text).substr(0, rec::headSize(text)));
  tryHead(text);
  rec::QueryValues query;
  static_cast<void>(rec::parseQuery(text, query));
  static_cast<void>(rec::parseJson(text).ok());
  tryZone(text);
  static_cast<void>(rec::zoneOfId(text).ok());
  if (const auto octets = net::fromBase64(text))
    fuzz::require(net::fromBase64(net::toBase64(*octets)).value() == *octets);
  std::string decoded;
  fuzz::require(rec::percentDecoded(rec::percentEncoded(text), false, decoded) ==
                (text.find('\0') == std::string::npos));
  return 0;
}
