#include "runbooks/run.h"

#include <algorithm>
#include <array>

namespace vigia::runbooks {
namespace {

// Stored; never change.
constexpr std::array<std::string_view, 9> kRunStates = {"queued",  "diagnosing", "mitigating", "verifying", "undoing",
                                                        "holding", "reverting",  "resolved",   "escalated"};
constexpr std::array<std::string_view, 6> kStepStates = {"pending", "intent", "done", "failed", "unknown", "skipped"};
constexpr std::array<Mode, 4> kModes = {Mode::kAuto, Mode::kApprove, Mode::kDryRun, Mode::kOff};

template <typename Enum, size_t N>
Result<Enum> FromName(const std::array<std::string_view, N>& names, const std::string& name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return Error(Code::kDataLoss, "a stored run has an unknown state");
  return static_cast<Enum>(at - names.begin());
}

Result<WallTime> GetTime(const Json& json, const std::string& key) { return ParseTime(TRY(GetString(json, key))); }

Result<std::optional<WallTime>> GetOptionalTime(const Json& json, const std::string& key) {
  if (!json.contains(key)) return std::optional<WallTime>();
  return std::optional<WallTime>(TRY(GetTime(json, key)));
}

Result<std::vector<std::string>> GetTexts(const Json& json, const std::string& key) {
  std::vector<std::string> texts;
  for (const Json& item : *TRY(GetArray(json, key))) {
    if (!item.is_string()) return Error(Code::kDataLoss, "'" + key + "' holds something else than texts");
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

Json ToJsonObject(const StepRecord& record) {
  return {{"state", StepStateName(record.state)},
          {"probing", record.probing},
          {"tries", record.tries},
          {"probes", record.probes},
          {"wrote", record.wrote},
          {"lost", record.lost},
          {"undone", record.undone},
          {"action", record.action},
          {"command", record.command},
          {"intent_at", FormatTime(record.intent_at)},
          {"finished_at", FormatTime(record.finished_at)},
          {"not_before", FormatTime(record.not_before)},
          {"exit", record.exit},
          {"status", record.status},
          {"out", record.out},
          {"text", record.text}};
}

Result<StepRecord> StepRecordFrom(const Json& json) {
  StepRecord record;
  record.state = TRY(FromName<StepState>(kStepStates, TRY(GetString(json, "state"))));
  record.probing = TRY(GetBool(json, "probing"));
  record.tries = static_cast<int>(TRY(GetInteger(json, "tries")));
  record.probes = static_cast<int>(TRY(GetInteger(json, "probes")));
  record.wrote = TRY(GetBool(json, "wrote"));
  record.lost = TRY(GetBool(json, "lost"));
  record.undone = TRY(GetBool(json, "undone"));
  record.action = TRY(GetString(json, "action"));
  record.command = TRY(GetString(json, "command"));
  record.intent_at = TRY(GetTime(json, "intent_at"));
  record.finished_at = TRY(GetTime(json, "finished_at"));
  record.not_before = TRY(GetTime(json, "not_before"));
  record.exit = static_cast<int>(TRY(GetInteger(json, "exit")));
  record.status = static_cast<int>(TRY(GetInteger(json, "status")));
  record.out = json.contains("out") ? json["out"] : Json();
  record.text = TRY(GetString(json, "text"));
  return record;
}

Json ToJsonObject(const Waiting& waiting) {
  return {{"scope", waiting.scope},
          {"step", waiting.step},
          {"since", FormatTime(waiting.since)},
          {"given_by", waiting.given_by}};
}

Result<Mode> ModeFrom(const std::string& name) {
  for (const Mode mode : kModes) {
    if (ModeName(mode) == name) return mode;
  }
  return Error(Code::kDataLoss, "a stored run has an unknown mode");
}

Result<std::optional<Reason>> ReasonFrom(const Json& json) {
  if (!json.contains("reason")) return std::optional<Reason>();
  const std::string name = TRY(GetString(json, "reason"));
  for (int i = 0; i <= static_cast<int>(Reason::kTakenOver); ++i) {
    if (ReasonName(static_cast<Reason>(i)) == name) return std::optional<Reason>(static_cast<Reason>(i));
  }
  return Error(Code::kDataLoss, "a stored run has an unknown reason");
}

Status ReadProgress(const Json& json, Run& run) {
  run.attempt = static_cast<size_t>(TRY(GetInteger(json, "attempt")));
  run.step = static_cast<size_t>(TRY(GetInteger(json, "step")));
  run.by_hand = TRY(GetBool(json, "by_hand"));
  run.reverted = TRY(GetBool(json, "reverted"));
  run.cleared = TRY(GetBool(json, "cleared"));
  run.cleared_failed = TRY(GetBool(json, "cleared_failed"));
  for (const auto& [id, record] : TRY(GetObject(json, "steps"))->items()) {
    run.steps.emplace(id, TRY(StepRecordFrom(record)));
  }
  run.approved = TRY(GetTexts(json, "approved"));
  if (json.contains("waiting")) {
    const Json& waiting = json["waiting"];
    Waiting& wait = run.waiting.emplace();
    wait.scope = TRY(GetString(waiting, "scope"));
    wait.step = TRY(GetString(waiting, "step"));
    wait.since = TRY(GetTime(waiting, "since"));
    wait.given_by = TRY(GetTexts(waiting, "given_by"));
  }
  run.next_look = TRY(GetTime(json, "next_look"));
  run.passes = static_cast<int>(TRY(GetInteger(json, "passes")));
  run.failures = static_cast<int>(TRY(GetInteger(json, "failures")));
  run.main_road_since = TRY(GetOptionalTime(json, "main_road_since"));
  return {};
}

}  // namespace

std::string_view RunStateName(RunState state) { return kRunStates[static_cast<size_t>(state)]; }
std::string_view StepStateName(StepState state) { return kStepStates[static_cast<size_t>(state)]; }

Json Run::ToJson() const {
  Json json = {{"id", id},
               {"runbook", runbook},
               {"runbook_hash", runbook_hash},
               {"incident", incident},
               {"key", key},
               {"labels", labels.ToJson()},
               {"mode", ModeName(mode)},
               {"state", RunStateName(state)},
               {"created_at", FormatTime(created_at)},
               {"state_since", FormatTime(state_since)},
               {"deadline", FormatTime(deadline)},
               {"detail", detail},
               {"locks", locks},
               {"holds_locks", holds_locks},
               {"wrote", wrote},
               {"attempt", attempt},
               {"step", step},
               {"by_hand", by_hand},
               {"reverted", reverted},
               {"cleared", cleared},
               {"cleared_failed", cleared_failed},
               {"approved", approved},
               {"next_look", FormatTime(next_look)},
               {"passes", passes},
               {"failures", failures}};
  if (finished_at) json["finished_at"] = FormatTime(*finished_at);
  if (reason) json["reason"] = ReasonName(*reason);
  if (waiting) json["waiting"] = ToJsonObject(*waiting);
  if (main_road_since) json["main_road_since"] = FormatTime(*main_road_since);
  Json records = Json::object();
  for (const auto& [step_id, record] : steps) records[step_id] = ToJsonObject(record);
  json["steps"] = std::move(records);
  return json;
}

Result<Run> Run::FromJson(const Json& json) {
  Run run;
  run.id = TRY(GetString(json, "id"));
  run.runbook = TRY(GetString(json, "runbook"));
  run.runbook_hash = TRY(GetString(json, "runbook_hash"));
  run.incident = TRY(GetString(json, "incident"));
  run.key = TRY(GetString(json, "key"));
  run.labels = signals::LabelSet::FromJson(*TRY(GetObject(json, "labels")));
  run.mode = TRY(ModeFrom(TRY(GetString(json, "mode"))));
  run.state = TRY(FromName<RunState>(kRunStates, TRY(GetString(json, "state"))));
  run.created_at = TRY(GetTime(json, "created_at"));
  run.state_since = TRY(GetTime(json, "state_since"));
  run.deadline = TRY(GetTime(json, "deadline"));
  run.finished_at = TRY(GetOptionalTime(json, "finished_at"));
  run.reason = TRY(ReasonFrom(json));
  run.detail = TRY(GetString(json, "detail"));
  run.locks = TRY(GetTexts(json, "locks"));
  run.holds_locks = TRY(GetBool(json, "holds_locks"));
  run.wrote = TRY(GetBool(json, "wrote"));
  TRY(ReadProgress(json, run));
  return run;
}

}  // namespace vigia::runbooks
