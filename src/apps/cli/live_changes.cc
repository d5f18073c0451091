#include "cli/live_changes.h"

#include <algorithm>

#include "base/text.h"

namespace vigia::cli {

namespace {

bool InForce(const std::optional<WallTime>& until, WallTime now) { return !until || now < *until; }

std::string Detail(const std::optional<WallTime>& until) {
  return until ? "live until " + FormatTime(*until) : std::string("live");
}

void Override(std::vector<config::KeyState>& states, std::string_view name, std::string value, std::string detail) {
  const auto found =
      std::find_if(states.begin(), states.end(), [&](const config::KeyState& state) { return state.name == name; });
  if (found == states.end()) return;
  found->value_text = std::move(value);
  found->origin = config::Origin::kLive;
  found->origin_detail = std::move(detail);
}

// Blocked addresses add to those of the settings. The detail tells when the first of them ends.
void AddBlocked(const std::vector<auth::Blocked>& blocked, std::vector<config::KeyState>& states) {
  const auto found = std::find_if(states.begin(), states.end(),
                                  [](const config::KeyState& state) { return state.name == "risk.blocked_ips"; });
  if (blocked.empty() || found == states.end()) return;
  std::vector<std::string> addresses;
  if (!found->value_text.empty()) addresses.push_back(found->value_text);
  std::optional<WallTime> first;
  for (const auth::Blocked& entry : blocked) {
    addresses.push_back(entry.peer.ToString());
    if (entry.until && (!first || *entry.until < *first)) first = entry.until;
  }
  found->value_text = Join(addresses, ",");
  found->origin = config::Origin::kLive;
  found->origin_detail = Detail(first);
}

}  // namespace

void DropExpired(auth::AccessChanges& changes, WallTime now) {
  if (changes.rate_limit_rpm && !InForce(changes.rate_limit_until, now)) {
    changes.rate_limit_rpm.reset();
    changes.rate_limit_until.reset();
  }
  std::erase_if(changes.blocked, [&](const auth::Blocked& entry) { return !InForce(entry.until, now); });
}

Result<LiveChanges> ReadLiveChanges(const Context& context) {
  LiveChanges changes;
  changes.threshold = TRY(risk::ReadLiveThreshold(context.files, context.Home(kThresholdFile)));
  if (changes.threshold && !InForce(changes.threshold->until, context.clock.Now())) changes.threshold.reset();
  changes.access = TRY(auth::ReadAccess(context.files, context.Home(kAccessFile)));
  DropExpired(changes.access, context.clock.Now());
  return changes;
}

void ApplyLiveChanges(const LiveChanges& changes, std::vector<config::KeyState>& states) {
  if (changes.threshold) {
    Override(states, "risk.threshold", FormatNumber(changes.threshold->value), Detail(changes.threshold->until));
  }
  if (changes.access.rate_limit_rpm) {
    Override(states, "risk.rate_limit_rpm", FormatNumber(*changes.access.rate_limit_rpm),
             Detail(changes.access.rate_limit_until));
  }
  AddBlocked(changes.access.blocked, states);
}

}  // namespace vigia::cli
