#include "control/incident_routes.h"

#include <algorithm>

#include "base/text.h"
#include "control/audit_trail.h"
#include "control/stream_end.h"
#include "control/views.h"
#include "controller/collections.h"

namespace vigia::control {

Result<incidents::Incident> FindIncident(const Plane& plane, const std::string& id) {
  const auto document = TRY(plane.ledger().Get(controller::kIncidents, id));
  if (!document) return Error(Code::kNotFound, "there is no incident of this id");
  return incidents::Incident::FromJson(*document);
}

namespace {

using controller::PersonCommand;
using incidents::Incident;

constexpr int64_t kUsualIncidents = 100, kMostIncidents = 500;
constexpr size_t kPage = 200, kMostRead = 5000;

struct Filter {
  std::string state;  // open, resolved, all
  std::optional<incidents::Severity> severity;
  std::string words;  // in lower case

  bool Fits(const Incident& incident) const {
    if (state != "all" && incident.open() != (state == "open")) return false;
    if (severity && incident.severity != *severity) return false;
    if (words.empty()) return true;
    const std::string text = incident.id + " " + incident.title + " " + incident.key + " " + incident.runbook;
    return ToLowerAscii(text).find(words) != std::string::npos;
  }
};

Result<Filter> ReadFilter(const Call& call) {
  Filter filter;
  filter.state = call.Text("state", "all");
  if (filter.state != "open" && filter.state != "resolved" && filter.state != "all") {
    return Error(Code::kInvalidArgument, "'state' must be one of open, resolved, all");
  }
  if (const std::string severity = call.Text("severity"); !severity.empty()) {
    filter.severity = checks::ParseSeverity(severity);
    if (!filter.severity) return Error(Code::kInvalidArgument, "'severity' must be one of P1, P2, P3, P4");
  }
  filter.words = ToLowerAscii(call.Text("q"));
  return filter;
}

// Newest first. A search that finds little stops after kMostRead, with a cursor to go on from.
Result<Json> List(const Plane& plane, const Call& call) {
  const Filter filter = TRY(ReadFilter(call));
  const auto limit = static_cast<size_t>(TRY(call.Integer("limit", kUsualIncidents, 1, kMostIncidents)));
  std::string before = call.Text("before");
  Json items = Json::array();
  for (size_t read = 0; read < kMostRead;) {
    const auto page = TRY(plane.ledger().Page(controller::kIncidents, before, kPage));
    for (const storage::Document& document : page) {
      before = document.key;
      const Incident incident = TRY(Incident::FromJson(document.value));
      if (filter.Fits(incident)) items.push_back(ViewOf(incident));
      if (items.size() == limit) return ListOf(std::move(items), before);
    }
    if (page.size() < kPage) return ListOf(std::move(items));
    read += page.size();
  }
  return ListOf(std::move(items), before);
}

// The newest `limit` entries before `before` (0: all), newest first; the cursor goes back in time.
Result<Json> NewestOfTimeline(const Plane& plane, const std::string& id, int64_t before, int64_t limit) {
  const std::string stream = controller::TimelineOf(id);
  const int64_t end = before > 0 ? before : TRY(LastSequence(plane.ledger(), stream))
  +1;
  const int64_t begin = std::max<int64_t>(1, end - limit);
  Json items = Json::array();
  if (end > begin) {
    const auto entries = TRY(plane.ledger().Read(stream, begin - 1, static_cast<size_t>(end - begin)));
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) items.push_back(ViewOf(*entry));
  }
  return ListOf(std::move(items), begin > 1 ? Json(std::to_string(begin)) : Json(nullptr));
}

Result<Json> Timeline(const Plane& plane, const Call& call) {
  const std::string& id = call.path[0];
  TRY(FindIncident(plane, id));
  const int64_t after = TRY(call.Integer("after", 0, 0, INT64_MAX));
  const int64_t limit = TRY(call.Integer("limit", kUsualIncidents, 1, kMostIncidents));
  if (const std::string order = call.Text("order", "oldest"); order == "newest") {
    return NewestOfTimeline(plane, id, TRY(call.Integer("before", 0, 0, INT64_MAX)), limit);
  } else if (order != "oldest") {
    return Error(Code::kInvalidArgument, "'order' must be one of oldest, newest");
  }
  const auto entries = TRY(plane.ledger().Read(controller::TimelineOf(id), after, static_cast<size_t>(limit)));
  Json items = Json::array();
  for (const storage::StreamEntry& entry : entries) items.push_back(ViewOf(entry));
  const bool full = entries.size() == static_cast<size_t>(limit);
  return ListOf(std::move(items), full ? Json(std::to_string(entries.back().seq)) : Json(nullptr));
}

Result<Json> Do(Plane& plane, const Call& call, PersonCommand::Kind kind, const std::string& action) {
  PersonCommand command;
  command.kind = kind;
  command.incident = call.path[0];
  command.person = call.actor.name;
  command.text = TRY(call.Field(kind == PersonCommand::Kind::kAssign ? "to" : "text"));
  if (kind == PersonCommand::Kind::kRaise) {
    const auto severity = checks::ParseSeverity(TRY(call.RequiredField("severity")));
    if (!severity) return Error(Code::kInvalidArgument, "'severity' must be one of P1, P2, P3, P4");
    command.severity = *severity;
  }
  const Incident before = TRY(FindIncident(plane, command.incident));
  if (before.closed || (!before.open() && kind != PersonCommand::Kind::kNote)) {
    return Error(Code::kFailedPrecondition, "incident " + before.id + " is already resolved");
  }
  TRY(plane.Lock().controller.Apply(command));
  Audit(plane, call, "incident." + action, {{"incident", command.incident}});
  return ViewOf(TRY(FindIncident(plane, command.incident)));
}

}  // namespace

void AddIncidentRoutes(Router& router, Plane& plane) {
  router.Get("/api/v1/incidents", {"state", "severity", "q", "limit", "before"},
             [&plane](Call& call) { return List(plane, call); });
  router.Get("/api/v1/incidents/{id}", {},
             [&plane](Call& call) -> Result<Json> { return ViewOf(TRY(FindIncident(plane, call.path[0]))); });
  router.Get("/api/v1/incidents/{id}/timeline", {"after", "before", "limit", "order"},
             [&plane](Call& call) { return Timeline(plane, call); });
  struct Verb {
    const char* name;
    PersonCommand::Kind kind;
    std::vector<std::string> fields;
  };
  const Verb verbs[] = {{"acknowledge", PersonCommand::Kind::kAcknowledge, {}},
                        {"note", PersonCommand::Kind::kNote, {"text"}},
                        {"assign", PersonCommand::Kind::kAssign, {"to"}},
                        {"resolve", PersonCommand::Kind::kResolve, {"text"}},
                        {"severity", PersonCommand::Kind::kRaise, {"severity"}}};
  for (const Verb& verb : verbs) {
    router.Post(std::string("/api/v1/incidents/{id}/") + verb.name, Role::kOperator, verb.fields,
                [&plane, kind = verb.kind, action = std::string(verb.name)](Call& call) {
                  return Do(plane, call, kind, action);
                });
  }
}

}  // namespace vigia::control
