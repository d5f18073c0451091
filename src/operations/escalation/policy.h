// Who is told, when, and for how long: a policy and its state for one incident. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "checks/severity.h"

namespace vigia::escalation {

// "person:ana", "schedule:sre", "team:leads".
struct Recipient {
  enum class Kind { kPerson, kSchedule, kTeam };
  Kind kind = Kind::kPerson;
  std::string name;
};

Result<Recipient> ParseRecipient(std::string_view text);

struct Level {
  std::string name;                   // "L1"
  Duration after = Duration::zero();  // since the escalation began
  std::vector<Recipient> notify;
  std::vector<std::string> via;      // channel names; empty: each person's own order for the severity
  std::vector<std::string> on = {};  // facts that call this level at once: "impact_over_10_percent", "rollback"
};

// Snapshotted into the escalation when it begins: later edits touch only later ones.
struct Policy {
  std::string name;
  std::vector<Level> levels;                         // rising `after`
  int repeat = 2;                                    // times the whole ladder is gone through again
  Duration repeat_after = std::chrono::minutes(30);  // after the last level
  Duration acknowledge_timeout = Duration::zero();   // an acknowledged one starts again; 0: never
  std::vector<Recipient> fallback;                   // when a level reaches nobody

  Json ToJson() const;
  static Result<Policy> FromJson(const Json& json);
};

struct Escalation {
  std::string incident;
  Policy policy;
  std::string reason;
  checks::Severity severity = checks::Severity::kP3;
  WallTime started_at{};  // of this round
  int round = 0;          // 0 is the first
  size_t next_level = 0;  // index into policy.levels
  bool stopped = false;   // acknowledged, resolved, or the rounds are over
  std::optional<WallTime> acknowledged_at;

  Json ToJson() const;
  static Result<Escalation> FromJson(const Json& json);
};

// A level's turn has come: resolve its recipients and page them.
struct Call {
  size_t level = 0;
  int round = 0;
  std::string level_name;
  std::vector<Recipient> recipients;
  std::vector<std::string> via;
};

struct Decision {
  Escalation escalation;
  std::vector<Call> calls;
};

// When it begins, level 0 with `after: 0s` is called at once. Calls every level whose time has come,
// in order, each once a round.
Escalation Begin(const std::string& incident, Policy policy, const std::string& reason, checks::Severity severity,
                 WallTime now);
Decision Advance(Escalation escalation, WallTime now);
// All pages of the last level failed for good: the next level is called without waiting.
Decision Skip(Escalation escalation, WallTime now);
// A criterion of the policy is met: the levels up to the first that names `fact` are called now.
// Nothing when no level names it or that level was called in this round.
Decision Jump(Escalation escalation, const std::string& fact, WallTime now);
Escalation Acknowledged(Escalation escalation, WallTime now);  // stops it
Escalation Stopped(Escalation escalation);

}  // namespace vigia::escalation
