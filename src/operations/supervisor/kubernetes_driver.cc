// Deployments, by kubectl: started and stopped by scaling, restarted by a rollout.
#include "supervisor/drivers.h"

#include "base/json.h"
#include "supervisor/command.h"

namespace vigia::supervisor {
namespace {

std::vector<std::string> Kubectl(const ServiceSpec& spec, std::initializer_list<std::string> more) {
  std::vector<std::string> arguments{"kubectl"};
  if (!spec.kubernetes_namespace.empty()) arguments.push_back("--namespace=" + spec.kubernetes_namespace);
  arguments.insert(arguments.end(), more);
  return arguments;
}

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

Result<std::optional<ProcessIdentity>> KubernetesDriver::Start(const ServiceSpec& spec, int) {
  TRY(RunCommand(processes_,
                 Kubectl(spec, {"scale", "deployment/" + spec.unit, "--replicas=" + std::to_string(spec.replicas)}),
                 kCommandTimeout));
  return std::optional<ProcessIdentity>();
}

Status KubernetesDriver::Restart(const ServiceSpec& spec, const Replica&) {
  TRY(RunCommand(processes_, Kubectl(spec, {"rollout", "restart", "deployment/" + spec.unit}), kCommandTimeout));
  const Duration wait = spec.drain + spec.start_grace;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait).count();
  TRY(RunCommand(
      processes_,
      Kubectl(spec, {"rollout", "status", "deployment/" + spec.unit, "--timeout=" + std::to_string(seconds) + "s"}),
      wait + kCommandTimeout));
  return {};
}

Status KubernetesDriver::Terminate(const ServiceSpec& spec, const Replica&) {
  TRY(RunCommand(processes_, Kubectl(spec, {"scale", "deployment/" + spec.unit, "--replicas=0"}), kCommandTimeout));
  return {};
}

// The pods' own terminationGracePeriodSeconds ends them; asking again is all there is.
Status KubernetesDriver::Kill(const ServiceSpec& spec, const Replica& replica) { return Terminate(spec, replica); }

Result<Observation> KubernetesDriver::Observe(const ServiceSpec& spec, const Replica& replica) {
  const std::string out =
      TRY(RunCommand(processes_, Kubectl(spec, {"get", "deployment/" + spec.unit, "--output=json"}), kCommandTimeout));
  const Json deployment = TRY_CONTEXT(ParseJson(out), "kubectl get");
  const Json status = deployment.is_object() ? deployment.value("status", Json::object()) : Json::object();
  const auto number = [&](const char* key) { return status.is_object() ? GetInteger(status, key) : 0; };
  const auto pods = number("replicas");
  const auto available = number("availableReplicas");
  Observation seen;
  seen.replica = replica.index;
  seen.alive = pods.ok() && *pods > 0;
  seen.healthy = seen.alive && available.ok() && *available >= spec.replicas;
  return seen;
}

}  // namespace

std::unique_ptr<Driver> MakeKubernetesDriver(Processes& processes) {
  return std::make_unique<KubernetesDriver>(processes);
}

}  // namespace vigia::supervisor
