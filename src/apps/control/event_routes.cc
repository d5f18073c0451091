#include "control/event_routes.h"

#include "base/text.h"

namespace vigia::control {

void AddEventRoutes(Router& router, const Access& access, std::shared_ptr<EventFeed> feed) {
  router.Raw(http::Method::kGet, "/api/v1/events", Role::kViewer, {},
             [&access, feed = std::move(feed)](Call& call) -> Status {
               const auto last = ParseInteger(call.exchange.request.Header("last-event-id"));
               call.exchange.response.AddHeader("Cache-Control", "no-store");
               call.exchange.response.stream =
                   feed->Subscribe(last && *last > 0 ? *last : 0, access.StillLetsIn(call.exchange.request));
               return {};
             });
}

}  // namespace vigia::control
