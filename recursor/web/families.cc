// Samples, labels and histograms as text: see families.hh.
#include "recursor/web/families.hh"

#include <array>
#include <cstdio>

namespace rec {

namespace {

constexpr std::string_view kPrefix = "pdns_recursor_";

} // namespace

void Families::declare(const std::string& name, std::string_view type, std::string_view help) {
  Family& family = d_families[name];
  family.type = type;
  family.help = help;
}

void Families::add(const std::string& name, std::string_view suffix, std::string_view labels, std::string value) {
  d_families[name].samples +=
      std::string(kPrefix) + name + std::string(suffix) + std::string(labels) + " " + value + "\n";
}

std::string Families::text() const {
  std::string out;
  for (const auto& [name, family] : d_families) {
    const std::string full = std::string(kPrefix) + name;
    if (!family.help.empty()) out += "# HELP " + full + " " + family.help + "\n";
    out += "# TYPE " + full + " " + family.type + "\n" + family.samples;
  }
  return out;
}

std::string label(std::string_view name, std::string_view value) {
  std::string out = std::string(name) + "=\"";
  for (const char letter : value) {
    if (letter == '\\' || letter == '"') out += '\\';
    out += letter == '\n' ? std::string("\\n") : std::string(1, letter);
  }
  return out + "\"";
}

std::string seconds(std::uint64_t micros) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.9g", static_cast<double>(micros) / 1e6);
  return text.data();
}

void addHistogram(Families& families, const std::string& name, const std::string& labels, const Histogram& histogram) {
  for (const auto& [bound, count] : histogram.buckets) {
    families.add(name, "_bucket", braced(labels + "," + label("le", seconds(bound))), std::to_string(count));
  }
  families.add(name, "_bucket", braced(labels + "," + label("le", "+Inf")), std::to_string(histogram.count));
  families.add(name, "_sum", braced(labels), seconds(histogram.sum));
  families.add(name, "_count", braced(labels), std::to_string(histogram.count));
}

} // namespace rec
