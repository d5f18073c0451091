// Containers that exist already, by docker.
#include "supervisor/drivers.h"

#include "base/text.h"
#include "supervisor/command.h"

namespace vigia::supervisor {
namespace {

std::string Seconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

class DockerDriver final : public Driver {
 public:
  explicit DockerDriver(Processes& processes) : processes_(processes) {}

  Result<std::optional<ProcessIdentity>> Start(const ServiceSpec& spec, int replica) override;
  Status Restart(const ServiceSpec& spec, const Replica& replica) override;
  Status Terminate(const ServiceSpec& spec, const Replica& replica) override;
  Status Kill(const ServiceSpec& spec, const Replica& replica) override;
  Result<Observation> Observe(const ServiceSpec& spec, const Replica& replica) override;

 private:
  Processes& processes_;
};

Result<std::optional<ProcessIdentity>> DockerDriver::Start(const ServiceSpec& spec, int replica) {
  TRY(RunCommand(processes_, {"docker", "start", spec.Expand(spec.unit, replica)}, kCommandTimeout));
  return std::optional<ProcessIdentity>();
}

Status DockerDriver::Restart(const ServiceSpec& spec, const Replica& replica) {
  TRY(RunCommand(processes_,
                 {"docker", "restart", "--time", Seconds(spec.drain), spec.Expand(spec.unit, replica.index)},
                 spec.drain + kCommandTimeout));
  return {};
}

Status DockerDriver::Terminate(const ServiceSpec& spec, const Replica& replica) {
  TRY(RunCommand(processes_, {"docker", "stop", "--time", Seconds(spec.drain), spec.Expand(spec.unit, replica.index)},
                 spec.drain + kCommandTimeout));
  return {};
}

Status DockerDriver::Kill(const ServiceSpec& spec, const Replica& replica) {
  TRY(RunCommand(processes_, {"docker", "kill", spec.Expand(spec.unit, replica.index)}, kCommandTimeout));
  return {};
}

Result<Observation> DockerDriver::Observe(const ServiceSpec& spec, const Replica& replica) {
  const std::string out = TRY(RunCommand(processes_,
                                         {"docker", "inspect", "--type", "container", "--format", "{{.State.Running}}",
                                          spec.Expand(spec.unit, replica.index)},
                                         kCommandTimeout));
  Observation seen;
  seen.replica = replica.index;
  seen.alive = Trim(out) == "true";
  return seen;
}

}  // namespace

std::unique_ptr<Driver> MakeDockerDriver(Processes& processes) { return std::make_unique<DockerDriver>(processes); }

}  // namespace vigia::supervisor
