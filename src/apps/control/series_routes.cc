#include "control/series_routes.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "control/service_signals.h"

namespace vigia::control {
namespace {

constexpr int64_t kUsualWindow = 900, kLongestWindow = 7 * 24 * 3600;
constexpr size_t kMostSeries = 100, kMostPoints = 2'000;

double UnixSeconds(int64_t microseconds) { return static_cast<double>(microseconds) / 1e6; }

Result<std::vector<signals::Matcher>> ReadMatchers(const Call& call) {
  std::vector<signals::Matcher> matchers;
  const std::string labels = call.Text("label");
  if (labels.empty()) return matchers;
  for (const std::string_view line : Split(labels, '\n')) {
    matchers.push_back(TRY_CONTEXT(signals::Matcher::Parse(line), "'label'"));
  }
  return matchers;
}

Result<Json> Series(Plane& plane, const Call& call) {
  const std::string signal = call.Text("signal");
  if (signal.empty()) return Error(Code::kInvalidArgument, "'signal' is missing");
  const std::vector<signals::Matcher> matchers = TRY(ReadMatchers(call));
  const int64_t window = TRY(call.Integer("window", kUsualWindow, 1, kLongestWindow));
  const Plane::Locked locked = plane.Lock();
  WallTime at = locked.controller.Now();
  if (const std::string text = call.Text("at"); !text.empty()) at = TRY_CONTEXT(ParseTime(text), "'at'");
  Json list = Json::array();
  for (const auto& one : locked.series.Points(signal, matchers, at - std::chrono::seconds(window), at)) {
    if (list.size() == kMostSeries) break;
    Json points = Json::array();
    const size_t skip = one.points.size() > kMostPoints ? one.points.size() - kMostPoints : 0;
    for (size_t i = skip; i < one.points.size(); ++i) {
      points.push_back({UnixSeconds(one.points[i].at), one.points[i].value});
    }
    list.push_back({{"labels", one.labels.ToJson()}, {"points", std::move(points)}});
  }
  return Json{{"series", std::move(list)}};
}

Result<Json> OfService(Plane& plane, const Call& call) {
  const auto& services = plane.configuration().services;
  const bool known =
      std::any_of(services.begin(), services.end(), [&](const auto& spec) { return spec.name == call.path[0]; });
  if (!known) return Error(Code::kNotFound, "there is no service of this name");
  const std::string wanted = call.Text("signal", "request_rate");
  const auto signal = FindServiceSignal(wanted);
  if (!signal) return Error(Code::kInvalidArgument, "'signal' must be one of " + Join(ServiceSignalNames(), ", "));
  const int64_t window = TRY(call.Integer("window", kUsualWindow, 60, 3600));
  Plane::Locked locked = plane.Lock();
  const WallTime now = locked.controller.Now();
  constexpr int kSteps = 120;
  const Duration step = std::chrono::duration_cast<Duration>(std::chrono::seconds(window)) / kSteps;
  Json points = Json::array();
  for (int i = kSteps - 1; i >= 0; --i) {
    const WallTime at = now - step * i;
    const auto value = ReadServiceSignal(locked, call.path[0], *signal, at);
    if (value && std::isfinite(*value)) points.push_back({UnixSeconds(at.time_since_epoch().count()), *value});
  }
  return Json{{"points", std::move(points)}};
}

}  // namespace

void AddSeriesRoutes(Router& router, Plane& plane) {
  router.Get("/api/v1/series", {"signal", "label", "window", "at"},
             [&plane](Call& call) { return Series(plane, call); });
  router.Get("/api/v1/services/{name}/series", {"signal", "window"},
             [&plane](Call& call) { return OfService(plane, call); });
}

}  // namespace vigia::control
