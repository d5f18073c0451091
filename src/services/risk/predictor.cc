#include "risk/predictor.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "risk/json_out.h"
#include "risk/oip.h"

namespace vigia::risk {

const ServedModel* Predictor::Model() {
  const ServedModel* model = view_.Current();
  if (parser_generation_ != view_.generation()) {
    parser_.Forget();
    parser_generation_ = view_.generation();
  }
  return model;
}

const ServedModel* Predictor::ModelOrRefuse(http::Exchange& exchange) {
  const ServedModel* model = Model();
  if (model == nullptr) {
    exchange.response.AddHeader("Retry-After", "5");
    http::AnswerError(exchange, 503, "MODEL_NOT_LOADED", "no model is loaded");
    return nullptr;
  }
  exchange.model_version = model->version();
  return model;
}

void Predictor::Predict(http::Exchange& exchange) {
  const ServedModel* model = ModelOrRefuse(exchange);
  if (model == nullptr) return;
  const Status parsed = parser_.Parse(exchange.request.body, *model, settings_, rows_);
  if (!parsed.ok()) {
    http::AnswerError(exchange, parsed.error());
    return;
  }
  Score(*model, rows_);
  WriteAnswer(*model, exchange);
  Finish(*model, exchange);
}

void Predictor::Invoke(http::Exchange& exchange) {
  const ServedModel* model = ModelOrRefuse(exchange);
  if (model == nullptr) return;
  const Result<InvocationFormat> format = InvocationFormatOf(exchange.request.Header("content-type"));
  if (!format.ok()) {
    http::AnswerError(exchange, 415, "BAD_REQUEST", format.error().message());
    return;
  }
  const Status parsed = *format == InvocationFormat::kCsv
                            ? parser_.ParseCsv(exchange.request.body, *model, settings_, rows_)
                            : parser_.ParseInvocation(exchange.request.body, *model, settings_, rows_);
  if (!parsed.ok()) {
    http::AnswerError(exchange, 400, "BAD_REQUEST", parsed.error().message());
    return;
  }
  Score(*model, rows_);
  std::string& body = exchange.response.body;
  body += "{\"predictions\": [";
  for (size_t i = 0; i < rows_.count; ++i) {
    if (i > 0) body += ", ";
    AppendFixed6(body, scored_.scores[i]);
  }
  body += "]}";
  exchange.finished = clock_.Mono();
  Finish(*model, exchange);
}

void Predictor::Infer(http::Exchange& exchange) {
  const ServedModel* model = ModelOrRefuse(exchange);
  if (model == nullptr) return;
  if (!exchange.request.Header("content-encoding").empty()) {
    http::AnswerError(exchange, 415, "BAD_REQUEST", "compressed bodies are not read here");
    return;
  }
  const Result<std::optional<size_t>> json_size = oip::JsonSizeOf(exchange.request);
  const Status parsed = json_size.ok()
                            ? parser_.ParseInfer(exchange.request.body, *json_size, *model, settings_, rows_, infer_)
                            : Status(json_size.error());
  if (!parsed.ok()) {
    http::AnswerError(exchange, 400, "BAD_REQUEST", parsed.error().message());
    return;
  }
  Score(*model, rows_);
  oip::AnswerInfer(exchange, *model, rows_, scored_.scores, infer_);
  exchange.finished = clock_.Mono();
  Finish(*model, exchange);
}

void Predictor::Finish(const ServedModel& model, http::Exchange& exchange) {
  exchange.instances = rows_.count;
  exchange.positives = scored_.positives;
  sink_.AddPredictions(model, role_, view_.generation(), rows_, scored_.scores, exchange);
  if (shadow_ != nullptr) shadow_->Offer(model, view_.generation(), rows_, scored_.scores, exchange.request_id);
}

const Scored& Predictor::Score(const ServedModel& model, const Rows& rows) {
  scored_.scores.resize(rows.count);
  if (rows.count == 1) {
    scratch_.resize(model.model().pipeline().input_width());
    scored_.scores[0] = model.model().Score(rows.row(0), rows.years[0], scratch_);
  } else {
    model.model().ScoreBatch(rows.values, rows.years, scored_.scores);
  }
  const double threshold = model.threshold().value;
  scored_.positives = static_cast<size_t>(
      std::count_if(scored_.scores.begin(), scored_.scores.end(), [&](double score) { return score >= threshold; }));
  return scored_;
}

namespace {

// Names of the features that some row lacks and the model uses.
void AppendImputed(std::string& out, const ServedModel& model, const Rows& rows) {
  std::string names;
  size_t features = 0;
  out += "\"imputed\": [";
  for (size_t feature = 0; feature < rows.width; ++feature) {
    if (!model.spec().raw[feature].in_training || !rows.AnyLacks(feature)) continue;
    if (features++ > 0) {
      names += ", ";
      out += ", ";
    }
    names += model.spec().raw[feature].name;
    AppendJsonString(out, model.spec().raw[feature].name);
  }
  out += "], \"warnings\": [";
  if (features > 0) {
    AppendJsonString(out, fmt::format("{} missing {} imputed: {}", features,
                                      features == 1 ? "feature was" : "features were", names));
  }
  if (!rows.ignored.empty()) {
    if (features > 0) out += ", ";
    AppendJsonString(out, "unknown features were ignored: " + Join(rows.ignored, ", "));
  }
  out += "]";
}

// Why: each feature's part of the score, in log-odds; with the bias they add up to the score's.
void AppendReasons(std::string& out, const ServedModel& model, const Rows& rows, size_t row) {
  const scoring::Explanation reasons = model.model().Explain(rows.row(row), rows.years[row]);
  out += fmt::format(", \"explanation\": {{\"unit\": \"log-odds\", \"bias\": {}, \"contributions\": {{", reasons.bias);
  for (size_t feature = 0; feature < rows.width; ++feature) {
    if (feature > 0) out += ", ";
    AppendJsonString(out, model.spec().raw[feature].name);
    out += fmt::format(": {}", reasons.raw_contributions[feature]);
  }
  out += "}}";
}

}  // namespace

void Predictor::WriteAnswer(const ServedModel& model, http::Exchange& exchange) {
  std::string& body = exchange.response.body;
  const double threshold = model.threshold().value;
  body += "{\"predictions\": [";
  for (size_t i = 0; i < rows_.count; ++i) {
    if (i > 0) body += ", ";
    body += "{\"risk_score\": ";
    AppendFixed6(body, scored_.scores[i]);
    body += scored_.scores[i] >= threshold ? ", \"risk_label\": 1" : ", \"risk_label\": 0";
    body.append(", \"model_version\": ").append(model.version_json());
    if (rows_.explain) AppendReasons(body, model, rows_, i);
    body += "}";
  }
  body.append("], \"request_id\": \"").append(exchange.request_id).append("\", \"processing_time_ms\": ");
  exchange.finished = clock_.Mono();
  AppendMilliseconds(body, exchange.finished - exchange.started);
  body += ", ";
  AppendImputed(body, model, rows_);
  body += "}";
}

}  // namespace vigia::risk
