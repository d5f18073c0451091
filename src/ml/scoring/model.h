// A trained model, compiled into flat arrays: features, estimator, calibration, threshold.
// What serves links this, and not what trained it.
//
// model.json (format "vigia-model", version 1):
//   {"format":"vigia-model","format_version":1,
//    "features": FeatureSpec,
//    "estimator": {"family":"logistic_regression","impute":[…],"mean":[…],"scale":[…],
//                  "coefficients":[…],"intercept":x}
//               | {"family":"random_forest"|"gradient_boosting","xgboost":{…XGBoost's own JSON…}},
//    "calibration": {"method":"none"} | {"method":"sigmoid","a":x,"b":x} | {"method":"isotonic","x":[…],"y":[…]},
//    "threshold": t}
// Calibration: sigmoid maps the margin m (log-odds) to 1/(1+exp(−(a·m+b))) (Platt 1999);
// isotonic maps the probability by linear interpolation between points, flat outside
// (Zadrozny & Elkan 2002).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "features/pipeline.h"
#include "scoring/calibration.h"

namespace vigia::scoring {

// One estimator's margin (log-odds) from its inputs. Immutable; thread-safe.
class Estimator {
 public:
  virtual ~Estimator() = default;
  virtual size_t width() const = 0;
  // `inputs` holds rows × width floats, row-major; NaN is missing. Does not allocate for one row.
  virtual void Margins(std::span<const float> inputs, std::span<float> margins) const = 0;
  // Contribution of each input to one row's margin (exact tree SHAP, Lundberg et al. 2020, path
  // dependent; linear: coefficient × (x − mean)). contributions.size() == width() + 1; the last is
  // the bias; their sum is the margin.
  virtual void Contributions(std::span<const float> inputs, std::span<double> contributions) const = 0;
  // How much each input mattered in training. Trees: the total gain of its splits; linear:
  // |coefficient| of the standardised input.
  virtual std::vector<double> Gains() const = 0;
};

// XGBoost's JSON (gbtree, binary:logistic or reg:logistic; 1.7 and later spellings). Errors name the field.
Result<std::unique_ptr<Estimator>> CompileXgboost(const Json& xgboost_model);

struct Explanation {
  std::vector<double> raw_contributions;  // one per raw feature, in log-odds
  double bias = 0;                        // sum(raw_contributions) + bias == log-odds of the score
};

// Immutable after construction; thread-safe.
class Model {
 public:
  static Result<std::shared_ptr<const Model>> FromJson(const Json& json);
  static Result<std::shared_ptr<const Model>> FromText(std::string_view model_json);

  const features::Pipeline& pipeline() const { return pipeline_; }
  const std::string& family() const { return family_; }
  std::string_view calibration_method() const { return calibration_.name(); }
  double threshold() const { return threshold_; }

  // Probability of em_risco in [0,1] for one raw row. Scratch holds at least pipeline().input_width()
  // floats. Does not allocate.
  double Score(std::span<const double> raw, int year, std::span<float> scratch) const;

  // rows × raw_width values, row-major; `years` empty means the reference year for all.
  void ScoreBatch(std::span<const double> raw, std::span<const int> years, std::span<double> scores) const;
  // The same, raw_width × rows values, column by column.
  void ScoreColumns(std::span<const double> raw, std::span<const int> years, std::span<double> scores) const;

  // Contributions folded back onto the raw features (an input made of several is shared equally).
  // Under sigmoid calibration they are of the calibrated log-odds; under isotonic, of the estimator's.
  Explanation Explain(std::span<const double> raw, int year) const;

  // Estimator::Gains, folded in the same way: one per raw feature.
  std::vector<double> FeatureGain() const;

 private:
  Model(features::Pipeline pipeline, std::unique_ptr<Estimator> estimator, std::string family, Calibration calibration,
        double threshold);
  std::vector<double> FoldOntoRaw(std::span<const double> of_inputs) const;

  // Raw rows, however they lie: feature f of row r is at values[r · row_stride + f · column_stride].
  struct RawView {
    const double* values;
    size_t row_stride, column_stride;
  };
  void ScoreView(const RawView& raw, std::span<const int> years, std::span<double> scores) const;
  // Of as many rows as `inputs` holds, from `first` on. `years`: of all rows of the view, or none.
  void ComputeInputs(const RawView& raw, std::span<const int> years, size_t first, std::span<float> inputs) const;

  features::Pipeline pipeline_;
  std::unique_ptr<Estimator> estimator_;
  std::string family_;
  Calibration calibration_;
  double threshold_;
};

}  // namespace vigia::scoring
