#include "supervisor/launch.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/child_process.h"
#include "base/files.h"
#include "base/unique_fd.h"
#include "signals/procfs.h"

namespace vigia::supervisor {
namespace {

// Prepared before the fork: after it only async-signal-safe calls are allowed.
struct Prepared {
  const char* program;
  char** arguments;
  char** environment;
  const char* directory;
  int input, output, gate, report;
  const cpu_set_t* processors;  // null: as we may
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
  // Where it may not be chosen any more (a processor was taken away meanwhile), it runs where it can.
  if (prepared.processors != nullptr) ::sched_setaffinity(0, sizeof *prepared.processors, prepared.processors);
  if (::dup2(prepared.input, 0) >= 0 && ::dup2(prepared.output, 1) >= 0 && ::dup2(prepared.output, 2) >= 0 &&
      (prepared.directory == nullptr || ::chdir(prepared.directory) == 0)) {
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    ::execve(prepared.program, prepared.arguments, prepared.environment);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(prepared.report, &error, sizeof error);
  ::_exit(127);
}

std::optional<signals::ProcessStat> Stat(int pid) {
  const SystemFiles files;
  return signals::ReadProcessStat(files, pid);
}

}  // namespace

Result<ProcessIdentity> Launch(const LaunchRequest& request,
                               const std::function<Status(const ProcessIdentity&)>& record) {
  CHECK(!request.arguments.empty(), "a process needs a program");
  const std::string program = TRY(child::FindProgram(request.arguments[0]));
  const UniqueFd input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd output(::open(request.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!output.valid()) return child::StartError(request.output, errno);
  child::Pipe gate = TRY(child::MakePipe());
  child::Pipe report = TRY(child::MakePipe());
  std::vector<std::string> arguments = request.arguments;
  std::vector<std::string> variables = child::Environment(request.environment);
  std::vector<char*> argument_pointers = child::Pointers(arguments);
  std::vector<char*> variable_pointers = child::Pointers(variables);
  const char* directory = request.directory.empty() ? nullptr : request.directory.c_str();
  cpu_set_t processors;
  CPU_ZERO(&processors);
  for (const int one : request.processors) CPU_SET(static_cast<size_t>(one), &processors);
  const Prepared prepared{program.c_str(),
                          argument_pointers.data(),
                          variable_pointers.data(),
                          directory,
                          input.get(),
                          output.get(),
                          gate.read.get(),
                          report.write.get(),
                          request.processors.empty() ? nullptr : &processors,
                          ::getpid()};
  const int parent_gate = gate.write.get();
  const pid_t pid = ::fork();
  if (pid < 0) return child::StartError(request.arguments[0], errno);
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
  return child::StartError(request.arguments[0], error);
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
