#include "risk/service.h"

#include <fmt/format.h>

#include "base/text.h"
#include "risk/predictor.h"

namespace vigia::risk {

namespace {

using http::Access;
using http::ErrorShape;
using http::Exchange;
using http::Limited;
using http::Method;

void AnswerHealth(Exchange& exchange, const ServedModel* model, MonoTime started, MonoTime now) {
  std::string& body = exchange.response.body;
  body += model != nullptr ? "{\"status\": \"healthy\", \"model_loaded\": true, \"model_version\": "
                           : "{\"status\": \"degraded\", \"model_loaded\": false, \"model_version\": ";
  body += model != nullptr ? std::string_view(model->version_json()) : "null";
  const double seconds = std::chrono::duration<double>(now - started).count();
  body += fmt::format(", \"uptime_seconds\": {:.2f}}}", seconds);
}

void AnswerReady(Exchange& exchange, const ServedModel* model) {
  if (model != nullptr) {
    exchange.response.body += "{\"ready\": true, \"model_version\": " + model->version_json() + "}";
    return;
  }
  exchange.response.status = 503;
  exchange.error_code = "MODEL_NOT_LOADED";
  exchange.response.body += "{\"ready\": false, \"reason\": \"model_not_loaded\"}";
}

void AnswerMetadata(Exchange& exchange, const ServedModel* model) {
  if (model != nullptr) {
    exchange.response.body += model->metadata_body();
  } else {
    http::AnswerError(exchange, 503, "MODEL_NOT_LOADED", "no model is loaded");
  }
}

}  // namespace

RiskService::RiskService(const ServiceSettings& settings, const Clock& clock, Entropy& entropy)
    : settings_(settings), clock_(clock), entropy_(entropy), started_(clock.Mono()) {}

std::unique_ptr<http::Handler> RiskService::MakeHandler(unsigned) {
  const auto predictor = std::make_shared<Predictor>(models_, settings_.predict, clock_);
  std::vector<http::Route> routes;
  routes.push_back({Method::kPost, "/predict", Access::kKey, Limited::kYes, ErrorShape::kVigia,
                    [predictor](Exchange& exchange) { predictor->Predict(exchange); }});
  routes.push_back({Method::kHead, "/predict", Access::kKey, Limited::kYes, ErrorShape::kVigia, [](Exchange&) {}});
  routes.push_back(
      {Method::kGet, "/health", Access::kPublic, Limited::kNo, ErrorShape::kVigia,
       [this, predictor](Exchange& exchange) { AnswerHealth(exchange, predictor->Model(), started_, clock_.Mono()); }});
  routes.push_back({Method::kGet, "/ready", Access::kPublic, Limited::kNo, ErrorShape::kVigia,
                    [predictor](Exchange& exchange) { AnswerReady(exchange, predictor->Model()); }});
  routes.push_back({Method::kGet, "/metadata", Access::kPublic, Limited::kNo, ErrorShape::kVigia,
                    [predictor](Exchange& exchange) { AnswerMetadata(exchange, predictor->Model()); }});
  std::vector<std::unique_ptr<http::Stage>> stages;
  stages.push_back(http::MakeTimeStage(clock_));
  stages.push_back(http::MakeRequestIdStage(entropy_));
  stages.push_back(http::MakeFaultStage());
  stages.push_back(http::MakeRouteStage(std::move(routes)));
  stages.push_back(http::MakeActionStage());
  return std::make_unique<http::Pipeline>(std::move(stages));
}

}  // namespace vigia::risk
