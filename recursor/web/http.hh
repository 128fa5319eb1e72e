// HttpRequest and HttpResponse (HTTP/1.1, RFC 9110 and 9112): what the web server's parts hand to each other. Plain
// data; names of headers are in lower case.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rec {

// What follows the question mark; of a name that comes twice the last one.
using QueryValues = std::map<std::string, std::string, std::less<>>;

struct HttpRequest {
  std::string method;
  std::string path; // percent-decoded; begins with a slash
  QueryValues query;
  std::map<std::string, std::string, std::less<>> headers;
  std::string body;
  std::uint64_t bodySize = 0; // that was announced
  bool keepsAlive = true;

  [[nodiscard]] std::string_view header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
  [[nodiscard]] std::string_view value(std::string_view name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string_view() : std::string_view(found->second);
  }
};

struct HttpResponse {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers; // beside those that every answer has
};

// {"error": reason}
[[nodiscard]] HttpResponse errorResponse(int status, std::string_view reason);
[[nodiscard]] HttpResponse jsonResponse(std::string json, int status = 200);

// The octets of an answer. `allowedOrigin`: cross-origin-request-header. A HEAD is answered without the body.
struct ResponseStyle {
  bool keepsAlive = true, withBody = true, overTls = false;
  std::string_view allowedOrigin;
};
[[nodiscard]] std::string responseText(const HttpResponse& response, const ResponseStyle& style);

} // namespace rec
