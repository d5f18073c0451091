#include "alerting/foreign.h"

#include <algorithm>
#include <map>

namespace vigia::alerting {
namespace {

using checks::Alert;
using checks::AlertState;

constexpr Duration kGrace = std::chrono::minutes(2);  // Prometheus sends again every minute
constexpr size_t kMaxBatch = 10'000;
constexpr size_t kMaxLabels = 64;
constexpr size_t kMaxValue = 4096;       // bytes
constexpr size_t kMaxAnnotation = 8192;  // bytes; longer ones are cut

bool IsLabelName(const std::string& name) {
  const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::all_of(name.begin(), name.end(), fits);
}

Result<signals::LabelSet> ReadLabels(const Json& alert) {
  const auto refuse = [](const char* why) { return Error(Code::kInvalidArgument, why); };
  const auto found = alert.find("labels");
  if (found == alert.end() || !found->is_object()) return refuse("it has no labels");
  signals::LabelSet labels;
  for (const auto& [name, value] : found->items()) {
    if (!IsLabelName(name)) return refuse("a label's name is not one");
    if (!value.is_string()) return refuse("a label's value is not a text");
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() > kMaxValue) return refuse("a label's value is too long");
    labels.Set(name, text);
  }
  if (labels.empty()) return refuse("it has no labels");
  if (labels.pairs().size() > kMaxLabels) return refuse("it has too many labels");
  return labels;
}

std::map<std::string, std::string> ReadAnnotations(const Json& alert) {
  std::map<std::string, std::string> annotations;
  const auto found = alert.find("annotations");
  if (found == alert.end() || !found->is_object()) return annotations;
  for (const auto& [name, value] : found->items()) {
    if (!value.is_string() || annotations.size() >= kMaxLabels) continue;
    annotations[name] = value.get_ref<const std::string&>().substr(0, kMaxAnnotation);
  }
  return annotations;
}

// Go writes a time that is not set as the year 1.
Result<std::optional<WallTime>> ReadTime(const Json& alert, const char* key) {
  const auto found = alert.find(key);
  if (found == alert.end() || found->is_null()) return std::optional<WallTime>();
  if (!found->is_string()) return Error(Code::kInvalidArgument, std::string("'") + key + "' is not a time");
  const auto& text = found->get_ref<const std::string&>();
  if (text.empty() || text.starts_with("0001-")) return std::optional<WallTime>();
  return std::optional<WallTime>(TRY_CONTEXT(ParseTime(text), std::string("'") + key + "'"));
}

struct Rules {
  const char* source;
  Duration timeout;
  WallTime now;
};

Result<Alert> ReadAlert(const Json& json, const Rules& rules) {
  if (!json.is_object()) return Error(Code::kInvalidArgument, "it is not an object");
  Alert alert;
  alert.labels = TRY(ReadLabels(json));
  alert.instance = alert.labels;
  alert.check = alert.labels.Get("alertname");
  alert.severity = checks::ParseSeverity(alert.labels.Get("severity")).value_or(checks::Severity::kP3);
  alert.source = rules.source;
  alert.annotations = ReadAnnotations(json);
  const auto url = json.find("generatorURL");
  if (url != json.end() && url->is_string()) alert.generator_url = url->get<std::string>().substr(0, kMaxValue);
  const auto starts = TRY(ReadTime(json, "startsAt"));
  auto ends = TRY(ReadTime(json, "endsAt"));
  const auto status = json.find("status");
  if (status != json.end() && *status == "resolved") ends = std::min(ends.value_or(rules.now), rules.now);
  // A clock that goes wrong elsewhere does not move our times.
  alert.since = std::min(starts.value_or(ends.value_or(rules.now)), rules.now);
  if (starts && ends && *starts > *ends) return Error(Code::kInvalidArgument, "it ends before it starts");
  alert.ends_at = ends.value_or(rules.now + rules.timeout);
  alert.last_true = rules.now;
  alert.state = *alert.ends_at > rules.now ? AlertState::kFiring : AlertState::kInactive;
  return alert;
}

Result<Received> ReadList(const Json& list, const Rules& rules) {
  if (!list.is_array()) return Error(Code::kInvalidArgument, "the body must be a list of alerts");
  if (list.size() > kMaxBatch) return Error(Code::kResourceExhausted, "too many alerts at once");
  Received received;
  for (size_t i = 0; i < list.size(); ++i) {
    auto alert = ReadAlert(list[i], rules);
    if (alert.ok()) {
      received.alerts.push_back(*std::move(alert));
    } else {
      received.problems.push_back("alert " + std::to_string(i + 1) + ": " + alert.error().message());
    }
  }
  return received;
}

}  // namespace

Result<Received> ReadAlerts(const Json& body, const AlertingSettings& settings, WallTime now) {
  return ReadList(body, {kFromApi, settings.resolve_timeout, now});
}

Result<Received> ReadWebhook(const Json& body, const AlertingSettings& settings, WallTime now) {
  if (!body.is_object()) return Error(Code::kInvalidArgument, "the body must be an object");
  const auto version = body.find("version");
  if (version != body.end() && *version != "4" && *version != "1") {  // Grafana says 1 and means the same
    return Error(Code::kInvalidArgument, "the webhook's version is not 4");
  }
  const auto alerts = body.find("alerts");
  if (alerts == body.end()) return Error(Code::kInvalidArgument, "the body has no alerts");
  return ReadList(*alerts, {kFromWebhook, settings.webhook_timeout, now});
}

Alert Merge(const Alert& known, Alert fresh) {
  fresh.since = std::min(known.since, fresh.since);
  if (fresh.state == AlertState::kFiring && known.ends_at) fresh.ends_at = std::max(known.ends_at, fresh.ends_at);
  return fresh;
}

bool IsOver(const Alert& alert, WallTime now) { return alert.ends_at && *alert.ends_at <= now; }

Alert RestoreForeign(Alert alert, WallTime now) {
  if (alert.ends_at) alert.ends_at = std::max(*alert.ends_at, now + kGrace);
  return alert;
}

}  // namespace vigia::alerting
