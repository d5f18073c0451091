// Predictions in every protocol: parse, score, answer, record. One per loop.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "http/stage.h"
#include "risk/inference_sink.h"
#include "risk/request_parser.h"
#include "risk/served_model.h"
#include "risk/settings.h"
#include "risk/shadow.h"

namespace vigia::risk {

// Scores of one request, beside its rows.
struct Scored {
  std::vector<double> scores;
  size_t positives = 0;
};

// Not thread-safe. What it is given outlives it.
class Predictor {
 public:
  // `shadow` may be null: nobody looks over this predictor's shoulder.
  Predictor(const ModelHolder& models, Role role, const PredictSettings& settings, InferenceSink& sink,
            LoopShadow* shadow, const Clock& clock)
      : view_(models), role_(role), settings_(settings), sink_(sink), shadow_(shadow), clock_(clock) {}

  void Predict(http::Exchange& exchange);
  // POST /invocations, as MLflow's scoring server answers it: {"predictions": [score, …]}.
  void Invoke(http::Exchange& exchange);
  // POST …/infer of the Open Inference Protocol, whose model and version are the served ones.
  void Infer(http::Exchange& exchange);

  // Null: no model is loaded.
  const ServedModel* Model();

 private:
  const Scored& Score(const ServedModel& model, const Rows& rows);
  // Null after an answer of 503.
  const ServedModel* ModelOrRefuse(http::Exchange& exchange);
  void Finish(const ServedModel& model, http::Exchange& exchange);
  void WriteAnswer(const ServedModel& model, http::Exchange& exchange);

  ModelView view_;
  const Role role_;
  uint64_t parser_generation_ = 0;
  const PredictSettings& settings_;
  InferenceSink& sink_;
  LoopShadow* const shadow_;
  const Clock& clock_;
  PredictParser parser_;
  Rows rows_;
  InferRequest infer_;
  Scored scored_;
  std::vector<float> scratch_;
};

}  // namespace vigia::risk
