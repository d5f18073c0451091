// Token buckets in a fixed table of atomics. All loops share it without a lock: a bucket is one number,
// the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371), changed by
// compare-and-swap. Memory does not grow with the number of clients.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "http/message.h"

namespace vigia::auth {

struct Rate {
  double per_minute = 60;
  double burst = 60;  // requests at once after a rest; REQUIRES: >= 1
};

struct RateDecision {
  bool allowed = true;
  int64_t limit = 0;       // the burst: what X-RateLimit-Limit says
  int64_t remaining = 0;   // whole requests that would be allowed now
  Duration retry_after{};  // until the next one is allowed; 0 when one is
};

// Thread-safe.
class RateLimiter {
 public:
  // Room for `buckets` clients at once; when there are more, the longest unseen one is forgotten.
  explicit RateLimiter(size_t buckets = 1 << 14);

  // Takes one token from the bucket of `id`.
  RateDecision Take(uint64_t id, const Rate& rate, MonoTime now);
  // The same, without taking.
  RateDecision Look(uint64_t id, const Rate& rate, MonoTime now);

  static uint64_t IdOf(std::string_view key_name);
  static uint64_t IdOf(const http::Peer& peer);

 private:
  struct Slot {
    std::atomic<uint64_t> id{0};
    std::atomic<int64_t> arrival_ns{0};  // theoretical arrival time of the next request
  };
  Slot& Find(uint64_t id);

  const size_t mask_;
  const std::unique_ptr<Slot[]> slots_;
};

}  // namespace vigia::auth
