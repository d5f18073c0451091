// model.json from anywhere: what compiles must score a probability and explain it in finite numbers.
// An input is a model, or an XGBoost tree's arrays that are set into one, so that trees are reached.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/model.h"

namespace {

using namespace vigia;           // NOLINT: a fuzz target is a program of its own
using namespace vigia::scoring;  // NOLINT

constexpr const char* kModel = R"({"format":"vigia-model","format_version":1,
  "features":{"reference_year":2023,"raw":[
      {"name":"a","type":"number","min":0,"max":10,"seen_min":0,"seen_max":10},
      {"name":"b","type":"category","levels":["x","y"]}],
    "inputs":[{"name":"a","operation":"identity","inputs":["a"]},
              {"name":"b=x","operation":"one_hot","inputs":["b"],"level":"x"},
              {"name":"a_missing","operation":"missing","inputs":["a"]}]},
  "estimator":{"family":"gradient_boosting","xgboost":{"learner":{
    "gradient_booster":{"name":"gbtree","model":{"tree_info":[0],"trees":[]}},
    "learner_model_param":{"base_score":"5E-1","num_class":"0","num_feature":"3"},
    "objective":{"name":"binary:logistic"}}}},
  "calibration":{"method":"sigmoid","a":1.1,"b":0.1},"threshold":0.5})";

void Use(const Json& json) {
  const auto model = Model::FromJson(json);
  if (!model.ok()) return;
  const size_t width = (*model)->pipeline().raw_width();
  std::vector<float> scratch((*model)->pipeline().input_width());
  constexpr size_t kRows = 33;
  std::vector<double> raw(kRows * width), scores(kRows);
  for (size_t i = 0; i < raw.size(); ++i) {
    raw[i] = i % 3 == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(i % 7) - 1;
  }
  (*model)->ScoreBatch(raw, {}, scores);
  for (size_t row = 0; row < kRows; ++row) {
    const double one = (*model)->Score(std::span(raw).subspan(row * width, width), 0, scratch);
    if (!(one >= 0 && one <= 1) || one != scores[row]) std::abort();
  }
  const Explanation explanation = (*model)->Explain(std::span(raw).first(width), 2024);
  for (const double contribution : explanation.raw_contributions) {
    if (!std::isfinite(contribution)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto json = ParseJson({reinterpret_cast<const char*>(data), size});
  if (!json.ok()) return 0;
  Use(*json);
  static const Json base = ParseJson(kModel).value();
  Json model = base;
  model["estimator"]["xgboost"]["learner"]["gradient_booster"]["model"]["trees"].push_back(*json);
  Use(model);
  return 0;
}
