// Services as processes of their own sessions, which outlive us. Each is recorded in
// <home>/run/<service>-<replica>.json (pid, start, boot) and, for people, in <service>-<replica>.pid.
#include "supervisor/drivers.h"

#include <signal.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "supervisor/launch.h"
#include "supervisor/use.h"

namespace vigia::supervisor {
namespace {

constexpr uint64_t kMostOutput = 16ULL << 20;  // of what a service prints; its logs it rotates itself

class VigiaDriver final : public Driver {
 public:
  VigiaDriver(std::string home, Files& files) : home_(std::move(home)), files_(files) {}

  Result<std::optional<ProcessIdentity>> Start(const ServiceSpec& spec, int replica) override;
  Status Restart(const ServiceSpec& spec, const Replica& replica) override;
  Status Terminate(const ServiceSpec& spec, const Replica& replica) override;
  Status Kill(const ServiceSpec& spec, const Replica& replica) override;
  Result<Observation> Observe(const ServiceSpec& spec, const Replica& replica) override;

 private:
  std::string Path(const ServiceSpec& spec, int replica, std::string_view folder, std::string_view ending) const;
  Status Record(const ServiceSpec& spec, int replica, const ProcessIdentity& process);
  // What is recorded and lives.
  std::optional<ProcessIdentity> Recorded(const ServiceSpec& spec, int replica) const;
  void BoundOutput(const ServiceSpec& spec, int replica) const;
  std::string BootId() const;

  const std::string home_;
  Files& files_;
};

std::string VigiaDriver::Path(const ServiceSpec& spec, int replica, std::string_view folder,
                              std::string_view ending) const {
  return JoinPath(home_, std::string(folder) + "/" + spec.name + "-" + std::to_string(replica) + std::string(ending));
}

std::string VigiaDriver::BootId() const {
  const auto text = files_.Read("/proc/sys/kernel/random/boot_id");
  return text.ok() ? std::string(Trim(*text)) : "";
}

Status VigiaDriver::Record(const ServiceSpec& spec, int replica, const ProcessIdentity& process) {
  const Json record = {{"service", spec.name},
                       {"replica", replica},
                       {"pid", process.pid},
                       {"start_ticks", process.start_ticks},
                       {"boot", BootId()}};
  TRY(files_.Write(Path(spec, replica, "run", ".json"), PrettyJson(record)));
  return files_.Write(Path(spec, replica, "run", ".pid"), std::to_string(process.pid) + "\n");
}

std::optional<ProcessIdentity> VigiaDriver::Recorded(const ServiceSpec& spec, int replica) const {
  const auto text = files_.Read(Path(spec, replica, "run", ".json"));
  if (!text.ok()) return std::nullopt;
  const auto record = ParseJson(*text);
  if (!record.ok()) return std::nullopt;
  const auto pid = GetInteger(*record, "pid");
  const auto start = GetInteger(*record, "start_ticks");
  const auto boot = GetString(*record, "boot");
  if (!pid.ok() || !start.ok() || !boot.ok() || *boot != BootId()) return std::nullopt;
  const ProcessIdentity process{static_cast<int>(*pid), static_cast<uint64_t>(*start)};
  if (!IsAlive(process)) return std::nullopt;
  return process;
}

Result<std::optional<ProcessIdentity>> VigiaDriver::Start(const ServiceSpec& spec, int replica) {
  if (const auto running = Recorded(spec, replica)) return running;
  if (spec.command.empty()) return Error(Code::kInvalidArgument, "service '" + spec.name + "' has no command");
  LaunchRequest request;
  for (const std::string& argument : spec.command) request.arguments.push_back(spec.Expand(argument, replica));
  for (const auto& [name, value] : spec.environment) {
    request.environment.emplace_back(name, spec.Expand(value, replica));
  }
  request.directory = spec.directory;
  request.processors = ChooseProcessors(spec, replica, OwnProcessors());
  request.output = Path(spec, replica, "logs", ".out");
  TRY(files_.MakeFolders(ParentPath(request.output)));
  const auto record = [&](const ProcessIdentity& process) { return Record(spec, replica, process); };
  return std::optional(TRY_CONTEXT(Launch(request, record), "service '" + spec.name + "'"));
}

Status VigiaDriver::Restart(const ServiceSpec& spec, const Replica&) {
  return Error(Code::kInternal, "service '" + spec.name + "' is stopped and started, not restarted");
}

Status VigiaDriver::Terminate(const ServiceSpec& spec, const Replica& replica) {
  const auto running = Recorded(spec, replica.index);
  return running ? SendSignal(*running, SIGTERM, SignalTo::kProcess) : Status();
}

Status VigiaDriver::Kill(const ServiceSpec& spec, const Replica& replica) {
  const auto running = Recorded(spec, replica.index);
  return running ? SendSignal(*running, SIGKILL, SignalTo::kGroup) : Status();
}

Result<Observation> VigiaDriver::Observe(const ServiceSpec& spec, const Replica& replica) {
  Observation seen;
  seen.replica = replica.index;
  seen.process = Recorded(spec, replica.index);
  seen.alive = seen.process.has_value();
  if (seen.alive) BoundOutput(spec, replica.index);
  return seen;
}

// The service appends, so a file that was emptied goes on from its start.
void VigiaDriver::BoundOutput(const ServiceSpec& spec, int replica) const {
  const std::string path = Path(spec, replica, "logs", ".out");
  const auto info = files_.Info(path);
  if (info.ok() && info->size > kMostOutput) {
    [[maybe_unused]] const int emptied = ::truncate(path.c_str(), 0);
  }
}

}  // namespace

std::unique_ptr<Driver> MakeVigiaDriver(std::string home, Files& files) {
  return std::make_unique<VigiaDriver>(std::move(home), files);
}

}  // namespace vigia::supervisor
