// A performance report as files: JSON for programs, one self-contained page for people.
#pragma once

#include <string>

#include "base/files.h"
#include "base/json.h"
#include "drift/report.h"
#include "performance/assess.h"

namespace vigia::performance {

struct PerformanceReport {
  std::string model_version;
  WallTime created_at{}, start{}, end{};
  int days = 0;
  size_t stored_labels = 0, bad_lines = 0, corrected = 0;
  size_t outside = 0, unmatched = 0, ambiguous = 0;
  Measured measured;
  Estimated estimated;
  Limits limits;
};

// Fields of the published tool (status, window_days, n_samples, n_positive, positive_rate, metrics,
// alerts, computed_at), intervals, what became of the labels, and the estimate, marked as one.
Json ToJson(const PerformanceReport& report);
std::string ToHtml(const PerformanceReport& report);

// performance_metrics_YYYYMMDD.json and performance_report_YYYYMMDD.html.
Result<drift::ReportPaths> WriteReport(Files& files, const std::string& folder, const PerformanceReport& report);

}  // namespace vigia::performance
