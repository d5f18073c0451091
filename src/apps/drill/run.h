// Plays one drill and measures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "drill/catalogue.h"

namespace vigia::drill {

inline constexpr double kDetectWithin = 5, kVerifyWithin = 60;  // seconds

struct Report {
  enum class End { kPassed, kFailed, kSkipped };
  std::string drill, runbook, title;
  End end = End::kFailed;
  std::string why;  // of kFailed and kSkipped
  // Seconds since it was broken: the incident opened; the last step that changed something ended, or
  // people were called; proved healed, or handed over.
  std::optional<double> detect, mitigate, verify;
  std::string outcome;               // "healed unattended", "called data-L2"
  std::vector<std::string> done;     // commands that changed something
  std::string incident, postmortem;  // the id; the first line of the file
};

// Tells its stages to the world's progress. With a folder to keep things in, that holds, as the API gives them:
// incident.json, run.json (the ladder) and timeline.json, each as it is by now; then postmortem.md.
Report RunDrill(const Drill& drill, const ArenaWorld& world);

Json ToJson(const Report& report);

}  // namespace vigia::drill
