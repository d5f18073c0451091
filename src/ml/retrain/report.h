// What a retraining did, for programs and for people (Portuguese and English).
#pragma once

#include <string>

#include "base/json.h"
#include "retrain/retrain.h"

namespace vigia::retrain {

Json ToJson(const Report& report);
std::string Markdown(const Report& report);

// monitoring/reports/<version>/retrain_report_YYYYMMDD.{json,md} below `folder`; a second one of the
// same day gets a time as well. Gives the two paths. Not for dry runs.
struct ReportPaths {
  std::string json, markdown;
};
Result<ReportPaths> WriteReport(Files& files, const std::string& folder, const Report& report);

}  // namespace vigia::retrain
