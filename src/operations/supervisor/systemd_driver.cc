// Units of systemd, by systemctl.
#include "supervisor/drivers.h"

#include "base/text.h"
#include "supervisor/command.h"

namespace vigia::supervisor {
namespace {

class SystemdDriver final : public Driver {
 public:
  explicit SystemdDriver(Processes& processes) : processes_(processes) {}

  Result<std::optional<ProcessIdentity>> Start(const ServiceSpec& spec, int replica) override;
  Status Restart(const ServiceSpec& spec, const Replica& replica) override;
  Status Terminate(const ServiceSpec& spec, const Replica& replica) override;
  Status Kill(const ServiceSpec& spec, const Replica& replica) override;
  Result<Observation> Observe(const ServiceSpec& spec, const Replica& replica) override;

 private:
  Processes& processes_;
};

Result<std::optional<ProcessIdentity>> SystemdDriver::Start(const ServiceSpec& spec, int replica) {
  TRY(RunCommand(processes_, {"systemctl", "start", spec.Expand(spec.unit, replica)},
                 spec.start_grace + kCommandTimeout));
  return std::optional<ProcessIdentity>();
}

Status SystemdDriver::Restart(const ServiceSpec& spec, const Replica& replica) {
  TRY(RunCommand(processes_, {"systemctl", "restart", spec.Expand(spec.unit, replica.index)},
                 spec.drain + spec.start_grace + kCommandTimeout));
  return {};
}

Status SystemdDriver::Terminate(const ServiceSpec& spec, const Replica& replica) {
  TRY(RunCommand(processes_, {"systemctl", "stop", "--no-block", spec.Expand(spec.unit, replica.index)},
                 kCommandTimeout));
  return {};
}

Status SystemdDriver::Kill(const ServiceSpec& spec, const Replica& replica) {
  TRY(RunCommand(processes_, {"systemctl", "kill", "--signal=SIGKILL", spec.Expand(spec.unit, replica.index)},
                 kCommandTimeout));
  return {};
}

Result<Observation> SystemdDriver::Observe(const ServiceSpec& spec, const Replica& replica) {
  const std::string out = TRY(RunCommand(
      processes_, {"systemctl", "show", "--property=ActiveState", "--value", spec.Expand(spec.unit, replica.index)},
      kCommandTimeout));
  const std::string_view state = Trim(out);
  Observation seen;
  seen.replica = replica.index;
  seen.alive = state == "active" || state == "activating" || state == "reloading" || state == "deactivating";
  return seen;
}

}  // namespace

std::unique_ptr<Driver> MakeSystemdDriver(Processes& processes) { return std::make_unique<SystemdDriver>(processes); }

}  // namespace vigia::supervisor
