// A reader that goes down by recursion, kMaxJsonDepth deep at most: see jsonvalue.hh.
#include "recursor/web/jsonvalue.hh"

namespace rec {

namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : d_text(text) {}

  bool readAll(JsonValue& into) {
    const bool read = readValue(into, 0);
    skipBlanks();
    return read && d_at == d_text.size();
  }
  [[nodiscard]] std::size_t at() const { return d_at; }

 private:
  void skipBlanks() {
    while (d_at < d_text.size() && std::string_view(" \t\r\n").find(d_text[d_at]) != std::string_view::npos) ++d_at;
  }
  bool take(char letter) {
    skipBlanks();
    if (d_at >= d_text.size() || d_text[d_at] != letter) return false;
    ++d_at;
    return true;
  }
  bool takeWord(std::string_view word) {
    if (d_text.substr(d_at, word.size()) != word) return false;
    d_at += word.size();
    return true;
  }
  bool readValue(JsonValue& into, std::size_t depth);
  bool readArray(JsonValue& into, std::size_t depth);
  bool readObject(JsonValue& into, std::size_t depth);
  bool readNumber(std::string& into);
  bool readString(std::string& into);
  bool readEscape(std::string& into);
  bool readCodeUnit(unsigned& into);
  bool readDigits();

  std::string_view d_text;
  std::size_t d_at = 0;
};

void appendUtf8(std::string& out, unsigned code) {
  const auto octet = [&out](unsigned value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    octet(code);
  } else if (code < 0x800) {
    octet(0xc0 | (code >> 6));
    octet(0x80 | (code & 63));
  } else if (code < 0x10000) {
    octet(0xe0 | (code >> 12));
    octet(0x80 | ((code >> 6) & 63));
    octet(0x80 | (code & 63));
  } else {
    octet(0xf0 | (code >> 18));
    octet(0x80 | ((code >> 12) & 63));
    octet(0x80 | ((code >> 6) & 63));
    octet(0x80 | (code & 63));
  }
}

bool Reader::readValue(JsonValue& into, std::size_t depth) {
  skipBlanks();
  if (d_at >= d_text.size() || depth >= kMaxJsonDepth) return false;
  const char first = d_text[d_at];
  if (first == '{') return readObject(into, depth);
  if (first == '[') return readArray(into, depth);
  if (first == '"') {
    into.kind = JsonValue::Kind::String;
    return readString(into.text);
  }
  if (first == 't' || first == 'f') {
    into.kind = JsonValue::Kind::Bool;
    into.truth = first == 't';
    return takeWord(first == 't' ? "true" : "false");
  }
  if (first == 'n') return takeWord("null");
  into.kind = JsonValue::Kind::Number;
  return readNumber(into.text);
}

bool Reader::readArray(JsonValue& into, std::size_t depth) {
  into.kind = JsonValue::Kind::Array;
  ++d_at;
  if (take(']')) return true;
  do {
    if (!readValue(into.items.emplace_back(), depth + 1)) return false;
  } while (take(','));
  return take(']');
}

bool Reader::readObject(JsonValue& into, std::size_t depth) {
  into.kind = JsonValue::Kind::Object;
  ++d_at;
  if (take('}')) return true;
  do {
    std::string name;
    JsonValue value;
    skipBlanks();
    if (!readString(name) || !take(':') || !readValue(value, depth + 1)) return false;
    into.members.insert_or_assign(std::move(name), std::move(value));
  } while (take(','));
  return take('}');
}

bool Reader::readDigits() {
  const std::size_t begin = d_at;
  while (d_at < d_text.size() && d_text[d_at] >= '0' && d_text[d_at] <= '9') ++d_at;
  return d_at > begin;
}

bool Reader::readNumber(std::string& into) {
  const std::size_t begin = d_at;
  takeWord("-");
  const bool leadingZero = takeWord("0");
  if (!leadingZero && !readDigits()) return false;
  if (takeWord(".") && !readDigits()) return false;
  if (takeWord("e") || takeWord("E")) {
    if (!takeWord("+")) takeWord("-");
    if (!readDigits()) return false;
  }
  into = d_text.substr(begin, d_at - begin);
  return true;
}

bool Reader::readString(std::string& into) {
  if (!takeWord("\"")) return false;
  while (d_at < d_text.size()) {
    const char letter = d_text[d_at++];
    if (letter == '"') return true;
    if (static_cast<unsigned char>(letter) < 0x20) return false;
    if (letter != '\\') {
      into += letter;
    } else if (!readEscape(into)) {
      return false;
    }
  }
  return false;
}

bool Reader::readEscape(std::string& into) {
  if (d_at >= d_text.size()) return false;
  constexpr std::string_view kEscapes = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  const char letter = d_text[d_at++];
  const std::size_t known = kEscapes.find(letter);
  if (known != std::string_view::npos) {
    into += kMeanings[known];
    return true;
  }
  unsigned code = 0, second = 0;
  if (letter != 'u' || !readCodeUnit(code)) return false;
  const bool isHigh = code >= 0xd800 && code < 0xdc00, isLow = code >= 0xdc00 && code < 0xe000;
  if (isLow) return false;
  if (isHigh) {
    if (!takeWord("\\u") || !readCodeUnit(second) || second < 0xdc00 || second >= 0xe000) return false;
    code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
  }
  appendUtf8(into, code);
  return true;
}

bool Reader::readCodeUnit(unsigned& into) {
  into = 0;
  for (int i = 0; i < 4; ++i, ++d_at) {
    if (d_at >= d_text.size()) return false;
    const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(d_text[d_at]);
    if (digit == std::string_view::npos) return false;
    into = into * 16 + static_cast<unsigned>(digit < 16 ? digit : digit - 6);
  }
  return true;
}

} // namespace

const JsonValue* JsonValue::member(std::string_view name) const {
  const auto found = members.find(name);
  return found == members.end() ? nullptr : &found->second;
}

base::Result<JsonValue> parseJson(std::string_view text) {
  Reader reader(text);
  JsonValue value;
  if (!reader.readAll(value)) {
    return base::Error{"the body is not JSON that can be understood, at octet " + std::to_string(reader.at())};
  }
  return value;
}

} // namespace rec
