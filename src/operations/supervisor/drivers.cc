#include "supervisor/docker_driver.h"
#include "supervisor/driver.h"
#include "supervisor/kubernetes_driver.h"
#include "supervisor/systemd_driver.h"
#include "supervisor/vigia_driver.h"

namespace vigia::supervisor {

std::unique_ptr<Driver> MakeDriver(ManagedBy manager, const std::string& home, Files& files, Processes& processes) {
  switch (manager) {
    case ManagedBy::kVigia: return std::make_unique<VigiaDriver>(home, files);
    case ManagedBy::kSystemd: return std::make_unique<SystemdDriver>(processes);
    case ManagedBy::kDocker: return std::make_unique<DockerDriver>(processes);
    case ManagedBy::kKubernetes: return std::make_unique<KubernetesDriver>(processes);
  }
  CHECK(false, "an unknown manager");
}

}  // namespace vigia::supervisor
