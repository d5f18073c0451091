// vigia-risk: the risk service. What `vigia serve risk` becomes.
#include <signal.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "flags/command.h"
#include "serve/app.h"

namespace {

using vigia::Status;

constexpr timespec kPollEvery{0, 100'000'000};

// Connections are descriptors: take as many as the system lets us.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::optional<std::string> Environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

Status Serve(const std::string& home, const std::vector<std::pair<std::string, std::string>>& flags,
             const sigset_t& signals) {
  vigia::SystemFiles files;
  vigia::SystemClock clock;
  vigia::SystemEntropy entropy;
  const auto environment = TRY(vigia::config::WithEnvFiles(Environment, files, home));
  const vigia::serve::Settings settings = TRY(vigia::serve::LoadSettings(files, home, environment, flags));
  const vigia::serve::Parts parts = TRY(vigia::serve::Derive(settings));
  TRY(files.MakeFolders(vigia::JoinPath(home, "logs")));
  vigia::LogSettings log_settings;
  log_settings.logger = settings.app_name;
  log_settings.level = parts.log_level;
  log_settings.file = vigia::JoinPath(home, "logs/app.log");
  const auto log = TRY(vigia::LineLog::Open(log_settings, vigia::serve::App::LoopsOf(parts), clock));
  const auto app = TRY(vigia::serve::App::Start(settings, home, {files, clock, entropy}, *log));
  while (true) {
    const int signal = ::sigtimedwait(&signals, nullptr, &kPollEvery);
    if (signal == SIGTERM || signal == SIGINT) break;
    app->Poll();
  }
  app->DrainAndStop();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  vigia::flags::Program program(
      "vigia serve risk",
      "The school-lag risk service: POST /predict, GET /health, /ready, /metadata, /metrics, /slo.\n"
      "Every setting can also stand in <home>/vigia.yaml below 'risk', and most in the environment or in .env.");
  vigia::flags::Command root = program.Root();
  std::string home = Environment("VIGIA_HOME").value_or("var");
  root.Option("--home", home, "folder that holds all state (VIGIA_HOME)").ShowDefault();
  std::vector<std::pair<std::string, std::string>> flags;
  const auto flag = [&](const char* name, const char* key, const char* help) {
    root.Each(
        name, [&flags, key](const std::string& text) { flags.emplace_back(key, text); }, help);
  };
  flag("--host", "risk.host", "address to listen on (API_HOST)");
  flag("--port", "risk.port", "TCP port, 0 for any (PORT; 8000)");
  flag("--loops,--threads", "risk.loops", "event loops, 0 for one per core");
  flag("--model-version,--model_version", "risk.model_version", "version to serve, or champion (MODEL_VERSION)");
  flag("--max-connections", "risk.max_connections", "connections held at once (10000)");
  flag("--inference-store", "risk.inference_store", "folder of what was answered, below the home, or 'off'");
  flag("--threshold", "risk.threshold", "score from which a pupil is flagged (THRESHOLD)");
  const vigia::flags::Parsed parsed = program.Parse({argv + 1, argv + argc});
  if (parsed.outcome == vigia::flags::Parsed::Outcome::kHelp)
    return std::fputs(parsed.text.c_str(), stdout) < 0 ? 1 : 0;
  if (parsed.outcome == vigia::flags::Parsed::Outcome::kUsage) {
    std::fprintf(stderr, "vigia-risk: %s (see %s --help)\n", parsed.text.c_str(), parsed.where.c_str());
    return 2;
  }

  ::signal(SIGPIPE, SIG_IGN);
  RaiseDescriptorLimit();
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  const Status served = Serve(home, flags, signals);
  if (served.ok()) return 0;
  std::fprintf(stderr, "vigia-risk: %s\n", served.error().message().c_str());
  return 1;
}
