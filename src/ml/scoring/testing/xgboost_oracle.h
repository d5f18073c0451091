// XGBoost itself, for tests and benchmarks: trains boosters and gives the answers that ours must match.
// A failing call ends the process.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/random.h"

namespace vigia::scoring::testing {

// Row-major; NaN is missing.
struct Rows {
  size_t width = 0;
  std::vector<float> values;
  size_t count() const { return values.size() / width; }
};

// Columns of three kinds in turn: normal scores, small integers (many ties), and skewed, huge values.
// One value in seven is missing.
Rows RandomRows(size_t count, size_t width, Rng& rng);
// 1 more often when some of the first columns are high, or missing.
std::vector<float> RandomLabels(const Rows& rows, Rng& rng);

// One thread. Not thread-safe.
class XgboostOracle {
 public:
  XgboostOracle(const Rows& rows, const std::vector<float>& labels,
                const std::map<std::string, std::string>& parameters, int rounds);
  ~XgboostOracle();
  XgboostOracle(const XgboostOracle&) = delete;
  XgboostOracle& operator=(const XgboostOracle&) = delete;

  Json Model() const;
  std::vector<float> Margins(const Rows& rows) const;
  std::vector<float> Probabilities(const Rows& rows) const;
  // The predictor alone, in place; the result is valid until the next call.
  std::span<const float> PredictInPlace(std::span<const float> values, size_t width, int type) const;
  // rows × (width + 1), the last of each row is the bias.
  std::vector<float> Contributions(const Rows& rows) const;

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

// A model.json around a booster: numeric features f0 … that pass through, whatever their values.
Json ModelAround(const Json& booster, size_t width);

}  // namespace vigia::scoring::testing
