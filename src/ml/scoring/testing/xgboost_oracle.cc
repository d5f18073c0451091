#include "scoring/testing/xgboost_oracle.h"

#include <fmt/format.h>
#include <xgboost/c_api.h>

#include <cmath>
#include <limits>

namespace vigia::scoring::testing {

namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

void Must(int code) { CHECK(code == 0, XGBGetLastError()); }

DMatrixHandle MakeMatrix(const Rows& rows) {
  DMatrixHandle matrix = nullptr;
  Must(XGDMatrixCreateFromMat(rows.values.data(), rows.count(), rows.width, kMissing, &matrix));
  return matrix;
}

}  // namespace

Rows RandomRows(size_t count, size_t width, Rng& rng) {
  Rows rows{width, std::vector<float>(count * width)};
  for (size_t i = 0; i < rows.values.size(); ++i) {
    float& value = rows.values[i];
    switch (i % width % 3) {
      case 0: value = static_cast<float>(5 + 2 * rng.Normal()); break;
      case 1: value = static_cast<float>(rng.Below(9)); break;
      default: value = static_cast<float>(std::exp(20 * rng.Normal())); break;
    }
    if (rng.Below(7) == 0) value = kMissing;
  }
  return rows;
}

std::vector<float> RandomLabels(const Rows& rows, Rng& rng) {
  std::vector<float> labels;
  for (size_t row = 0; row < rows.count(); ++row) {
    const float* x = rows.values.data() + row * rows.width;
    double margin = -0.5;
    margin += std::isnan(x[0]) ? 0.7 : 0.6 * (static_cast<double>(x[0]) - 5);
    if (rows.width > 1) margin += std::isnan(x[1]) ? -0.4 : 0.2 * (static_cast<double>(x[1]) - 4);
    if (rows.width > 2 && x[2] > 1) margin += 0.8;
    labels.push_back(rng.Uniform() < 1 / (1 + std::exp(-margin)) ? 1.F : 0.F);
  }
  return labels;
}

struct XgboostOracle::Handles {
  BoosterHandle booster = nullptr;
  DMatrixHandle proxy = nullptr;
};

XgboostOracle::XgboostOracle(const Rows& rows, const std::vector<float>& labels,
                             const std::map<std::string, std::string>& parameters, int rounds)
    : handles_(std::make_unique<Handles>()) {
  DMatrixHandle matrix = MakeMatrix(rows);
  Must(XGDMatrixSetFloatInfo(matrix, "label", labels.data(), labels.size()));
  Must(XGBoosterCreate(&matrix, 1, &handles_->booster));
  const std::map<std::string, std::string> fixed = {
      {"objective", "binary:logistic"}, {"nthread", "1"}, {"seed", "7"}, {"verbosity", "0"}};
  for (const auto& [key, value] : fixed) Must(XGBoosterSetParam(handles_->booster, key.c_str(), value.c_str()));
  for (const auto& [key, value] : parameters) Must(XGBoosterSetParam(handles_->booster, key.c_str(), value.c_str()));
  for (int round = 0; round < rounds; ++round) Must(XGBoosterUpdateOneIter(handles_->booster, round, matrix));
  Must(XGDMatrixFree(matrix));
  Must(XGProxyDMatrixCreate(&handles_->proxy));
}

XgboostOracle::~XgboostOracle() {
  Must(XGDMatrixFree(handles_->proxy));
  Must(XGBoosterFree(handles_->booster));
}

Json XgboostOracle::Model() const {
  bst_ulong size = 0;
  const char* bytes = nullptr;
  Must(XGBoosterSaveModelToBuffer(handles_->booster, R"({"format":"json"})", &size, &bytes));
  return ParseJson({bytes, size}).value();
}

std::span<const float> XgboostOracle::PredictInPlace(std::span<const float> values, size_t width, int type) const {
  const std::string array = fmt::format(R"({{"data":[{},true],"shape":[{},{}],"typestr":"<f4","version":3}})",
                                        reinterpret_cast<uintptr_t>(values.data()), values.size() / width, width);
  const std::string config = fmt::format(
      R"({{"type":{},"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,"missing":NaN,"cache_id":0}})",
      type);
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* result = nullptr;
  Must(XGBoosterPredictFromDense(handles_->booster, array.c_str(), config.c_str(), handles_->proxy, &shape, &dimensions,
                                 &result));
  return {result, values.size() / width};
}

std::vector<float> XgboostOracle::Margins(const Rows& rows) const {
  const auto result = PredictInPlace(rows.values, rows.width, 1);
  return {result.begin(), result.end()};
}

std::vector<float> XgboostOracle::Probabilities(const Rows& rows) const {
  const auto result = PredictInPlace(rows.values, rows.width, 0);
  return {result.begin(), result.end()};
}

std::vector<float> XgboostOracle::Contributions(const Rows& rows) const {
  DMatrixHandle matrix = MakeMatrix(rows);
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* result = nullptr;
  Must(XGBoosterPredictFromDMatrix(
      handles_->booster, matrix,
      R"({"type":2,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false})", &shape, &dimensions,
      &result));
  const std::vector<float> contributions(result, result + rows.count() * (rows.width + 1));
  Must(XGDMatrixFree(matrix));
  return contributions;
}

Json ModelAround(const Json& booster, size_t width) {
  Json raw = Json::array(), inputs = Json::array();
  for (size_t i = 0; i < width; ++i) {
    const std::string name = "f" + std::to_string(i);
    raw.push_back(
        {{"name", name}, {"type", "number"}, {"min", -1e30}, {"max", 1e30}, {"seen_min", -1e30}, {"seen_max", 1e30}});
    inputs.push_back({{"name", name}, {"operation", "identity"}, {"inputs", Json::array({name})}});
  }
  return {{"format", "vigia-model"},
          {"format_version", 1},
          {"features", {{"reference_year", 2023}, {"raw", raw}, {"inputs", inputs}}},
          {"estimator", {{"family", "gradient_boosting"}, {"xgboost", booster}}},
          {"calibration", {{"method", "none"}}},
          {"threshold", 0.5}};
}

}  // namespace vigia::scoring::testing
