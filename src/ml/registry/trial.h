// trials.json: which challengers are on live traffic beside the champion. A shadow scores what the
// champion answers, and nobody sees it; a canary answers a share of the requests.
// Trials belong to one promotion: when champion.json changes, they are over, without another write.
#pragma once

#include <optional>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "base/result.h"

namespace vigia::registry {

inline constexpr const char* kTrialsFile = "trials.json";

enum class TrialKind { kShadow, kCanary };
const char* TrialKindName(TrialKind kind);  // "shadow", "canary"

struct Trial {
  std::string version;
  double percent = 100;  // of the requests; a shadow sees all
  std::string since;     // RFC 3339, UTC
  std::string by;

  bool operator==(const Trial&) const = default;
};

struct Trials {
  std::string champion, promoted_at;  // the promotion that they belong to
  std::optional<Trial> shadow, canary;

  bool operator==(const Trials&) const = default;
};

Json ToJson(const Trials& trials);
// Those in force: none when there is no file, or when the champion has changed since. kDataLoss when
// the file is damaged.
Result<Trials> ReadTrials(const Files& files, const std::string& registry);

}  // namespace vigia::registry
