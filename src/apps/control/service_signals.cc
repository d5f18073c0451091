#include "control/service_signals.h"

#include <algorithm>

namespace vigia::control {
namespace {

using signals::Function;
using signals::Matcher;

constexpr Duration kFresh = std::chrono::seconds(15), kMinute = std::chrono::minutes(1);
constexpr Duration kCharts = std::chrono::minutes(15);

constexpr const char* kNoTraffic = "/health|/ready|/metrics|/slo|/v2/health/.*|/ping";  // probes and scrapes

Matcher Make(const char* name, Matcher::Op op, const std::string& value) {
  auto made = Matcher::Make(name, op, value);
  CHECK(made.ok(), "a matcher of ours");
  return *std::move(made);
}

std::vector<ServiceSignal> MakeAll() {
  const Matcher traffic = Make("path", Matcher::Op::kNotRegex, kNoTraffic);
  // Latency of what the service is for; a foreign one may not tell paths apart.
  const Matcher main = Make("path", Matcher::Op::kRegex, "/predict|");
  using Many = ServiceSignal::Many;
  return {
      {"request_rate", {"http_requests_total", {traffic}, Function::kRate, kMinute, 0}, 1, Many::kSum},
      {"error_ratio", {"error_rate", {}, Function::kLast, kFresh, 0}},
      {"p50_ms", {"http_request_duration_seconds", {main}, Function::kQuantile, 5 * kMinute, 0.5}, 1000},
      {"p95_ms", {"latency_p95_ms", {}, Function::kLast, kFresh, 0}},
      {"p99_ms", {"http_request_duration_seconds", {main}, Function::kQuantile, 5 * kMinute, 0.99}, 1000},
      {"health", {"probe_success", {Make("kind", Matcher::Op::kEqual, "health")}, Function::kLast, kFresh, 0}},
      {"ready", {"probe_success", {Make("kind", Matcher::Op::kEqual, "ready")}, Function::kLast, kFresh, 0}},
      {"p95_target_ms", {"slo_latency_ms", {}, Function::kLast, kFresh, 0}},
      {"error_target", {"slo_error_rate", {}, Function::kLast, kFresh, 0}},
  };
}

}  // namespace

const std::vector<ServiceSignal>& ServiceSignals() {
  static const std::vector<ServiceSignal> kAll = MakeAll();
  return kAll;
}

std::vector<std::string> ServiceSignalNames() {
  std::vector<std::string> names;
  for (const ServiceSignal& signal : ServiceSignals()) names.push_back(signal.name);
  return names;
}

std::optional<ServiceSignal> FindServiceSignal(const std::string& name) {
  for (const ServiceSignal& signal : ServiceSignals()) {
    if (signal.name == name) return signal;
  }
  return std::nullopt;
}

std::optional<double> ReadServiceSignal(Plane::Locked& locked, const std::string& service, const ServiceSignal& signal,
                                        WallTime at) {
  signals::Selector selector = signal.selector;
  selector.labels.push_back(Make("service", Matcher::Op::kEqual, service));
  std::vector<signals::Reading> readings;
  locked.series.Read(locked.series.Prepare(selector), at, readings);
  if (readings.empty()) return std::nullopt;
  double sum = 0;
  for (const signals::Reading& reading : readings) sum += reading.value;
  if (signal.many == ServiceSignal::Many::kMean) sum /= static_cast<double>(readings.size());
  return sum * signal.scale;
}

std::optional<double> ReadServiceSignal(Plane::Locked& locked, const std::string& service, const std::string& name,
                                        WallTime at) {
  const auto signal = FindServiceSignal(name);
  CHECK(signal.has_value(), "a signal that is not in the list");
  return ReadServiceSignal(locked, service, *signal, at);
}

std::vector<signals::SeriesPoints> RequestCounters(const signals::SeriesStore& series, const std::string& service,
                                                   WallTime from, WallTime to) {
  const std::vector<Matcher> matchers = {Make("service", Matcher::Op::kEqual, service),
                                         Make("path", Matcher::Op::kNotRegex, kNoTraffic)};
  return series.Points("http_requests_total", matchers, from, to);
}

std::optional<double> FailedShare(const signals::SeriesStore& series, const std::string& service, WallTime from,
                                  WallTime to) {
  double all = 0, failed = 0;
  for (const signals::SeriesPoints& one : RequestCounters(series, service, from - kMinute, to)) {
    double increase = 0;
    for (size_t i = 1; i < one.points.size(); ++i) {  // a counter that begins anew counts from nothing
      const double before = one.points[i - 1].value, value = one.points[i].value;
      increase += value >= before ? value - before : value;
    }
    all += increase;
    if (one.labels.Get("status").starts_with('5')) failed += increase;
  }
  if (all <= 0) return std::nullopt;
  return failed / all;
}

void KeepForCharts(signals::SeriesStore& series) {
  for (const ServiceSignal& signal : ServiceSignals()) {
    signals::Selector selector = signal.selector;
    selector.window = kCharts;
    // A question that matches no series costs nothing, but its window is kept of the whole name.
    selector.labels.push_back(Make("service", Matcher::Op::kEqual, "-"));
    series.Prepare(selector);
  }
}

}  // namespace vigia::control
