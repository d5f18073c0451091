#include "risk/telemetry.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"

namespace vigia::risk {

namespace {

constexpr std::array<int, 32> kStatuses = {200, 204, 400, 401, 403, 404, 405, 408, 409, 413, 414,
                                           415, 417, 422, 429, 431, 500, 501, 503, 504, 505};

double Rounded(double value, double scale) { return std::round(value * scale) / scale; }
Json Milliseconds(double value) { return std::isnan(value) ? Json(nullptr) : Json(Rounded(value, 1000)); }

}  // namespace

size_t StatusSlot(int status) {
  if (status == 200) return 0;
  const auto found = std::find(kStatuses.begin(), kStatuses.end(), status);
  return found != kStatuses.end() && status != 0 ? static_cast<size_t>(found - kStatuses.begin()) : StatusSlot(500);
}

int StatusOfSlot(size_t slot) { return kStatuses[slot]; }

LoopTelemetry::LoopTelemetry(size_t routes, Duration slow_after) : slow(slow_after) {
  for (size_t i = 0; i <= routes; ++i) cells_.push_back(std::make_unique<Cells>());
}

LoopTelemetry::VersionCells& LoopTelemetry::of_version(std::string_view version) {
  for (const auto& cells : owned_versions_) {
    if (cells->version == version) return *cells;
  }
  if (owned_versions_.size() == kMaxVersions) return *owned_versions_.back();
  const bool last = owned_versions_.size() + 1 == kMaxVersions;
  owned_versions_.push_back(std::make_unique<VersionCells>());
  VersionCells& cells = *owned_versions_.back();
  cells.version = last ? "other" : std::string(version);
  versions_[owned_versions_.size() - 1].store(&cells, std::memory_order_release);
  return cells;
}

struct Telemetry::Sums {
  std::array<uint64_t, 32> by_status{};
  uint64_t total = 0, success = 0, predictions = 0, positives = 0, shed = 0;
  double seconds = 0;
  WindowSums window;
};

struct Telemetry::VersionSums {
  uint64_t predictions = 0, positives = 0, failed = 0;
  HistogramSnapshot seconds;
};

Telemetry::Telemetry(unsigned loops, std::vector<RouteName> routes, const SloSettings& slo, MonoTime started)
    : routes_(std::move(routes)), slo_(slo), started_(started) {
  const auto slow = std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(slo_.p95_ms));
  for (unsigned i = 0; i < loops; ++i) loops_.push_back(std::make_unique<LoopTelemetry>(routes_.size(), slow));
}

Telemetry::Sums Telemetry::AddUp(MonoTime now) const {
  Sums sums;
  for (const auto& loop : loops_) {
    for (size_t route = 0; route <= routes_.size(); ++route) {
      const LoopTelemetry::Cells& cells = loop->route(route);
      for (size_t slot = 0; slot < sums.by_status.size(); ++slot) {
        const uint64_t count = cells.by_status[slot].value();
        sums.by_status[slot] += count;
        sums.total += count;
        if (StatusOfSlot(slot) < 400) sums.success += count;
      }
      sums.seconds += cells.seconds.Snapshot().sum;
    }
    sums.predictions += loop->predictions.value();
    sums.positives += loop->positives.value();
    sums.shed += loop->shed.value();
    loop->slo.AddTo(sums.window, now);
  }
  return sums;
}

namespace {

SloState Judge(const WindowSums& window, const SloSettings& settings) {
  SloState state;
  state.p95_ms = window.Quantile(0.95);
  state.error_rate =
      window.requests == 0 ? 0 : static_cast<double>(window.failures) / static_cast<double>(window.requests);
  state.latency_met = std::isnan(state.p95_ms) || state.p95_ms <= settings.p95_ms;
  state.errors_met = state.error_rate <= settings.error_rate;
  return state;
}

Json ToJson(const SloState& state, const SloSettings& settings) {
  return {{"latency_p95_ms", Milliseconds(state.p95_ms)},
          {"latency_slo_ms", settings.p95_ms},
          {"latency_slo_met", state.latency_met},
          {"error_rate", Rounded(state.error_rate, 1e6)},
          {"error_rate_slo", settings.error_rate},
          {"error_rate_slo_met", state.errors_met},
          {"overall_healthy", state.healthy()}};
}

}  // namespace

SloState Telemetry::Slo(MonoTime now) const { return Judge(AddUp(now).window, slo_); }

BurnSums Telemetry::BurnsOf(MonoTime now) const {
  BurnSums sums;
  for (const auto& loop : loops_) sums.Add(loop->outcomes, now);
  return sums;
}

std::string Telemetry::SloJson(MonoTime now) const {
  Json body = ToJson(Slo(now), slo_);
  body["burn_rates"] = risk::ToJson(BurnsOf(now).Judge(slo_));
  return CompactJson(body);
}

std::string Telemetry::MetricsJson(MonoTime now, const ServedModel* model) const {
  const Sums sums = AddUp(now);
  const double minutes = std::max(UptimeSeconds(now), 1.0) / 60;
  Json by_status = Json::object();
  for (size_t slot = 0; slot < sums.by_status.size(); ++slot) {
    if (sums.by_status[slot] > 0) by_status[std::to_string(StatusOfSlot(slot))] = sums.by_status[slot];
  }
  Json body;
  body["uptime_seconds"] = Rounded(UptimeSeconds(now), 100);
  body["requests"] = {{"total", sums.total},
                      {"success", sums.success},
                      {"error", sums.total - sums.success},
                      {"rate_per_minute", Rounded(static_cast<double>(sums.total) / minutes, 100)},
                      {"by_status", by_status},
                      {"shed", sums.shed}};
  body["latency_ms"] = {
      {"p50", Milliseconds(sums.window.Quantile(0.50))},
      {"p95", Milliseconds(sums.window.Quantile(0.95))},
      {"p99", Milliseconds(sums.window.Quantile(0.99))},
      {"mean", sums.total == 0 ? Json(nullptr) : Milliseconds(1000 * sums.seconds / static_cast<double>(sums.total))}};
  body["predictions"] = {
      {"total", sums.predictions}, {"positive", sums.positives}, {"negative", sums.predictions - sums.positives}};
  Json by_version = Json::object();
  for (const auto& [version, sum] : AddUpVersions()) {
    by_version[version] = {{"requests", sum.seconds.Count()},
                           {"failed", sum.failed},
                           {"predictions", sum.predictions},
                           {"positive", sum.positives}};
  }
  body["by_version"] = by_version;
  body["model"] = {{"version", nullptr}, {"loaded_at", nullptr}};
  if (model != nullptr) {
    body["model"]["version"] = model->version();
    body["model"]["loaded_at"] = std::chrono::duration<double>(model->loaded_at().time_since_epoch()).count();
  }
  body["slo"] = ToJson(Judge(sums.window, slo_), slo_);
  return CompactJson(body);
}

// By route, from all loops.
void Telemetry::AddRequestMetrics(vigia::MetricsText& text) const {
  text.Family("http_requests", vigia::MetricsText::Type::kCounter, "Requests by route and status.");
  for (size_t route = 0; route <= routes_.size(); ++route) {
    const RouteName name = route == 0 ? RouteName{"", "(none)"} : routes_[route - 1];
    for (size_t slot = 0; slot < kStatuses.size(); ++slot) {
      uint64_t count = 0;
      for (const auto& loop : loops_) count += loop->route(route).by_status[slot].value();
      if (count == 0) continue;
      const std::string status = std::to_string(StatusOfSlot(slot));
      text.Sample({{"method", name.method}, {"path", name.path}, {"status", status}}, static_cast<double>(count));
    }
  }
  text.Family("http_request_duration_seconds", vigia::MetricsText::Type::kHistogram,
              "Time from the request's arrival to its answer.");
  for (size_t route = 0; route <= routes_.size(); ++route) {
    HistogramSnapshot merged;
    std::vector<vigia::MetricsText::Exemplar> exemplars;
    for (const auto& loop : loops_) {
      merged.Merge(loop->route(route).seconds.Snapshot());
      loop->route(route).exemplars.MergeInto(exemplars);
    }
    if (merged.Count() == 0) continue;
    const RouteName name = route == 0 ? RouteName{"", "(none)"} : routes_[route - 1];
    text.Sample({{"method", name.method}, {"path", name.path}}, merged, exemplars);
  }
}

std::map<std::string, Telemetry::VersionSums> Telemetry::AddUpVersions() const {
  std::map<std::string, VersionSums> sums;
  for (const auto& loop : loops_) {
    for (size_t i = 0; i < LoopTelemetry::kMaxVersions && loop->version(i) != nullptr; ++i) {
      const LoopTelemetry::VersionCells& cells = *loop->version(i);
      VersionSums& sum = sums[cells.version];
      sum.predictions += cells.predictions.value();
      sum.positives += cells.positives.value();
      sum.failed += cells.failed.value();
      sum.seconds.Merge(cells.seconds.Snapshot());
    }
  }
  return sums;
}

void Telemetry::AddVersions(vigia::MetricsText& text) const {
  const std::map<std::string, VersionSums> sums = AddUpVersions();
  using Type = vigia::MetricsText::Type;
  const auto count = [&](std::string_view name, std::string_view help, uint64_t VersionSums::*member) {
    text.Family(name, Type::kCounter, help);
    for (const auto& [version, sum] : sums) text.Sample({{"version", version}}, static_cast<double>(sum.*member));
  };
  count("model_predictions", "Instances scored, by the version that scored them.", &VersionSums::predictions);
  count("model_predictions_positive", "Instances flagged as at risk, by version.", &VersionSums::positives);
  count("model_request_failures", "Requests answered with a status of 500 or above, by version.", &VersionSums::failed);
  text.Family("model_request_duration_seconds", Type::kHistogram, "Time from a request's arrival to its answer.");
  for (const auto& [version, sum] : sums) text.Sample({{"version", version}}, sum.seconds);
}

std::string Telemetry::MetricsText(vigia::MetricsText::Format format, Names names, MonoTime now,
                                   const ServedModel* model,
                                   const std::function<void(vigia::MetricsText&)>& more) const {
  using Type = vigia::MetricsText::Type;
  const Sums sums = AddUp(now);
  vigia::MetricsText text(format);
  const auto single = [&](std::string_view name, Type type, std::string_view help, double value) {
    text.Family(name, type, help);
    text.Sample({}, value);
  };
  AddRequestMetrics(text);
  single("api_requests", Type::kCounter, "Requests.", static_cast<double>(sums.total));
  single("api_requests_success", Type::kCounter, "Requests answered with a status below 400.",
         static_cast<double>(sums.success));
  single("api_requests_error", Type::kCounter, "Requests answered with a status of 400 or above.",
         static_cast<double>(sums.total - sums.success));
  single("api_requests_shed", Type::kCounter, "Requests refused because of overload.", static_cast<double>(sums.shed));
  single("api_predictions", Type::kCounter, "Instances scored.", static_cast<double>(sums.predictions));
  single("api_predictions_positive", Type::kCounter, "Instances flagged as at risk.",
         static_cast<double>(sums.positives));
  for (const auto& [name, q] :
       {std::pair{"api_latency_ms_p50", 0.50}, {"api_latency_ms_p95", 0.95}, {"api_latency_ms_p99", 0.99}}) {
    const double value = sums.window.Quantile(q);
    if (names == Names::kAll && !std::isnan(value))
      single(name, Type::kGauge, "Latency of the last minute, in milliseconds.", value);
  }
  AddVersions(text);
  if (model != nullptr) {
    text.Family("api_model_info", Type::kGauge, "The version of the model that is served.");
    text.Sample({{"version", model->version()}}, 1);
  }
  single("api_uptime_seconds", Type::kGauge, "Time since the service started.", UptimeSeconds(now));
  single("api_slo_healthy", Type::kGauge, "1 while the latency and error objectives are met.",
         Judge(sums.window, slo_).healthy() ? 1 : 0);
  AddBurnMetrics(text, BurnsOf(now).Judge(slo_));
  if (more) more(text);
  return text.Finish();
}

namespace {

class TelemetryStage final : public http::Stage {
 public:
  TelemetryStage(LoopTelemetry& telemetry, const Clock& clock) : telemetry_(telemetry), clock_(clock) {}

  void After(http::Exchange& exchange) override {
    if (exchange.finished == MonoTime{}) exchange.finished = clock_.Mono();
    LoopTelemetry::Cells& cells = telemetry_.route(exchange.route != nullptr ? exchange.route->number : 0);
    cells.by_status[StatusSlot(exchange.response.status)].Add();
    const auto latency = exchange.finished - exchange.loop.turn_began;
    const double seconds = std::chrono::duration<double>(latency).count();
    cells.seconds.Observe(seconds);
    ExemplarCell& exemplar = cells.exemplars.CellOf(seconds);
    if (exemplar.IsDue(exchange.finished)) {
      exemplar.Set(exchange.finished, clock_.Now(), exchange.request_id, seconds);
    }
    if (exchange.instances > 0) {
      telemetry_.predictions.Add(exchange.instances);
      telemetry_.positives.Add(exchange.positives);
    }
    if (!exchange.model_version.empty()) {
      LoopTelemetry::VersionCells& version = telemetry_.of_version(exchange.model_version);
      version.predictions.Add(exchange.instances);
      version.positives.Add(exchange.positives);
      version.seconds.Observe(seconds);
      if (exchange.response.status >= 500) version.failed.Add();
    }
    if (exchange.route != nullptr && exchange.route->limited == http::Limited::kYes) {
      const bool failed = exchange.response.status >= 500;
      telemetry_.slo.Add(exchange.finished, std::chrono::duration_cast<Duration>(latency), failed);
      using slo::OutcomeWindow;
      telemetry_.outcomes.Add(exchange.finished, failed ? OutcomeWindow::Success::kNo : OutcomeWindow::Success::kYes,
                              latency > telemetry_.slow ? OutcomeWindow::Speed::kSlow : OutcomeWindow::Speed::kFast);
    }
  }

 private:
  LoopTelemetry& telemetry_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<http::Stage> MakeTelemetryStage(LoopTelemetry& telemetry, const Clock& clock) {
  return std::make_unique<TelemetryStage>(telemetry, clock);
}

}  // namespace vigia::risk
