#include "control/router.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace vigia::control {
namespace {

using http::Exchange;
using http::Method;

Result<std::map<std::string, std::string>> ReadQuery(std::string_view query, const std::vector<std::string>& known) {
  std::map<std::string, std::string> read;
  if (query.empty()) return read;
  for (const std::string_view part : Split(query, '&')) {
    if (part.empty()) continue;
    const size_t equal = part.find('=');
    std::string name = http::PercentDecode(part.substr(0, equal), true);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Error(Code::kInvalidArgument, "this path does not know one of the query's parameters" +
                                               (known.empty() ? std::string() : "; it knows " + Join(known, ", ")));
    }
    std::string value = equal == std::string_view::npos ? "" : http::PercentDecode(part.substr(equal + 1), true);
    // A parameter that may come again (label) is kept one a line.
    const auto [at, fresh] = read.emplace(std::move(name), value);
    if (!fresh) at->second += "\n" + value;
  }
  return read;
}

// A key may be anything that somebody sent: only what looks like one is repeated.
std::string Named(const std::string& key) {
  const bool plain = !key.empty() && key.size() <= 64 && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  });
  return plain ? "the key '" + key + "'" : "one of its keys";
}

// False: answered.
bool MayCall(Exchange& exchange, const Access& access, Role role, Actor& actor) {
  auto who = access.Identify(exchange.request);
  if (!who.ok() && who.error().code() == Code::kFailedPrecondition) {
    http::AnswerError(exchange, 403, "CSRF", who.error().message());
    return false;
  }
  if (!who.ok()) {
    exchange.response.AddHeader("WWW-Authenticate", "Bearer");
    http::AnswerError(exchange, 401, "UNAUTHORIZED", who.error().message());
    return false;
  }
  actor = (*std::move(who)).actor;
  if (actor.role >= role) return true;
  const std::string need = "this needs the role " + std::string(RoleName(role));
  http::AnswerError(exchange, 403, "FORBIDDEN",
                    need + (actor.name.empty() ? "; without a sign-in you may look only" : ""));
  return false;
}

// False: answered.
bool ReadCall(Call& call, const std::vector<std::string>& query_known, const std::vector<std::string>& fields) {
  Exchange& exchange = call.exchange;
  for (const std::string_view segment : *exchange.parameters) {
    call.path.push_back(http::PercentDecode(segment, false));
  }
  auto query = ReadQuery(exchange.request.query, query_known);
  if (!query.ok()) {
    http::AnswerError(exchange, 400, "BAD_REQUEST", query.error().message());
    return false;
  }
  call.query = *std::move(query);
  const Method method = exchange.request.method;
  if (method != Method::kPost && method != Method::kPut) return true;
  auto body = ReadBody(exchange.request, fields);
  if (!body.ok()) {
    http::AnswerError(exchange, 400, "BAD_REQUEST", body.error().message());
    return false;
  }
  call.body = *std::move(body);
  return true;
}

// What we answer is data: no browser makes a page of it.
void Guard(Exchange& exchange) {
  exchange.response.AddHeader("X-Content-Type-Options", "nosniff");
  exchange.response.AddHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
}

void AnswerJson(Exchange& exchange, const Result<Json>& answer) {
  if (!answer.ok()) return http::AnswerError(exchange, answer.error());
  exchange.response.AddHeader("Cache-Control", "no-store");
  exchange.response.body = CompactJson(*answer);
}

}  // namespace

Result<Json> ReadBody(const http::Request& request, const std::vector<std::string>& fields) {
  if (Trim(request.body).empty()) return Json(Json::object());
  const std::string_view type = request.Header("content-type");
  if (!http::EqualsIgnoreCase(type.substr(0, type.find(';')), "application/json")) {
    return Error(Code::kInvalidArgument, "the body must be application/json");
  }
  Json body = TRY_CONTEXT(ParseJson(request.body), "body");
  if (!body.is_object()) return Error(Code::kInvalidArgument, "the body must be a JSON object");
  for (const auto& [key, value] : body.items()) {
    if (std::find(fields.begin(), fields.end(), key) != fields.end()) continue;
    return Error(Code::kInvalidArgument,
                 "this path does not know " + Named(key) + " of the body" +
                     (fields.empty() ? std::string("; it takes none") : "; it knows " + Join(fields, ", ")));
  }
  return body;
}

Result<int64_t> Call::Integer(const std::string& name, int64_t fallback, int64_t least, int64_t most) const {
  const auto found = query.find(name);
  if (found == query.end()) return fallback;
  const auto value = ParseInteger(found->second);
  if (value && *value >= least && *value <= most) return *value;
  return Error(Code::kInvalidArgument,
               "'" + name + "' must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

std::string Call::Text(const std::string& name, std::string fallback) const {
  const auto found = query.find(name);
  if (found != query.end()) return found->second;
  return fallback;
}

Result<std::string> Call::Field(const std::string& name) const {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::string();
  if (!found->is_string()) return Error(Code::kInvalidArgument, "'" + name + "' must be a text");
  return found->get<std::string>();
}

Result<std::string> Call::RequiredField(const std::string& name) const {
  std::string text = TRY(Field(name));
  if (text.empty()) return Error(Code::kInvalidArgument, "'" + name + "' is missing");
  return text;
}

void Router::Add(Method method, std::string path, Role role, Known known, Handler handler) {
  AddRaw(method, std::move(path), role, std::move(known), [handler = std::move(handler)](Call& call) -> Status {
    AnswerJson(call.exchange, handler(call));
    return {};
  });
}

void Router::AddRaw(Method method, std::string path, Role role, Known known, RawHandler handler) {
  http::Route route;
  route.method = method;
  route.path = std::move(path);
  route.access = http::Access::kPublic;
  route.action = [&access = access_, role, known = std::move(known), handler = std::move(handler)](Exchange& exchange) {
    Guard(exchange);
    Call call{exchange, {}, {}, {}, {}};
    if (!MayCall(exchange, access, role, call.actor) || !ReadCall(call, known.query, known.fields)) return;
    const Status answered = handler(call);
    if (!answered.ok()) http::AnswerError(exchange, answered.error());
  };
  routes_.push_back(std::move(route));
}

void Router::Raw(Method method, std::string path, Role role, std::vector<std::string> query, RawHandler handler) {
  AddRaw(method, std::move(path), role, {std::move(query), {}}, std::move(handler));
}

void Router::Open(Method method, std::string path, RawHandler handler) {
  http::Route route;
  route.method = method;
  route.path = std::move(path);
  route.access = http::Access::kPublic;
  route.action = [handler = std::move(handler)](Exchange& exchange) {
    Guard(exchange);
    Call call{exchange, {}, {}, {}, {}};
    const Status answered = handler(call);
    if (!answered.ok()) http::AnswerError(exchange, answered.error());
  };
  routes_.push_back(std::move(route));
}

void Router::AddPublic(std::vector<http::Route> routes) {
  std::move(routes.begin(), routes.end(), std::back_inserter(routes_));
}

void Router::Get(std::string path, std::vector<std::string> query, Handler handler) {
  Add(Method::kGet, std::move(path), Role::kViewer, {std::move(query), {}}, std::move(handler));
}
void Router::Post(std::string path, Role role, std::vector<std::string> fields, Handler handler) {
  Add(Method::kPost, std::move(path), role, {{}, std::move(fields)}, std::move(handler));
}
void Router::Put(std::string path, Role role, std::vector<std::string> fields, Handler handler) {
  Add(Method::kPut, std::move(path), role, {{}, std::move(fields)}, std::move(handler));
}
void Router::Delete(std::string path, Role role, Handler handler) {
  Add(Method::kDelete, std::move(path), role, {}, std::move(handler));
}

Json ListOf(Json items, Json next) { return {{"items", std::move(items)}, {"next", std::move(next)}}; }

}  // namespace vigia::control
