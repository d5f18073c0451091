// Names in the ledger. Stored; never change.
#pragma once

#include <string>

namespace vigia::controller {

// Collections of documents.
inline constexpr char kAlerts[] = "alert";
inline constexpr char kIncidents[] = "incident";
inline constexpr char kRuns[] = "run";
inline constexpr char kRunbooks[] = "runbook";  // by hash: {name, file, source}
inline constexpr char kEscalations[] = "escalation";
inline constexpr char kOutbox[] = "outbox";
inline constexpr char kSilences[] = "silence";
inline constexpr char kSchedules[] = "schedule";  // by "runbook/schedule zone": {last}
inline constexpr char kControl[] = "control";     // keys: counters, heartbeat, modes

// The stream of an incident's timeline.
inline std::string TimelineOf(const std::string& incident) { return "incident/" + incident; }

}  // namespace vigia::controller
