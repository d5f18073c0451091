// What a loop calls. A handler belongs to one loop and is called in its thread only, so it needs no
// lock; it answers at once and never waits.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "http/message.h"

namespace vigia::http {

// What a loop knows of the load when it hands over a request.
struct LoopState {
  MonoTime turn_began{};
  // What is handled in this turn reached the server after this: turn_began, or earlier when the loop
  // had no time to look. (What a client sends ahead and the kernel keeps is not known.)
  MonoTime arrived_after{};
  bool draining = false;
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Fills the response. Also called for requests with a fault, with what could be read of them.
  virtual void Handle(const Request& request, Response& response, const LoopState& loop) = 0;
  // After the last request of a turn, before any of its responses leaves.
  virtual void EndTurn() {}
  // Nothing has arrived: time for what no answer waits for, some microseconds of it, as requests that arrive meanwhile
  // do wait. Called for no longer than the loop has waited for requests of late. Says when to be asked again: at once
  // (0), after a while, or, nullopt, when there has been a request.
  virtual std::optional<Duration> Rest() { return std::nullopt; }
};

// Makes the handler of loop `index`; called in the thread that starts the server.
using HandlerFactory = std::function<std::unique_ptr<Handler>(unsigned index)>;

}  // namespace vigia::http
