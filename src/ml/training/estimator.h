// A fitted estimator of any family.
#pragma once

#include <variant>

#include "training/booster.h"
#include "training/logistic.h"

namespace vigia::training {

// As thread-safe as what it holds: one thread at a time.
class FittedEstimator {
 public:
  // REQUIRES: both classes among the labels.
  static Result<FittedEstimator> Fit(const Candidate& candidate, const Matrix& inputs, std::span<const uint8_t> labels,
                                     const std::vector<int>& monotone, uint64_t seed);

  Result<std::vector<double>> Margins(const Matrix& inputs) const;  // log-odds
  Result<Json> ToJson() const;                                      // model.json's "estimator"
  const LogisticModel* logistic() const { return std::get_if<LogisticModel>(&model_); }

 private:
  FittedEstimator(Family family, std::variant<LogisticModel, Booster> model)
      : family_(family), model_(std::move(model)) {}

  Family family_;
  std::variant<LogisticModel, Booster> model_;
};

}  // namespace vigia::training
