// Alerts that others send: Prometheus and amtool by POST /api/v2/alerts, an Alertmanager or Grafana by
// its webhook (version 4). Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "alerting/suppression.h"
#include "base/json.h"
#include "base/result.h"
#include "checks/alert.h"

namespace vigia::alerting {

inline constexpr char kFromApi[] = "api";  // checks::Alert::source; stored, never change
inline constexpr char kFromWebhook[] = "webhook";

// Firing ones have an end in the future; those that are over are kInactive.
struct Received {
  std::vector<checks::Alert> alerts;
  std::vector<std::string> problems;  // of those that are not in `alerts`: "alert 3: it has no labels"
};

// An error: the whole body makes no sense. Labels with empty values are dropped, and a missing start or
// end is filled in, as Alertmanager does (api/v2/api.go).
Result<Received> ReadAlerts(const Json& body, const AlertingSettings& settings, WallTime now);
Result<Received> ReadWebhook(const Json& body, const AlertingSettings& settings, WallTime now);

// The same alert again: it began when it began first, and it says what it said last.
checks::Alert Merge(const checks::Alert& known, checks::Alert fresh);
bool IsOver(const checks::Alert& alert, WallTime now);
// After a restart: whoever sends it gets `grace` to say that it still fires.
checks::Alert RestoreForeign(checks::Alert alert, WallTime now);

}  // namespace vigia::alerting
