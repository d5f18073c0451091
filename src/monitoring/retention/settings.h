// The section `retention` of vigia.yaml: how long things are kept.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "config/settings.h"

namespace vigia::retention {

// Labels come about 90 days after their predictions; what is gone by then is never measured.
inline constexpr int kLabelsMayCome = 120;
inline constexpr int kMaxDays = 36'500;

enum class Logs { kKeep, kRemove };

struct Settings {
  int64_t days = kLabelsMayCome;
  Logs logs = Logs::kKeep;
};

void Describe(config::Section section, Settings& settings);

// <home>/vigia.yaml's section, and the environment.
Result<Settings> LoadSettings(const Files& files, const std::string& home, const config::Environment& environment);

// The same, explained: each key with its value and where it came from.
Result<std::vector<config::KeyState>> ExplainSettings(const Files& files, const std::string& home,
                                                      const config::Environment& environment);

}  // namespace vigia::retention
