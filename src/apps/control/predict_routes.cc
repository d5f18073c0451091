#include "control/predict_routes.h"

#include <algorithm>

namespace vigia::control {
namespace {

constexpr Duration kTimeout = std::chrono::milliseconds(1000);  // the loop waits: the service answers in a few ms

Result<std::string> UrlOfRisk(const Plane& plane) {
  for (const supervisor::ServiceSpec& spec : plane.configuration().services) {
    if (spec.name != "risk") continue;
    const std::string url = spec.Expand(spec.health_url, 0);
    return url.substr(0, url.find('/', url.find("://") + 3));
  }
  return Error(Code::kNotFound, "no service named 'risk' is configured");
}

// The strongest first.
Json Explained(const Json& prediction, const Json& instance) {
  const Json explanation = MemberOrNull(prediction, "explanation");
  const Json from = MemberOrNull(explanation, "contributions");
  if (!from.is_object()) return nullptr;
  std::vector<Json> list;
  for (const auto& [name, value] : from.items()) {
    if (!value.is_number()) continue;
    list.push_back({{"feature", name}, {"value", MemberOrNull(instance, name.c_str())}, {"contribution", value}});
  }
  std::stable_sort(list.begin(), list.end(), [](const Json& a, const Json& b) {
    return std::abs(a["contribution"].get<double>()) > std::abs(b["contribution"].get<double>());
  });
  return {{"base", MemberOrNull(explanation, "bias")},
          {"unit", MemberOrNull(explanation, "unit")},
          {"contributions", list}};
}

// What the service says of a refusal is about the request's form, and goes on to who asked.
Error Refusal(const net::HttpResponse& answer) {
  const auto body = ParseJson(answer.body);
  const Json detail = body.ok() ? MemberOrNull(*body, "detail") : Json(nullptr);
  const Code code = answer.status >= 500   ? Code::kUnavailable
                    : answer.status == 429 ? Code::kResourceExhausted
                                           : Code::kInvalidArgument;
  return Error(code, "the risk service answers " + std::to_string(answer.status) +
                         (detail.is_string() ? ": " + detail.get<std::string>() : std::string()));
}

Result<Json> Predict(Plane& plane, const Call& call) {
  const Json* instance = TRY(GetObject(call.body, "instance"));
  net::HttpRequest request;
  request.method = "POST";
  const std::string url = TRY(UrlOfRisk(plane));
  request.url = url + "/predict";
  request.headers = {{"Content-Type", "application/json"}};
  // A caller's key for the service goes on to it: the control plane has none of its own.
  const std::string_view key = call.exchange.request.Header("x-service-key");
  if (!key.empty()) request.headers.emplace_back("X-API-Key", std::string(key));
  request.body = CompactJson({{"instances", Json::array({*instance})}, {"explain", true}});
  request.timeout = kTimeout;
  const net::HttpResponse answer = TRY_CONTEXT(plane.world().http.Send(request), "risk service");
  if (answer.status != 200) return Refusal(answer);
  const Json body = TRY_CONTEXT(ParseJson(answer.body), "risk service");
  const Json* predictions = TRY(GetArray(body, "predictions"));
  if (predictions->empty()) return Error(Code::kInternal, "the risk service answered without a prediction");
  const Json& prediction = predictions->front();
  return Json{{"risk_score", MemberOrNull(prediction, "risk_score")},
              {"risk_label", MemberOrNull(prediction, "risk_label")},
              {"model_version", MemberOrNull(prediction, "model_version")},
              {"imputed", MemberOrNull(body, "imputed")},
              {"warnings", MemberOrNull(body, "warnings")},
              {"explanation", Explained(prediction, *instance)},
              {"processing_time_ms", MemberOrNull(body, "processing_time_ms")}};
}

}  // namespace

void AddPredictRoutes(Router& router, Plane& plane) {
  router.Post("/api/v1/predict", Role::kViewer, {"instance"}, [&plane](Call& call) { return Predict(plane, call); });
}

}  // namespace vigia::control
