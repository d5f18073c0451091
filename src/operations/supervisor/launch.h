// Starts a process that outlives us: a session of its own, output to a file, no descriptor of ours.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "supervisor/supervisor.h"

namespace vigia::supervisor {

struct LaunchRequest {
  std::vector<std::string> arguments;  // [0] is the program, looked up in PATH; REQUIRES: not empty
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours
  std::string directory;                                         // empty: ours
  std::string output;                                            // file for stdout and stderr, appended to
  std::vector<int> processors;                                   // it may run on these only; empty: as we may
};

// The child waits until `record` has made its identity durable, and ends when that failed or when we die
// before: a process that runs is always a process that is recorded. Errors: kNotFound,
// kPermissionDenied (the program or the directory), kResourceExhausted, and those of `record`.
Result<ProcessIdentity> Launch(const LaunchRequest& request,
                               const std::function<Status(const ProcessIdentity&)>& record);

// Lives, and is the one that was recorded. An ended child of ours is reaped on the way.
bool IsAlive(const ProcessIdentity& process);

// To the process, or to its whole session's group. Nothing happens when it is no longer the same process.
enum class SignalTo { kProcess, kGroup };
Status SendSignal(const ProcessIdentity& process, int signal, SignalTo to);

}  // namespace vigia::supervisor
