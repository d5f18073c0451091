#include "http/stage.h"

namespace vigia::http {

namespace {

std::string_view NextSegment(std::string_view& path) {
  path.remove_prefix(1);  // the slash
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool Matches(std::string_view pattern, std::string_view path, std::vector<std::string_view>& parameters) {
  if (pattern.find('{') == std::string_view::npos) return pattern == path;
  parameters.clear();
  while (!pattern.empty() && !path.empty()) {
    const std::string_view want = NextSegment(pattern);
    const std::string_view have = NextSegment(path);
    if (want.starts_with('{')) {
      if (have.empty()) return false;
      parameters.push_back(have);
    } else if (want != have) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

class RouteStage final : public Stage {
 public:
  explicit RouteStage(std::vector<Route> routes) : routes_(std::move(routes)) {
    for (size_t i = 0; i < routes_.size(); ++i) routes_[i].number = i + 1;
  }

  Flow Before(Exchange& exchange) override {
    const Request& request = exchange.request;
    if (!request.path.starts_with('/')) return NotFound(exchange);
    const Route* as_get = nullptr;
    const Route* other = nullptr;
    for (const Route& route : routes_) {
      if (!Matches(route.path, request.path, *exchange.parameters)) continue;
      other = &route;
      if (route.method == Method::kGet) as_get = &route;
      if (route.method == request.method) {
        exchange.route = &route;
        return Flow::kContinue;
      }
    }
    if (other == nullptr) return NotFound(exchange);
    if (request.method == Method::kHead && as_get != nullptr) {
      exchange.route = as_get;
      Matches(as_get->path, request.path, *exchange.parameters);
      return Flow::kContinue;
    }
    return WrongMethod(exchange, other);
  }

 private:
  Flow NotFound(Exchange& exchange) {
    AnswerError(exchange, 404, "NOT_FOUND", "there is nothing at this path");
    return Flow::kAnswered;
  }

  Flow WrongMethod(Exchange& exchange, const Route* at_path) {
    std::string allow = "OPTIONS";
    std::vector<std::string_view> ignored;
    for (const Route& route : routes_) {
      if (!Matches(route.path, exchange.request.path, ignored)) continue;
      allow.append(", ").append(MethodName(route.method));
      if (route.method == Method::kGet) allow += ", HEAD";
    }
    exchange.response.AddHeader("Allow", allow);
    if (exchange.request.method == Method::kOptions) {
      exchange.response.status = 204;
      return Flow::kAnswered;
    }
    exchange.route = at_path;
    AnswerError(exchange, 405, "METHOD_NOT_ALLOWED", "this path does not answer this method");
    return Flow::kAnswered;
  }

  std::vector<Route> routes_;
};

}  // namespace

std::unique_ptr<Stage> MakeRouteStage(std::vector<Route> routes) {
  return std::make_unique<RouteStage>(std::move(routes));
}

}  // namespace vigia::http
