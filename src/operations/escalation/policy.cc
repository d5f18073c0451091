#include "escalation/policy.h"

#include <algorithm>

namespace vigia::escalation {
namespace {

std::string RecipientKey(const Recipient& recipient) {
  switch (recipient.kind) {
    case Recipient::Kind::kPerson: return "person:" + recipient.name;
    case Recipient::Kind::kSchedule: return "schedule:" + recipient.name;
    case Recipient::Kind::kTeam: return "team:" + recipient.name;
  }
  return "";
}

Json ToJsonList(const std::vector<Recipient>& recipients) {
  Json list = Json::array();
  for (const Recipient& recipient : recipients) list.push_back(RecipientKey(recipient));
  return list;
}

Result<std::vector<Recipient>> RecipientsFrom(const Json& list) {
  std::vector<Recipient> recipients;
  for (const Json& item : list) {
    if (!item.is_string()) return Error(Code::kDataLoss, "a recipient is not a text");
    recipients.push_back(TRY(ParseRecipient(item.get_ref<const std::string&>())));
  }
  return recipients;
}

// Calls level `next_level` now.
void CallNext(Decision& decision) {
  Escalation& escalation = decision.escalation;
  const Level& level = escalation.policy.levels[escalation.next_level];
  decision.calls.push_back({escalation.next_level, escalation.round, level.name, level.notify, level.via});
  ++escalation.next_level;
}

// The ladder is over: the next round, or the end.
bool BeginNextRound(Escalation& escalation, WallTime now) {
  const Duration last = escalation.policy.levels.empty() ? Duration::zero() : escalation.policy.levels.back().after;
  const WallTime due = escalation.started_at + last + escalation.policy.repeat_after;
  if (escalation.round >= escalation.policy.repeat || now < due) return false;
  ++escalation.round;
  escalation.next_level = 0;
  escalation.started_at = now;
  return true;
}

}  // namespace

Result<Recipient> ParseRecipient(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string_view name = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (!name.empty() && kind == "person") return Recipient{Recipient::Kind::kPerson, std::string(name)};
  if (!name.empty() && kind == "schedule") return Recipient{Recipient::Kind::kSchedule, std::string(name)};
  if (!name.empty() && kind == "team") return Recipient{Recipient::Kind::kTeam, std::string(name)};
  return Error(Code::kInvalidArgument, "a recipient is person:NAME, schedule:NAME or team:NAME");
}

Escalation Begin(const std::string& incident, Policy policy, const std::string& reason, checks::Severity severity,
                 WallTime now) {
  Escalation escalation;
  escalation.incident = incident;
  escalation.policy = std::move(policy);
  escalation.reason = reason;
  escalation.severity = severity;
  escalation.started_at = now;
  return escalation;
}

Decision Advance(Escalation escalation, WallTime now) {
  const Duration timeout = escalation.policy.acknowledge_timeout;
  if (escalation.acknowledged_at && timeout > Duration::zero() && now - *escalation.acknowledged_at >= timeout) {
    escalation.acknowledged_at.reset();
    escalation.stopped = false;
    escalation.round = 0;
    escalation.next_level = 0;
    escalation.started_at = now;
    escalation.reason = "acknowledged, but not resolved in time";
  }
  Decision decision{std::move(escalation), {}};
  Escalation& state = decision.escalation;
  if (state.stopped) return decision;
  if (state.next_level >= state.policy.levels.size()) BeginNextRound(state, now);
  while (state.next_level < state.policy.levels.size() &&
         now - state.started_at >= state.policy.levels[state.next_level].after) {
    CallNext(decision);
  }
  return decision;
}

Decision Skip(Escalation escalation, WallTime now) {
  Decision decision{std::move(escalation), {}};
  Escalation& state = decision.escalation;
  if (state.stopped) return decision;
  if (state.next_level >= state.policy.levels.size()) return decision;
  // The clock of the ladder is moved to where this level is due, so that later ones keep their distance.
  state.started_at = std::min(state.started_at, now - state.policy.levels[state.next_level].after);
  CallNext(decision);
  return decision;
}

Decision Jump(Escalation escalation, const std::string& fact, WallTime now) {
  const std::vector<Level>& levels = escalation.policy.levels;
  size_t wanted = escalation.next_level;
  while (wanted < levels.size() &&
         std::find(levels[wanted].on.begin(), levels[wanted].on.end(), fact) == levels[wanted].on.end()) {
    ++wanted;
  }
  Decision decision{std::move(escalation), {}};
  if (wanted >= decision.escalation.policy.levels.size()) return decision;
  while (!decision.escalation.stopped && decision.escalation.next_level <= wanted) {
    Decision next = Skip(std::move(decision.escalation), now);
    decision.escalation = std::move(next.escalation);
    decision.calls.insert(decision.calls.end(), next.calls.begin(), next.calls.end());
  }
  return decision;
}

Escalation Acknowledged(Escalation escalation, WallTime now) {
  escalation.acknowledged_at = now;
  escalation.stopped = true;
  return escalation;
}

Escalation Stopped(Escalation escalation) {
  escalation.acknowledged_at.reset();
  escalation.stopped = true;
  return escalation;
}

Json Policy::ToJson() const {
  Json levels_json = Json::array();
  for (const Level& level : levels) {
    levels_json.push_back({{"name", level.name},
                           {"after_us", level.after.count()},
                           {"notify", ToJsonList(level.notify)},
                           {"via", level.via},
                           {"on", level.on}});
  }
  return {{"name", name},
          {"levels", levels_json},
          {"repeat", repeat},
          {"repeat_after_us", repeat_after.count()},
          {"acknowledge_timeout_us", acknowledge_timeout.count()},
          {"fallback", ToJsonList(fallback)}};
}

Result<Policy> Policy::FromJson(const Json& json) {
  Policy policy;
  policy.name = TRY(GetString(json, "name"));
  for (const Json& item : *TRY(GetArray(json, "levels"))) {
    Level level;
    level.name = TRY(GetString(item, "name"));
    level.after = Duration(TRY(GetInteger(item, "after_us")));
    level.notify = TRY(RecipientsFrom(*TRY(GetArray(item, "notify"))));
    for (const Json& channel : *TRY(GetArray(item, "via"))) {
      if (channel.is_string()) level.via.push_back(channel.get<std::string>());
    }
    if (item.contains("on")) {  // absent in what older programs stored
      for (const Json& fact : *TRY(GetArray(item, "on"))) {
        if (fact.is_string()) level.on.push_back(fact.get<std::string>());
      }
    }
    policy.levels.push_back(std::move(level));
  }
  policy.repeat = static_cast<int>(TRY(GetInteger(json, "repeat")));
  policy.repeat_after = Duration(TRY(GetInteger(json, "repeat_after_us")));
  policy.acknowledge_timeout = Duration(TRY(GetInteger(json, "acknowledge_timeout_us")));
  policy.fallback = TRY(RecipientsFrom(*TRY(GetArray(json, "fallback"))));
  return policy;
}

Json Escalation::ToJson() const {
  Json json = {{"incident", incident},
               {"policy", policy.ToJson()},
               {"reason", reason},
               {"severity", checks::SeverityName(severity)},
               {"started_at", FormatTime(started_at)},
               {"round", round},
               {"next_level", next_level},
               {"stopped", stopped}};
  if (acknowledged_at) json["acknowledged_at"] = FormatTime(*acknowledged_at);
  return json;
}

Result<Escalation> Escalation::FromJson(const Json& json) {
  Escalation escalation;
  escalation.incident = TRY(GetString(json, "incident"));
  escalation.policy = TRY(Policy::FromJson(*TRY(GetObject(json, "policy"))));
  escalation.reason = TRY(GetString(json, "reason"));
  escalation.severity = checks::ParseSeverity(TRY(GetString(json, "severity"))).value_or(checks::Severity::kP3);
  escalation.started_at = TRY(ParseTime(TRY(GetString(json, "started_at"))));
  escalation.round = static_cast<int>(TRY(GetInteger(json, "round")));
  escalation.next_level = static_cast<size_t>(TRY(GetInteger(json, "next_level")));
  escalation.stopped = TRY(GetBool(json, "stopped"));
  if (json.contains("acknowledged_at")) {
    escalation.acknowledged_at = TRY(ParseTime(TRY(GetString(json, "acknowledged_at"))));
  }
  return escalation;
}

}  // namespace vigia::escalation
