#include "http/stage.h"

#include <algorithm>
#include <array>

namespace vigia::http {

void Pipeline::Handle(const Request& request, Response& response, const LoopState& loop) {
  std::vector<std::string_view> parameters;  // allocates only for routes that have some
  Exchange exchange{request, response, loop};
  exchange.parameters = &parameters;
  size_t ran = 0;
  while (ran < stages_.size()) {
    if (stages_[ran++]->Before(exchange) == Stage::Flow::kAnswered) break;
  }
  while (ran > 0) stages_[--ran]->After(exchange);
}

void Pipeline::EndTurn() {
  for (const auto& stage : stages_) stage->EndTurn();
}

namespace {

bool IsSane(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

class RequestIdStage final : public Stage {
 public:
  explicit RequestIdStage(Entropy& entropy) : entropy_(entropy) {}

  Flow Before(Exchange& exchange) override {
    const std::string_view inbound = exchange.request.Header("x-request-id");
    if (IsSane(inbound)) {
      exchange.request_id = inbound;
    } else {
      Draw();
      exchange.request_id = {id_.data(), id_.size()};
    }
    exchange.response.AddHeader("X-Request-ID", exchange.request_id);
    return Flow::kContinue;
  }

 private:
  // Entropy is asked for 64 ids at a time: a system call per request would cost more than the id.
  void Draw() {
    if (used_ == pool_.size()) {
      entropy_.Fill(pool_);
      used_ = 0;
    }
    static constexpr std::string_view kDigits = "0123456789abcdef";
    for (size_t i = 0; i < 16; ++i) {
      const uint8_t byte = pool_[used_ + i];
      id_[2 * i] = kDigits[byte >> 4];
      id_[2 * i + 1] = kDigits[byte & 15];
    }
    used_ += 16;
  }

  Entropy& entropy_;
  std::array<uint8_t, 16 * 64> pool_{};
  size_t used_ = pool_.size();
  std::array<char, 32> id_{};
};

class FaultStage final : public Stage {
 public:
  Flow Before(Exchange& exchange) override {
    switch (exchange.request.fault) {
      case Fault::kNone: return Flow::kContinue;
      case Fault::kMalformed: return Answer(exchange, 400, "BAD_REQUEST", "the request is not valid HTTP/1.1");
      case Fault::kTimeout: return Answer(exchange, 408, "REQUEST_TIMEOUT", "the request did not arrive in time");
      case Fault::kBodyTooLarge:
        return Answer(exchange, 413, "PAYLOAD_TOO_LARGE", "the request body is larger than this service accepts");
      case Fault::kTargetTooLong: return Answer(exchange, 414, "URI_TOO_LONG", "the request target is too long");
      case Fault::kExpectation:
        return Answer(exchange, 417, "EXPECTATION_FAILED", "the only expectation this service meets is 100-continue");
      case Fault::kHeadTooLarge:
        return Answer(exchange, 431, "HEADERS_TOO_LARGE", "the request headers are larger than this service accepts");
      case Fault::kUnsupported:
        return Answer(exchange, 501, "NOT_IMPLEMENTED", "the only transfer coding this service reads is chunked");
      case Fault::kVersion: return Answer(exchange, 505, "HTTP_VERSION", "this service speaks HTTP/1.1");
      case Fault::kTooManyConnections:
        exchange.response.AddHeader("Retry-After", "1");
        return Answer(exchange, 503, "OVERLOADED", "too many connections");
    }
    return Flow::kContinue;
  }

 private:
  static Flow Answer(Exchange& exchange, int status, std::string_view code, std::string_view message) {
    AnswerError(exchange, status, code, message);
    exchange.response.close = true;
    return Flow::kAnswered;
  }
};

class TimeStage final : public Stage {
 public:
  explicit TimeStage(const Clock& clock) : clock_(clock) {}
  Flow Before(Exchange& exchange) override {
    exchange.started = clock_.Mono();
    return Flow::kContinue;
  }

 private:
  const Clock& clock_;
};

class ActionStage final : public Stage {
 public:
  Flow Before(Exchange& exchange) override {
    exchange.route->action(exchange);
    return Flow::kAnswered;
  }
};

}  // namespace

std::unique_ptr<Stage> MakeRequestIdStage(Entropy& entropy) { return std::make_unique<RequestIdStage>(entropy); }
std::unique_ptr<Stage> MakeTimeStage(const Clock& clock) { return std::make_unique<TimeStage>(clock); }
std::unique_ptr<Stage> MakeFaultStage() { return std::make_unique<FaultStage>(); }
std::unique_ptr<Stage> MakeActionStage() { return std::make_unique<ActionStage>(); }

}  // namespace vigia::http
