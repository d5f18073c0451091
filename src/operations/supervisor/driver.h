// How a decision is carried out: child processes of ours, or another manager's command line.
#pragma once

#include <memory>
#include <string>

#include "base/files.h"
#include "base/process.h"
#include "base/result.h"
#include "supervisor/supervisor.h"

namespace vigia::supervisor {

// Blocks for at most its own timeouts. Thread-safe. Errors name the service and what was said.
class Driver {
 public:
  virtual ~Driver() = default;
  // Starting what runs already is fine. The identity is that of a process of this machine, if it is one.
  virtual Result<std::optional<ProcessIdentity>> Start(const ServiceSpec& spec, int replica) = 0;
  virtual Status Restart(const ServiceSpec& spec, const Replica& replica) = 0;  // not of kVigia
  virtual Status Terminate(const ServiceSpec& spec, const Replica& replica) = 0;
  virtual Status Kill(const ServiceSpec& spec, const Replica& replica) = 0;
  // Also finds what an earlier life of ours started. An error: nobody knows, so nothing is decided.
  virtual Result<Observation> Observe(const ServiceSpec& spec, const Replica& replica) = 0;
};

// The drivers, by manager. `home` holds run/ and logs/. All outlive the driver.
std::unique_ptr<Driver> MakeDriver(ManagedBy manager, const std::string& home, Files& files, Processes& processes);

}  // namespace vigia::supervisor
