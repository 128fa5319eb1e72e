// ZoneEntries: joins the lines of a zone file to entries (RFC 1035 5.1).
#include "lib/dns/zoneentries.hh"

namespace dns {
namespace {

constexpr std::size_t kMaxEntry = 1U << 20; // octets; the longest rdata in \DDD escapes is below 300 KB

bool isBlank(std::string_view entry) { return entry.find_first_not_of(" \t\r") == std::string_view::npos; }

} // namespace

base::Result<std::optional<std::string>> ZoneEntries::next() {
  std::string entry;
  std::string line;
  d_depth = 0;
  while (std::getline(d_file, line)) {
    ++d_lines;
    if (d_depth == 0) {
      d_entryLine = d_lines;
    }
    if (!appendLine(line, entry)) {
      return base::Error{"unbalanced quote or parenthesis"};
    }
    if (entry.size() > kMaxEntry) {
      return base::Error{"entry too long"};
    }
    if (d_depth == 0 && !isBlank(entry)) {
      return std::optional(std::move(entry));
    }
    if (d_depth == 0) {
      entry.clear();
    }
  }
  if (d_depth != 0) {
    return base::Error{"parenthesis never closed"};
  }
  return std::optional<std::string>();
}

bool ZoneEntries::appendLine(std::string_view line, std::string& entry) {
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '\\' && at + 1 < line.size()) {
      entry += c;
      entry += line[++at];
    } else if (c == '"') {
      quoted = !quoted;
      entry += c;
    } else if (quoted) {
      entry += c;
    } else if (c == ';') {
      break;
    } else if (c == '(' || c == ')') {
      if (c == ')' && d_depth == 0) {
        return false;
      }
      d_depth += c == '(' ? 1U : static_cast<std::size_t>(-1);
      entry += ' ';
    } else if (c != '\r') {
      entry += c;
    }
  }
  entry += d_depth != 0 ? " " : "";
  return !quoted;
}

} // namespace dns
