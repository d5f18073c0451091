#include "checks/severity.h"

#include "base/text.h"

namespace vigia::checks {

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kP1: return "P1";
    case Severity::kP2: return "P2";
    case Severity::kP3: return "P3";
    case Severity::kP4: return "P4";
  }
  return "P3";
}

std::string_view SeverityWord(Severity severity) {
  switch (severity) {
    case Severity::kP1: return "critical";
    case Severity::kP2: return "high";
    case Severity::kP3: return "medium";
    case Severity::kP4: return "low";
  }
  return "medium";
}

std::optional<Severity> ParseSeverity(std::string_view text) {
  const std::string word = ToLowerAscii(text);
  if (word == "p1" || word == "critical" || word == "page" || word == "emergency") return Severity::kP1;
  if (word == "p2" || word == "high" || word == "error" || word == "major") return Severity::kP2;
  if (word == "p3" || word == "medium" || word == "warning" || word == "minor") return Severity::kP3;
  if (word == "p4" || word == "low" || word == "info" || word == "none") return Severity::kP4;
  return std::nullopt;
}

}  // namespace vigia::checks
