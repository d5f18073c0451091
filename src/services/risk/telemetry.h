// What the service counts, per loop without a lock, and what a scrape makes of it.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/line_log.h"
#include "base/metrics.h"
#include "http/stage.h"
#include "risk/exemplars.h"
#include "risk/served_model.h"
#include "risk/slo_report.h"
#include "risk/slo_window.h"

namespace vigia::risk {

struct RouteName {
  std::string method;
  std::string path;
};

// One loop's cells. The loop writes, scrapes read.
class LoopTelemetry {
 public:
  LoopTelemetry(size_t routes, Duration slow_after);

  struct Cells {
    explicit Cells() : seconds(LatencyBounds()) {}
    std::array<Counter, 32> by_status;  // at StatusSlot(status)
    Histogram seconds;
    Exemplars exemplars;
  };
  Cells& route(size_t number) { return *cells_[number < cells_.size() ? number : 0]; }
  const Cells& route(size_t number) const { return *cells_[number]; }

  // What one model version answered.
  struct VersionCells {
    VersionCells() : seconds(LatencyBounds()) {}
    std::string version;
    Counter predictions;
    Counter positives;
    Counter failed;     // requests answered with a status of 500 or above
    Histogram seconds;  // of every request
  };
  // The loop's thread only. After kMaxVersions versions the others share one cell.
  VersionCells& of_version(std::string_view version);
  static constexpr size_t kMaxVersions = 64;
  // Null from the first unused one on. Any thread.
  const VersionCells* version(size_t i) const { return versions_[i].load(std::memory_order_acquire); }

  Counter predictions;
  Counter positives;
  Counter shed;
  SloWindow slo;
  slo::OutcomeWindow outcomes;
  const Duration slow;  // an answer that took longer burns the latency budget

 private:
  std::vector<std::unique_ptr<Cells>> cells_;  // by route number; 0 is what found no route
  std::vector<std::unique_ptr<VersionCells>> owned_versions_;
  std::array<std::atomic<const VersionCells*>, kMaxVersions> versions_{};
};

// The place of a status among the counted ones, and back. What is not listed counts as 500.
size_t StatusSlot(int status);
int StatusOfSlot(size_t slot);  // 0: the slot is not used

struct SloState {
  double p95_ms = 0;  // NaN: no requests
  double error_rate = 0;
  bool latency_met = true;
  bool errors_met = true;
  bool healthy() const { return latency_met && errors_met; }
};

// Adds up the loops. Thread-safe.
class Telemetry {
 public:
  // `routes[i]` is the route of number i + 1.
  Telemetry(unsigned loops, std::vector<RouteName> routes, const SloSettings& slo, MonoTime started);

  const std::vector<RouteName>& routes() const { return routes_; }
  LoopTelemetry& loop(unsigned index) { return *loops_[index]; }

  SloState Slo(MonoTime now) const;
  // The runbooks' seven fields, and "burn_rates".
  std::string SloJson(MonoTime now) const;
  std::string MetricsJson(MonoTime now, const ServedModel* model) const;
  // `more` adds families of others. Names::kAll adds api_latency_ms_p50, _p95 and _p99, which dashboards
  // of the runbooks' service read and promtool's lint refuses for their unit.
  enum class Names { kClean, kAll };
  std::string MetricsText(vigia::MetricsText::Format format, Names names, MonoTime now, const ServedModel* model,
                          const std::function<void(vigia::MetricsText&)>& more) const;
  double UptimeSeconds(MonoTime now) const { return std::chrono::duration<double>(now - started_).count(); }

 private:
  struct Sums;
  Sums AddUp(MonoTime now) const;
  BurnSums BurnsOf(MonoTime now) const;
  void AddRequestMetrics(vigia::MetricsText& text) const;
  struct VersionSums;
  std::map<std::string, VersionSums> AddUpVersions() const;
  void AddVersions(vigia::MetricsText& text) const;

  const std::vector<RouteName> routes_;
  const SloSettings slo_;
  const MonoTime started_;
  std::vector<std::unique_ptr<LoopTelemetry>> loops_;
};

// Counts every request in the loop's cells. Requests of limited routes make the SLO's windows.
std::unique_ptr<http::Stage> MakeTelemetryStage(LoopTelemetry& telemetry, const Clock& clock);

}  // namespace vigia::risk
