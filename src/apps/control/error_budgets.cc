#include "control/error_budgets.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "control/service_signals.h"

namespace vigia::control {
namespace {

constexpr Duration kCountEvery = std::chrono::seconds(10), kKeepEvery = std::chrono::minutes(1);
constexpr Duration kFreshCounters = std::chrono::minutes(1);

int64_t HourOf(WallTime at) { return std::chrono::floor<std::chrono::hours>(at.time_since_epoch()).count(); }

}  // namespace

std::optional<double> Spent::Left(double allowed) const {
  if (requests == 0) return std::nullopt;
  if (failed == 0) return 1;
  const double budget = allowed * static_cast<double>(requests);
  return budget > 0 ? 1 - static_cast<double>(failed) / budget : 0;
}

ErrorBudgets::ErrorBudgets(std::string file, Files& files, Log& log)
    : file_(std::move(file)), files_(files), log_(log) {
  Load();
}

void ErrorBudgets::Look(const signals::SeriesStore& series, const std::vector<std::string>& services, WallTime now) {
  const std::lock_guard lock(mutex_);
  if (now - looked_at_ < kCountEvery && now >= looked_at_) return;
  looked_at_ = now;
  for (const std::string& name : services) {
    const auto counters = RequestCounters(series, name, now - kFreshCounters, now);
    if (counters.empty()) continue;
    const auto [at, first] = services_.try_emplace(name);
    Service& service = at->second;
    if (first) service.since = now;  // what it has counted before us is not known
    Hour& hour = service.hours[HourOf(now)];
    for (const signals::SeriesPoints& counter : counters) {
      const double value = counter.points.back().value;
      if (std::isnan(value)) continue;  // the series has ended
      double& before = service.counters[counter.labels.ToString()];
      const double grown = first ? 0 : value >= before ? value - before : value;  // or it began anew
      before = value;
      const auto count = static_cast<uint64_t>(std::llround(std::max(grown, 0.0)));
      hour.requests += count;
      if (counter.labels.Get("status").starts_with('5')) hour.failed += count;
    }
    service.hours.erase(service.hours.begin(), service.hours.lower_bound(HourOf(now - kBudgetPeriod)));
    changed_ = true;
  }
}

std::optional<Spent> ErrorBudgets::Of(const std::string& name, WallTime now) const {
  const std::lock_guard lock(mutex_);
  const auto found = services_.find(name);
  if (found == services_.end()) return std::nullopt;
  Spent spent;
  spent.since = std::max(found->second.since, now - kBudgetPeriod);
  for (auto hour = found->second.hours.lower_bound(HourOf(now - kBudgetPeriod)); hour != found->second.hours.end();
       ++hour) {
    spent.requests += hour->second.requests;
    spent.failed += hour->second.failed;
  }
  return spent;
}

void ErrorBudgets::Keep(WallTime now, When when) {
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    if (!changed_ || (when == When::kDue && now - kept_at_ < kKeepEvery && now >= kept_at_)) return;
    changed_ = false;
    kept_at_ = now;
    text = CompactJson(ToJson());
  }
  const Status written = files_.Write(file_, text);
  if (!written.ok()) log_.Error("the error budgets cannot be written", {{"reason", written.error().message()}});
}

Json ErrorBudgets::ToJson() const {
  Json services = Json::object();
  for (const auto& [name, service] : services_) {
    Json hours = Json::array();
    for (const auto& [hour, counts] : service.hours) hours.push_back({hour, counts.requests, counts.failed});
    services[name] = {
        {"since", FormatTime(service.since)}, {"counters", service.counters}, {"hours", std::move(hours)}};
  }
  return {{"format", 1}, {"services", std::move(services)}};
}

// A file that cannot be read begins anew, and says so: it is a record of the past, not what anything hangs on.
void ErrorBudgets::Load() {
  const auto read = [this]() -> Status {
    const auto text = files_.Read(file_);
    if (!text.ok() && text.error().code() == Code::kNotFound) return {};
    const Json document = TRY(ParseJson(TRY(text)));
    for (const auto& [name, from] : TRY(GetObject(document, "services"))->items()) {
      Service service;
      service.since = TRY(ParseTime(TRY(GetString(from, "since"))));
      const Json* const counters = TRY(GetObject(from, "counters"));
      for (const auto& [labels, value] : counters->items()) {
        service.counters[labels] = TRY(GetNumber(*counters, labels));
      }
      for (const Json& hour : *TRY(GetArray(from, "hours"))) {
        const bool three = hour.is_array() && hour.size() == 3 && hour[0].is_number_integer() &&
                           hour[1].is_number_unsigned() && hour[2].is_number_unsigned();
        if (!three) return Error(Code::kDataLoss, "an hour must be three numbers");
        service.hours[hour[0].get<int64_t>()] = {hour[1].get<uint64_t>(), hour[2].get<uint64_t>()};
      }
      services_.emplace(name, std::move(service));
    }
    return {};
  };
  const std::lock_guard lock(mutex_);
  if (const Status loaded = read(); !loaded.ok()) {
    services_.clear();
    log_.Warning("the error budgets begin anew: their file cannot be read", {{"reason", loaded.error().message()}});
  }
}

}  // namespace vigia::control
