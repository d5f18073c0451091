#include "cli/terminal_progress.h"

#include <fmt/format.h>

#include <algorithm>

namespace vigia::cli {

using std::chrono::duration;

void TerminalProgress::Begin(std::string_view phase, uint64_t total) {
  End();
  const std::scoped_lock lock(mutex_);
  phase_ = phase;
  total_ = total;
  done_ = 0;
  begun_ = drawn_ = clock_.Mono();
  active_ = true;
  Draw();
}

void TerminalProgress::Advance(uint64_t steps) {
  const std::scoped_lock lock(mutex_);
  done_ += steps;
  const MonoTime now = clock_.Mono();
  if (!active_ || now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  Draw();
}

void TerminalProgress::End() {
  const std::scoped_lock lock(mutex_);
  if (!active_) return;
  if (total_ != 0) done_ = total_;
  Draw();
  std::fputc('\n', stderr);
  active_ = false;
}

void TerminalProgress::Draw() {
  const double seconds = duration<double>(clock_.Mono() - begun_).count();
  std::string line = fmt::format("\r{:<28}", phase_);
  if (total_ != 0) {
    constexpr uint64_t kWidth = 30;
    const uint64_t filled = std::min(done_, total_) * kWidth / total_;
    line += fmt::format(" [{:#<{}}{: <{}}] {:>3}%", "", filled, "", kWidth - filled,
                        std::min(done_, total_) * 100 / total_);
  } else if (done_ != 0) {
    line += fmt::format(" {}", done_);
  }
  line += fmt::format(" {:.1f} s\033[K", seconds);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace vigia::cli
