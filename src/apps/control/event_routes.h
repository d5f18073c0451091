// GET /api/v1/events: what changes, as it changes.
#pragma once

#include "control/event_feed.h"
#include "control/router.h"

namespace vigia::control {

void AddEventRoutes(Router& router, const Access& access, std::shared_ptr<EventFeed> feed);

}  // namespace vigia::control
