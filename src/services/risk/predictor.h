// POST /predict: parse, score, answer. One per loop.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "http/stage.h"
#include "risk/inference_sink.h"
#include "risk/predict_request.h"
#include "risk/served_model.h"
#include "risk/settings.h"

namespace vigia::risk {

// Scores of one request, beside its rows.
struct Scored {
  std::vector<double> scores;
  size_t positives = 0;
};

// Not thread-safe. What it is given outlives it.
class Predictor {
 public:
  Predictor(const ModelHolder& models, const PredictSettings& settings, InferenceSink& sink, const Clock& clock)
      : view_(models), settings_(settings), sink_(sink), clock_(clock) {}

  void Predict(http::Exchange& exchange);
  // POST /invocations, as MLflow's scoring server answers it: {"predictions": [score, …]}.
  void Invoke(http::Exchange& exchange);

  // Null: no model is loaded.
  const ServedModel* Model();

  // Scores rows that came in any protocol.
  const Scored& Score(const ServedModel& model, const Rows& rows);

 private:
  // Null after an answer of 503.
  const ServedModel* ModelOrRefuse(http::Exchange& exchange);
  void Finish(const ServedModel& model, http::Exchange& exchange);
  void WriteAnswer(const ServedModel& model, http::Exchange& exchange);

  ModelView view_;
  uint64_t parser_generation_ = 0;
  const PredictSettings& settings_;
  InferenceSink& sink_;
  const Clock& clock_;
  PredictParser parser_;
  Rows rows_;
  Scored scored_;
  std::vector<float> scratch_;
};

}  // namespace vigia::risk
