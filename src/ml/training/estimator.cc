#include "training/estimator.h"

namespace vigia::training {

Result<FittedEstimator> FittedEstimator::Fit(const Candidate& candidate, const Matrix& inputs,
                                             std::span<const uint8_t> labels, const std::vector<int>& monotone,
                                             uint64_t seed) {
  if (candidate.family == Family::kLogisticRegression) {
    return FittedEstimator(candidate.family, TRY(FitLogistic(inputs, labels, candidate.c)));
  }
  return FittedEstimator(candidate.family, TRY(Booster::Train(inputs, labels, monotone, candidate.trees, seed)));
}

Result<std::vector<double>> FittedEstimator::Margins(const Matrix& inputs) const {
  if (const auto* booster = std::get_if<Booster>(&model_)) return booster->Margins(inputs);
  const auto& logistic = std::get<LogisticModel>(model_);
  std::vector<double> margins(inputs.rows);
  for (size_t row = 0; row < inputs.rows; ++row) margins[row] = logistic.Margin(inputs.Row(row));
  return margins;
}

Result<Json> FittedEstimator::ToJson() const {
  if (const auto* logistic = std::get_if<LogisticModel>(&model_)) return training::ToJson(*logistic);
  Json json = {{"family", FamilyName(family_)}};
  json["xgboost"] = TRY(std::get<Booster>(model_).ToJson());
  return json;
}

}  // namespace vigia::training
