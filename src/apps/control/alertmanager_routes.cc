#include "control/alertmanager_routes.h"

#include "alerting/alertmanager.h"
#include "alerting/foreign.h"
#include "base/text.h"
#include "control/silence_routes.h"

namespace vigia::control {
namespace {

using http::Exchange;
using http::Method;

void AnswerText(Exchange& exchange, int status, const std::string& message) {
  exchange.response.status = status;
  exchange.response.body = CompactJson(message);
}

int StatusOf(Code code) {
  // Alertmanager's words: it has no 422, and senders take 429 for final, so what may work later is 503.
  if (code == Code::kInvalidArgument) return 400;
  return code == Code::kResourceExhausted ? 503 : http::StatusOf(code);
}

class Routes {
 public:
  using Action = Status (*)(Plane& plane, Exchange& exchange, const Actor& actor);

  Routes(Router& router, Plane& plane, const Access& access) : router_(router), plane_(plane), access_(access) {}

  void Add(Method method, const char* path, Role role, Action action) {
    router_.Open(method, path, [&plane = plane_, &access = access_, role, action](Call& call) -> Status {
      Exchange& exchange = call.exchange;
      const auto actor = WhoIs(plane, access, exchange.request, role);
      if (!actor.ok()) {
        AnswerText(exchange, actor.error().code() == Code::kFailedPrecondition ? 403 : 401, actor.error().message());
        return {};
      }
      exchange.response.AddHeader("Cache-Control", "no-store");
      const Status done = action(plane, exchange, *actor);
      if (!done.ok()) AnswerText(exchange, StatusOf(done.error().code()), done.error().message());
      return {};
    });
  }

 private:
  // Programs of this machine need no key, unless the settings say so.
  static Result<Actor> WhoIs(const Plane& plane, const Access& access, const http::Request& request, Role role) {
    const bool open = plane.configuration().settings.alertmanager_writes == "loopback" && IsLocalProgram(request);
    auto who = access.Identify(request);
    if (who.ok() && (*who).actor.role >= role) return (*std::move(who)).actor;
    const bool anonymous = request.Header("authorization").empty() && request.Header("x-api-key").empty();
    if (open && anonymous) return Actor{"", Role::kOperator};
    if (!who.ok()) return who.error();
    return Error(Code::kFailedPrecondition, "this needs a key with the role " + std::string(auth::RoleName(role)));
  }

  Router& router_;
  Plane& plane_;
  const Access& access_;
};

alerting::QueryParameters ReadQuery(std::string_view query) {
  alerting::QueryParameters parameters;
  for (const std::string_view part : Split(query, '&')) {
    if (part.empty()) continue;
    const size_t equal = part.find('=');
    const std::string_view value = equal == std::string_view::npos ? std::string_view() : part.substr(equal + 1);
    parameters.emplace_back(http::PercentDecode(part.substr(0, equal), true), http::PercentDecode(value, true));
  }
  return parameters;
}

Result<Json> ReadBody(const http::Request& request) {
  const std::string_view type = request.Header("content-type");
  if (!http::EqualsIgnoreCase(Trim(type.substr(0, type.find(';'))), "application/json")) {
    return Error(Code::kInvalidArgument, "the body must be application/json");
  }
  return ParseJson(request.body);
}

void Answer(Exchange& exchange, const Json& document) { exchange.response.body = CompactJson(document); }

Status GetStatus(Plane& plane, Exchange& exchange, const Actor&) {
  alerting::ApiStatus status;
  status.version = VIGIA_VERSION;
  status.started_at = plane.started_at();
  status.default_receiver = plane.configuration().default_policy;
  status.group_by = plane.configuration().alerting.group_by;
  for (const auto& [name, policy] : plane.people().directory().policies) status.receivers.push_back(name);
  if (status.receivers.empty()) status.receivers.push_back(status.default_receiver = "nobody");
  Answer(exchange, alerting::StatusToApi(status));
  return {};
}

Status GetReceivers(Plane& plane, Exchange& exchange, const Actor&) {
  std::vector<std::string> names;
  for (const auto& [name, policy] : plane.people().directory().policies) names.push_back(name);
  Answer(exchange, alerting::ReceiversToApi(names));
  return {};
}

struct Firing {
  std::vector<alerting::AlertView> views;
  WallTime now{};
};
Firing ReadFiring(Plane& plane) {
  const Plane::Locked locked = plane.Lock();
  return {locked.controller.FiringAlerts(), locked.controller.Now()};
}

Status GetAlerts(Plane& plane, Exchange& exchange, const Actor&) {
  const alerting::AlertFilter filter = TRY(alerting::ReadAlertFilter(ReadQuery(exchange.request.query)));
  const Firing firing = ReadFiring(plane);
  Answer(exchange, alerting::AlertsToApi(firing.views, filter, firing.now));
  return {};
}

Status GetGroups(Plane& plane, Exchange& exchange, const Actor&) {
  const alerting::AlertFilter filter = TRY(alerting::ReadAlertFilter(ReadQuery(exchange.request.query)));
  const Firing firing = ReadFiring(plane);
  Answer(exchange, alerting::GroupsToApi(firing.views, filter, plane.configuration().alerting.group_by, firing.now));
  return {};
}

using Reader = Result<alerting::Received> (*)(const Json&, const alerting::AlertingSettings&, WallTime);

// The good ones are stored, also when others are bad: then the answer is 400, and says which.
Status TakeAlerts(Plane& plane, Exchange& exchange, Reader read) {
  const Json body = TRY(ReadBody(exchange.request));
  alerting::Received received;
  {
    const Plane::Locked locked = plane.Lock();
    received = TRY(read(body, plane.configuration().alerting, locked.controller.Now()));
    TRY(locked.controller.TakeForeign(received.alerts));
  }
  if (!received.problems.empty()) return Error(Code::kInvalidArgument, Join(received.problems, "; "));
  return {};
}

Status PostAlerts(Plane& plane, Exchange& exchange, const Actor&) {
  return TakeAlerts(plane, exchange, alerting::ReadAlerts);
}
Status PostWebhook(Plane& plane, Exchange& exchange, const Actor&) {
  return TakeAlerts(plane, exchange, alerting::ReadWebhook);
}

Status GetSilences(Plane& plane, Exchange& exchange, const Actor&) {
  const alerting::AlertFilter filter = TRY(alerting::ReadAlertFilter(ReadQuery(exchange.request.query)));
  const Plane::Locked locked = plane.Lock();
  Answer(exchange, alerting::SilencesToApi(locked.controller.Silences(), filter.matchers, locked.controller.Now()));
  return {};
}

Status PostSilence(Plane& plane, Exchange& exchange, const Actor& actor) {
  alerting::Silence silence = TRY(alerting::SilenceFromApi(TRY(ReadBody(exchange.request))));
  Answer(exchange, {{"silenceID", TRY(SetSilence(plane, actor, std::move(silence)))}});
  return {};
}

std::string IdIn(const Exchange& exchange) { return http::PercentDecode((*exchange.parameters)[0], false); }

Status GetSilence(Plane& plane, Exchange& exchange, const Actor&) {
  const Plane::Locked locked = plane.Lock();
  const auto found = locked.controller.Silences().find(IdIn(exchange));
  if (found == locked.controller.Silences().end()) return Error(Code::kNotFound, "there is no silence with this id");
  Answer(exchange, alerting::SilenceToApi(found->second, locked.controller.Now()));
  return {};
}

Status DeleteSilence(Plane& plane, Exchange& exchange, const Actor& actor) {
  return ExpireSilence(plane, actor, IdIn(exchange));
}

}  // namespace

void AddAlertmanagerRoutes(Router& router, Plane& plane, const Access& access) {
  Routes routes(router, plane, access);
  routes.Add(Method::kGet, "/api/v2/status", Role::kViewer, GetStatus);
  routes.Add(Method::kGet, "/api/v2/receivers", Role::kViewer, GetReceivers);
  routes.Add(Method::kGet, "/api/v2/alerts", Role::kViewer, GetAlerts);
  routes.Add(Method::kPost, "/api/v2/alerts", Role::kOperator, PostAlerts);
  routes.Add(Method::kGet, "/api/v2/alerts/groups", Role::kViewer, GetGroups);
  routes.Add(Method::kGet, "/api/v2/silences", Role::kViewer, GetSilences);
  routes.Add(Method::kPost, "/api/v2/silences", Role::kOperator, PostSilence);
  routes.Add(Method::kGet, "/api/v2/silence/{id}", Role::kViewer, GetSilence);
  routes.Add(Method::kDelete, "/api/v2/silence/{id}", Role::kOperator, DeleteSilence);
  routes.Add(Method::kPost, "/api/v1/webhook/alertmanager", Role::kOperator, PostWebhook);
}

}  // namespace vigia::control
