// One event loop: a listening socket, its connections, and their time limits. Runs in one thread.
//
// A turn: wait; read what has arrived and answer it into each connection's buffer; EndTurn of the
// handler; send each buffer with one call; end what has run out of time.
//
// Regular connections, whose last request was served, come first in each turn. Newcomers, and whoever was answered with
// an error, share a slice of time behind them, as do new and expired connections: however many they are, and whatever
// they send, who is being served waits for little more than that slice.
#pragma once

#include <atomic>
#include <memory>

#include "base/live.h"
#include "base/metrics.h"
#include "base/unique_fd.h"
#include "http/handler.h"
#include "http/settings.h"

namespace vigia::http {

// Written by the loop, read by anyone.
struct LoopStats {
  Counter turns;
  Counter accepted;
  Counter refused;    // over the connection cap
  Counter evicted;    // idle ones closed to make room
  Counter timed_out;  // closed by a time limit, without an answer
  Counter too_slow;   // event streams whose client did not keep up
  std::atomic<int64_t> open{0};
  std::atomic<int64_t> streams{0};
};

class Loop {
 public:
  // The caps are this loop's share. The handler and the clock outlive the loop.
  struct Options {
    ServerSettings server;
    size_t max_connections = 0;
    size_t max_streams = 0;
    const Live<TlsContext>* tls = nullptr;  // outlives the loop; null: plain HTTP
  };
  Loop(Options options, UniqueFd listener, Handler& handler, const Clock& clock);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Until Stop, or until a drain is over.
  void Run();

  // From any thread, also from a signal handler's thread.
  void Wake();   // look at the clock again
  void Drain();  // accept what is queued, finish what has begun, then return from Run
  void Stop();   // return from Run after this turn

  const LoopStats& stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigia::http
