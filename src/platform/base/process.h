// Programs, run from outside: an argument list (never a shell string), a timeout, bounded output.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace vigia {

struct ProcessRequest {
  std::vector<std::string> arguments;  // [0] is the program, looked up in PATH; REQUIRES: not empty
  std::string directory;               // empty: the caller's
  std::vector<std::pair<std::string, std::string>> environment;  // added to the caller's
  std::string input;                                             // what it reads from stdin
  Duration timeout = std::chrono::seconds(60);
  size_t max_output = 256 * 1024;  // bytes kept of each stream; the rest is read and dropped
  std::stop_token stop;            // a stop request ends it as a timeout does
  // Offered each whole line of stderr as it comes, by the thread that waits; what it takes (true) is not kept.
  std::function<bool(std::string_view line)> take_error_line;
  Duration grace = std::chrono::seconds(2);  // between TERM and KILL
  // When our process dies. kTerm: for what has started others, and ends them itself.
  enum class AtOurDeath { kKill, kTerm } at_our_death = AtOurDeath::kKill;
};

struct ProcessResult {
  enum class End { kExited, kSignalled, kTimedOut, kStopped };
  End end = End::kExited;
  int code = 0;  // exit status, or the signal's number
  std::string out;
  std::string err;
  bool truncated = false;
  Duration took{};

  bool succeeded() const { return end == End::kExited && code == 0; }
};

// Thread-safe.
class Processes {
 public:
  virtual ~Processes() = default;
  // Blocks until the program has ended and closed its output, or the timeout. It runs in a process
  // group of its own that is killed (TERM, KILL after the grace) at the timeout, and with us: a program
  // never outlives the caller's process, though what it has daemonised may.
  // An error means that it surely did not start: kNotFound, kPermissionDenied, kResourceExhausted.
  virtual Result<ProcessResult> Run(const ProcessRequest& request) = 0;
  // Whether a process of this machine carries NAME=VALUE in the environment that it was started with.
  virtual bool IsRunning(const std::string& name, const std::string& value) const = 0;
};

class SystemProcesses final : public Processes {
 public:
  Result<ProcessResult> Run(const ProcessRequest& request) override;
  bool IsRunning(const std::string& name, const std::string& value) const override;
};

// Answers by a function that the test gives, and remembers what was asked. Thread-safe.
class FakeProcesses final : public Processes {
 public:
  using Answer = std::function<Result<ProcessResult>(const ProcessRequest&)>;
  explicit FakeProcesses(Answer answer) : answer_(std::move(answer)) {}

  Result<ProcessResult> Run(const ProcessRequest& request) override;
  bool IsRunning(const std::string& name, const std::string& value) const override;
  void SetRunning(std::string name, std::string value);
  std::vector<ProcessRequest> Requests() const;

 private:
  Answer answer_;
  mutable std::mutex mutex_;
  std::vector<ProcessRequest> requests_;
  std::vector<std::pair<std::string, std::string>> running_;
};

}  // namespace vigia
