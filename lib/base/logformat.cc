// Lines of the log, one function for each form.
#include "lib/base/logformat.hh"

#include <array>
#include <cctype>
#include <cstdio>
#include <ctime>

namespace base {
namespace {

std::string_view levelName(LogLevel level) {
  static constexpr std::array<std::string_view, 8> kNames = {"",        "alert",  "critical", "error",
                                                             "warning", "notice", "info",     "debug"};
  return kNames[static_cast<std::size_t>(level) & 7U];
}

// As PowerDNS Recursor writes them.
std::string_view priorityName(LogLevel level) {
  static constexpr std::array<std::string_view, 8> kNames = {"",        "Alert",  "Critical", "Error",
                                                             "Warning", "Notice", "Info",     "Debug"};
  return kNames[static_cast<std::size_t>(level) & 7U];
}

bool isControl(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet < 0x20 || octet == 0x7F;
}

void appendHex(std::string& out, char c, std::string_view before) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto octet = static_cast<unsigned char>(c);
  out += before;
  out += kHex[octet >> 4];
  out += kHex[octet & 15];
}

void appendEscaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (isControl(c)) {
      appendHex(out, c, "\\x");
    } else {
      out += c;
    }
  }
}

void appendQuoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (isControl(c)) {
      appendHex(out, c, "\\x");
    } else {
      out += c;
    }
  }
  out += '"';
}

// Octets beyond ASCII are kept where they are UTF-8 (RFC 3629); else each becomes the character of its number.
std::size_t utf8Length(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = octet(0) >= 0xF0 ? 4 : octet(0) >= 0xE0 ? 3 : octet(0) >= 0xC2 ? 2 : 0;
  if (size == 0 || octet(0) > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((octet(i) & 0xC0) != 0x80) return 0;
  }
  const bool isShort = (octet(0) == 0xE0 && octet(1) < 0xA0) || (octet(0) == 0xF0 && octet(1) < 0x90);
  const bool isNone = (octet(0) == 0xED && octet(1) > 0x9F) || (octet(0) == 0xF4 && octet(1) > 0x8F);
  return isShort || isNone ? 0 : size;
}

void appendJson(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const char c = text.front();
    std::size_t taken = 1;
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (isControl(c)) {
      appendHex(out, c, "\\u00");
    } else if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else if (const std::size_t size = utf8Length(text); size > 0) {
      out += text.substr(0, size);
      taken = size;
    } else {
      appendHex(out, c, "\\u00");
    }
    text.remove_prefix(taken);
  }
  out += '"';
}

std::string epoch(std::int64_t milliseconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%lld.%03d", static_cast<long long>(milliseconds / 1000),
                static_cast<int>(milliseconds % 1000));
  return text.data();
}

void appendTimestamp(std::string& out, std::int64_t milliseconds) {
  const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  out.append(text.data(), std::strftime(text.data(), text.size(), "%b %d %H:%M:%S ", &parts));
}

// All that a structured line has: the message, what is known of it, the fields.
template <typename Add> void eachPair(const LogLine& line, bool timestamp, const Add& add) {
  add("msg", line.message);
  add("level", "0");
  add("prio", priorityName(line.level));
  add("tid", std::to_string(line.thread));
  if (timestamp) add("ts", epoch(line.milliseconds));
  for (const LogField& field : line.fields) add(field.key, field.value);
}

// A field of the journal: as it is, or with its length when it has several lines.
void appendJournal(std::string& out, std::string_view key, std::string_view value) {
  out += key;
  if (value.find('\n') == std::string_view::npos) {
    out += '=';
  } else {
    out += '\n';
    for (unsigned shift = 0; shift < 64; shift += 8) out += static_cast<char>(value.size() >> shift & 255U);
  }
  out += value;
  out += '\n';
}

// Names of the journal's fields have capital letters, digits and _, and begin with a letter.
std::string journalName(std::string_view key) {
  std::string name;
  for (const char c : key) {
    const auto octet = static_cast<unsigned char>(c);
    name += std::isalnum(octet) != 0 ? static_cast<char>(std::toupper(octet)) : '_';
  }
  const bool isName = !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
  return isName ? name : "X" + name;
}

} // namespace

std::string plainMessage(const LogLine& line) {
  std::string out;
  appendEscaped(out, line.message);
  for (const LogField& field : line.fields) {
    out += ' ';
    out += field.key;
    out += '=';
    appendQuoted(out, field.value);
  }
  return out;
}

std::string plainText(const LogLine& line, bool timestamp) {
  std::string out;
  if (timestamp) appendTimestamp(out, line.milliseconds);
  const std::string_view level = levelName(line.level);
  if (!level.empty()) out += "[" + std::string(level) + "] ";
  return out + plainMessage(line);
}

std::string pairsText(const LogLine& line, bool timestamp) {
  std::string out;
  eachPair(line, timestamp, [&out](std::string_view key, std::string_view value) {
    if (!out.empty()) out += ' ';
    out += key;
    out += '=';
    appendQuoted(out, value);
  });
  return out;
}

std::string jsonText(const LogLine& line) {
  std::string out;
  eachPair(line, true, [&out](std::string_view key, std::string_view value) {
    out += out.empty() ? "{" : ", ";
    appendJson(out, key);
    out += ": ";
    appendJson(out, value);
  });
  return out + "}";
}

std::string journalEntry(const LogLine& line) {
  std::string out;
  appendJournal(out, "MESSAGE", plainMessage(line));
  appendJournal(out, "PRIORITY", std::to_string(static_cast<int>(line.level)));
  appendJournal(out, "SYSLOG_IDENTIFIER", "recursor");
  appendJournal(out, "TID", std::to_string(line.thread));
  for (const LogField& field : line.fields) appendJournal(out, journalName(field.key), field.value);
  return out;
}

} // namespace base
