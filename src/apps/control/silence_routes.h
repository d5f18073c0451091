// /api/v1/silences.
#pragma once

#include <string>

#include "alerting/silence.h"
#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddSilenceRoutes(Router& router, Plane& plane);

// Changes by whomever, with an entry in the audit log.
Result<std::string> SetSilence(Plane& plane, const Actor& actor, alerting::Silence silence);
Status ExpireSilence(Plane& plane, const Actor& actor, const std::string& id);

}  // namespace vigia::control
