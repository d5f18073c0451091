#include "auth/rate_limiter.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace vigia::auth {

namespace {

constexpr size_t kProbes = 8;

uint64_t Hash(std::string_view bytes, uint64_t seed) {
  uint64_t hash = 0xcbf29ce484222325ULL ^ seed;  // FNV-1a, then a finalizer (splitmix64)
  for (const char c : bytes) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3ULL;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
  hash ^= hash >> 31;
  return hash == 0 ? 1 : hash;
}

// `next`: the arrival time that would follow from taking a token.
RateDecision Decide(int64_t arrival, int64_t now, int64_t interval, const Rate& rate, int64_t& next) {
  const auto tolerance = static_cast<int64_t>(static_cast<double>(interval) * rate.burst);
  next = std::max(arrival, now) + interval;
  RateDecision decision;
  decision.limit = static_cast<int64_t>(rate.burst);
  decision.allowed = next - now <= tolerance;
  decision.remaining = std::max<int64_t>(0, (tolerance - (std::max(arrival, now) - now)) / interval);
  if (!decision.allowed) {
    decision.retry_after = std::chrono::ceil<Duration>(std::chrono::nanoseconds(next - now - tolerance));
  }
  return decision;
}

int64_t IntervalOf(const Rate& rate) { return std::max<int64_t>(1, std::llround(60e9 / rate.per_minute)); }

size_t PowerOfTwo(size_t wanted) {
  size_t size = kProbes;
  while (size < wanted) size *= 2;
  return size;
}

}  // namespace

RateLimiter::RateLimiter(size_t buckets) : mask_(PowerOfTwo(buckets) - 1), slots_(new Slot[mask_ + 1]) {}

uint64_t RateLimiter::IdOf(std::string_view key_name) { return Hash(key_name, 1); }

uint64_t RateLimiter::IdOf(const http::Peer& peer) {
  return Hash({reinterpret_cast<const char*>(peer.bytes.data()), peer.bytes.size()}, 2);
}

RateLimiter::Slot& RateLimiter::Find(uint64_t id) {
  Slot* oldest = nullptr;
  for (size_t i = 0; i < kProbes; ++i) {
    Slot& slot = slots_[(id + i) & mask_];
    uint64_t held = slot.id.load(std::memory_order_acquire);
    if (held == id) return slot;
    if (held == 0 && slot.id.compare_exchange_strong(held, id)) return slot;
    if (held == id) return slot;  // another loop was faster
    if (oldest == nullptr || slot.arrival_ns.load() < oldest->arrival_ns.load()) oldest = &slot;
  }
  oldest->id.store(id, std::memory_order_release);
  oldest->arrival_ns.store(0);
  return *oldest;
}

RateDecision RateLimiter::Take(uint64_t id, const Rate& rate, MonoTime now) {
  Slot& slot = Find(id);
  const int64_t now_ns = now.time_since_epoch().count();
  int64_t arrival = slot.arrival_ns.load(std::memory_order_relaxed);
  while (true) {
    int64_t next = 0;
    RateDecision decision = Decide(arrival, now_ns, IntervalOf(rate), rate, next);
    if (!decision.allowed) return decision;
    if (slot.arrival_ns.compare_exchange_weak(arrival, next, std::memory_order_relaxed)) {
      --decision.remaining;
      return decision;
    }
  }
}

RateDecision RateLimiter::Look(uint64_t id, const Rate& rate, MonoTime now) {
  int64_t next = 0;
  return Decide(Find(id).arrival_ns.load(std::memory_order_relaxed), now.time_since_epoch().count(), IntervalOf(rate),
                rate, next);
}

}  // namespace vigia::auth
