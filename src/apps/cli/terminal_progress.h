// A progress bar on stderr, drawn at most ten times a second. Thread-safe.
#pragma once

#include <cstdio>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/progress.h"

namespace vigia::cli {

class TerminalProgress final : public Progress {
 public:
  explicit TerminalProgress(const Clock& clock) : clock_(clock) {}
  ~TerminalProgress() override { End(); }
  void Begin(std::string_view phase, uint64_t total) override;
  void Advance(uint64_t steps) override;
  void End() override;

 private:
  void Draw();  // REQUIRES: mutex_ held

  const Clock& clock_;
  std::mutex mutex_;
  std::string phase_;
  uint64_t total_ = 0;
  uint64_t done_ = 0;
  MonoTime begun_{};
  MonoTime drawn_{};
  bool active_ = false;
};

}  // namespace vigia::cli
