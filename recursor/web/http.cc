// Answers as text, with the headers that keep browsers from doing more with them than they should.
#include "recursor/web/http.hh"

#include <array>

#include "recursor/control/json.hh"

namespace rec {

namespace {

struct Reason {
  int status;
  std::string_view text;
};

constexpr std::array kReasons{Reason{200, "OK"},
                              Reason{201, "Created"},
                              Reason{204, "No Content"},
                              Reason{304, "Not Modified"},
                              Reason{400, "Bad Request"},
                              Reason{401, "Unauthorized"},
                              Reason{403, "Forbidden"},
                              Reason{404, "Not Found"},
                              Reason{405, "Method Not Allowed"},
                              Reason{411, "Length Required"},
                              Reason{413, "Content Too Large"},
                              Reason{422, "Unprocessable Content"},
                              Reason{431, "Request Header Fields Too Large"},
                              Reason{500, "Internal Server Error"},
                              Reason{501, "Not Implemented"},
                              Reason{503, "Service Unavailable"},
                              Reason{505, "HTTP Version Not Supported"}};

std::string_view reasonOf(int status) {
  for (const Reason& reason : kReasons) {
    if (reason.status == status) return reason.text;
  }
  return "Unknown";
}

// Nothing but our own files, never inside of another page.
constexpr std::string_view kSecurityHeaders =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n";

bool hasHeader(const HttpResponse& response, std::string_view name) {
  for (const auto& header : response.headers) {
    if (header.first == name) return true;
  }
  return false;
}

} // namespace

HttpResponse errorResponse(int status, std::string_view reason) {
  return jsonResponse(jsonObject({{"error", jsonString(reason)}}), status);
}

HttpResponse jsonResponse(std::string json, int status) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(json);
  return response;
}

std::string responseText(const HttpResponse& response, const ResponseStyle& style) {
  std::string text =
      "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(reasonOf(response.status)) + "\r\n";
  const bool hasBody = response.status != 204 && response.status != 304;
  if (hasBody) {
    text += "Content-Type: " + response.type + "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n";
  }
  text += style.keepsAlive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
  text += kSecurityHeaders;
  if (!hasHeader(response, "Cache-Control")) text += "Cache-Control: no-store\r\n";
  if (style.overTls) text += "Strict-Transport-Security: max-age=31536000\r\n";
  if (!style.allowedOrigin.empty()) {
    text += "Access-Control-Allow-Origin: " + std::string(style.allowedOrigin) + "\r\nVary: Origin\r\n";
  }
  for (const auto& [name, value] : response.headers) {
    text += name + ": " + value + "\r\n";
  }
  text += "\r\n";
  return hasBody && style.withBody ? text + response.body : text;
}

} // namespace rec
