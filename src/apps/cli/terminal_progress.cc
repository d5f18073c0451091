#include "cli/terminal_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace vigia::cli {

void TerminalProgress::Draw(const Phase& phase, MonoTime now) {
  const double seconds = std::chrono::duration<double>(now - phase.begun).count();
  std::string line = fmt::format("\r{:<28}", phase.name);
  if (phase.total != 0) {
    constexpr uint64_t kWidth = 30;
    const uint64_t done = std::min(phase.done, phase.total), filled = done * kWidth / phase.total;
    line += fmt::format(" [{:#<{}}{: <{}}] {:>3}%", "", filled, "", kWidth - filled, done * 100 / phase.total);
  } else if (phase.done != 0) {
    line += fmt::format(" {}", phase.done);
  }
  line += fmt::format(" {:.1f} s\033[K", seconds);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void TerminalProgress::Finish() { std::fputc('\n', stderr); }

}  // namespace vigia::cli
