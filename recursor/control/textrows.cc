// Wrapping and columns: see textrows.hh.
#include "recursor/control/textrows.hh"

#include <algorithm>

namespace rec {
namespace {

constexpr std::size_t kWidth = 118;        // of a line, where blanks allow it
constexpr std::size_t kVerdictColumn = 11; // "Insecure" and what keeps it apart
constexpr std::size_t kMargin = 2;         // before names

} // namespace

std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (word.empty()) {
      continue;
    }
    const bool isFirst = column == indent;
    const bool isNewLine = !isFirst && column + 1 + word.size() > kWidth;
    out += isNewLine ? "\n" + std::string(indent, ' ') : isFirst ? "" : " ";
    column = (isNewLine || isFirst ? indent : column + 1) + word.size();
    out += word;
  }
  return out + "\n";
}

std::string indented(std::string_view lines, std::size_t by) {
  std::string out;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    out += std::string(by, ' ') + std::string(lines.substr(0, end)) + "\n";
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return out;
}

void TextRows::add(const std::string& name, std::string verdict, const std::vector<std::string>& reasons) {
  const std::size_t verdictAt = kMargin + d_nameWidth;
  const std::size_t reasonAt = verdictAt + kVerdictColumn;
  std::string line = std::string(kMargin, ' ') + name;
  line += line.size() >= verdictAt ? "\n" + std::string(verdictAt, ' ') : std::string(verdictAt - line.size(), ' ');
  verdict.resize(std::max(verdict.size() + 1, kVerdictColumn), ' ');
  line += verdict;
  for (const std::string& reason : reasons) {
    const std::size_t by = std::min(reason.find_first_not_of(' '), reason.size());
    d_text += line + std::string(by, ' ') + wrapped(reason, reasonAt + by);
    line = std::string(reasonAt, ' ');
  }
}

} // namespace rec
