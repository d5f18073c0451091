// Reads what /metrics answers: Prometheus text 0.0.4 and OpenMetrics 1.0, also with quoted UTF-8 names.
#pragma once

#include <string_view>
#include <vector>

#include "signals/signal.h"

namespace vigia::signals {

enum class ExpositionFormat { kPrometheus, kOpenMetrics };  // timestamps: milliseconds, or seconds
enum class Timestamps { kIgnore, kHonour };

struct ExpositionOptions {
  ExpositionFormat format = ExpositionFormat::kPrometheus;
  Timestamps timestamps = Timestamps::kIgnore;
  size_t max_samples = 20'000;  // what comes later is counted, not kept
};

struct Exposition {
  std::vector<Sample> samples;
  size_t bad_lines = 0;       // stepped over: one bad metric does not hide the others
  size_t first_bad_line = 0;  // 1-based; 0: none
  size_t dropped = 0;         // beyond max_samples
  bool ended = false;         // "# EOF" was there, the last line of OpenMetrics
};

// Any bytes are fine. `now` is the time of samples without one. Values that are NaN say "no value" and
// are left out. Exemplars, help, units and types are not kept; a last line without its end is read too.
Exposition ParseExposition(std::string_view text, WallTime now, const ExpositionOptions& options);

// By the Content-Type of the answer.
ExpositionFormat FormatOf(std::string_view content_type);

}  // namespace vigia::signals
