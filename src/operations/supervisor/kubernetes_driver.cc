#include "supervisor/kubernetes_driver.h"

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

}  // namespace

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

}  // namespace vigia::supervisor
