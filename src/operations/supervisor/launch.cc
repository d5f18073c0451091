#include "supervisor/launch.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/files.h"
#include "base/unique_fd.h"
#include "signals/procfs.h"

namespace vigia::supervisor {
namespace {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> MakePipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return Error(Code::kResourceExhausted, "cannot make a pipe");
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

Result<std::string> FindProgram(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = ::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(':'), rest.size());
    const std::string candidate = std::string(rest.substr(0, end)) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return Error(Code::kNotFound, "program '" + name + "' is not in PATH");
}

std::vector<std::string> Environment(const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    const bool replaced = std::any_of(added.begin(), added.end(), [&](const auto& pair) { return pair.first == name; });
    if (!replaced) variables.emplace_back(text);
  }
  for (const auto& [name, value] : added) variables.push_back(name + "=" + value);
  return variables;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Prepared before the fork: after it only async-signal-safe calls are allowed.
struct Prepared {
  const char* program;
  char** arguments;
  char** environment;
  const char* directory;
  int input, output, gate, report;
  pid_t parent;
};

[[noreturn]] void Child(const Prepared& prepared) {
  ::setsid();
  // Until we are recorded we die with our parent; also when other children hold its end of the gate.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  char go = 0;
  if (::getppid() != prepared.parent || ::read(prepared.gate, &go, 1) != 1) ::_exit(127);
  ::prctl(PR_SET_PDEATHSIG, 0);
  for (const int signal : {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGCHLD}) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(prepared.input, 0) >= 0 && ::dup2(prepared.output, 1) >= 0 && ::dup2(prepared.output, 2) >= 0 &&
      (prepared.directory == nullptr || ::chdir(prepared.directory) == 0)) {
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    ::execve(prepared.program, prepared.arguments, prepared.environment);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(prepared.report, &error, sizeof error);
  ::_exit(127);
}

Error StartError(const std::string& program, int error) {
  const Code code = error == ENOENT   ? Code::kNotFound
                    : error == EACCES ? Code::kPermissionDenied
                                      : Code::kResourceExhausted;
  return Error(code, "cannot start '" + program + "': " + std::strerror(error));
}

std::optional<signals::ProcessStat> Stat(int pid) {
  const SystemFiles files;
  return signals::ReadProcessStat(files, pid);
}

}  // namespace

Result<ProcessIdentity> Launch(const LaunchRequest& request,
                               const std::function<Status(const ProcessIdentity&)>& record) {
  CHECK(!request.arguments.empty(), "a process needs a program");
  const std::string program = TRY(FindProgram(request.arguments[0]));
  const UniqueFd input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd output(::open(request.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!output.valid()) return StartError(request.output, errno);
  Pipe gate = TRY(MakePipe());
  Pipe report = TRY(MakePipe());
  std::vector<std::string> arguments = request.arguments;
  std::vector<std::string> variables = Environment(request.environment);
  std::vector<char*> argument_pointers = Pointers(arguments);
  std::vector<char*> variable_pointers = Pointers(variables);
  const char* directory = request.directory.empty() ? nullptr : request.directory.c_str();
  const Prepared prepared{program.c_str(), argument_pointers.data(), variable_pointers.data(), directory, input.get(),
                          output.get(),    gate.read.get(),          report.write.get(),       ::getpid()};
  const int parent_gate = gate.write.get();
  const pid_t pid = ::fork();
  if (pid < 0) return StartError(request.arguments[0], errno);
  if (pid == 0) {
    ::close(parent_gate);  // or it would wait for itself when we die
    Child(prepared);
  }
  gate.read.Reset(-1);
  report.write.Reset(-1);
  const auto stat = Stat(pid);
  const ProcessIdentity identity{pid, stat ? stat->start_ticks : 0};
  const Status recorded = stat ? record(identity) : Status(Error(Code::kInternal, "/proc cannot be read"));
  if (recorded.ok()) {
    [[maybe_unused]] const ssize_t written = ::write(gate.write.get(), "g", 1);
  }
  gate.write.Reset(-1);
  int error = 0;
  const bool failed = ::read(report.read.get(), &error, sizeof error) == sizeof error;
  if (recorded.ok() && !failed) return identity;
  ::waitpid(pid, nullptr, 0);
  if (!recorded.ok()) return recorded.error();
  return StartError(request.arguments[0], error);
}

bool IsAlive(const ProcessIdentity& process) {
  if (process.pid <= 0) return false;
  const auto stat = Stat(process.pid);
  if (!stat || stat->start_ticks != process.start_ticks) return false;
  if (stat->state != 'Z' && stat->state != 'X') return true;
  ::waitpid(process.pid, nullptr, WNOHANG);  // no child of ours: an error, and somebody else's to reap
  return false;
}

Status SendSignal(const ProcessIdentity& process, int signal, SignalTo to) {
  // The descriptor holds on to one process: checked after opening, it cannot become another one.
  const UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!fd.valid() || !IsAlive(process)) return {};
  const int sent = to == SignalTo::kGroup
                       ? ::kill(-process.pid, signal)
                       : static_cast<int>(::syscall(SYS_pidfd_send_signal, fd.get(), signal, nullptr, 0));
  if (sent == 0 || errno == ESRCH) return {};
  const Code code = errno == EPERM ? Code::kPermissionDenied : Code::kInternal;
  return Error(code, "cannot signal process " + std::to_string(process.pid) + ": " + std::strerror(errno));
}

}  // namespace vigia::supervisor
