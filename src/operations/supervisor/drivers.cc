#include "supervisor/drivers.h"

namespace vigia::supervisor {

std::unique_ptr<Driver> MakeDriver(ManagedBy manager, const std::string& home, Files& files, Processes& processes) {
  switch (manager) {
    case ManagedBy::kVigia: return MakeVigiaDriver(home, files);
    case ManagedBy::kSystemd: return MakeSystemdDriver(processes);
    case ManagedBy::kDocker: return MakeDockerDriver(processes);
    case ManagedBy::kKubernetes: return MakeKubernetesDriver(processes);
  }
  CHECK(false, "an unknown manager");
}

}  // namespace vigia::supervisor
