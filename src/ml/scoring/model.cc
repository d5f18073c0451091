#include "scoring/model.h"

#include <algorithm>
#include <cmath>

#include "scoring/linear.h"

namespace vigia::scoring {

namespace {

// Rows computed at a time, so that their inputs stay in the cache.
constexpr size_t kChunk = 256;

Error Bad(const std::string& what) { return Error(Code::kInvalidArgument, "model: " + what); }

Status CheckFormat(const Json& json) {
  if (TRY(GetString(json, "format")) != "vigia-model") return Bad("key 'format' is not \"vigia-model\"");
  const int64_t version = TRY(GetInteger(json, "format_version"));
  if (version != 1) return Bad("format_version " + std::to_string(version) + " is not supported");
  return {};
}

Result<std::unique_ptr<Estimator>> CompileEstimator(const Json& json, const std::string& family) {
  if (family == "logistic_regression") return CompileLinear(json);
  if (family == "random_forest" || family == "gradient_boosting") {
    const Json* xgboost = TRY(GetObject(json, "xgboost"));
    return CompileXgboost(*xgboost);
  }
  return Bad("estimator.family '" + family + "' is not supported");
}

}  // namespace

Model::Model(features::Pipeline pipeline, std::unique_ptr<Estimator> estimator, std::string family,
             Calibration calibration, double threshold)
    : pipeline_(std::move(pipeline)),
      estimator_(std::move(estimator)),
      family_(std::move(family)),
      calibration_(std::move(calibration)),
      threshold_(threshold) {}

Result<std::shared_ptr<const Model>> Model::FromText(std::string_view model_json) {
  const Json json = TRY_CONTEXT(ParseJson(model_json), "model");
  return FromJson(json);
}

Result<std::shared_ptr<const Model>> Model::FromJson(const Json& json) {
  TRY(CheckFormat(json));
  const Json* features_json = TRY(GetObject(json, "features"));
  const features::FeatureSpec spec = TRY(features::FeatureSpecFromJson(*features_json));
  features::Pipeline pipeline = TRY(features::Pipeline::Compile(spec));
  const Json& estimator_json = *TRY(GetObject(json, "estimator"));
  std::string family = TRY(GetString(estimator_json, "family"));
  std::unique_ptr<Estimator> estimator = TRY(CompileEstimator(estimator_json, family));
  if (estimator->width() != pipeline.input_width()) {
    return Bad("the estimator takes " + std::to_string(estimator->width()) + " inputs, the features give " +
               std::to_string(pipeline.input_width()));
  }
  const Json* calibration_json = TRY(GetObject(json, "calibration"));
  Calibration calibration = TRY(Calibration::FromJson(*calibration_json));
  const double threshold = TRY(GetNumber(json, "threshold"));
  if (!(threshold >= 0 && threshold <= 1)) return Bad("key 'threshold' is not between 0 and 1");
  return std::shared_ptr<const Model>(
      new Model(std::move(pipeline), std::move(estimator), std::move(family), std::move(calibration), threshold));
}

double Model::Score(std::span<const double> raw, int year, std::span<float> scratch) const {
  const auto inputs = scratch.first(pipeline_.input_width());
  pipeline_.Compute(raw, year, inputs);
  float margin = 0;
  estimator_->Margins(inputs, {&margin, 1});
  return calibration_.Apply(margin);
}

void Model::ComputeInputs(const RawView& raw, std::span<const int> years, size_t first, std::span<float> inputs) const {
  constexpr size_t kBlock = features::Pipeline::kBlock;
  const size_t raw_width = pipeline_.raw_width(), width = pipeline_.input_width(), rows = inputs.size() / width;
  std::vector<double> block(raw_width * kBlock);
  const auto gather = [&](size_t row, size_t count) {
    for (size_t f = 0; f < raw_width; ++f) {
      const double* from = raw.values + (first + row) * raw.row_stride + f * raw.column_stride;
      for (size_t r = 0; r < count; ++r) block[f * count + r] = from[r * raw.row_stride];
    }
  };
  size_t row = 0;
  for (; row + kBlock <= rows; row += kBlock) {
    gather(row, kBlock);
    const auto of_block = years.empty() ? years : years.subspan(first + row, kBlock);
    pipeline_.ComputeBlock(block, of_block, inputs.subspan(row * width, kBlock * width));
  }
  for (; row < rows; ++row) {
    gather(row, 1);
    const int year = years.empty() ? 0 : years[first + row];
    pipeline_.Compute({block.data(), raw_width}, year, inputs.subspan(row * width, width));
  }
}

void Model::ScoreView(const RawView& raw, std::span<const int> years, std::span<double> scores) const {
  const size_t rows = scores.size(), width = pipeline_.input_width();
  CHECK(years.empty() || years.size() == rows, "a year for each row or none");
  std::vector<float> inputs(std::min(rows, kChunk) * width), margins(std::min(rows, kChunk));
  for (size_t first = 0; first < rows; first += kChunk) {
    const size_t count = std::min(kChunk, rows - first);
    ComputeInputs(raw, years, first, {inputs.data(), count * width});
    estimator_->Margins({inputs.data(), count * width}, {margins.data(), count});
    for (size_t i = 0; i < count; ++i) scores[first + i] = calibration_.Apply(margins[i]);
  }
}

void Model::ScoreBatch(std::span<const double> raw, std::span<const int> years, std::span<double> scores) const {
  CHECK(raw.size() == scores.size() * pipeline_.raw_width(), "raw rows of the wrong width");
  ScoreView({raw.data(), pipeline_.raw_width(), 1}, years, scores);
}

void Model::ScoreColumns(std::span<const double> raw, std::span<const int> years, std::span<double> scores) const {
  CHECK(raw.size() == scores.size() * pipeline_.raw_width(), "raw columns of the wrong length");
  ScoreView({raw.data(), 1, scores.size()}, years, scores);
}

std::vector<double> Model::FoldOntoRaw(std::span<const double> of_inputs) const {
  std::vector<double> of_raw(pipeline_.raw_width(), 0.0);
  for (size_t i = 0; i < pipeline_.input_width(); ++i) {
    const std::span<const uint16_t> sources = pipeline_.RawOfInput(i);
    for (const uint16_t source : sources) of_raw[source] += of_inputs[i] / static_cast<double>(sources.size());
  }
  return of_raw;
}

Explanation Model::Explain(std::span<const double> raw, int year) const {
  const size_t width = pipeline_.input_width();
  std::vector<float> inputs(width);
  std::vector<double> contributions(width + 1);
  pipeline_.Compute(raw, year, inputs);
  estimator_->Contributions(inputs, contributions);
  Explanation explanation;
  explanation.raw_contributions = FoldOntoRaw({contributions.data(), width});
  for (double& contribution : explanation.raw_contributions) contribution *= calibration_.slope();
  explanation.bias = calibration_.slope() * contributions[width] + calibration_.offset();
  return explanation;
}

std::vector<double> Model::FeatureGain() const { return FoldOntoRaw(estimator_->Gains()); }

}  // namespace vigia::scoring
