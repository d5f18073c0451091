#include "control/postmortem_routes.h"

#include "control/audit_trail.h"
#include "control/incident_routes.h"
#include "control/postmortems.h"
#include "controller/collections.h"

namespace vigia::control {
namespace {

using incidents::Incident;
using incidents::TimelineEntry;

Json Answer(const Plane& plane, const std::string& id, std::string text, bool written, bool edited) {
  return {{"text", std::move(text)},
          {"file", written ? Json(PostmortemFile(id)) : Json(nullptr)},
          {"language", plane.configuration().settings.language},
          {"edited", edited}};
}

Result<std::string> Draft(Plane& plane, const Incident& incident) {
  std::vector<TimelineEntry> timeline;
  for (const storage::StreamEntry& entry : TRY(plane.ledger().Read(controller::TimelineOf(incident.id)))) {
    timeline.push_back(TRY(TimelineEntry::FromJson(entry.value)));
  }
  const Plane::Locked locked = plane.Lock();  // the draft looks at series
  return plane.postmortems().Draft(incident, timeline);
}

// What is written, or how the draft would look now.
Result<Json> Read(Plane& plane, const std::string& id) {
  const Incident incident = TRY(FindIncident(plane, id));
  const std::string path = JoinPath(plane.world().home, PostmortemFile(incident.id));
  if (!plane.world().files.Exists(path)) return Answer(plane, id, TRY(Draft(plane, incident)), false, false);
  std::string text = TRY(plane.world().files.Read(path));
  const bool edited = plane.world().files.Exists(path + ".edited");
  return Answer(plane, id, std::move(text), true, edited);
}

Result<Json> Write(Plane& plane, const Call& call) {
  const Incident incident = TRY(FindIncident(plane, call.path[0]));
  std::string text = TRY(call.RequiredField("text"));
  const std::string path = JoinPath(plane.world().home, PostmortemFile(incident.id));
  TRY(plane.world().files.Write(path, text));
  TRY(plane.world().files.Write(path + ".edited", call.actor.name + "\n"));
  Audit(plane, call, "incident.postmortem", {{"incident", incident.id}});
  return Answer(plane, incident.id, std::move(text), true, true);
}

}  // namespace

void AddPostmortemRoutes(Router& router, Plane& plane) {
  router.Get("/api/v1/incidents/{id}/postmortem", {}, [&plane](Call& call) { return Read(plane, call.path[0]); });
  router.Put("/api/v1/incidents/{id}/postmortem", Role::kOperator, {"text"},
             [&plane](Call& call) { return Write(plane, call); });
}

}  // namespace vigia::control
