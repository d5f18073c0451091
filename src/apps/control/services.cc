#include "control/services.h"

#include <filesystem>

#include "config/file.h"
#include "serve/settings.h"
#include "supervisor/load.h"

namespace vigia::control {
namespace {

using supervisor::ServiceSpec;

std::string Absolute(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

std::string BesideUs(const std::string& program) {
  if (program.find('/') != std::string::npos || !program.starts_with("vigia")) return program;
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return program;
  const auto beside = self.parent_path() / program;
  return std::filesystem::exists(beside, error) ? beside.string() : program;
}

// vigia-risk as `vigia serve risk` runs it: its settings come from vigia.yaml and the environment.
ServiceSpec RiskService(const serve::Settings& settings, const std::string& home) {
  ServiceSpec spec;
  spec.name = "risk";
  spec.command = {"vigia-risk", "--home", home};
  spec.port = static_cast<int>(settings.port);
  spec.backoff_first = std::chrono::milliseconds(200);  // it starts in less: a crash is over before it pages anybody
  const bool any = settings.host.empty() || settings.host == "0.0.0.0" || settings.host == "::";
  const std::string host = any ? "127.0.0.1" : settings.host;
  if (spec.port != 0) {
    spec.health_url = "http://" + host + ":{port}/health";
    spec.ready_url = "http://" + host + ":{port}/ready";
  }
  return spec;
}

}  // namespace

Result<std::vector<ServiceSpec>> LoadServiceSpecs(
    const Files& files, const std::string& home,
    const std::function<std::optional<std::string>(const std::string&)>& environment) {
  std::vector<ServiceSpec> specs;
  const config::YamlNode file = TRY(config::ReadFile(files, home));
  const config::YamlNode* section = file.Find("services");
  std::vector<config::Problem> problems;
  if (section != nullptr) specs = supervisor::LoadServices(*section, "vigia.yaml", problems);
  if (!problems.empty()) return Error(Code::kInvalidArgument, problems.front().ToString());
  if (section == nullptr) {
    const serve::Settings settings = TRY(serve::LoadSettings(files, home, environment, {}));
    // Probes over plain HTTP would find it down and restart it for ever.
    if (!settings.tls_certificate.empty()) {
      return Error(Code::kInvalidArgument,
                   "risk.tls_certificate: nobody can tell which name the certificate is for: list the service under "
                   "'services' with health_url and ready_url, such as https://NAME:{port}/health");
    }
    specs.push_back(RiskService(settings, Absolute(home)));
  }
  for (ServiceSpec& spec : specs) {
    if (!spec.command.empty()) spec.command[0] = BesideUs(spec.command[0]);
    spec.environment.insert(spec.environment.begin(), {"VIGIA_HOME", Absolute(home)});
  }
  return specs;
}

}  // namespace vigia::control
