// Everything that a home says about its control plane: vigia.yaml (services, signals, checks, runbooks,
// control), checks/*.yaml, oncall.yaml (people, channels, heartbeat) and the runbooks. Each part has a sensible
// default.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "alerting/suppression.h"
#include "calendar/time_zone.h"
#include "control/runbook_set.h"
#include "control/settings.h"
#include "notify/oncall.h"
#include "signals/load.h"
#include "supervisor/supervisor.h"

namespace vigia::control {

struct Configuration {
  Settings settings;
  calendar::TimeZone zone;  // of post-mortems
  std::vector<supervisor::ServiceSpec> services;
  signals::SignalSettings signals;  // the default sources among them
  std::vector<checks::Check> checks;
  alerting::AlertingSettings alerting;
  std::vector<KnownRunbook> runbooks;
  bool has_oncall = false;  // without the file nobody is called
  notify::Oncall oncall;
  std::string default_policy;             // empty: there is none
  std::vector<config::Problem> warnings;  // what does not stop the start
};

struct ConfigurationWorld {
  const Files& files;
  std::string home;
  const config::Environment& environment;
  const notify::ChannelWorld& channels;  // outlives the configuration
  const calendar::TimeZones& zones;
  WallTime now{};
};

// Fails with the first problem of vigia.yaml or of the directory in oncall.yaml. What a runbook of the
// home or a channel has is kept with it, and is a warning: the rest still watches.
Result<Configuration> LoadConfiguration(const ConfigurationWorld& world,
                                        const std::vector<std::pair<std::string, std::string>>& flags);

}  // namespace vigia::control
