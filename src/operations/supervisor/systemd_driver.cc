#include "supervisor/systemd_driver.h"

#include "base/text.h"
#include "supervisor/command.h"

namespace vigia::supervisor {

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

}  // namespace vigia::supervisor
