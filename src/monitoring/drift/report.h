// A drift report as files: JSON for programs, one self-contained page for people.
#pragma once

#include <string>

#include "base/files.h"
#include "base/json.h"
#include "drift/assess.h"

namespace vigia::drift {

// Fields of the published tool (model_version, window_start, …, global_status, feature_drift,
// score_drift, summary, thresholds_used), and p-values, noise thresholds and bins.
// `global_status` is always there. Features come worst first.
Json ToJson(const DriftReport& report);

// One page in Portuguese and English: no script, no request to anywhere, readable on a phone and in
// the dark; its size follows the number of features and bins, and not that of the window.
std::string ToHtml(const DriftReport& report);

// <home>/monitoring/reports/<version>/. Dates are of UTC.
std::string ReportFolder(const std::string& home, const std::string& version);

// Where a report of one date goes. The dated files are the latest of that date; every report also
// stays in history/ as drift_metrics_YYYYMMDD_7d_103500.json. So a daily and a weekly run of one date
// do not lose each other, and what the runbooks list is one report per date.
struct ReportPaths {
  std::string metrics, html;            // <kind>_metrics_YYYYMMDD.json, <kind>_report_YYYYMMDD.html
  std::string kept_metrics, kept_html;  // the same report under history/, with window and time
};
// `kind`: "drift" or "performance".
Result<ReportPaths> WriteReportFiles(Files& files, const std::string& folder, const std::string& kind,
                                     WallTime created_at, int days, const Json& metrics, const std::string& html);
Result<ReportPaths> WriteReport(Files& files, const std::string& folder, const DriftReport& report);

}  // namespace vigia::drift
