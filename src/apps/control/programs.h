// Programs of steps, probes and jobs: the word `vigia` stands for the program that runs, and what runs of it is
// known, with how far it has come.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/process.h"
#include "base/progress_lines.h"

namespace vigia::control {

// This program's file; "vigia" when the system does not say.
std::string OwnProgram();

// A command of ours that runs or has run.
struct CommandRecord {
  uint64_t number = 0;
  std::vector<std::string> command;
  std::string action;  // what it carries out (VIGIA_ACTION); empty: nothing that has records of its own
  WallTime started_at{};
  std::optional<WallTime> finished_at;  // unset: it runs
  bool succeeded = false;
  std::optional<int> exit;               // unset: it runs, or has not exited by itself
  std::string text;                      // of a failure: its first line
  std::optional<ProgressMark> progress;  // the last that it told
};

// Thread-safe. What is given outlives it.
class OwnPrograms final : public Processes {
 public:
  OwnPrograms(Processes& processes, const Clock& clock, std::string program)
      : processes_(processes), clock_(clock), program_(std::move(program)) {}

  // Commands of ours are asked to tell their progress.
  Result<ProcessResult> Run(const ProcessRequest& request) override;
  bool IsRunning(const std::string& name, const std::string& value) const override;

  // Newest first: what runs, and of each command without an action the last that has ended.
  std::vector<CommandRecord> Recent() const;
  // Of the command that carries this action out now.
  std::optional<ProgressMark> ProgressOf(const std::string& action) const;

 private:
  uint64_t Begin(const ProcessRequest& request);
  void Tell(uint64_t number, ProgressMark mark);
  void End(uint64_t number, const Result<ProcessResult>& ended);

  Processes& processes_;
  const Clock& clock_;
  const std::string program_;
  mutable std::mutex mutex_;
  uint64_t last_ = 0;                  // guarded by mutex_, as all below
  std::deque<CommandRecord> records_;  // newest first
};

}  // namespace vigia::control
