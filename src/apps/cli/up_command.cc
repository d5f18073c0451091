#include "cli/up_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <ostream>

#include "base/log.h"
#include "base/process.h"
#include "cli/stop_signals.h"
#include "control/programs.h"
#include "control/server.h"
#include "control/token.h"
#include "drill/catalogue.h"
#include "net/http_client.h"
#include "net/mail.h"

namespace vigia::cli {

namespace {

using supervisor::Watch;

struct UpFlags {
  std::vector<std::pair<std::string, std::string>> settings;
  bool leave_services = false;
};

std::string Absolute(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

Result<std::unique_ptr<Log>> OpenControlLog(const std::string& home, Context& context) {
  TRY(context.files.MakeFolders(JoinPath(home, "logs")));
  LogSettings settings;
  settings.logger = "vigia-control";
  settings.file = JoinPath(home, "logs/control.log");
  return OpenLog(settings, context.clock);
}

// A host of all addresses is reached by this machine's own.
std::string UrlOf(std::string host, uint16_t port) {
  if (host.empty() || host == "0.0.0.0" || host == "::") host = "127.0.0.1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return fmt::format("http://{}:{}", host, port);
}

Status Run(control::Plane& plane, const StopSignals& stop) {
  const Duration interval = control::IntervalOf(plane.configuration().settings);
  do {
    const Status ticked = plane.Tick();
    if (!ticked.ok() && ticked.error().code() == Code::kFailedPrecondition) return ticked;
  } while (!stop.Wait(interval));
  return {};
}

Json DrillList() {
  Json list = Json::array();
  for (const drill::Drill& drill : drill::Drills()) {
    list.push_back({{"name", drill.name},
                    {"title", drill.title},
                    {"runbook", drill.runbook},
                    {"paged", drill.paged.empty() ? Json(nullptr) : Json(drill.paged)},
                    {"needs_root", drill.disk_megabytes > 0}});
  }
  return list;
}

Result<int> Up(const UpFlags& flags, Context& context) {
  const std::string home = Absolute(context.home);
  const StopSignals stop;
  const auto log = TRY(OpenControlLog(home, context));
  SystemProcesses processes;
  const auto http = net::MakeHttpClient();
  const auto mail = net::MakeMailClient();
  const calendar::TimeZones zones(context.files);
  const notify::ChannelWorld channels{*http, *mail, context.clock, context.files, context.environment};
  control::Configuration configuration = TRY(control::LoadConfiguration(
      {context.files, home, context.environment, channels, zones, context.clock.Now()}, flags.settings));
  const auto plane =
      TRY(control::Plane::Start(std::move(configuration), {context.files, processes, *http, context.clock, *log,
                                                           context.environment, home, control::OwnProgram()}));
  control::Access access(TRY(control::WriteToken(home, context.entropy)),
                         {context.files, context.clock, context.entropy, JoinPath(home, "state/users.json"),
                          control::SessionsOf(plane->configuration().settings)});
  TRY(plane->Tick());
  control::Drills drills(DrillList(), {context.files, plane->programs(), context.clock, *log, home});
  auto server = TRY(control::StartServer(*plane, access, context.entropy, drills));
  const std::string url = UrlOf(plane->configuration().settings.host, server->port());
  TRY(control::WriteAddress(context.files, home, {url, ::getpid()}));
  log->Info("the control plane is up", {{"url", url}, {"owner", plane->owner()}});
  if (context.json()) context.PrintJson({{"url", url}, {"owner", plane->owner()}});
  context.out.flush();
  const Status ran = Run(*plane, stop);
  server.reset();  // and with it whoever asks the plane
  const bool leave = flags.leave_services || !ran.ok();
  plane->Stop(leave ? Watch::AtEnd::kLeaveServices : Watch::AtEnd::kDrainServices);
  log->Info("the control plane ends", {{"services", leave ? "left running" : "drained"}});
  TRY(ran);
  return 0;
}

}  // namespace

void AddUpCommand(Commands& commands) {
  auto flags = std::make_shared<UpFlags>();
  flags::Command up =
      commands.Add("up", "The control plane: keeps the services, watches, carries out runbooks, calls people",
                   [flags](Context& context) { return Up(*flags, context); });
  const auto setting = [&](const char* name, const char* key, const char* help) {
    up.Each(
        name, [flags, key](const std::string& text) { flags->settings.emplace_back(key, text); }, help);
  };
  setting("--port", "control.port", "TCP port of the API and the dashboard, 0 for any (8900)");
  setting("--host", "control.host", "Address to listen on (127.0.0.1)");
  setting("--interval", "control.interval", "Pause between two looks at signals, checks and runs (200ms)");
  up.Switch("--leave-services", flags->leave_services, "At SIGTERM leave the services running");
}

}  // namespace vigia::cli
