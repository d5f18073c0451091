// What the dashboard asks of every service: rates, shares and latencies from the series that it has.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/plane.h"

namespace vigia::control {

struct ServiceSignal {
  std::string name;                                    // "request_rate"
  signals::Selector selector;                          // beside the service's label
  double scale = 1;                                    // seconds -> milliseconds
  enum class Many { kSum, kMean } many = Many::kMean;  // of several series
};

const std::vector<ServiceSignal>& ServiceSignals();
std::vector<std::string> ServiceSignalNames();
std::optional<ServiceSignal> FindServiceSignal(const std::string& name);

// The service's value at `at`; nothing when its series have none.
std::optional<double> ReadServiceSignal(Plane::Locked& locked, const std::string& service, const ServiceSignal& signal,
                                        WallTime at);
std::optional<double> ReadServiceSignal(Plane::Locked& locked, const std::string& service, const std::string& name,
                                        WallTime at);

// The service's counters of answered requests without probes and scrapes, each with its points in (from, to].
std::vector<signals::SeriesPoints> RequestCounters(const signals::SeriesStore& series, const std::string& service,
                                                   WallTime from, WallTime to);

// Share of the service's answers in (from - 1 min, to] that were server errors; nothing when none were counted.
std::optional<double> FailedShare(const signals::SeriesStore& series, const std::string& service, WallTime from,
                                  WallTime to);

// Keeps what charts show: a quarter of an hour of each.
void KeepForCharts(signals::SeriesStore& series);

}  // namespace vigia::control
