#include "control/session_routes.h"

#include <fmt/format.h>

#include "audit/audit.h"

namespace vigia::control {
namespace {

Json View(const Access& access, const Access::Who& who) {
  return {{"user", who.actor.name.empty() ? Json(nullptr) : Json(who.actor.name)},
          {"role", RoleName(who.actor.role)},
          {"csrf", who.session ? Json(who.session->csrf) : Json(nullptr)},
          {"expires_at", who.session ? Json(FormatTime(who.session->expires_at)) : Json(nullptr)},
          {"sign_in", access.HasUsers()}};
}

void Answer(http::Exchange& exchange, const Json& document) {
  exchange.response.AddHeader("Cache-Control", "no-store");
  exchange.response.body = CompactJson(document);
}

// Strict: the browser sends it with requests of our own pages only. Session cookies end with the browser.
std::string Cookie(std::string_view token, Duration lasts) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}", kSessionCookie, token,
                     std::chrono::duration_cast<std::chrono::seconds>(lasts).count());
}

Result<Credentials> ReadCredentials(const Json& body) {
  if (body.contains("key")) return Credentials {
      "", "", Secret(TRY(GetString(body, "key")))
    };
  return Credentials {
    TRY(GetString(body, "user"))
    , TRY(GetString(body, "password"))
    , {}
  };
}

// Refusals are recorded too, without what was tried.
void Record(Plane& plane, const std::string& action, const std::string& who, const http::Peer& peer) {
  const PlaneWorld& world = plane.world();
  const Status written = audit::Append(world.files, JoinPath(world.home, "logs/audit.log"), world.clock.Now(),
                                       {action, who, {{"address", peer.ToString()}}});
  if (!written.ok()) world.log.Error("the audit log cannot be written", {{"error", written.error().message()}});
}

Status SignIn(Plane& plane, Access& access, http::Exchange& exchange) {
  const Credentials credentials = TRY(ReadCredentials(TRY(ReadBody(exchange.request, {"user", "password", "key"}))));
  const auto opened = access.SignIn(credentials, exchange.request.peer);
  if (!opened.ok()) {
    const bool throttled = opened.error().code() == Code::kResourceExhausted;
    if (throttled) exchange.response.AddHeader("Retry-After", "15");
    http::AnswerError(exchange, throttled ? 429 : 401, throttled ? "RATE_LIMITED" : "UNAUTHORIZED",
                      opened.error().message());
    if (!throttled) Record(plane, "sign_in_refused", "nobody", exchange.request.peer);
    return {};
  }
  Record(plane, "sign_in", opened->session.user, exchange.request.peer);
  exchange.response.AddHeader("Set-Cookie", Cookie(opened->token.Reveal(), access.LongestSession()));
  Answer(exchange, View(access, access.WhoIs(opened->session)));
  return {};
}

}  // namespace

void AddSessionRoutes(Router& router, Plane& plane, Access& access) {
  router.Open(http::Method::kGet, "/api/v1/session", [&access](Call& call) -> Status {
    // Nobody is an answer too: it tells the page whether there is something to sign in with.
    const auto who = access.Identify(call.exchange.request);
    Answer(call.exchange, View(access, who.ok() ? *who : Access::Who{}));
    return {};
  });
  router.Open(http::Method::kPost, "/api/v1/session",
              [&plane, &access](Call& call) { return SignIn(plane, access, call.exchange); });
  router.Open(http::Method::kDelete, "/api/v1/session", [&plane, &access](Call& call) -> Status {
    const auto who = access.Identify(call.exchange.request);
    if (who.ok() && who->session) Record(plane, "sign_out", who->actor.name, call.exchange.request.peer);
    access.SignOut(call.exchange.request);
    call.exchange.response.AddHeader("Set-Cookie", Cookie("", {}));
    Answer(call.exchange, Json::object());
    return {};
  });
}

}  // namespace vigia::control
