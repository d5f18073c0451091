// What the API says of things, as JSON. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "checks/check_set.h"
#include "incidents/incident.h"
#include "runbooks/run.h"
#include "storage/ledger.h"

namespace vigia::control {

Json TimeOrNull(const std::optional<WallTime>& time);
Json TextOrNull(const std::string& text);
inline double SecondsOf(Duration time) { return std::chrono::duration<double>(time).count(); }

// `postmortem`: the file, when it is written.
Json ViewOf(const incidents::Incident& incident);
Json ViewOf(const storage::StreamEntry& entry);  // of a timeline
Json ViewOf(const checks::Alert& alert);

}  // namespace vigia::control
