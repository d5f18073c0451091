// What people changed while the services run, as far as it is in force: the threshold, the rate, and
// blocked addresses. The formats stand in risk/live_threshold.h and auth/access.h.
#pragma once

#include <optional>
#include <string>

#include "auth/access.h"
#include "cli/command.h"
#include "config/settings.h"
#include "risk/live_threshold.h"

namespace vigia::cli {

inline constexpr std::string_view kThresholdFile = "state/threshold.json";
inline constexpr std::string_view kAccessFile = "state/access.json";

struct LiveChanges {
  std::optional<risk::LiveThreshold> threshold;
  auth::AccessChanges access;
};

// What has expired is left out.
Result<LiveChanges> ReadLiveChanges(const Context& context);
// Drops what has expired.
void DropExpired(auth::AccessChanges& changes, WallTime now);

// Replaces the values that live changes override, and says until when.
void ApplyLiveChanges(const LiveChanges& changes, std::vector<config::KeyState>& states);

}  // namespace vigia::cli
