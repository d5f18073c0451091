#include "control/runbook_routes.h"

#include "control/audit_trail.h"
#include "control/views.h"

namespace vigia::control {
namespace {

using controller::PersonCommand;
using runbooks::Runbook;

constexpr size_t kRunsRead = 500;

Json TriggersOf(const Runbook& runbook) {
  Json triggers = Json::array();
  for (const runbooks::Trigger& trigger : runbook.triggers) {
    Json one = Json::object();
    if (!trigger.check.empty()) one["check"] = trigger.check;
    if (!trigger.schedule.empty()) one["schedule"] = trigger.schedule;
    for (const signals::Matcher& matcher : trigger.matchers) one["alert"].push_back(matcher.ToString());
    triggers.push_back(std::move(one));
  }
  return triggers;
}

// Newest run of each runbook, {id, state, created_at, incident}.
Result<std::map<std::string, Json>> LastRuns(RunIndex& runs) {
  std::map<std::string, Json> last;
  for (const RunSummary& run : TRY(runs.Newest(kRunsRead))) {
    last.emplace(run.runbook, Json{{"id", run.id},
                                   {"incident", run.incident},
                                   {"state", run.state},
                                   {"created_at", FormatTime(run.created_at)}});
  }
  return last;
}

Json View(const KnownRunbook& known, const Plane::Locked& locked) {
  const Runbook& runbook = known.runbook;
  Json problems = Json::array(), checks = Json::array();
  for (const config::Problem& problem : known.problems) {
    problems.push_back({{"file", problem.file}, {"line", problem.line}, {"text", problem.message}});
  }
  for (const checks::Check& check : runbook.checks) checks.push_back(check.name);
  Json open = nullptr;
  for (const incidents::Incident& incident : locked.controller.OpenIncidents()) {
    if (incident.runbook == runbook.name) open = incident.id;
  }
  return {{"name", runbook.name},
          {"title", runbook.title},
          {"summary", TextOrNull(runbook.summary)},
          {"severity", checks::SeverityName(runbook.severity)},
          {"mode", runbooks::ModeName(locked.controller.ModeOf(runbook))},
          {"triggers", TriggersOf(runbook)},
          {"key", runbook.key},
          {"checks", std::move(checks)},
          {"file", runbook.file},
          {"built_in", known.from == KnownRunbook::From::kBuiltIn},
          {"problems", std::move(problems)},
          {"last_run", nullptr},
          {"open_incident", std::move(open)}};
}

Result<Json> List(Plane& plane, RunIndex& runs) {
  const auto last = TRY(LastRuns(runs));
  const Plane::Locked locked = plane.Lock();
  Json items = Json::array();
  for (const KnownRunbook& known : plane.configuration().runbooks) {
    Json item = View(known, locked);
    if (const auto found = last.find(known.runbook.name); found != last.end()) item["last_run"] = found->second;
    items.push_back(std::move(item));
  }
  return ListOf(std::move(items));
}

Result<Json> Show(Plane& plane, RunIndex& runs, const std::string& name) {
  const auto last = TRY(LastRuns(runs));
  for (const KnownRunbook& known : plane.configuration().runbooks) {
    if (known.runbook.name != name) continue;
    Json item = View(known, plane.Lock());
    if (const auto found = last.find(name); found != last.end()) item["last_run"] = found->second;
    item["text"] = known.runbook.source;
    return item;
  }
  return Error(Code::kNotFound, "there is no runbook of this name");
}

Result<signals::LabelSet> ReadLabels(const Call& call) {
  const auto found = call.body.find("labels");
  if (found == call.body.end()) return signals::LabelSet();
  const bool texts = found->is_object() &&
                     std::all_of(found->begin(), found->end(), [](const Json& value) { return value.is_string(); });
  if (!texts) return Error(Code::kInvalidArgument, "'labels' must be a map of texts");
  return signals::LabelSet::FromJson(*found);
}

Result<Json> Start(Plane& plane, const Call& call) {
  const std::string& name = call.path[0];
  const signals::LabelSet labels = TRY(ReadLabels(call));
  const std::string reason = TRY(call.Field("reason"))
  , word = TRY(call.Field("mode"));
  const auto mode = runbooks::ParseMode(word.empty() ? "auto" : word);
  if (!mode || *mode == runbooks::Mode::kOff) {
    return Error(Code::kInvalidArgument, "'mode' must be one of auto, approve, dry-run");
  }
  const Plane::Locked locked = plane.Lock();
  for (const auto& runbook : locked.controller.Runbooks()) {
    if (runbook->name != name) continue;
    for (const std::string& label : runbook->key) {
      if (labels.Get(label).empty()) return Error(Code::kInvalidArgument, "the label '" + label + "' is missing");
    }
  }
  if (*mode == runbooks::Mode::kDryRun) {
    return Json{{"commands", TRY(locked.controller.PlanByHand(name, labels))}};
  }
  const std::string incident = TRY(locked.controller.StartByHand(name, labels, call.actor.name, *mode));
  if (!reason.empty()) {
    PersonCommand note;
    note.kind = PersonCommand::Kind::kNote;
    note.incident = incident;
    note.person = call.actor.name;
    note.text = reason;
    TRY(locked.controller.Apply(note));
  }
  Audit(plane, call, "runbook.run", {{"runbook", name}, {"incident", incident}, {"reason", reason}});
  return Json{{"incident", incident}};
}

Result<Json> ChangeMode(Plane& plane, RunIndex& runs, const Call& call) {
  const auto mode = runbooks::ParseMode(TRY(call.RequiredField("mode")));
  if (!mode) return Error(Code::kInvalidArgument, "'mode' must be one of auto, approve, dry-run, off");
  const std::string reason = TRY(call.RequiredField("reason"));
  TRY(plane.Lock().controller.SetMode(call.path[0], *mode));
  Audit(plane, call, "runbook.mode",
        {{"runbook", call.path[0]}, {"mode", runbooks::ModeName(*mode)}, {"reason", reason}});
  return Show(plane, runs, call.path[0]);
}

}  // namespace

void AddRunbookRoutes(Router& router, Plane& plane, const std::shared_ptr<RunIndex>& runs) {
  router.Get("/api/v1/runbooks", {}, [&plane, runs](Call&) { return List(plane, *runs); });
  router.Get("/api/v1/runbooks/{name}", {}, [&plane, runs](Call& call) { return Show(plane, *runs, call.path[0]); });
  router.Post("/api/v1/runbooks/{name}/run", Role::kOperator, {"labels", "mode", "reason"},
              [&plane](Call& call) { return Start(plane, call); });
  router.Post("/api/v1/runbooks/{name}/mode", Role::kAdmin, {"mode", "reason"},
              [&plane, runs](Call& call) { return ChangeMode(plane, *runs, call); });
}

}  // namespace vigia::control
