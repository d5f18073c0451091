// Expositions: any bytes as what /metrics answers.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "signals/exposition.h"
#include "signals/series_store.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vigia;           // NOLINT: a fuzz target is a program of its own
  using namespace vigia::signals;  // NOLINT
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  ExpositionOptions options;
  options.format = (data[0] & 1) != 0 ? ExpositionFormat::kOpenMetrics : ExpositionFormat::kPrometheus;
  options.timestamps = (data[0] & 2) != 0 ? Timestamps::kHonour : Timestamps::kIgnore;
  options.max_samples = 100;
  const WallTime now{std::chrono::seconds(1'700'000'000)};
  const Exposition read = ParseExposition(text, now, options);
  if (read.samples.size() > options.max_samples) std::abort();
  if ((read.bad_lines == 0) != (read.first_bad_line == 0)) std::abort();
  const auto store = MakeSeriesStore({50, 8, std::chrono::minutes(15)});
  for (const Sample& sample : read.samples) {
    if (sample.name.empty() || std::isnan(sample.value) || !IsUtf8(sample.name)) std::abort();
    if (options.timestamps == Timestamps::kIgnore && sample.at != now) std::abort();
    for (const auto& [name, value] : sample.labels.pairs()) {
      if (name.empty() || value.empty() || !IsUtf8(value)) std::abort();
    }
  }
  store->Append(read.samples);
  if (store->series() > 50) std::abort();
  return 0;
}
