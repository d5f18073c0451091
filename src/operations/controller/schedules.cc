// Runbooks that a time starts.
#include "controller/state.h"
#include "incidents/kinds.h"

namespace vigia::controller {

// Each time starts its runbook once, also when it passed while nobody was there; several that were missed
// are one. A schedule that is seen for the first time begins now.
void Transaction::StartScheduled() {
  for (const auto& [key, stored] : state_.schedules) {
    if (stored.last && (!stored.next || *stored.next > now_)) continue;
    const bool due = stored.last.has_value();
    Schedule schedule = stored;
    schedule.last = now_;
    schedule.next = schedule.cron.Next(now_, schedule.zone);
    schedules_.insert_or_assign(key, std::move(schedule));
    const Runbook& runbook = *stored.runbook;
    if (!due || ModeOf(runbook) == runbooks::Mode::kOff) continue;
    bool open = false;
    for (const std::string& id : OpenIncidentIds()) {
      const Incident& incident = *FindIncident(id);
      if (incident.runbook != runbook.name || !incident.key.empty()) continue;
      Say(id, incidents::kinds::kNote, "its schedule " + stored.text + " came again while it is open");
      open = true;
    }
    if (open) continue;
    const std::string id = OpenIncident(&runbook, "", runbook.title, runbook.severity, {});
    Say(id, incidents::kinds::kNote, "started by its schedule " + stored.text);
    StartRun(id, runbook, std::nullopt, true);
  }
}

}  // namespace vigia::controller
