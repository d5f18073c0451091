#include "training/feature_fitting.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "training/logistic.h"

namespace vigia::training {
namespace {

void FitSeenRanges(const TrainingData& data, std::span<const size_t> rows, features::FeatureSpec& spec) {
  const size_t width = spec.raw.size();
  for (size_t f = 0; f < width; ++f) {
    features::RawFeature& feature = spec.raw[f];
    if (feature.type == features::FeatureType::kCategory) continue;
    double low = 0, high = 0;
    bool any = false;
    for (const size_t row : rows) {
      const double value = data.values[row * width + f];
      if (std::isnan(value)) continue;
      low = any ? std::min(low, value) : value;
      high = any ? std::max(high, value) : value;
      any = true;
    }
    if (!any) continue;  // nothing seen: what is accepted
    feature.seen_min = low;
    feature.seen_max = high;
  }
}

// What an input looked like in training, before imputing.
void FitInput(const Matrix& inputs, size_t index, features::DerivedFeature& derived) {
  std::vector<double> values;
  for (size_t row = 0; row < inputs.rows; ++row) {
    const float value = inputs.Row(row)[index];
    if (!std::isnan(value)) values.push_back(static_cast<double>(value));
  }
  if (values.empty()) {
    derived.impute = 0;
    return;
  }
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  derived.clip_low = *low;
  derived.clip_high = *high;
  derived.impute = Median(values);
}

}  // namespace

Result<FittedFeatures> FitFeatures(const std::vector<PlannedInput>& plan, const TrainingData& data,
                                   std::span<const size_t> rows) {
  features::FeatureSpec spec;
  spec.reference_year = data.reference_year;
  std::vector<int> monotone;
  for (const RawSummary& raw : data.raw) spec.raw.push_back(raw.feature);
  for (const PlannedInput& input : plan) {
    spec.inputs.push_back(input.derived);
    monotone.push_back(input.monotone);
  }
  FitSeenRanges(data, rows, spec);
  const auto unfitted = TRY(features::Pipeline::Compile(spec));
  const Matrix inputs = ComputeInputs(unfitted, data, rows);
  for (size_t i = 0; i < spec.inputs.size(); ++i) FitInput(inputs, i, spec.inputs[i]);
  return FittedFeatures {
    TRY(features::Pipeline::Compile(spec))
    , std::move(monotone)
  };
}

Matrix ComputeInputs(const features::Pipeline& pipeline, const TrainingData& data, std::span<const size_t> rows) {
  Matrix inputs{rows.size(), pipeline.input_width(), {}};
  inputs.values.resize(inputs.rows * inputs.width);
  const size_t width = pipeline.raw_width();
  for (size_t i = 0; i < rows.size(); ++i) {
    pipeline.Compute(std::span(data.values).subspan(rows[i] * width, width), data.years[rows[i]], inputs.Row(i));
  }
  return inputs;
}

std::vector<size_t> AllRows(const TrainingData& data) {
  std::vector<size_t> rows(data.rows());
  std::iota(rows.begin(), rows.end(), size_t{0});
  return rows;
}

std::vector<uint8_t> PickLabels(const TrainingData& data, std::span<const size_t> rows) {
  std::vector<uint8_t> labels;
  labels.reserve(rows.size());
  for (const size_t row : rows) labels.push_back(data.labelled.labels[row]);
  return labels;
}

}  // namespace vigia::training
