// Request lines, headers, escapes: see httphead.hh.
#include "recursor/web/httphead.hh"

#include <charconv>

namespace rec {

namespace {

constexpr std::size_t kMaxParts = 64; // of a query

bool isTokenLetter(char letter) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~"; // RFC 9110 5.6.2
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         kOthers.find(letter) != std::string_view::npos;
}

bool isToken(std::string_view text) {
  for (const char letter : text) {
    if (!isTokenLetter(letter)) return false;
  }
  return !text.empty();
}

char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter; }

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& letter : out) letter = lower(letter);
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// The line without its CRLF, which is taken off `rest`, too.
std::string_view takeHeaderLine(std::string_view& rest) {
  const std::size_t end = std::min(rest.find("\r\n"), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 2, rest.size()));
  return line;
}

// Visible letters, blanks and tabs (RFC 9110 5.5), and octets beyond ASCII, which nothing here looks at.
bool isFieldValue(std::string_view text) {
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if ((code < 0x20 && letter != '\t') || code == 0x7f) return false;
  }
  return true;
}

int hexDigit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  const char small = lower(letter);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

struct Reader {
  HttpRequest request;
  HeadProblem problem{0, {}};

  bool fail(int status, std::string reason) {
    problem = {status, std::move(reason)};
    return false;
  }
  bool readTarget(std::string_view target);
  bool readRequestLine(std::string_view line);
  bool readHeader(std::string_view line);
  bool readLength();
  bool readConnection(bool isOld);
  bool isOld = false; // HTTP/1.0
};

bool Reader::readTarget(std::string_view target) {
  target = target.substr(0, target.find('#'));
  const std::size_t mark = std::min(target.find('?'), target.size());
  if (!target.starts_with('/')) return fail(400, "the target of the request is no path");
  if (!percentDecoded(target.substr(0, mark), false, request.path)) return fail(400, "a broken escape in the path");
  if (mark < target.size() && !parseQuery(target.substr(mark + 1), request.query)) {
    return fail(400, "the query cannot be understood");
  }
  return true;
}

bool Reader::readRequestLine(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return fail(400, "no request line");
  request.method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!isToken(request.method) || request.method.size() > 16) return fail(400, "no method");
  if (!version.starts_with("HTTP/")) return fail(400, "no version");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return fail(505, "only HTTP/1.1 is spoken here");
  isOld = version == "HTTP/1.0";
  if (target.find_first_of(" \t") != std::string_view::npos || !isFieldValue(target)) return fail(400, "no target");
  return readTarget(target);
}

bool Reader::readHeader(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !isToken(line.substr(0, colon))) return fail(400, "a broken header");
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!isFieldValue(value)) return fail(400, "a header with control characters");
  if (request.headers.size() >= kMaxHeaders) return fail(431, "too many headers");
  const auto [at, isNew] = request.headers.emplace(lowered(line.substr(0, colon)), value);
  const bool mayRepeat = at->first != "content-length" && at->first != "host" && at->first != "authorization" &&
                         at->first != "x-api-key" && at->first != "transfer-encoding";
  if (!isNew && !mayRepeat) return fail(400, "a header that comes twice: " + at->first);
  if (!isNew) at->second += ", " + std::string(value);
  return true;
}

bool Reader::readLength() {
  if (!request.header("transfer-encoding").empty()) return fail(501, "a body needs a Content-Length here");
  const auto found = request.headers.find("content-length");
  if (found == request.headers.end()) return true;
  const std::string& text = found->second;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), request.bodySize);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return fail(400, "a broken Content-Length");
  return true;
}

bool Reader::readConnection(bool old) {
  const std::string wishes = lowered(request.header("connection"));
  request.keepsAlive = old ? wishes.find("keep-alive") != std::string::npos : wishes.find("close") == std::string::npos;
  return old || request.headers.contains("host") || fail(400, "no Host header");
}

} // namespace

std::size_t headSize(std::string_view input) {
  const std::size_t end = input.find("\r\n\r\n");
  return end == std::string_view::npos ? 0 : end + 4;
}

std::variant<HttpRequest, HeadProblem> parseHead(std::string_view head) {
  Reader reader;
  if (!reader.readRequestLine(takeHeaderLine(head))) return reader.problem;
  for (std::string_view line = takeHeaderLine(head); !line.empty(); line = takeHeaderLine(head)) {
    if (!reader.readHeader(line)) return reader.problem;
  }
  if (!reader.readLength() || !reader.readConnection(reader.isOld)) return reader.problem;
  return std::move(reader.request);
}

bool percentDecoded(std::string_view text, bool plusIsBlank, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += plusIsBlank && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return false;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return true;
}

bool parseQuery(std::string_view text, QueryValues& out) {
  std::size_t parts = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    std::string name, value;
    const bool readable = percentDecoded(part.substr(0, equals), true, name) &&
                          percentDecoded(part.substr(std::min(equals + 1, part.size())), true, value);
    if (!readable || ++parts > kMaxParts) return false;
    out[name] = value;
  }
  return true;
}

std::string percentEncoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char letter : text) {
    const bool isPlain =
        (isTokenLetter(letter) && std::string_view("!#$%&'*+^`|").find(letter) == std::string_view::npos);
    const auto code = static_cast<unsigned char>(letter);
    if (isPlain) {
      out += letter;
    } else {
      out += {'%', kDigits[code >> 4], kDigits[code & 15]};
    }
  }
  return out;
}

} // namespace rec
