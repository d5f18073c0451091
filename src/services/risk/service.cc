#include "risk/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "auth/stages.h"
#include "base/digest.h"
#include "base/text.h"
#include "risk/api_docs.h"
#include "risk/inference_sink.h"
#include "risk/oip.h"
#include "risk/predictor.h"
#include "risk/request_log.h"
#include "risk/shed.h"

namespace vigia::risk {

using http::Access;
using http::ErrorShape;
using http::Exchange;
using http::Limited;
using http::Method;

namespace {
constexpr uint32_t kShares = 100'000;
}  // namespace

// All that one loop has of its own.
class RiskService::LoopHandler final : public http::Handler {
 public:
  LoopHandler(RiskService& service, unsigned loop)
      : sink_(service.parts_.store != nullptr ? service.parts_.store->NewWriter()
                                              : inference::InferenceStore::WriterPtr(nullptr, {nullptr}),
              service.settings_.stored_detail, service.parts_.clock),
        shadow_(*service.shadow_, service.shadow_->counters(loop), sink_, service.parts_.clock),
        predictor_(service.models_, Role::kChampion, service.settings_.predict, sink_, &shadow_, service.parts_.clock),
        canary_(service.canary_, Role::kCanary, service.settings_.predict, sink_, nullptr, service.parts_.clock),
        canary_share_(service.canary_share_),
        pipeline_(MakeStages(service, loop)) {}

  void Handle(const http::Request& request, http::Response& response, const http::LoopState& loop) override {
    pipeline_.Handle(request, response, loop);
  }
  void EndTurn() override { pipeline_.EndTurn(); }
  std::optional<Duration> Rest() override { return shadow_.Rest(); }

  Predictor& predictor() { return predictor_; }
  // Who answers this request: by its id, so that the same request asks the same model again.
  Predictor& PredictorOf(const Exchange& exchange) {
    const uint32_t share = canary_share_.load(std::memory_order_relaxed);
    if (share == 0 || Crc32c(exchange.request_id) % kShares >= share) return predictor_;
    return canary_.Model() != nullptr ? canary_ : predictor_;
  }
  // Of the version that an Open Inference path names; the champion's when it names none.
  Predictor& PredictorNamed(const Exchange& exchange) {
    const std::vector<std::string_view>& parameters = *exchange.parameters;
    if (parameters.size() < 2) return predictor_;
    const ServedModel* canary = canary_.Model();
    const bool named = canary != nullptr && http::PercentDecode(parameters[1], false) == canary->version();
    return named ? canary_ : predictor_;
  }

 private:
  std::vector<std::unique_ptr<http::Stage>> MakeStages(RiskService& service, unsigned loop) {
    const ServiceParts& parts = service.parts_;
    LoopTelemetry& telemetry = service.telemetry_->loop(loop);
    std::vector<std::unique_ptr<http::Stage>> stages;
    stages.push_back(http::MakeTimeStage(parts.clock));
    stages.push_back(http::MakeRequestIdStage(parts.entropy));
    if (parts.log != nullptr) stages.push_back(MakeRequestLogStage(*parts.log, parts.log->ring(loop), parts.clock));
    stages.push_back(MakeTelemetryStage(telemetry, parts.clock));
    stages.push_back(MakeInferenceStage(sink_));
    stages.push_back(http::MakeFaultStage());
    stages.push_back(http::MakeRouteStage(service.MakeRoutes(this)));
    stages.push_back(MakeShedStage(service.settings_.shed_after, telemetry.shed));
    stages.push_back(auth::MakeKeyStage(service.access_, service.failures_, parts.clock));
    stages.push_back(auth::MakeLimitStage(service.access_, service.limiter_, parts.clock));
    stages.push_back(http::MakeActionStage());
    return stages;
  }

  InferenceSink sink_;
  LoopShadow shadow_;
  Predictor predictor_;
  Predictor canary_;
  const std::atomic<uint32_t>& canary_share_;
  http::Pipeline pipeline_;
};

RiskService::RiskService(const ServiceSettings& settings, const ServiceParts& parts, unsigned loops)
    : settings_(settings), parts_(parts) {
  access_.Set(std::make_shared<const auth::AccessPolicy>());
  std::vector<RouteName> names;
  for (const http::Route& route : MakeRoutes(nullptr)) {
    names.push_back({std::string(http::MethodName(route.method)), route.path});
  }
  telemetry_ = std::make_unique<Telemetry>(loops, std::move(names), settings.slo, parts.clock.Mono());
  shadow_ = std::make_unique<Shadow>(loops);
}

RiskService::~RiskService() = default;

void RiskService::SetCanary(std::shared_ptr<const ServedModel> model, double percent) {
  const double share = model != nullptr ? std::clamp(percent, 0.0, 100.0) / 100 * kShares : 0;
  canary_.Set(std::move(model));
  canary_share_.store(static_cast<uint32_t>(std::lround(share)), std::memory_order_release);
}

std::unique_ptr<http::Handler> RiskService::MakeHandler(unsigned loop) {
  return std::make_unique<LoopHandler>(*this, loop);
}

namespace {

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

std::vector<http::Route> RiskService::MakeRoutes(LoopHandler* handler) {
  std::vector<http::Route> routes;
  const auto add = [&](Method method, std::string path, Access access, Limited limited, http::Action action) {
    routes.push_back({method, std::move(path), access, limited, ErrorShape::kVigia, std::move(action)});
  };
  add(Method::kPost, "/predict", Access::kKey, Limited::kYes,
      [handler](Exchange& exchange) { handler->PredictorOf(exchange).Predict(exchange); });
  add(Method::kHead, "/predict", Access::kKey, Limited::kYes, [](Exchange&) {});
  add(Method::kGet, "/health", Access::kPublic, Limited::kNo,
      [this, handler](Exchange& exchange) { AnswerHealth(exchange, handler->predictor().Model()); });
  add(Method::kGet, "/ready", Access::kPublic, Limited::kNo,
      [handler](Exchange& exchange) { AnswerReady(exchange, handler->predictor().Model()); });
  add(Method::kGet, "/metadata", Access::kPublic, Limited::kNo,
      [handler](Exchange& exchange) { AnswerMetadata(exchange, handler->predictor().Model()); });
  add(Method::kGet, "/metrics", Access::kKey, Limited::kNo,
      [this, handler](Exchange& exchange) { AnswerMetrics(exchange, handler->predictor().Model()); });
  add(Method::kGet, "/slo", Access::kKey, Limited::kNo,
      [this](Exchange& exchange) { exchange.response.body = telemetry_->SloJson(exchange.started); });
  add(Method::kGet, "/openapi.json", Access::kPublic, Limited::kNo,
      [handler](Exchange& exchange) { exchange.response.body = OpenApiJson(handler->predictor().Model()); });
  add(Method::kGet, "/docs", Access::kPublic, Limited::kNo, [handler](Exchange& exchange) {
    exchange.response.content_type = "text/html; charset=utf-8";
    exchange.response.body = DocsHtml(handler->predictor().Model());
  });
  for (const char* path : {"/ping", "/version"}) {
    add(Method::kGet, path, Access::kPublic, Limited::kNo, [handler](Exchange& exchange) {
      const ServedModel* model = handler->predictor().Model();
      if (model == nullptr) exchange.response.status = 503;
      exchange.response.content_type = "text/plain; charset=utf-8";
      exchange.response.body = model != nullptr ? model->version() + "\n" : "no model\n";
    });
  }
  routes.push_back({Method::kPost, "/invocations", Access::kKey, Limited::kYes, ErrorShape::kMlflow,
                    [handler](Exchange& exchange) { handler->PredictorOf(exchange).Invoke(exchange); }});
  AddOipRoutes(routes, handler);
  return routes;
}

// The Open Inference Protocol.
void RiskService::AddOipRoutes(std::vector<http::Route>& routes, LoopHandler* handler) {
  const auto add = [&](Method method, std::string path, Access access, Limited limited, http::Action action) {
    routes.push_back({method, std::move(path), access, limited, ErrorShape::kOip, std::move(action)});
  };
  const auto look = [&](std::string path, http::Action action) {
    add(Method::kGet, std::move(path), Access::kPublic, Limited::kNo, std::move(action));
  };
  look("/v2", oip::AnswerServer);
  look("/v2/health/live", oip::AnswerLive);
  look("/v2/health/ready", [handler](Exchange& exchange) { oip::AnswerReady(exchange, handler->predictor().Model()); });
  for (const std::string model_path : {"/v2/models/{model}", "/v2/models/{model}/versions/{version}"}) {
    look(model_path, [handler](Exchange& exchange) {
      const ServedModel* model = handler->PredictorNamed(exchange).Model();
      if (oip::IsServed(exchange, model)) oip::AnswerModel(exchange, *model);
    });
    look(model_path + "/ready", [handler](Exchange& exchange) {
      const ServedModel* model = handler->PredictorNamed(exchange).Model();
      if (oip::IsServed(exchange, model)) oip::AnswerModelReady(exchange, *model);
    });
    add(Method::kPost, model_path + "/infer", Access::kKey, Limited::kYes, [handler](Exchange& exchange) {
      Predictor& predictor =
          exchange.parameters->size() > 1 ? handler->PredictorNamed(exchange) : handler->PredictorOf(exchange);
      if (oip::IsServed(exchange, predictor.Model())) predictor.Infer(exchange);
    });
  }
}

void RiskService::AnswerHealth(Exchange& exchange, const ServedModel* model) const {
  std::vector<std::string> problems;
  if (model == nullptr) problems.push_back("model_not_loaded");
  if (parts_.store != nullptr && parts_.store->Status().degraded_since) problems.push_back("inference_store_losing");
  std::string& body = exchange.response.body;
  body += problems.empty() ? "{\"status\": \"healthy\"" : "{\"status\": \"degraded\"";
  body += model != nullptr ? ", \"model_loaded\": true, \"model_version\": " + model->version_json()
                           : ", \"model_loaded\": false, \"model_version\": null";
  body += fmt::format(", \"uptime_seconds\": {:.2f}", telemetry_->UptimeSeconds(exchange.started));
  body += ", \"problems\": [";
  for (size_t i = 0; i < problems.size(); ++i) {
    if (i > 0) body += ", ";
    AppendJsonString(body, problems[i]);
  }
  const std::shared_ptr<const ModelLoads> loads = model_loads_.Get();
  body += "], \"model_load_error\": ";
  if (loads == nullptr || loads->error.empty()) {
    body += "null";
  } else {
    AppendJsonString(body, loads->error);
  }
  AppendTrials(body);
  body += "}";
}

void RiskService::AppendTrials(std::string& body) const {
  const std::shared_ptr<const TrialStates> trials = trials_.Get();
  const TrialStates none;
  const TrialStates& state = trials != nullptr ? *trials : none;
  std::string error = state.error;
  for (const auto& [name, trial] : {std::pair{"canary", &state.canary}, {"shadow", &state.shadow}}) {
    Json told = nullptr;
    if (*trial) told = {{"version", (*trial)->version}, {"percent", (*trial)->percent}};
    if (*trial && !(*trial)->error.empty()) error = (*trial)->error;
    body += fmt::format(", \"{}\": {}", name, CompactJson(told));
  }
  body += ", \"trial_error\": " + CompactJson(error.empty() ? Json(nullptr) : Json(error));
}

void RiskService::AnswerMetrics(Exchange& exchange, const ServedModel* model) const {
  if (!settings_.metrics_enabled) {
    http::AnswerError(exchange, 404, "METRICS_DISABLED", "metrics are disabled (METRICS_ENABLED)");
    return;
  }
  const std::string format = exchange.request.QueryParameter("format").value_or("");
  const std::string_view accept = exchange.request.Header("accept");
  // Prometheus asks by Accept; people and curl ask by ?format.
  const bool asks_open = accept.find("application/openmetrics-text") != std::string_view::npos;
  const bool scraped = asks_open || accept.find("version=0.0.4") != std::string_view::npos;
  const bool open = format == "openmetrics" || (format.empty() && asks_open);
  const bool text = open || format == "prometheus" || (format.empty() && scraped);
  if (!text) {
    exchange.response.body = telemetry_->MetricsJson(exchange.started, model);
    return;
  }
  const bool all = scraped || exchange.request.QueryParameter("names") == "all";
  const auto names = all ? Telemetry::Names::kAll : Telemetry::Names::kClean;
  const auto kind = open ? MetricsText::Format::kOpenMetrics : MetricsText::Format::kPrometheus;
  exchange.response.content_type = MetricsText::ContentType(kind);
  exchange.response.body = telemetry_->MetricsText(kind, names, exchange.started, model, [this](MetricsText& out) {
    AddModelMetrics(out);
    AddTrialMetrics(out);
    AddStoreMetrics(out);
    if (parts_.more_metrics) parts_.more_metrics(out);
  });
}

void RiskService::AddModelMetrics(MetricsText& text) const {
  const std::shared_ptr<const ModelLoads> loads = model_loads_.Get();
  const ModelLoads none;
  const ModelLoads& state = loads != nullptr ? *loads : none;
  text.Family("model_loads", MetricsText::Type::kCounter,
              "Models that were loaded, and those that failed their check.");
  text.Sample({{"result", "accepted"}}, static_cast<double>(state.accepted));
  text.Sample({{"result", "refused"}}, static_cast<double>(state.refused));
  text.Family("model_load_failed", MetricsText::Type::kGauge, "1 while what should be served cannot be loaded.");
  text.Sample({}, state.error.empty() ? 0 : 1);
}

void RiskService::AddTrialMetrics(MetricsText& text) const {
  const std::shared_ptr<const TrialStates> trials = trials_.Get();
  const TrialStates none;
  const TrialStates& state = trials != nullptr ? *trials : none;
  const auto fails = [](const std::optional<TrialState>& trial) { return trial && !trial->error.empty(); };
  const bool failed = !state.error.empty() || fails(state.canary) || fails(state.shadow);
  text.Family("model_trial_failed", MetricsText::Type::kGauge, "1 while a challenger that should take part cannot.");
  text.Sample({}, failed ? 1 : 0);
  text.Family("model_trial_refused", MetricsText::Type::kCounter, "Challengers that failed their check.");
  text.Sample({}, static_cast<double>(state.refused));
  shadow_->AddMetrics(text);
  if (!state.canary) return;
  text.Family("model_canary_share", MetricsText::Type::kGauge, "Share of the requests that a canary answers.");
  text.Sample({{"version", state.canary->version}}, state.canary->error.empty() ? state.canary->percent / 100 : 0);
}

void RiskService::AddStoreMetrics(MetricsText& text) const {
  if (parts_.log != nullptr) {
    text.Family("log_lines_dropped", MetricsText::Type::kCounter, "Log lines that found no room.");
    text.Sample({}, static_cast<double>(parts_.log->dropped()));
  }
  if (parts_.store == nullptr) return;
  const inference::InferenceStatus status = parts_.store->Status();
  text.Family("inference_records_stored", MetricsText::Type::kCounter, "Records written to the inference store.");
  text.Sample({}, static_cast<double>(status.stored_records));
  text.Family("inference_records_lost", MetricsText::Type::kCounter, "Records that could not be stored, by cause.");
  for (size_t cause = 0; cause < inference::kLossCauses; ++cause) {
    text.Sample({{"cause", inference::LossCauseName(static_cast<inference::LossCause>(cause))}},
                static_cast<double>(status.lost_by_cause[cause]));
  }
  text.Family("inference_store_degraded", MetricsText::Type::kGauge, "1 while records are being lost.");
  text.Sample({}, status.degraded_since ? 1 : 0);
}

}  // namespace vigia::risk
