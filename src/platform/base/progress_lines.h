// Progress for another program to read: one line of JSON on stderr,
//   {"progress": {"phase": "comparing models", "done": 3, "total": 40}}
// A total of 0 is not known. Asked for by VIGIA_PROGRESS=json in the environment.
#pragma once

#include <cstdio>
#include <optional>

#include "base/drawn_progress.h"

namespace vigia {

inline constexpr char kProgressVariable[] = "VIGIA_PROGRESS";

class ProgressLines final : public DrawnProgress {
 public:
  // `file` outlives it.
  ProgressLines(std::FILE* file, const Clock& clock) : DrawnProgress(clock), file_(file) {}
  ~ProgressLines() override { End(); }

 private:
  void Draw(const Phase& phase, MonoTime now) override;

  std::FILE* const file_;
};

struct ProgressMark {
  std::string phase;
  uint64_t done = 0, total = 0;
};

// Nothing: this line tells no progress.
std::optional<ProgressMark> ParseProgressLine(std::string_view line);

}  // namespace vigia
