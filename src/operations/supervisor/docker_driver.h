// Containers that exist already, by docker.
#pragma once

#include "supervisor/driver.h"

namespace vigia::supervisor {

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

}  // namespace vigia::supervisor
