#include "base/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "base/child_process.h"
#include "base/unique_fd.h"

namespace vigia {
namespace {

using Steady = std::chrono::steady_clock;
constexpr Duration kDrainGrace = std::chrono::milliseconds(200);
constexpr size_t kLongestLine = 64 * 1024;  // of one that is offered; a longer one is kept in pieces

// What the child needs, prepared before the fork: after it only async-signal-safe calls are allowed.
struct Launch {
  const char* program;
  char** arguments;
  char** environment;
  const char* directory;
  int in, out, err, report;
  pid_t parent;
  int with_parent;  // the signal when it dies
};

[[noreturn]] void Child(const Launch& launch) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, launch.with_parent);
  if (::getppid() != launch.parent) ::_exit(127);  // the parent died before prctl
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  if (::dup2(launch.in, 0) >= 0 && ::dup2(launch.out, 1) >= 0 && ::dup2(launch.err, 2) >= 0 &&
      (launch.directory == nullptr || ::chdir(launch.directory) == 0)) {
    ::execve(launch.program, launch.arguments, launch.environment);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(launch.report, &error, sizeof error);
  ::_exit(127);
}

// One running child: feeds it, reads it, ends it.
class Session {
 public:
  Session(const ProcessRequest& request, pid_t pid, UniqueFd in, UniqueFd out, UniqueFd err)
      : request_(request), pid_(pid), in_(std::move(in)), out_(std::move(out)), err_(std::move(err)) {
    ::fcntl(in_.get(), F_SETFL, O_NONBLOCK);
    if (request_.input.empty()) in_.Reset(-1);
  }

  ProcessResult Wait() {
    const auto started = Steady::now();
    const UniqueFd ended(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    const UniqueFd stopped(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    const std::stop_callback on_stop(request_.stop, [&] { ::eventfd_write(stopped.get(), 1); });
    auto deadline = started + request_.timeout;
    while (!(exited_ && !out_.valid() && !err_.valid())) {
      Poll(ended.get(), stopped.get(), deadline);
      if (Steady::now() < deadline) continue;
      if (exited_) break;  // a daemon of its own holds the output open: not ours to wait for
      if (!result_end_) result_end_ = ProcessResult::End::kTimedOut;
      ::kill(-pid_, termed_ ? SIGKILL : SIGTERM);
      deadline = Steady::now() + request_.grace;
      termed_ = true;
    }
    Keep(std::exchange(line_, {}), result_.err);
    result_.took = std::chrono::duration_cast<Duration>(Steady::now() - started);
    if (result_end_) result_.end = *result_end_;
    return std::move(result_);
  }

 private:
  void Poll(int ended, int stopped, Steady::time_point& deadline) {
    std::array<pollfd, 5> fds{{{exited_ ? -1 : ended, POLLIN, 0},
                               {termed_ || exited_ ? -1 : stopped, POLLIN, 0},
                               {out_.get(), POLLIN, 0},
                               {err_.get(), POLLIN, 0},
                               {in_.get(), POLLOUT, 0}}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count() + 1;
    if (::poll(fds.data(), fds.size(), static_cast<int>(std::clamp<int64_t>(left, 0, 60'000))) <= 0) return;
    if (fds[2].revents != 0) Keep(Read(out_), result_.out);
    if (fds[3].revents != 0) TakeErrors(Read(err_));
    if (fds[4].revents != 0) Feed();
    if (fds[1].revents != 0) {
      result_end_ = ProcessResult::End::kStopped;
      deadline = Steady::now();
    }
    if (fds[0].revents != 0) {
      Reap();
      deadline = std::min(deadline, Steady::now() + kDrainGrace);
    }
  }

  // Until the next call; empty when there is nothing now, or no more.
  std::string_view Read(UniqueFd& fd) {
    const ssize_t count = ::read(fd.get(), buffer_.data(), buffer_.size());
    if (count < 0 && errno == EINTR) return {};
    if (count > 0) return {buffer_.data(), static_cast<size_t>(count)};
    fd.Reset(-1);
    return {};
  }

  void Keep(std::string_view text, std::string& into) {
    const size_t room = request_.max_output - std::min(request_.max_output, into.size());
    into.append(text.substr(0, room));
    if (text.size() > room) result_.truncated = true;
  }

  void TakeErrors(std::string_view text) {
    if (!request_.take_error_line) return Keep(text, result_.err);
    while (!text.empty()) {
      const size_t end = text.find('\n');
      line_ += text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      if (end == std::string_view::npos && line_.size() < kLongestLine) return;
      const std::string line = std::exchange(line_, {});
      if (end != std::string_view::npos && request_.take_error_line(line)) continue;
      Keep(line, result_.err);
      if (end != std::string_view::npos) Keep("\n", result_.err);
    }
  }

  void Feed() {
    const ssize_t count = ::write(in_.get(), request_.input.data() + fed_, request_.input.size() - fed_);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count < 0) return in_.Reset(-1);  // it does not want to read
    fed_ += static_cast<size_t>(count);
    if (fed_ == request_.input.size()) in_.Reset(-1);
  }

  void Reap() {
    int status = 0;
    if (::waitpid(pid_, &status, 0) != pid_) return;
    exited_ = true;
    in_.Reset(-1);
    result_.end = WIFSIGNALED(status) ? ProcessResult::End::kSignalled : ProcessResult::End::kExited;
    result_.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  }

  const ProcessRequest& request_;
  const pid_t pid_;
  UniqueFd in_, out_, err_;
  ProcessResult result_;
  std::array<char, 65536> buffer_;
  std::string line_;  // of stderr, as far as it has come
  std::optional<ProcessResult::End> result_end_;
  size_t fed_ = 0;
  bool exited_ = false;
  bool termed_ = false;
};

// A write to a program that does not read must be an error, not a signal to us. Masked for this
// thread only, and one that became pending is taken away.
class NoSigpipe {
 public:
  NoSigpipe() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoSigpipe() {
    const timespec at_once{};
    ::sigtimedwait(&pipe_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

}  // namespace

Result<ProcessResult> SystemProcesses::Run(const ProcessRequest& request) {
  CHECK(!request.arguments.empty(), "a process needs a program");
  const std::string program = TRY(child::FindProgram(request.arguments[0]));
  child::Pipe in = TRY(child::MakePipe());
  child::Pipe out = TRY(child::MakePipe());
  child::Pipe err = TRY(child::MakePipe());
  child::Pipe report = TRY(child::MakePipe());
  std::vector<std::string> arguments = request.arguments;
  std::vector<std::string> variables = child::Environment(request.environment);
  std::vector<char*> argument_pointers = child::Pointers(arguments);
  std::vector<char*> variable_pointers = child::Pointers(variables);
  const Launch launch{program.c_str(),
                      argument_pointers.data(),
                      variable_pointers.data(),
                      request.directory.empty() ? nullptr : request.directory.c_str(),
                      in.read.get(),
                      out.write.get(),
                      err.write.get(),
                      report.write.get(),
                      ::getpid(),
                      request.at_our_death == ProcessRequest::AtOurDeath::kTerm ? SIGTERM : SIGKILL};
  const NoSigpipe no_sigpipe;
  const pid_t pid = ::fork();
  if (pid < 0) return child::StartError(request.arguments[0], errno);
  if (pid == 0) Child(launch);
  ::setpgid(pid, pid);  // both sides do it, so that a kill never comes too early
  in.read.Reset(-1);
  out.write.Reset(-1);
  err.write.Reset(-1);
  report.write.Reset(-1);
  int error = 0;
  if (::read(report.read.get(), &error, sizeof error) == sizeof error) {
    ::waitpid(pid, nullptr, 0);
    return child::StartError(request.arguments[0], error);
  }
  return Session(request, pid, std::move(in.write), std::move(out.read), std::move(err.read)).Wait();
}

bool SystemProcesses::IsRunning(const std::string& name, const std::string& value) const {
  const std::string wanted = name + "=" + value;
  DIR* proc = ::opendir("/proc");
  if (proc == nullptr) return false;
  bool found = false;
  while (const dirent* entry = ::readdir(proc)) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    std::ifstream file(std::string("/proc/") + entry->d_name + "/environ", std::ios::binary);
    for (std::string variable; std::getline(file, variable, '\0');) {
      if (variable == wanted) found = true;
    }
    if (found) break;
  }
  ::closedir(proc);
  return found;
}

Result<ProcessResult> FakeProcesses::Run(const ProcessRequest& request) {
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  return answer_(request);
}

bool FakeProcesses::IsRunning(const std::string& name, const std::string& value) const {
  const std::lock_guard lock(mutex_);
  return std::find(running_.begin(), running_.end(), std::pair(name, value)) != running_.end();
}

void FakeProcesses::SetRunning(std::string name, std::string value) {
  const std::lock_guard lock(mutex_);
  running_.emplace_back(std::move(name), std::move(value));
}

std::vector<ProcessRequest> FakeProcesses::Requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

}  // namespace vigia
