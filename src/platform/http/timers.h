// Deadlines of connections. Each kind of limit has one duration, so entries of a kind expire in the
// order in which they were set: a list per kind, O(1) to set, move and remove.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/clock.h"

namespace vigia::http {

enum class Limit { kNone, kIdle, kSilent, kHead, kBody, kWrite, kLinger, kStream };
inline constexpr size_t kLimitKinds = 8;

// Part of what has the deadline. Leaves its list when destroyed.
class Deadline {
 public:
  Deadline() = default;
  ~Deadline() { Remove(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  Limit limit() const { return limit_; }
  MonoTime at() const { return at_; }

 private:
  friend class Timers;
  void Remove() {
    if (limit_ == Limit::kNone) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    limit_ = Limit::kNone;
  }

  Limit limit_ = Limit::kNone;
  MonoTime at_{};
  Deadline* previous_ = this;
  Deadline* next_ = this;
};

// Not thread-safe. Outlives its deadlines.
class Timers {
 public:
  explicit Timers(const std::array<Duration, kLimitKinds>& durations) : durations_(durations) {}

  // Moves `deadline` to the end of the list of `limit`. A deadline that already has this limit keeps
  // its time when `keep` says so: a slow sender does not gain time with each byte.
  enum class Renew { kYes, kNo };
  void Set(Deadline& deadline, Limit limit, MonoTime now, Renew renew) {
    if (renew == Renew::kNo && deadline.limit_ == limit) return;
    deadline.Remove();
    if (limit == Limit::kNone) return;
    Deadline& head = heads_[static_cast<size_t>(limit)];
    deadline.limit_ = limit;
    deadline.at_ = now + durations_[static_cast<size_t>(limit)];
    deadline.previous_ = head.previous_;
    deadline.next_ = &head;
    head.previous_->next_ = &deadline;
    head.previous_ = &deadline;
  }

  // The oldest of a kind; null when there is none.
  Deadline* Oldest(Limit limit) {
    Deadline& head = heads_[static_cast<size_t>(limit)];
    return head.next_ == &head ? nullptr : head.next_;
  }

  // One that has passed; null when there is none.
  Deadline* Expired(MonoTime now) {
    for (size_t kind = 1; kind < kLimitKinds; ++kind) {
      Deadline* oldest = Oldest(static_cast<Limit>(kind));
      if (oldest != nullptr && oldest->at_ <= now) return oldest;
    }
    return nullptr;
  }

  std::optional<MonoTime> Next() {
    std::optional<MonoTime> next;
    for (size_t kind = 1; kind < kLimitKinds; ++kind) {
      const Deadline* oldest = Oldest(static_cast<Limit>(kind));
      if (oldest != nullptr && (!next || oldest->at_ < *next)) next = oldest->at_;
    }
    return next;
  }

 private:
  std::array<Duration, kLimitKinds> durations_;
  std::array<Deadline, kLimitKinds> heads_;
};

}  // namespace vigia::http
