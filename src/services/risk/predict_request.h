// The body of POST /predict, validated into raw rows. The one door to simdjson.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "risk/served_model.h"
#include "risk/settings.h"

namespace vigia::risk {

// Rows of one request. Reused from request to request; grows to the largest one.
struct Rows {
  size_t count = 0;
  size_t width = 0;
  std::vector<double> values;     // count × width; NaN is missing, categories are codes
  std::vector<int> years;         // one per row; 0: the model's reference year
  std::vector<uint64_t> missing;  // count × words; bit i of a row: feature i was not given
  size_t words = 0;               // (width + 63) / 64
  bool explain = false;
  std::vector<std::string> ignored;  // names of unknown features that were dropped, each once

  std::span<const double> row(size_t i) const { return {values.data() + i * width, width}; }
  std::span<const uint64_t> missing_of(size_t i) const { return {missing.data() + i * words, words}; }
  void Begin(size_t row_width);
  void AddRow();
};

// Not thread-safe; one per loop.
class PredictParser {
 public:
  PredictParser();
  ~PredictParser();
  PredictParser(const PredictParser&) = delete;
  PredictParser& operator=(const PredictParser&) = delete;

  // {"instances": [{…}, …], "explain": bool}. NaN, Infinity and -Infinity, which Python clients write,
  // and null are missing values. Errors are kInvalidArgument; they name the instance (from 1) and the
  // field, and never a value. REQUIRES: http::kBodyPadding readable bytes after the body.
  // The model must be the one of the last call, unless Forget came between.
  Status Parse(std::string_view body, const ServedModel& model, const PredictSettings& settings, Rows& rows);
  // MLflow's JSON: exactly one of "instances" and "dataframe_records" (lists of objects),
  // "dataframe_split" {"columns": […], "data": [[…], …]} and "inputs" (a list of objects).
  Status ParseInvocation(std::string_view body, const ServedModel& model, const PredictSettings& settings, Rows& rows);
  // The model has changed: what was learnt of keys is no longer true.
  void Forget();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vigia::risk
