#include "risk/request_log.h"

#include "base/text.h"
#include "risk/json_out.h"

namespace vigia::risk {

namespace {

class RequestLogStage final : public http::Stage {
 public:
  RequestLogStage(LineLog& log, LineRing& ring, const Clock& clock)
      : logger_(log.settings().logger), level_(log.settings().level), ring_(ring), clock_(clock) {}

  void After(http::Exchange& exchange) override {
    const int status = exchange.response.status;
    const bool probe = exchange.route != nullptr && exchange.route->limited == http::Limited::kNo &&
                       exchange.route->method == http::Method::kGet;
    const LogLevel level = status >= 500   ? LogLevel::kError
                           : status >= 400 ? LogLevel::kWarning
                           : probe         ? LogLevel::kDebug
                                           : LogLevel::kInfo;
    if (level < level_) return;
    Write(exchange, level);
    ring_.Write(line_);
  }

 private:
  void Write(const http::Exchange& exchange, LogLevel level) {
    line_.clear();
    line_.append("{\"timestamp\": \"").append(Timestamp());
    line_.append("\", \"level\": \"").append(LogLevelName(level));
    line_.append("\", \"logger\": \"").append(logger_);
    line_.append("\", \"message\": \"request\", \"request_id\": \"").append(exchange.request_id);
    line_.append("\", \"method\": \"").append(http::MethodName(exchange.request.method));
    line_.append("\", \"path\": \"");
    line_.append(exchange.route != nullptr ? std::string_view(exchange.route->path) : "(none)");
    line_.append("\", \"status_code\": ");
    AppendInteger(line_, static_cast<uint64_t>(exchange.response.status));
    line_.append(", \"latency_ms\": ");
    AppendMilliseconds(line_, exchange.finished - exchange.loop.turn_began);
    if (exchange.instances > 0) {
      line_.append(", \"n_instances\": ");
      AppendInteger(line_, exchange.instances);
    }
    AppendText("model_version", exchange.model_version);
    AppendText("key_name", exchange.key_name);
    AppendText("error", exchange.error_code);
    // Who floods or guesses must be found; of a client that is served, no address is kept.
    const int status = exchange.response.status;
    if (status == 401 || status == 403 || status == 429) AppendText("client", exchange.request.peer.ToString());
    line_.append("}\n");
  }

  void AppendText(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    line_.append(", \"").append(key).append("\": ");
    AppendJsonString(line_, value);
  }

  // The calendar is asked once a second; the rest is digits.
  std::string_view Timestamp() {
    const WallTime now = clock_.Now();
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (stamp_.empty() || second != second_) {
      stamp_ = FormatTime(WallTime(second));
      second_ = second;
    }
    auto micros = static_cast<uint64_t>((now - second).count());
    for (size_t i = 0; i < 6; ++i) {
      stamp_[stamp_.size() - 2 - i] = static_cast<char>('0' + micros % 10);
      micros /= 10;
    }
    return stamp_;
  }

  const std::string logger_;
  const LogLevel level_;
  LineRing& ring_;
  const Clock& clock_;
  std::string line_;
  std::string stamp_;
  std::chrono::sys_seconds second_{};
};

}  // namespace

std::unique_ptr<http::Stage> MakeRequestLogStage(LineLog& log, LineRing& ring, const Clock& clock) {
  return std::make_unique<RequestLogStage>(log, ring, clock);
}

}  // namespace vigia::risk
