// A value that many threads read and one replaces: what is configured, what is served. A reader pays
// one load per look, and takes the lock only after a change.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace vigia {

// Thread-safe. Starts with no value.
template <typename T>
class Live {
 public:
  void Set(std::shared_ptr<const T> value) {
    const std::scoped_lock lock(mutex_);
    value_.swap(value);  // the old one, if nobody else holds it, is destroyed with the argument
    generation_.fetch_add(1, std::memory_order_release);
  }
  // Null: no value.
  std::shared_ptr<const T> Get() const {
    const std::scoped_lock lock(mutex_);
    return value_;
  }
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
  std::atomic<uint64_t> generation_{1};
};

// One reader's view. Not thread-safe.
template <typename T>
class LiveView {
 public:
  explicit LiveView(const Live<T>& live) : live_(live) {}
  // Null: no value. Valid until the next call.
  const T* Current() {
    if (const uint64_t generation = live_.generation(); generation != seen_) {
      value_ = live_.Get();
      seen_ = generation;
    }
    return value_.get();
  }
  // Of the value that Current returned last; 0 before the first call.
  uint64_t generation() const { return seen_; }

 private:
  const Live<T>& live_;
  uint64_t seen_ = 0;
  std::shared_ptr<const T> value_;
};

}  // namespace vigia
