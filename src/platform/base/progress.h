// How far a long job has come. Thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace vigia {

class Progress {
 public:
  virtual ~Progress() = default;
  // A named phase of `total` steps begins; the one before it is over. total 0: unknown.
  virtual void Begin(std::string_view phase, uint64_t total) = 0;
  virtual void Advance(uint64_t steps = 1) = 0;
  virtual void End() = 0;
};

class NoProgress final : public Progress {
 public:
  void Begin(std::string_view, uint64_t) override {}
  void Advance(uint64_t) override {}
  void End() override {}
};

}  // namespace vigia
