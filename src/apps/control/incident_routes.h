// /api/v1/incidents and what people do to one.
#pragma once

#include <string>

#include "control/plane.h"
#include "control/router.h"
#include "incidents/incident.h"

namespace vigia::control {

// kNotFound: there is none of this id.
Result<incidents::Incident> FindIncident(const Plane& plane, const std::string& id);

void AddIncidentRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
