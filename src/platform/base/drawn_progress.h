// What drawings of progress share: the counting, and not drawing too often. Thread-safe.
#pragma once

#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/progress.h"

namespace vigia {

class DrawnProgress : public Progress {
 public:
  explicit DrawnProgress(const Clock& clock) : clock_(clock) {}
  void Begin(std::string_view phase, uint64_t total) final;
  void Advance(uint64_t steps) final;
  void End() final;  // whoever derives calls it at the latest in its destructor

 protected:
  struct Phase {
    std::string name;
    uint64_t done = 0, total = 0;  // total 0: unknown
    MonoTime begun{};
  };
  // With the lock held, at most ten times a second and at the beginning and end of a phase.
  virtual void Draw(const Phase& phase, MonoTime now) = 0;
  virtual void Finish() {}  // after the last drawing of a phase

 private:
  void EndPhase();  // with mutex_ held

  const Clock& clock_;
  std::mutex mutex_;
  Phase phase_;  // guarded by mutex_, as all below
  MonoTime drawn_{};
  bool active_ = false;
};

}  // namespace vigia
