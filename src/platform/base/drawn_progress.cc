#include "base/drawn_progress.h"

namespace vigia {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);

}  // namespace

void DrawnProgress::Begin(std::string_view phase, uint64_t total) {
  const std::scoped_lock lock(mutex_);
  EndPhase();
  drawn_ = clock_.Mono();
  phase_ = {std::string(phase), 0, total, drawn_};
  active_ = true;
  Draw(phase_, drawn_);
}

void DrawnProgress::Advance(uint64_t steps) {
  const std::scoped_lock lock(mutex_);
  phase_.done += steps;
  const MonoTime now = clock_.Mono();
  if (!active_ || now - drawn_ < kPause) return;
  drawn_ = now;
  Draw(phase_, now);
}

void DrawnProgress::End() {
  const std::scoped_lock lock(mutex_);
  EndPhase();
}

void DrawnProgress::EndPhase() {
  if (!active_) return;
  if (phase_.total != 0) phase_.done = phase_.total;
  Draw(phase_, clock_.Mono());
  Finish();
  active_ = false;
}

}  // namespace vigia
