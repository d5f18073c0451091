#include "runbooks/guards.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/map_reader.h"

namespace vigia::runbooks {
namespace {

using Kind = GuardVerdict::Kind;

std::string OpenWindow(const Guards& guards, const GuardFacts& facts) {
  for (const std::string& window : guards.deny_windows) {
    if (facts.windows.count(window) > 0) return window;
  }
  return "";
}

std::optional<GuardVerdict> CheckHistory(const Guards& guards, const GuardFacts& facts, WallTime now) {
  for (const PastRun& past : facts.past) {
    const WallTime ended = past.finished_at.value_or(past.created_at);
    if (now - ended < guards.cooldown) {
      return GuardVerdict{Kind::kDeny, "the cooldown of " + config::FormatDuration(guards.cooldown) +
                                           " after the last run is not over"};
    }
  }
  for (const Cap& cap : guards.max_runs) {
    const auto recent = std::count_if(facts.past.begin(), facts.past.end(),
                                      [&](const PastRun& past) { return now - past.created_at < cap.per; });
    if (recent >= cap.runs) {
      return GuardVerdict{Kind::kDeny, std::to_string(recent) + " runs within " + config::FormatDuration(cap.per) +
                                           " are the most it may do"};
    }
  }
  return std::nullopt;
}

std::optional<GuardVerdict> CheckBlastRadius(const BlastRadius& radius, const GuardFacts& facts) {
  if (facts.instances > 0) {
    const double healthy = static_cast<double>(facts.instances - facts.instances_firing) / facts.instances;
    if (healthy < radius.min_healthy) {
      return GuardVerdict{Kind::kDeny, fmt::format("only {} of {} targets are healthy",
                                                   facts.instances - facts.instances_firing, facts.instances)};
    }
  }
  if (facts.targets_in_group >= radius.max_targets) {
    return GuardVerdict{Kind::kWait,
                        fmt::format("{} targets of the group are being worked on", facts.targets_in_group)};
  }
  return std::nullopt;
}

}  // namespace

GuardVerdict MayBegin(const Guards& guards, const Run& run, const GuardFacts& facts, WallTime now) {
  if (const std::string window = OpenWindow(guards, facts); !window.empty()) {
    return {Kind::kDeny, "the window '" + window + "' is open"};
  }
  if (auto verdict = CheckHistory(guards, facts, now)) return *verdict;
  if (guards.blast_radius) {
    if (auto verdict = CheckBlastRadius(*guards.blast_radius, facts)) return *verdict;
  }
  if (guards.max_concurrent > 0 && facts.running >= guards.max_concurrent) {
    return {Kind::kWait, std::to_string(facts.running) + " runs of this runbook are at work"};
  }
  for (const std::string& lock : run.locks) {
    if (facts.locks_of_others.count(lock) > 0) return {Kind::kWait, "another run holds the lock '" + lock + "'"};
  }
  return {};
}

GuardVerdict MayWrite(const Guards& guards, const GuardFacts& facts, const Json& document) {
  if (const std::string window = OpenWindow(guards, facts); !window.empty()) {
    return {Kind::kDeny, "the window '" + window + "' is open"};
  }
  for (const Expression& required : guards.require) {
    const jq::Verdict verdict = required->Test(document);
    if (verdict == jq::Verdict::kTrue) continue;
    return {Kind::kDeny, "required, but " + std::string(verdict == jq::Verdict::kFalse ? "not so" : "not known") +
                             ": " + required->expression()};
  }
  return {};
}

}  // namespace vigia::runbooks
