#include "risk/shed.h"

namespace vigia::risk {

namespace {

class ShedStage final : public http::Stage {
 public:
  ShedStage(Duration budget, Counter& shed) : budget_(budget), shed_(shed) {}

  Flow Before(http::Exchange& exchange) override {
    if (exchange.route->limited == http::Limited::kNo) return Flow::kContinue;
    if (exchange.started - exchange.loop.arrived_after <= budget_) return Flow::kContinue;
    shed_.Add();
    exchange.response.AddHeader("Retry-After", "1");
    http::AnswerError(exchange, 503, "OVERLOADED", "the service is at its limit; try again");
    return Flow::kAnswered;
  }

 private:
  const Duration budget_;
  Counter& shed_;
};

}  // namespace

std::unique_ptr<http::Stage> MakeShedStage(Duration budget, Counter& shed) {
  return std::make_unique<ShedStage>(budget, shed);
}

}  // namespace vigia::risk
