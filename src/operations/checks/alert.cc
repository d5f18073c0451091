#include "checks/alert.h"

#include <algorithm>

namespace vigia::checks {
namespace {

constexpr int kHistory = 21;
constexpr uint32_t kHistoryMask = (1U << kHistory) - 1;
constexpr Duration kRestoreWithin = std::chrono::hours(1);
constexpr Duration kGrace = std::chrono::minutes(10);

void Enter(Alert& alert, AlertState state, WallTime now) {
  alert.state = state;
  alert.since = now;
}

void Remember(const Check& check, Alert& alert, bool truth) {
  alert.history = ((alert.history << 1) | (truth ? 1U : 0U)) & kHistoryMask;
  alert.results = std::min(alert.results + 1, kHistory);
  const double share = FlapShare(alert.history, alert.results);
  alert.flapping = check.flapping.enabled && share >= (alert.flapping ? check.flapping.low : check.flapping.high);
}

Change OnTrue(const Check& check, Alert& alert, WallTime now) {
  alert.last_true = now;
  if (alert.state == AlertState::kFiring) return Change::kNone;
  const bool started = alert.state == AlertState::kInactive;
  if (started) Enter(alert, AlertState::kPending, now);
  if (now - alert.since < check.hold) return started ? Change::kPending : Change::kNone;
  Enter(alert, AlertState::kFiring, now);
  return Change::kFired;
}

Change OnFalse(const Check& check, Alert& alert, WallTime now) {
  if (alert.state == AlertState::kPending) {
    Enter(alert, AlertState::kInactive, now);
    return Change::kDropped;
  }
  if (alert.state == AlertState::kInactive || alert.flapping) return Change::kNone;
  if (now - alert.last_true < check.keep_firing_for) return Change::kNone;
  Enter(alert, AlertState::kInactive, now);
  return Change::kResolved;
}

Result<WallTime> GetTime(const Json& json, const std::string& key) { return ParseTime(TRY(GetString(json, key))); }

}  // namespace

bool Compare(double value, Comparison comparison, double bound) {
  switch (comparison) {
    case Comparison::kLess: return value < bound;
    case Comparison::kLessEqual: return value <= bound;
    case Comparison::kGreater: return value > bound;
    case Comparison::kGreaterEqual: return value >= bound;
    case Comparison::kEqual: return value == bound;
    case Comparison::kNotEqual: return value != bound;
  }
  return false;
}

std::string_view AlertStateName(AlertState state) {
  switch (state) {
    case AlertState::kInactive: return "inactive";
    case AlertState::kPending: return "pending";
    case AlertState::kFiring: return "firing";
  }
  return "inactive";
}

// Nagios Core, base/flapping.c: newer changes weigh more, from 0.8 to 1.2.
double FlapShare(uint32_t history, int results) {
  if (results < kHistory) return 0;
  constexpr int kChanges = kHistory - 1;
  double sum = 0;
  for (int age = 0; age < kChanges; ++age) {
    const bool changed = (((history >> age) ^ (history >> (age + 1))) & 1U) != 0;
    const double newness = 1.0 - static_cast<double>(age) / (kChanges - 1);
    if (changed) sum += 0.8 + 0.4 * newness;
  }
  return sum / kChanges;
}

Step Advance(const Check& check, Alert alert, const Observation& observation, WallTime now) {
  Truth truth = observation.truth;
  alert.unknown = truth == Truth::kUnknown;
  if (observation.value) alert.value = observation.value;
  if (truth == Truth::kUnknown && check.no_data == NoData::kOk) truth = Truth::kFalse;
  if (truth == Truth::kUnknown && check.no_data == NoData::kAlert) truth = Truth::kTrue;
  if (truth == Truth::kUnknown) {
    if (alert.state != AlertState::kPending) return {std::move(alert), Change::kNone};
    Enter(alert, AlertState::kInactive, now);
    return {std::move(alert), Change::kDropped};
  }
  Remember(check, alert, truth == Truth::kTrue);
  const Change change = truth == Truth::kTrue ? OnTrue(check, alert, now) : OnFalse(check, alert, now);
  return {std::move(alert), change};
}

Alert Restore(const Check& check, Alert alert, WallTime last_seen, WallTime now) {
  if (alert.state != AlertState::kPending) return alert;
  if (now - last_seen > kRestoreWithin) {
    Enter(alert, AlertState::kInactive, now);
    return alert;
  }
  // Time that we were away does not count towards `for`; and a long `for` keeps some of it to go, so
  // that what merely has not been measured yet does not fire.
  const Duration done = std::max(last_seen - alert.since, Duration::zero());
  const Duration left = std::max(check.hold - done, std::min(check.hold, kGrace));
  alert.since = now - (check.hold - left);
  return alert;
}

Json Alert::ToJson() const {
  Json json = {{"check", check},
               {"instance", instance.ToJson()},
               {"labels", labels.ToJson()},
               {"severity", SeverityName(severity)},
               {"state", AlertStateName(state)},
               {"unknown", unknown},
               {"flapping", flapping},
               {"since", FormatTime(since)},
               {"last_true", FormatTime(last_true)},
               {"history", history},
               {"results", results}};
  if (value) json["value"] = *value;
  if (!source.empty()) json["source"] = source;
  if (ends_at) json["ends_at"] = FormatTime(*ends_at);
  for (const auto& [name, text] : annotations) json["annotations"][name] = text;
  if (!generator_url.empty()) json["generator_url"] = generator_url;
  return json;
}

Result<Alert> Alert::FromJson(const Json& json) {
  Alert alert;
  alert.check = TRY(GetString(json, "check"));
  alert.instance = signals::LabelSet::FromJson(*TRY(GetObject(json, "instance")));
  alert.labels = signals::LabelSet::FromJson(*TRY(GetObject(json, "labels")));
  alert.severity = ParseSeverity(TRY(GetString(json, "severity"))).value_or(Severity::kP3);
  const std::string state = TRY(GetString(json, "state"));
  alert.state = state == "firing"    ? AlertState::kFiring
                : state == "pending" ? AlertState::kPending
                                     : AlertState::kInactive;
  alert.unknown = TRY(GetBool(json, "unknown"));
  alert.flapping = TRY(GetBool(json, "flapping"));
  alert.since = TRY(GetTime(json, "since"));
  alert.last_true = TRY(GetTime(json, "last_true"));
  alert.history = static_cast<uint32_t>(TRY(GetInteger(json, "history"))) & kHistoryMask;
  alert.results = static_cast<int>(TRY(GetInteger(json, "results")));
  if (json.contains("value")) alert.value = TRY(GetNumber(json, "value"));
  if (json.contains("source")) alert.source = TRY(GetString(json, "source"));
  if (json.contains("ends_at")) alert.ends_at = TRY(GetTime(json, "ends_at"));
  if (json.contains("annotations")) {
    for (const auto& [name, text] : TRY(GetObject(json, "annotations"))->items()) {
      if (text.is_string()) alert.annotations[name] = text.get<std::string>();
    }
  }
  if (json.contains("generator_url")) alert.generator_url = TRY(GetString(json, "generator_url"));
  return alert;
}

}  // namespace vigia::checks
