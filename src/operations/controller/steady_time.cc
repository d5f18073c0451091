#include "controller/steady_time.h"

#include <algorithm>

namespace vigia::controller {
namespace {

constexpr Duration kCredible = std::chrono::hours(24);
constexpr int kSlew = 10;  // at most a tenth faster or slower than the monotonic clock

}  // namespace

SteadyTime::SteadyTime(WallTime wall, MonoTime mono, WallTime journaled) : now_(wall), mono_(mono) {
  if (journaled > wall && journaled - wall < kCredible) now_ = journaled;
}

WallTime SteadyTime::Advance(WallTime wall, MonoTime mono) {
  const Duration passed = std::max(std::chrono::floor<Duration>(mono - mono_), Duration::zero());
  mono_ += passed;
  const Duration off = wall - (now_ + passed);
  now_ += passed + std::clamp(off, -passed / kSlew, passed / kSlew);
  return now_;
}

}  // namespace vigia::controller
