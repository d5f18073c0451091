// Carrying out one command. The engine decides, the runner acts.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "net/http_client.h"

namespace vigia::runbooks {

struct RenderedProgram {
  std::vector<std::string> arguments;
};
struct RenderedHttp {
  std::string method;
  std::string url;
  net::Headers headers;
  std::string body;
  std::vector<int> expect;
};

struct ActionRequest {
  // RUN/step/try: unique for ever. Programs get it as VIGIA_ACTION, HTTP calls as Idempotency-Key.
  std::string key;
  std::variant<RenderedProgram, RenderedHttp> command;
  Duration timeout = std::chrono::seconds(60);
};

// As a person would type it: arguments quoted where a shell needs it, curl for HTTP.
std::string TypedCommand(const std::variant<RenderedProgram, RenderedHttp>& command);

struct ActionResult {
  enum class End {
    kDone,        // exit 0, or an expected status
    kFailed,      // it says that it failed
    kNotStarted,  // surely nothing happened
    kLost,        // timeout, broken connection, killed: nobody knows
  };
  std::string key;
  End end = End::kDone;
  int exit = 0;      // of a program
  int status = 0;    // of HTTP
  Json out;          // standard output or body, when it is JSON
  std::string text;  // else its first kMaxText bytes; of a failure, also the error output
  Duration took{};
};
inline constexpr size_t kMaxText = 8 * 1024;

// Called by the controller's thread; never blocks.
class ActionRunner {
 public:
  virtual ~ActionRunner() = default;
  virtual void Start(const ActionRequest& request) = 0;
  virtual std::vector<ActionResult> Poll() = 0;  // ended since the last call, each once
  // Still at work, here or started by an earlier life of this program on this machine.
  virtual bool IsRunning(const std::string& key) = 0;
  virtual void Kill(const std::string& key) = 0;  // its result, kLost, still comes when it was ours
};

}  // namespace vigia::runbooks
