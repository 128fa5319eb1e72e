// Families: samples in the text format of Prometheus (0.0.4). A family is put together whole, since its samples must
// stand together. Used by prometheus.cc and prometheuslists.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace rec {

// One name with its help, its type and its samples, in their order.
class Families {
 public:
  void declare(const std::string& name, std::string_view type, std::string_view help);
  // `labels` as {a="b"}, or nothing; `suffix`: _bucket and the like.
  void add(const std::string& name, std::string_view suffix, std::string_view labels, std::string value);
  [[nodiscard]] std::string text() const;

 private:
  struct Family {
    std::string type = "untyped", help, samples;
  };
  std::map<std::string, Family> d_families;
};

// name="value", escaped as the format wants.
[[nodiscard]] std::string label(std::string_view name, std::string_view value);
[[nodiscard]] inline std::string braced(const std::string& labels) { return "{" + labels + "}"; }
[[nodiscard]] std::string seconds(std::uint64_t micros);

struct Histogram {
  std::map<std::uint64_t, std::uint64_t> buckets; // microseconds, answers
  std::uint64_t count = 0, sum = 0;
};
void addHistogram(Families& families, const std::string& name, const std::string& labels, const Histogram& histogram);

} // namespace rec
