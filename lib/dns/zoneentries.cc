// ZoneEntries: joins the lines of a zone file to entries (RFC 1035 5.1).
#include "lib/dns/zoneentries.hh"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace dns {
namespace {

constexpr std::size_t kMaxEntry = std::size_t{1} << 20; // octets; the longest rdata in \DDD escapes is below 300 KB
constexpr std::size_t kPiece = std::size_t{256} << 10;  // read at once

bool isBlank(std::string_view entry) { return entry.find_first_not_of(" \t\r") == std::string_view::npos; }

} // namespace

ZoneEntries::ZoneEntries(const std::string& path) : d_file(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}

bool ZoneEntries::fill() {
  if (d_begin > 0) {
    std::memmove(d_buffer.data(), d_buffer.data() + d_begin, d_end - d_begin);
    d_end -= d_begin;
    d_begin = 0;
  }
  if (d_buffer.size() - d_end < kPiece / 2) {
    d_buffer.resize(std::max(kPiece, 2 * d_buffer.size()));
  }
  for (;;) {
    const ssize_t count = ::read(d_file.get(), d_buffer.data() + d_end, d_buffer.size() - d_end);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    d_error = count < 0 ? errno : 0;
    d_end += count > 0 ? static_cast<std::size_t>(count) : 0;
    return count > 0;
  }
}

std::optional<std::string_view> ZoneEntries::peekLine() {
  std::size_t searched = 0;
  for (;;) {
    const char* const from = d_buffer.data() + d_begin;
    const std::size_t size = d_end - d_begin;
    const void* newline = size > searched ? std::memchr(from + searched, '\n', size - searched) : nullptr;
    if (newline != nullptr) {
      const auto length = static_cast<std::size_t>(static_cast<const char*>(newline) - from);
      d_lineSize = length + 1;
      return std::string_view(from, length);
    }
    searched = size;
    if (searched > kMaxEntry || !fill()) {
      break;
    }
  }
  d_lineSize = d_end - d_begin; // the last line, without an end
  return d_lineSize == 0 ? std::nullopt : std::optional(std::string_view(d_buffer.data() + d_begin, d_lineSize));
}

void ZoneEntries::takeLine() {
  d_begin += d_lineSize;
  d_lineSize = 0;
  ++d_lines;
  d_entryLine = d_lines;
}

base::Result<std::optional<std::string>> ZoneEntries::next() {
  std::string entry;
  d_depth = 0;
  while (const auto line = peekLine()) {
    if (d_depth == 0) {
      d_entryLine = d_lines + 1;
    }
    const bool balanced = appendLine(*line, entry);
    const std::size_t began = d_entryLine;
    takeLine();
    d_entryLine = began;
    if (!balanced) {
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
  if (d_error != 0) {
    return base::Error{std::string("cannot be read: ") + std::strerror(d_error)};
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
