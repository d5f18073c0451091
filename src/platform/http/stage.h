// Small steps with one signature, from which a service builds its handler: request id, faults,
// routing, keys, limits, metrics, logs. A stage belongs to one loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "http/handler.h"

namespace vigia::http {

// The shape of a route's errors: ours, or that of a protocol whose clients look for another.
enum class ErrorShape {
  kVigia,  // {"detail": …, "error": {"code", "message", "request_id"}}
  kOip,    // {"error": "…"}: Open Inference Protocol
  kMlflow  // {"error_code": …, "message": …}
};

enum class Access { kPublic, kKey };
enum class Limited { kNo, kYes };

struct Route;

// A request on its way, and what the stages learn about it.
struct Exchange {
  const Request& request;
  Response& response;
  const LoopState& loop;
  std::string_view request_id = {};  // valid until the exchange ends
  const Route* route = nullptr;
  std::vector<std::string_view>* parameters = nullptr;  // the {…} segments of the route's path
  std::string_view key_name = {};                       // of the API key that was used
  std::string_view error_code = {};                     // of the answered error; empty on success
  MonoTime started{};                                   // set by whoever measures; when the stages began
  MonoTime finished{};                                  // set by an action that has looked at the clock; otherwise zero
  int64_t key_rate_rpm = 0;                             // of that key, when it has a rate of its own
  // What the route's action tells metrics and logs.
  size_t instances = 0;
  size_t positives = 0;
  std::string_view model_version = {};
};

using Action = std::function<void(Exchange&)>;

struct Route {
  Method method = Method::kGet;
  std::string path;  // segments in braces match anything: "/v2/models/{name}"
  Access access = Access::kKey;
  Limited limited = Limited::kNo;
  ErrorShape errors = ErrorShape::kVigia;
  Action action;
  size_t number = 0;  // set by the routing stage: the place in its list, from 1
};

class Stage {
 public:
  enum class Flow { kContinue, kAnswered };
  virtual ~Stage() = default;
  // kAnswered: the response is filled, the stages behind do not run.
  virtual Flow Before(Exchange&) { return Flow::kContinue; }
  // In reverse order, for the stages that ran, also for the one that answered.
  virtual void After(Exchange&) {}
  virtual void EndTurn() {}
};

class Pipeline final : public Handler {
 public:
  explicit Pipeline(std::vector<std::unique_ptr<Stage>> stages) : stages_(std::move(stages)) {}
  void Handle(const Request& request, Response& response, const LoopState& loop) override;
  void EndTurn() override;

 private:
  std::vector<std::unique_ptr<Stage>> stages_;
};

// X-Request-ID: an inbound one of 1 to 64 characters of [A-Za-z0-9._-] is kept, otherwise 128 random
// bits in hexadecimal. Added to every response.
std::unique_ptr<Stage> MakeRequestIdStage(Entropy& entropy);

// Sets Exchange::started. The first stage.
std::unique_ptr<Stage> MakeTimeStage(const Clock& clock);

// Answers requests with a fault.
std::unique_ptr<Stage> MakeFaultStage();

// Finds the route, or answers 404 or 405 (with Allow). HEAD is answered by a GET route without the
// body, and OPTIONS with Allow.
std::unique_ptr<Stage> MakeRouteStage(std::vector<Route> routes);

// Runs the route's action. The last stage.
std::unique_ptr<Stage> MakeActionStage();

// Replaces the response by an error in the shape of the route. `message` is one line for a person
// and holds nothing of the request's content.
void AnswerError(Exchange& exchange, int status, std::string_view code, std::string_view message);

// For Error values: the one mapping of causes to statuses.
int StatusOf(Code code);
std::string_view ErrorCodeOf(Code code);  // "INVALID_ARGUMENT" …
void AnswerError(Exchange& exchange, const Error& error);

}  // namespace vigia::http
