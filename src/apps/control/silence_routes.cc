#include "control/silence_routes.h"

#include "audit/audit.h"

namespace vigia::control {
namespace {

// What was done stays done when the log cannot be written.
void Record(const Plane& plane, const std::string& action, const Actor& actor, Json details) {
  const PlaneWorld& world = plane.world();
  const Status written = audit::Append(world.files, JoinPath(world.home, "logs/audit.log"), world.clock.Now(),
                                       {action, actor.name, std::move(details)});
  if (!written.ok()) world.log.Error("the audit log cannot be written", {{"reason", written.error().message()}});
}

Json TextsOf(const std::vector<signals::Matcher>& matchers) {
  Json texts = Json::array();
  for (const signals::Matcher& matcher : matchers) texts.push_back(matcher.ToString());
  return texts;
}

Json ViewOf(const alerting::Silence& silence, WallTime now) {
  Json matchers = Json::array();
  for (const signals::Matcher& matcher : silence.matchers) matchers.push_back(alerting::MatcherToJson(matcher));
  return {{"id", silence.id},
          {"state", alerting::SilenceStateName(alerting::StateOf(silence, now))},
          {"matchers", std::move(matchers)},
          {"text", TextsOf(silence.matchers)},
          {"starts_at", FormatTime(silence.starts_at)},
          {"ends_at", FormatTime(silence.ends_at)},
          {"updated_at", FormatTime(silence.updated_at)},
          {"created_by", silence.created_by},
          {"comment", silence.comment}};
}

// The recurring ones of vigia.yaml are shown beside those that people made.
Result<Json> ListSilences(Plane& plane, const Call& call) {
  const std::string state = call.Text("state", "all");
  if (state != "all" && state != "active" && state != "pending" && state != "expired") {
    return Error(Code::kInvalidArgument, "'state' must be one of active, pending, expired, all");
  }
  Json items = Json::array();
  const Plane::Locked locked = plane.Lock();
  const WallTime now = locked.controller.Now();
  for (const auto& [id, silence] : locked.controller.Silences()) {
    Json item = ViewOf(silence, now);
    if (state == "all" || item["state"] == state) items.push_back(std::move(item));
  }
  const std::set<std::string> open = plane.people().OpenWindows(now);
  Json windows = Json::array();
  for (const alerting::WindowSilence& one : plane.configuration().alerting.silences) {
    windows.push_back({{"window", one.window},
                       {"text", TextsOf(one.matchers)},
                       {"comment", one.comment},
                       {"open", open.count(one.window) > 0}});
  }
  Json list = ListOf(std::move(items));
  list["windows"] = std::move(windows);
  return list;
}

// Each is a text, `service="risk"`, or {name, value, isRegex, isEqual}.
Result<std::vector<signals::Matcher>> ReadMatchers(const Json& body) {
  std::vector<signals::Matcher> matchers;
  for (const Json& one : *TRY(GetArray(body, "matchers"))) {
    if (one.is_string()) {
      matchers.push_back(TRY(signals::Matcher::Parse(one.get<std::string>())));
    } else if (one.is_object()) {
      matchers.push_back(TRY(alerting::MatcherFromJson(one)));
    } else {
      return Error(Code::kInvalidArgument, "a matcher must be a text or an object");
    }
  }
  return matchers;
}

Result<Json> Add(Plane& plane, const Call& call) {
  alerting::Silence silence;
  silence.id = TRY(call.Field("id"));
  silence.matchers = TRY(ReadMatchers(call.body));
  const WallTime now = plane.Lock().controller.Now();
  const std::string starts = TRY(call.Field("starts_at"));
  silence.starts_at = starts.empty() ? now : TRY_CONTEXT(ParseTime(starts), "'starts_at'");
  silence.ends_at = TRY_CONTEXT(ParseTime(TRY(call.RequiredField("ends_at"))), "'ends_at'");
  silence.comment = TRY(call.Field("comment"));
  silence.created_by = call.actor.name;
  const std::string id = TRY(SetSilence(plane, call.actor, std::move(silence)));
  const Plane::Locked locked = plane.Lock();
  const auto found = locked.controller.Silences().find(id);
  CHECK(found != locked.controller.Silences().end(), "a silence is gone at once");
  return ViewOf(found->second, locked.controller.Now());
}

}  // namespace

Result<std::string> SetSilence(Plane& plane, const Actor& actor, alerting::Silence silence) {
  Json details = {{"matchers", TextsOf(silence.matchers)},
                  {"ends_at", FormatTime(silence.ends_at)},
                  {"created_by", silence.created_by},
                  {"comment", silence.comment}};
  std::string id = TRY(plane.Lock().controller.SetSilence(std::move(silence)));
  details["id"] = id;
  Record(plane, "silence_set", actor, std::move(details));
  return id;
}

Status ExpireSilence(Plane& plane, const Actor& actor, const std::string& id) {
  TRY(plane.Lock().controller.ExpireSilence(id));
  Record(plane, "silence_expire", actor, {{"id", id}});
  return {};
}

void AddSilenceRoutes(Router& router, Plane& plane) {
  router.Get("/api/v1/silences", {"state"}, [&plane](Call& call) { return ListSilences(plane, call); });
  router.Post("/api/v1/silences", Role::kOperator, {"id", "matchers", "starts_at", "ends_at", "comment"},
              [&plane](Call& call) { return Add(plane, call); });
  router.Delete("/api/v1/silences/{id}", Role::kOperator, [&plane](Call& call) -> Result<Json> {
    TRY(ExpireSilence(plane, call.actor, call.path[0]));
    return Json{{"id", call.path[0]}, {"state", "expired"}};
  });
}

}  // namespace vigia::control
