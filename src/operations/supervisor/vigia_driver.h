// Services as processes of their own sessions, which outlive us. Each is recorded in
// <home>/run/<service>-<replica>.json (pid, start, boot) and, for people, in <service>-<replica>.pid.
#pragma once

#include "supervisor/driver.h"

namespace vigia::supervisor {

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

}  // namespace vigia::supervisor
