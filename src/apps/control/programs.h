// Programs of probes and jobs: the word `vigia` stands for the program that runs.
#pragma once

#include <string>

#include "base/process.h"

namespace vigia::control {

// This program's file; "vigia" when the system does not say.
std::string OwnProgram();

// Thread-safe as what it wraps.
class OwnPrograms final : public Processes {
 public:
  OwnPrograms(Processes& processes, std::string program) : processes_(processes), program_(std::move(program)) {}

  Result<ProcessResult> Run(const ProcessRequest& request) override;
  bool IsRunning(const std::string& name, const std::string& value) const override;

 private:
  Processes& processes_;
  const std::string program_;
};

}  // namespace vigia::control
