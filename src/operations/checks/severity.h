// How bad: P1 critical, P2 high, P3 medium, P4 low.
#pragma once

#include <optional>
#include <string_view>

namespace vigia::checks {

enum class Severity { kP1 = 1, kP2 = 2, kP3 = 3, kP4 = 4 };  // stored; never change

std::string_view SeverityName(Severity severity);  // "P1"
std::string_view SeverityWord(Severity severity);  // "critical"
// "P1", "critical", "page" … as people and Prometheus rules write them.
std::optional<Severity> ParseSeverity(std::string_view text);

}  // namespace vigia::checks
