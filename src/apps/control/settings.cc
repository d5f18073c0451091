#include "control/settings.h"

#include "config/file.h"
#include "config/map_reader.h"

namespace vigia::control {
namespace {

constexpr Duration kShortestTick = std::chrono::milliseconds(10), kLongestTick = std::chrono::seconds(10);
constexpr Duration kShortestSession = std::chrono::seconds(1), kLongestSession = std::chrono::hours(30 * 24);

Status Check(const Settings& settings) {
  const auto interval = config::ParseDuration(settings.interval);
  if (!interval || *interval < kShortestTick || *interval > kLongestTick) {
    return Error(Code::kInvalidArgument, "control.interval must be from 10ms to 10s, such as 200ms");
  }
  if (!config::ParseDuration(settings.compact_every)) {
    return Error(Code::kInvalidArgument, "control.compact_every must be a time such as 30s, or 0 for never");
  }
  for (const auto& [key, text] :
       {std::pair("session_idle", &settings.session_idle), std::pair("session_longest", &settings.session_longest)}) {
    const auto lasts = config::ParseDuration(*text);
    if (!lasts || *lasts < kShortestSession || *lasts > kLongestSession) {
      return Error(Code::kInvalidArgument, std::string("control.") + key + " must be from 1s to 30d, such as 12h");
    }
  }
  return {};
}

}  // namespace

void Describe(config::Section section, Settings& s) {
  section.Text("host", s.host, {.environment = "VIGIA_CONTROL_HOST", .help = "address to listen on"});
  section.Integer("port", s.port,
                  {.environment = "VIGIA_CONTROL_PORT", .help = "TCP port, 0 for any", .min = 0, .max = 65535});
  section.Text("interval", s.interval, {.help = "pause between two looks at signals, checks and runs"});
  section.Text("language", s.language, {.help = "language of post-mortems", .choices = {"pt", "en"}});
  section.Text("time_zone", s.time_zone, {.help = "of the times in post-mortems, such as America/Sao_Paulo"});
  section.Text("default_policy", s.default_policy,
               {.help = "escalation policy of incidents whose runbook names none; empty: sre, or the first"});
  section.Text("compact_every", s.compact_every, {.help = "how often segments are moved into parquet; 0: never"});
  section.Text("alertmanager_writes", s.alertmanager_writes,
               {.help = "who may use /api/v2 and the webhook without a key: programs of this machine, or nobody",
                .choices = {"loopback", "key"}});
  section.Text("session_idle", s.session_idle, {.help = "a sign-in ends after so long without a request"});
  section.Text("session_longest", s.session_longest, {.help = "a sign-in ends after so long in any case"});
  section.Text("external_url", s.external_url, {.help = "address at which people find the dashboard"});
}

Result<Settings> LoadSettings(const Files& files, const std::string& home, const config::Environment& environment,
                              const std::vector<std::pair<std::string, std::string>>& flags) {
  Settings settings;
  config::Settings keys;
  Describe(keys.In("control"), settings);
  TRY(keys.Load(TRY(config::ReadSection(files, home, "control")), config::kFileName, environment, flags));
  TRY(Check(settings));
  return settings;
}

Result<std::vector<config::KeyState>> ExplainSettings(const Files& files, const std::string& home,
                                                      const config::Environment& environment) {
  Settings settings;
  config::Settings keys;
  Describe(keys.In("control"), settings);
  TRY(keys.Load(TRY(config::ReadSection(files, home, "control")), config::kFileName, environment, {}));
  TRY(Check(settings));
  return keys.Describe();
}

Duration IntervalOf(const Settings& settings) { return *config::ParseDuration(settings.interval); }
Duration CompactEvery(const Settings& settings) { return *config::ParseDuration(settings.compact_every); }
auth::SessionSettings SessionsOf(const Settings& settings) {
  auth::SessionSettings sessions;
  sessions.idle = *config::ParseDuration(settings.session_idle);
  sessions.longest = *config::ParseDuration(settings.session_longest);
  return sessions;
}

}  // namespace vigia::control
