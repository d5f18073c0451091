// The shapes of Alertmanager's API v2 (api/v2/openapi.yaml), as amtool, karma and Grafana read them. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "alerting/suppression.h"
#include "base/json.h"
#include "checks/alert.h"

namespace vigia::alerting {

// An alert and what became of it.
struct AlertView {
  checks::Alert alert;  // with its annotations, also of ours
  Suppression suppression;
  std::string incident;  // id; empty: none is open for it
  std::string receiver;  // the escalation policy that is called for it
};

struct AlertFilter {
  bool active = true;
  bool silenced = true;
  bool inhibited = true;
  bool unprocessed = true;
  std::vector<signals::Matcher> matchers;
  std::optional<signals::Matcher> receiver;  // of the name `receiver`
};

// The query of GET /alerts: active, silenced, inhibited, unprocessed (true or false), filter, receiver.
// Others are ignored, as Alertmanager does. kInvalidArgument: a matcher or a flag that is not one.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;
Result<AlertFilter> ReadAlertFilter(const QueryParameters& query);
bool Passes(const AlertFilter& filter, const AlertView& view);

Json AlertToApi(const AlertView& view, WallTime now);
Json AlertsToApi(const std::vector<AlertView>& views, const AlertFilter& filter, WallTime now);
// Grouped by receiver and the labels of `group_by`.
Json GroupsToApi(const std::vector<AlertView>& views, const AlertFilter& filter,
                 const std::vector<std::string>& group_by, WallTime now);

Json SilenceToApi(const Silence& silence, WallTime now);
// Active ones by their end, then pending by their start, then expired, newest first. `filter`: matchers of
// the silences' matchers, as amtool sends them.
Json SilencesToApi(const Silences& silences, const std::vector<signals::Matcher>& filter, WallTime now);
Result<Silence> SilenceFromApi(const Json& json);

struct ApiStatus {
  std::string version;
  WallTime started_at{};
  std::vector<std::string> receivers;  // names of escalation policies
  std::string default_receiver;
  std::vector<std::string> group_by;
};
Json StatusToApi(const ApiStatus& status);
Json ReceiversToApi(const std::vector<std::string>& receivers);

}  // namespace vigia::alerting
