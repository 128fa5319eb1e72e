// The head of a request (RFC 9112): request line and headers, read strictly, for what comes from strangers. Called by
// the web server's connections and by the fuzzer; no I/O.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "recursor/web/http.hh"

namespace rec {

constexpr std::size_t kMaxHead = 16 * 1024; // octets of request line and headers
constexpr std::size_t kMaxHeaders = 64;

// The octets of `input` up to and with the empty line that ends a head; 0 while it has not come.
[[nodiscard]] std::size_t headSize(std::string_view input);

struct HeadProblem {
  int status; // of the answer, after which the connection ends
  std::string reason;
};

// `head` as headSize() found it. Bodies are announced by Content-Length only: chunked ones are refused (501), and so is
// whatever two readers could understand differently.
[[nodiscard]] std::variant<HttpRequest, HeadProblem> parseHead(std::string_view head);

// %41 is A; nothing when an escape is broken or a NUL. `plusIsBlank`: in the values of a query.
bool percentDecoded(std::string_view text, bool plusIsBlank, std::string& out);
// "a=1&b=2". False when a part is broken.
bool parseQuery(std::string_view text, QueryValues& out);
[[nodiscard]] std::string percentEncoded(std::string_view text); // all but letters, digits and -._~

} // namespace rec
