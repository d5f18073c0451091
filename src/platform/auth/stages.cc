#include "auth/stages.h"

#include <algorithm>

#include "base/digest.h"

namespace vigia::auth {

namespace {

using http::Exchange;

std::string SecondsUp(Duration time) {
  return std::to_string(std::max<int64_t>(1, std::chrono::ceil<std::chrono::seconds>(time).count()));
}

std::string_view PresentedKey(const http::Request& request) {
  const std::string_view key = request.Header("x-api-key");
  if (!key.empty()) return key;
  const std::string_view authorization = request.Header("authorization");
  constexpr std::string_view kBearer = "Bearer ";
  if (authorization.size() > kBearer.size() &&
      http::EqualsIgnoreCase(authorization.substr(0, kBearer.size()), kBearer)) {
    return authorization.substr(kBearer.size());
  }
  return {};
}

class KeyStage final : public http::Stage {
 public:
  KeyStage(const AccessHolder& access, RateLimiter& failures, const Clock& clock)
      : view_(access), failures_(failures), clock_(clock) {}

  Flow Before(Exchange& exchange) override {
    const AccessPolicy* policy = view_.Current();
    if (generation_ != view_.generation()) {
      generation_ = view_.generation();
      last_.clear();
    }
    const WallTime now = clock_.Now();
    if (policy->IsBlocked(exchange.request.peer, now)) {
      http::AnswerError(exchange, 403, "FORBIDDEN", "this address is blocked");
      exchange.response.close = true;
      return Flow::kAnswered;
    }
    if (exchange.route->access == http::Access::kPublic) return Flow::kContinue;
    if (policy->keys.empty()) {
      if (exchange.request.peer.IsLoopback()) return Flow::kContinue;
      http::AnswerError(exchange, 401, "UNAUTHORIZED", "no API keys are configured: only loopback clients are served");
      return Flow::kAnswered;
    }
    if (const ApiKey* key = Find(*policy, PresentedKey(exchange.request), now)) {
      exchange.key_name = key->name;
      exchange.key_rate_rpm = key->rate_limit_rpm;
      return Flow::kContinue;
    }
    return Refuse(exchange, *policy);
  }

 private:
  // Clients send one key over and over: what was found for the last secret is kept. Comparing with it
  // takes constant time too, and it is forgotten when the policy changes.
  const ApiKey* Find(const AccessPolicy& policy, std::string_view secret, WallTime now) {
    if (!last_.empty() && ConstantTimeEqual(last_, secret) && last_key_->ActiveAt(now)) return last_key_;
    const ApiKey* key = policy.keys.Find(secret, now);
    if (key != nullptr) {
      last_ = secret;
      last_key_ = key;
    }
    return key;
  }

  Flow Refuse(Exchange& exchange, const AccessPolicy& policy) {
    const RateDecision decision =
        failures_.Take(RateLimiter::IdOf(exchange.request.peer), policy.failures, exchange.started);
    if (!decision.allowed) {
      exchange.response.AddHeader("Retry-After", SecondsUp(decision.retry_after));
      http::AnswerError(exchange, 429, "RATE_LIMITED", "too many requests without a valid API key");
      return Flow::kAnswered;
    }
    exchange.response.AddHeader("WWW-Authenticate", "X-API-Key");
    http::AnswerError(exchange, 401, "UNAUTHORIZED", "a valid API key is needed in the header X-API-Key");
    return Flow::kAnswered;
  }

  LiveView<AccessPolicy> view_;
  uint64_t generation_ = 0;
  std::string last_;
  const ApiKey* last_key_ = nullptr;
  RateLimiter& failures_;
  const Clock& clock_;
};

class LimitStage final : public http::Stage {
 public:
  LimitStage(const AccessHolder& access, RateLimiter& limiter, const Clock& clock)
      : view_(access), limiter_(limiter), clock_(clock) {}

  Flow Before(Exchange& exchange) override {
    if (exchange.route->limited == http::Limited::kNo) return Flow::kContinue;
    const AccessPolicy* policy = view_.Current();
    const bool looks = exchange.request.method == http::Method::kHead;
    std::optional<Rate> rate = policy->RateAt(clock_.Now());
    if (exchange.key_rate_rpm > 0) {
      const auto own = static_cast<double>(exchange.key_rate_rpm);
      rate = Rate{own, own};
    }
    if (!rate) {
      if (looks) AddLimits(exchange, "unlimited", "unlimited");
      return Flow::kContinue;
    }
    const uint64_t id =
        exchange.key_name.empty() ? RateLimiter::IdOf(exchange.request.peer) : RateLimiter::IdOf(exchange.key_name);
    const RateDecision decision =
        looks ? limiter_.Look(id, *rate, exchange.started) : limiter_.Take(id, *rate, exchange.started);
    AddLimits(exchange, std::to_string(decision.limit), std::to_string(decision.remaining));
    if (decision.allowed || looks) return Flow::kContinue;
    exchange.response.AddHeader("Retry-After", SecondsUp(decision.retry_after));
    http::AnswerError(exchange, 429, "RATE_LIMITED", "this client has used up its requests; see Retry-After");
    return Flow::kAnswered;
  }

 private:
  static void AddLimits(Exchange& exchange, std::string_view limit, std::string_view remaining) {
    exchange.response.AddHeader("X-RateLimit-Limit", limit);
    exchange.response.AddHeader("X-RateLimit-Remaining", remaining);
  }

  LiveView<AccessPolicy> view_;
  RateLimiter& limiter_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<http::Stage> MakeKeyStage(const AccessHolder& access, RateLimiter& failures, const Clock& clock) {
  return std::make_unique<KeyStage>(access, failures, clock);
}

std::unique_ptr<http::Stage> MakeLimitStage(const AccessHolder& access, RateLimiter& limiter, const Clock& clock) {
  return std::make_unique<LimitStage>(access, limiter, clock);
}

}  // namespace vigia::auth
