// The risk service: its routes, and what they share between loops.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/access.h"
#include "base/clock.h"
#include "base/line_log.h"
#include "base/live.h"
#include "base/random.h"
#include "http/handler.h"
#include "http/stage.h"
#include "inference/inference_store.h"
#include "risk/served_model.h"
#include "risk/settings.h"
#include "risk/shadow.h"
#include "risk/telemetry.h"

namespace vigia::risk {

struct ServiceSettings {
  PredictSettings predict = {};
  SloSettings slo = {};
  Duration shed_after = std::chrono::milliseconds(100);
  bool metrics_enabled = true;
  inference::ValueDetail stored_detail = inference::ValueDetail::kExact;
};

// What the service is given; all of it outlives the service.
struct ServiceParts {
  const Clock& clock;
  Entropy& entropy;
  LineLog* log = nullptr;                               // with a ring per loop; null: no request log
  inference::InferenceStore* store = nullptr;           // null: nothing is recorded
  std::function<void(MetricsText&)> more_metrics = {};  // families of others, asked at each scrape
};

// How loading went so far. A refused version leaves what was served before in service.
struct ModelLoads {
  uint64_t accepted = 0;
  uint64_t refused = 0;
  std::string error;  // why what should be served is not; empty: it is
};

// A challenger on live traffic, as it was asked for.
struct TrialState {
  std::string version;
  double percent = 100;  // of the requests
  std::string error;     // why it takes no part; empty: it does

  bool operator==(const TrialState&) const = default;
};

struct TrialStates {
  std::optional<TrialState> canary, shadow;
  std::string error;     // why it is not known what is asked for; empty: it is
  uint64_t refused = 0;  // loads of challengers that failed their check
};

// Thread-safe, except for construction. Outlives its handlers.
class RiskService {
 public:
  RiskService(const ServiceSettings& settings, const ServiceParts& parts, unsigned loops);
  ~RiskService();

  // What is served, and to whom. Both take effect with each loop's next request.
  ModelHolder& models() { return models_; }
  // A challenger that answers a share of the requests, told by their ids; null ends it. One caller.
  void SetCanary(std::shared_ptr<const ServedModel> model, double percent);
  // A challenger that scores what the champion answers, after the answers; null ends it. One caller.
  void SetShadow(std::shared_ptr<const ServedModel> model) { shadow_->Set(std::move(model)); }
  const Shadow& shadow() const { return *shadow_; }
  auth::AccessHolder& access() { return access_; }
  // Told by whoever loads; shown in /health and /metrics.
  Live<ModelLoads>& model_loads() { return model_loads_; }
  Live<TrialStates>& trials() { return trials_; }
  const Telemetry& telemetry() const { return *telemetry_; }

  // The handler of one event loop; once per loop.
  std::unique_ptr<http::Handler> MakeHandler(unsigned loop);

 private:
  class LoopHandler;

  // With null: only to be named, not run.
  std::vector<http::Route> MakeRoutes(LoopHandler* handler);
  static void AddOipRoutes(std::vector<http::Route>& routes, LoopHandler* handler);
  void AnswerHealth(http::Exchange& exchange, const ServedModel* model) const;
  void AppendTrials(std::string& body) const;
  void AnswerMetrics(http::Exchange& exchange, const ServedModel* model) const;
  void AddStoreMetrics(MetricsText& text) const;
  void AddModelMetrics(MetricsText& text) const;
  void AddTrialMetrics(MetricsText& text) const;

  const ServiceSettings settings_;
  const ServiceParts parts_;
  ModelHolder models_;
  ModelHolder canary_;
  std::atomic<uint32_t> canary_share_{0};  // of 100 000; 0: none
  Live<ModelLoads> model_loads_;
  Live<TrialStates> trials_;
  auth::AccessHolder access_;
  auth::RateLimiter limiter_;
  auth::RateLimiter failures_;
  std::unique_ptr<Telemetry> telemetry_;
  std::unique_ptr<Shadow> shadow_;
};

}  // namespace vigia::risk
