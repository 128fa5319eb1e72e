// TraceLog: which questions are traced (the setting trace, rec_control trace-regex) and where their walks are written.
// Owned by the daemon. Thread safe: one mutex around the pointer to the filter; untraced questions look at one atomic.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>

#include "recursor/control/tracefilter.hh"
#include "recursor/query/pipeline.hh"

namespace rec {

class TraceLog final : public Tracer {
 public:
  enum class Mode : std::uint8_t { Off, Failures, All };
  [[nodiscard]] static Mode modeOf(std::string_view setting); // trace
  explicit TraceLog(Mode mode) : d_mode(mode), d_active(mode != Mode::Off) {}

  void setMode(Mode mode);
  void setFilter(std::shared_ptr<const TraceFilter> filter); // null: none

  [[nodiscard]] std::shared_ptr<Trace> begin(const dns::Question& question, base::MonoTime now) override;
  void end(const dns::Question& question, const Trace& trace, const Outcome& outcome) override;

 private:
  // The filter, when there is one that matches.
  [[nodiscard]] std::shared_ptr<const TraceFilter> filterFor(const dns::Name& name);

  std::atomic<Mode> d_mode;
  std::atomic<bool> d_active;
  std::mutex d_mutex; // guards d_filter
  std::shared_ptr<const TraceFilter> d_filter;
};

} // namespace rec
