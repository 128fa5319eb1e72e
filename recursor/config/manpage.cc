// Writing man(7): see manpage.hh.
#include "recursor/config/manpage.hh"

#include <algorithm>

#include "recursor/config/values.hh"

namespace rec {
namespace {

constexpr std::string_view kDate = "2026-11-22"; // of the last change to the words in manpage.cc and its callers
constexpr std::size_t kWidth = 76;

// Nothing in it is taken for a request or an escape; hyphens stay hyphens that can be copied.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '"') {
      out += "\\(dq";
    } else {
      out += c;
    }
  }
  return out;
}

std::string bold(std::string_view text) { return text.empty() ? "" : "\\fB" + escaped(text) + "\\fR"; }
std::string slanted(std::string_view text) { return text.empty() ? "" : "\\fI" + escaped(text) + "\\fR"; }

} // namespace

ManPage::ManPage(std::string_view name, std::string_view purpose) {
  std::string upper(name);
  std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  d_text = ".TH " + upper + " 1 " + std::string(kDate) + " \"Rootwalk " ROOTWALK_VERSION "\" Rootwalk\n";
  section("NAME");
  d_text += std::string(name) + " \\- " + escaped(purpose) + "\n";
}

void ManPage::section(std::string_view title) {
  d_text += ".SH " + std::string(title) + "\n";
  d_isBegun = true;
}

void ManPage::synopsis(std::string_view name, std::string_view arguments) {
  section("SYNOPSIS");
  d_text += bold(name) + "\n";
  addText(arguments);
}

void ManPage::paragraph(std::string_view text) {
  if (!d_isBegun) d_text += ".PP\n";
  addText(text);
}

void ManPage::item(std::string_view tag, std::string_view arguments, std::string_view text) {
  const bool joined = arguments.starts_with('=');
  d_text += ".TP\n" + bold(tag) + (arguments.empty() || joined ? "" : " ") + slanted(arguments) + "\n";
  addText(text);
}

// Lines of moderate length, none of which begins as a request does.
void ManPage::addText(std::string_view text) {
  d_isBegun = false;
  std::string line;
  const auto end = [this, &line] {
    const bool isRequest = line.starts_with('.') || line.starts_with('\'');
    if (!line.empty()) d_text += (isRequest ? "\\&" : "") + line + "\n";
    line.clear();
  };
  for (const std::string_view word : split(text, " \n")) {
    const std::string next = escaped(word);
    if (!line.empty() && line.size() + 1 + next.size() > kWidth) end();
    line += (line.empty() ? "" : " ") + next;
    if (word.ends_with('.')) end(); // a sentence a line: what is between them is the formatter's
  }
  end();
}

} // namespace rec
