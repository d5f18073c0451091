// XGBoost behind a value: the only file that knows its C API.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "training/matrix.h"
#include "training/recipe.h"

namespace vigia::training {

// Trained trees. One thread at a time per booster; several boosters may work at once.
// Repeatable: every one trains on one thread, from its seed.
class Booster {
 public:
  // `monotone` has one of -1, 0, 1 per input. REQUIRES: both classes among the labels.
  static Result<Booster> Train(const Matrix& inputs, std::span<const uint8_t> labels, const std::vector<int>& monotone,
                               const TreeSettings& settings, uint64_t seed);

  Result<std::vector<double>> Margins(const Matrix& inputs) const;
  Result<Json> ToJson() const;  // XGBoost's own format

 private:
  struct Free {
    void operator()(void* handle) const;
  };
  explicit Booster(void* handle) : handle_(handle) {}
  std::unique_ptr<void, Free> handle_;
};

std::string XgboostVersion();  // "1.7.4"

}  // namespace vigia::training
