// Made-up question traces for judging which entries a cache keeps: plain Zipf, Zipf with scans, shifting popularity, a
// flood of names that are asked once. The same on every run. Used by bench-eviction and, in miniature, by a unit test.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace traces {

struct Question {
  std::uint32_t name;
  bool returns; // belongs to the ordinary names; the others can never hit and are not counted
};
using Trace = std::vector<Question>;

struct Shape {
  std::uint32_t names = 200'000;
  std::uint32_t questions = 2'000'000;
  double exponent = 0.9;
};

class Zipf {
 public:
  explicit Zipf(const Shape& shape) : d_sums(shape.names) {
    double sum = 0;
    for (std::uint32_t i = 0; i < shape.names; ++i) {
      d_sums[i] = sum += std::pow(i + 1.0, -shape.exponent);
    }
  }
  std::uint32_t operator()(std::mt19937_64& random) const {
    const double at = static_cast<double>(random() >> 11) * 0x1p-53 * d_sums.back();
    const auto found = std::lower_bound(d_sums.begin(), d_sums.end(), at);
    return static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(found - d_sums.begin(), std::ssize(d_sums) - 1));
  }

 private:
  std::vector<double> d_sums;
};

inline Trace zipf(const Shape& shape) {
  std::mt19937_64 random(1);
  const Zipf pick(shape);
  Trace trace;
  while (trace.size() < shape.questions) {
    trace.push_back({pick(random), true});
  }
  return trace;
}

// Between the ordinary questions, four times in ten, somebody runs through names that nobody else asks for.
inline Trace scans(const Shape& shape) {
  std::mt19937_64 random(2);
  const Zipf pick(shape);
  Trace trace;
  std::uint32_t scanned = shape.names;
  const std::uint32_t period = shape.names * 2 / 3;
  while (trace.size() < shape.questions) {
    trace.push_back({pick(random), true});
    if (trace.size() % period > period / 3) {
      trace.push_back({scanned++, false});
    }
  }
  return trace;
}

// Every now and then some of the popular names change places with others.
inline Trace shifting(const Shape& shape) {
  std::mt19937_64 random(3);
  const Zipf pick(shape);
  std::vector<std::uint32_t> order(shape.names);
  for (std::uint32_t i = 0; i < shape.names; ++i) {
    order[i] = i;
  }
  Trace trace;
  while (trace.size() < shape.questions) {
    for (std::uint32_t i = 0; trace.size() % (shape.names / 2) == 0 && i < shape.names / 100; ++i) {
      std::swap(order[random() % (shape.names / 50)], order[random() % shape.names]);
    }
    trace.push_back({order[pick(random)], true});
  }
  return trace;
}

// In the middle half two random names come with each ordinary question.
inline Trace flood(const Shape& shape) {
  std::mt19937_64 random(4);
  const Zipf pick(shape);
  Trace trace;
  std::uint32_t once = shape.names;
  while (trace.size() < shape.questions) {
    trace.push_back({pick(random), true});
    if (trace.size() > shape.questions / 4 && trace.size() < shape.questions / 4 * 3) {
      trace.push_back({once++, false});
      trace.push_back({once++, false});
    }
  }
  return trace;
}

} // namespace traces
