#include "retention/settings.h"

#include "config/file.h"

namespace vigia::retention {

void Describe(config::Section section, Settings& s) {
  section.Integer("days", s.days,
                  {.environment = "RETENTION_DAYS",
                   .help = "days that predictions, labels and reports are kept by `vigia retention`",
                   .min = 1,
                   .max = kMaxDays});
}

namespace {

Status Load(config::Settings& keys, Settings& settings, const Files& files, const std::string& home,
            const config::Environment& environment) {
  Describe(keys.In("retention"), settings);
  return keys.Load(TRY(config::ReadSection(files, home, "retention")), config::kFileName, environment, {});
}

}  // namespace

Result<Settings> LoadSettings(const Files& files, const std::string& home, const config::Environment& environment) {
  Settings settings;
  config::Settings keys;
  TRY(Load(keys, settings, files, home, environment));
  return settings;
}

Result<std::vector<config::KeyState>> ExplainSettings(const Files& files, const std::string& home,
                                                      const config::Environment& environment) {
  Settings settings;
  config::Settings keys;
  TRY(Load(keys, settings, files, home, environment));
  return keys.Describe();
}

}  // namespace vigia::retention
