// A progress bar on stderr. Thread-safe.
#pragma once

#include "base/drawn_progress.h"

namespace vigia::cli {

class TerminalProgress final : public DrawnProgress {
 public:
  explicit TerminalProgress(const Clock& clock) : DrawnProgress(clock) {}
  ~TerminalProgress() override { End(); }

 private:
  void Draw(const Phase& phase, MonoTime now) override;
  void Finish() override;
};

}  // namespace vigia::cli
