// Deployments, by kubectl: started and stopped by scaling, restarted by a rollout.
#pragma once

#include "supervisor/driver.h"

namespace vigia::supervisor {

class KubernetesDriver final : public Driver {
 public:
  explicit KubernetesDriver(Processes& processes) : processes_(processes) {}

  Result<std::optional<ProcessIdentity>> Start(const ServiceSpec& spec, int replica) override;
  Status Restart(const ServiceSpec& spec, const Replica& replica) override;
  Status Terminate(const ServiceSpec& spec, const Replica& replica) override;
  Status Kill(const ServiceSpec& spec, const Replica& replica) override;
  Result<Observation> Observe(const ServiceSpec& spec, const Replica& replica) override;

 private:
  Processes& processes_;
};

}  // namespace vigia::supervisor
