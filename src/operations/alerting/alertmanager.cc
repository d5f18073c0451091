#include "alerting/alertmanager.h"

#include <algorithm>
#include <map>

namespace vigia::alerting {
namespace {

using signals::LabelSet;
using signals::Matcher;

constexpr Duration kEndsLater = std::chrono::minutes(5);  // of ours: whenever they are asked for, they still fire

Result<bool> ReadFlag(const std::string& name, const std::string& value) {
  if (value == "true" || value == "1") return true;
  if (value == "false" || value == "0") return false;
  return Error(Code::kInvalidArgument, "'" + name + "' must be true or false");
}

Json ReceiverToApi(const std::string& name) { return {{"name", name}}; }

// As YAML reads it back.
std::string Quoted(const std::string& text) { return Json(text).dump(); }

}  // namespace

Result<AlertFilter> ReadAlertFilter(const QueryParameters& query) {
  AlertFilter filter;
  for (const auto& [name, value] : query) {
    if (name == "active") filter.active = TRY(ReadFlag(name, value));
    if (name == "silenced") filter.silenced = TRY(ReadFlag(name, value));
    if (name == "inhibited") filter.inhibited = TRY(ReadFlag(name, value));
    if (name == "unprocessed") filter.unprocessed = TRY(ReadFlag(name, value));
    if (name == "filter") filter.matchers.push_back(TRY(Matcher::Parse(value)));
    if (name == "receiver") filter.receiver = TRY(Matcher::Make("receiver", Matcher::Op::kRegex, value));
  }
  return filter;
}

bool Passes(const AlertFilter& filter, const AlertView& view) {
  const Suppression& suppression = view.suppression;
  const bool silenced = !suppression.silenced_by.empty() || !suppression.windows.empty();
  if (!filter.active && !suppression.any()) return false;
  if (!filter.silenced && silenced) return false;
  if (!filter.inhibited && !suppression.inhibited_by.empty()) return false;
  if (filter.receiver && !filter.receiver->Matches({{"receiver", view.receiver}})) return false;
  return signals::MatchesAll(filter.matchers, view.alert.labels);
}

Json AlertToApi(const AlertView& view, WallTime now) {
  const checks::Alert& alert = view.alert;
  Json annotations = Json::object();
  for (const auto& [name, text] : alert.annotations) annotations[name] = text;
  return {{"annotations", annotations},
          {"endsAt", FormatTime(alert.ends_at.value_or(now + kEndsLater))},
          {"fingerprint", alert.fingerprint()},
          {"receivers", Json::array({ReceiverToApi(view.receiver)})},
          {"startsAt", FormatTime(alert.since)},
          {"status",
           {{"inhibitedBy", view.suppression.inhibited_by},
            {"mutedBy", view.suppression.windows},
            {"silencedBy", view.suppression.silenced_by},
            {"state", view.suppression.any() ? "suppressed" : "active"}}},
          {"updatedAt", FormatTime(alert.last_true)},
          {"generatorURL", alert.generator_url},
          {"labels", alert.labels.ToJson()}};
}

Json AlertsToApi(const std::vector<AlertView>& views, const AlertFilter& filter, WallTime now) {
  std::map<std::string, const AlertView*> sorted;
  for (const AlertView& view : views) {
    if (Passes(filter, view)) sorted.emplace(view.alert.fingerprint(), &view);
  }
  Json list = Json::array();
  for (const auto& [fingerprint, view] : sorted) list.push_back(AlertToApi(*view, now));
  return list;
}

Json GroupsToApi(const std::vector<AlertView>& views, const AlertFilter& filter,
                 const std::vector<std::string>& group_by, WallTime now) {
  std::map<std::pair<LabelSet, std::string>, std::vector<const AlertView*>> groups;
  for (const AlertView& view : views) {
    if (!Passes(filter, view)) continue;
    const LabelSet labels = group_by.empty() ? view.alert.labels : view.alert.labels.Only(group_by);
    groups[{labels, view.receiver}].push_back(&view);
  }
  Json list = Json::array();
  for (auto& [key, members] : groups) {
    std::sort(members.begin(), members.end(),
              [](const AlertView* a, const AlertView* b) { return a->alert.labels < b->alert.labels; });
    Json alerts = Json::array();
    for (const AlertView* view : members) alerts.push_back(AlertToApi(*view, now));
    list.push_back({{"alerts", alerts}, {"labels", key.first.ToJson()}, {"receiver", ReceiverToApi(key.second)}});
  }
  return list;
}

Json SilenceToApi(const Silence& silence, WallTime now) {
  Json matchers = Json::array();
  for (const Matcher& matcher : silence.matchers) matchers.push_back(MatcherToJson(matcher));
  return {{"id", silence.id},
          {"status", {{"state", SilenceStateName(StateOf(silence, now))}}},
          {"updatedAt", FormatTime(silence.updated_at)},
          {"comment", silence.comment},
          {"createdBy", silence.created_by},
          {"endsAt", FormatTime(silence.ends_at)},
          {"matchers", matchers},
          {"startsAt", FormatTime(silence.starts_at)}};
}

Json SilencesToApi(const Silences& silences, const std::vector<Matcher>& filter, WallTime now) {
  std::vector<const Silence*> chosen;
  for (const auto& [id, silence] : silences) {
    LabelSet values;
    for (const Matcher& matcher : silence.matchers) values.Set(matcher.name(), matcher.value());
    if (signals::MatchesAll(filter, values)) chosen.push_back(&silence);
  }
  const auto rank = [now](const Silence& one) {
    const SilenceState state = StateOf(one, now);
    return state == SilenceState::kActive ? 0 : state == SilenceState::kPending ? 1 : 2;
  };
  std::sort(chosen.begin(), chosen.end(), [&](const Silence* a, const Silence* b) {
    const int state = rank(*a);
    if (state != rank(*b)) return state < rank(*b);
    if (state == 1) return std::tie(a->starts_at, a->id) < std::tie(b->starts_at, b->id);
    return state == 0 ? std::tie(a->ends_at, a->id) < std::tie(b->ends_at, b->id)
                      : std::tie(b->ends_at, b->id) < std::tie(a->ends_at, a->id);
  });
  Json list = Json::array();
  for (const Silence* silence : chosen) list.push_back(SilenceToApi(*silence, now));
  return list;
}

Result<Silence> SilenceFromApi(const Json& json) {
  if (!json.is_object()) return Error(Code::kInvalidArgument, "the body must be a silence");
  Silence silence;
  if (json.contains("id") && !json["id"].is_null()) silence.id = TRY(GetString(json, "id"));
  for (const Json& matcher : *TRY(GetArray(json, "matchers"))) {
    if (!matcher.is_object()) return Error(Code::kInvalidArgument, "a matcher must be an object");
    silence.matchers.push_back(TRY(MatcherFromJson(matcher)));
  }
  silence.starts_at = TRY_CONTEXT(ParseTime(TRY(GetString(json, "startsAt"))), "'startsAt'");
  silence.ends_at = TRY_CONTEXT(ParseTime(TRY(GetString(json, "endsAt"))), "'endsAt'");
  silence.created_by = TRY(GetString(json, "createdBy"));
  silence.comment = TRY(GetString(json, "comment"));
  return silence;
}

Json ReceiversToApi(const std::vector<std::string>& receivers) {
  Json list = Json::array();
  for (const std::string& name : receivers) list.push_back(ReceiverToApi(name));
  return list;
}

Json StatusToApi(const ApiStatus& status) {
  // What is in force, in Alertmanager's own words, for `amtool config show`.
  std::string config = "route:\n  receiver: " + Quoted(status.default_receiver) + "\n";
  if (!status.group_by.empty()) config += "  group_by: " + Json(status.group_by).dump() + "\n";
  config += "receivers:\n";
  for (const std::string& name : status.receivers) config += "- name: " + Quoted(name) + "\n";
  return {{"cluster", {{"status", "disabled"}, {"peers", Json::array()}}},
          {"config", {{"original", config}}},
          {"uptime", FormatTime(status.started_at)},
          {"versionInfo",
           {{"branch", ""},
            {"buildDate", ""},
            {"buildUser", ""},
            {"goVersion", ""},
            {"revision", ""},
            {"version", status.version}}}};
}

}  // namespace vigia::alerting
