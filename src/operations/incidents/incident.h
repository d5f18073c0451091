// What is wrong with one target, from the first alert to the post-mortem. At most one is open for a
// (runbook, key). Everything that happens to it is an entry of its timeline.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "checks/severity.h"
#include "signals/labels.h"

namespace vigia::incidents {

using checks::Severity;

enum class Actor { kSystem, kRunbook, kHuman };

// Stream "incident/<id>" of the ledger; its number there is the entry's number.
struct TimelineEntry {
  WallTime at{};
  Actor actor = Actor::kSystem;
  std::string who;   // the person or the runbook; empty: Vigia itself
  std::string kind;  // see kinds.h
  std::string text;  // one sentence, English
  std::string ref;   // a step, a message, an alert
  Json evidence;     // bounded: outputs are cut before they come here

  Json ToJson() const;
  static Result<TimelineEntry> FromJson(const Json& json);
};

// Seed 000's incident checklist.
enum class Item { kAcknowledged, kFirstCommunication, kDiagnosis, kEscalated, kMitigated, kPostmortem };
std::string_view ItemName(Item item);
inline constexpr Item kItems[] = {Item::kAcknowledged, Item::kFirstCommunication, Item::kDiagnosis,
                                  Item::kEscalated,    Item::kMitigated,          Item::kPostmortem};
inline constexpr Duration kAcknowledgeWithin = std::chrono::minutes(5);

struct Incident {
  std::string id;       // "INC-000042"
  int64_t number = 0;   // grows
  std::string runbook;  // empty: an alert that no runbook takes
  std::string key;      // "service=risk"
  std::string title;
  Severity severity = Severity::kP3;
  signals::LabelSet labels;
  std::string policy;               // of escalation
  std::string run;                  // the newest run
  std::vector<std::string> alerts;  // fingerprints that fire for it now
  bool firing = true;               // some alert fires
  WallTime opened_at{};
  std::optional<WallTime> acknowledged_at;
  std::string acknowledged_by;
  std::string assignee;
  bool acknowledge_late = false;  // five minutes passed without it
  std::optional<WallTime> escalated_at;
  std::optional<WallTime> mitigated_at;
  std::optional<WallTime> resolved_at;
  std::string resolved_by;             // a person, or "verify"
  std::map<Item, WallTime> checklist;  // what is done, and when
  std::optional<WallTime> muted_at;    // all its alerts are silenced or inhibited since: nobody is paged
  bool closed = false;                 // resolved, and nothing is left to be done for it

  bool open() const { return !resolved_at.has_value(); }
  Json ToJson() const;
  static Result<Incident> FromJson(const Json& json);
};

// What a transition makes of an incident. Entries go to its timeline in this order.
struct Transition {
  Incident incident;
  std::vector<TimelineEntry> entries;
};

struct Opening {
  std::string id;
  int64_t number = 0;
  std::string runbook;
  std::string key;
  std::string title;
  Severity severity = Severity::kP3;
  signals::LabelSet labels;
  std::string policy;
};

// Pure. An error says why a person's command is refused (already resolved, …).
Transition Open(const Opening& opening, WallTime now);
Transition AlertFired(Incident incident, const std::string& fingerprint, const std::string& text, WallTime now);
Transition AlertCleared(Incident incident, const std::string& fingerprint, const std::string& text, WallTime now);
Result<Transition> Acknowledge(Incident incident, const std::string& person, WallTime now);
Result<Transition> Note(Incident incident, const std::string& person, const std::string& text, WallTime now);
Result<Transition> Assign(Incident incident, const std::string& person, const std::string& to, WallTime now);
Result<Transition> Raise(Incident incident, const std::string& who, Severity severity, WallTime now);
Result<Transition> Resolve(Incident incident, const std::string& who, Actor actor, const std::string& text,
                           WallTime now);
// Marks a checklist item, once; no entry.
Incident Mark(Incident incident, Item item, WallTime now);
// All its alerts are suppressed, `by` what; and no more.
Transition Mute(Incident incident, const std::string& by, WallTime now);
Transition Unmute(Incident incident, WallTime now);
// What time alone changes: the acknowledgement is late.
Transition Tick(Incident incident, WallTime now);

}  // namespace vigia::incidents
