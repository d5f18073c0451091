// The section `control` of vigia.yaml: the control plane itself.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "auth/sessions.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"
#include "config/settings.h"
#include "incidents/postmortem.h"

namespace vigia::control {

struct Settings {
  std::string host = "127.0.0.1";
  int64_t port = 8900;
  std::string interval = "200ms";  // between two looks at signals, checks and runs
  std::string language = "pt";     // of post-mortems
  std::string time_zone = "UTC";   // of the times in post-mortems
  std::string default_policy;      // empty: "sre", else the first
  std::string compact_every = "30s";
  std::string alertmanager_writes = "loopback";  // who may write to /api/v2 without a key: "loopback", "key"
  std::string session_idle = "1h", session_longest = "12h";  // a sign-in ends without a request, and in any case
  std::string external_url;                                  // where people find the dashboard

  incidents::Language Language() const {
    return language == "en" ? incidents::Language::kEnglish : incidents::Language::kPortuguese;
  }
};

void Describe(config::Section section, Settings& settings);

// <home>/vigia.yaml's section, the environment, and flags ("control.port", "8900") in that order.
Result<Settings> LoadSettings(const Files& files, const std::string& home, const config::Environment& environment,
                              const std::vector<std::pair<std::string, std::string>>& flags);

// The same, explained: each key with its value and where it came from.
Result<std::vector<config::KeyState>> ExplainSettings(const Files& files, const std::string& home,
                                                      const config::Environment& environment);

// REQUIRES: settings that LoadSettings gave, which refuses other texts. Zero: never.
Duration IntervalOf(const Settings& settings);
Duration CompactEvery(const Settings& settings);
auth::SessionSettings SessionsOf(const Settings& settings);

}  // namespace vigia::control
