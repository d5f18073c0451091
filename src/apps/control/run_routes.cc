#include "control/run_routes.h"

#include "control/audit_trail.h"
#include "control/run_view.h"
#include "controller/collections.h"
#include "runbooks/load.h"

namespace vigia::control {
namespace {

using controller::PersonCommand;
using runbooks::Run;
using runbooks::Runbook;

constexpr int64_t kUsualRuns = 100, kMostRuns = 500;

// The text that the run began with, also when today's is another.
std::shared_ptr<const Runbook> TextOf(Plane& plane, const Run& run) {
  if (auto known = plane.Lock().controller.RunbookOf(run.runbook_hash)) return known;
  const auto document = plane.ledger().Get(controller::kRunbooks, run.runbook_hash);
  if (!document.ok() || !*document) return nullptr;
  const auto source = GetString(**document, "source"), file = GetString(**document, "file");
  if (!source.ok() || !file.ok()) return nullptr;
  std::vector<config::Problem> problems;
  return std::make_shared<const Runbook>(
      runbooks::LoadRunbook(*source, *file, runbooks::Catalogue::BuiltIn(), problems, jq::Compiling::kFirstUse));
}

Json View(Plane& plane, const Run& run) { return ViewOf(run, TextOf(plane, run).get()); }

Result<Run> FindRun(const Plane& plane, const std::string& id) {
  const auto document = TRY(plane.ledger().Get(controller::kRuns, id));
  if (!document) return Error(Code::kNotFound, "there is no run of this id");
  return Run::FromJson(*document);
}

Result<Json> ListRuns(Plane& plane, const Call& call) {
  const std::string state = call.Text("state", "active");
  Json items = Json::array();
  if (state == "active") {
    for (const Run& run : plane.Lock().controller.ActiveRuns()) items.push_back(View(plane, run));
    return ListOf(std::move(items));
  }
  if (state != "all") return Error(Code::kInvalidArgument, "'state' must be one of active, all");
  const auto limit = static_cast<size_t>(TRY(call.Integer("limit", kUsualRuns, 1, kMostRuns)));
  const auto page = TRY(plane.ledger().Page(controller::kRuns, call.Text("before"), limit));
  for (const storage::Document& document : page) items.push_back(View(plane, TRY(Run::FromJson(document.value))));
  return ListOf(std::move(items), page.size() == limit ? Json(page.back().key) : Json(nullptr));
}

Result<Json> Decide(Plane& plane, const Call& call, PersonCommand::Kind kind, const std::string& action) {
  const Run run = TRY(FindRun(plane, call.path[0]));
  PersonCommand command;
  command.kind = kind;
  command.incident = run.incident;
  command.person = call.actor.name;
  command.text = TRY(call.Field("text"));
  command.scope = TRY(call.Field("scope"));
  if (command.scope.empty() && run.waiting) command.scope = run.waiting->scope;
  if (runbooks::IsOver(run.state)) return Error(Code::kFailedPrecondition, "run " + run.id + " is over");
  TRY(plane.Lock().controller.Apply(command));
  Audit(plane, call, "run." + action, {{"run", run.id}, {"scope", command.scope}, {"reason", command.text}});
  return View(plane, TRY(FindRun(plane, run.id)));
}

}  // namespace

void AddRunRoutes(Router& router, Plane& plane) {
  router.Get("/api/v1/runs", {"state", "limit", "before"}, [&plane](Call& call) { return ListRuns(plane, call); });
  router.Get("/api/v1/runs/{id}", {},
             [&plane](Call& call) -> Result<Json> { return View(plane, TRY(FindRun(plane, call.path[0]))); });
  const std::pair<const char*, PersonCommand::Kind> commands[] = {{"approve", PersonCommand::Kind::kApprove},
                                                                  {"deny", PersonCommand::Kind::kRefuse},
                                                                  {"cancel", PersonCommand::Kind::kTakeOver}};
  for (const auto& [name, kind] : commands) {
    router.Post(
        std::string("/api/v1/runs/{id}/") + name, Role::kOperator, {"scope", "text"},
        [&plane, kind = kind, action = std::string(name)](Call& call) { return Decide(plane, call, kind, action); });
  }
}

}  // namespace vigia::control
