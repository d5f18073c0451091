#include "supervisor/command.h"

#include "base/text.h"

namespace vigia::supervisor {

Result<std::string> RunCommand(Processes& processes, std::vector<std::string> arguments, Duration timeout) {
  ProcessRequest request;
  const std::string what = "'" + Join(arguments, " ") + "'";
  request.arguments = std::move(arguments);
  request.timeout = timeout;
  ProcessResult result = TRY(processes.Run(request));
  if (result.end == ProcessResult::End::kTimedOut) return Error(Code::kDeadlineExceeded, what + " took too long");
  if (!result.succeeded()) {
    const std::string_view complaint = Trim(result.err);
    return Error(Code::kUnavailable, what + " failed: " + std::string(complaint.substr(0, complaint.find('\n'))));
  }
  return std::move(result.out);
}

}  // namespace vigia::supervisor
