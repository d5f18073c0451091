#include "control/programs.h"

#include <filesystem>

namespace vigia::control {

std::string OwnProgram() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "vigia" : self.string();
}

Result<ProcessResult> OwnPrograms::Run(const ProcessRequest& request) {
  if (request.arguments.front() != "vigia") return processes_.Run(request);
  ProcessRequest ours = request;
  ours.arguments.front() = program_;
  return processes_.Run(ours);
}

bool OwnPrograms::IsRunning(const std::string& name, const std::string& value) const {
  return processes_.IsRunning(name, value);
}

}  // namespace vigia::control
