#include "control/oncall_routes.h"

#include "control/views.h"
#include "escalation/directory.h"

namespace vigia::control {
namespace {

using escalation::Directory;
using escalation::Recipient;

constexpr Duration kStep = std::chrono::minutes(30);
constexpr Duration kUsualPeriod = std::chrono::hours(24 * 7), kLongestPeriod = std::chrono::hours(24 * 35);

std::string TextOf(const Recipient& recipient) {
  switch (recipient.kind) {
    case Recipient::Kind::kPerson: return "person:" + recipient.name;
    case Recipient::Kind::kSchedule: return "schedule:" + recipient.name;
    case Recipient::Kind::kTeam: return "team:" + recipient.name;
  }
  return recipient.name;
}

// Stretches with the same people, looked at every half hour.
Json Shifts(const escalation::Schedule& schedule, WallTime from, WallTime to) {
  Json shifts = Json::array();
  std::vector<std::string> on;
  WallTime since = from;
  const auto close = [&](WallTime until) {
    if (!on.empty()) shifts.push_back({{"from", FormatTime(since)}, {"to", FormatTime(until)}, {"people", on}});
  };
  for (WallTime at = from; at < to; at += kStep) {
    std::vector<std::string> people = escalation::OnShift(schedule, at);
    if (people == on) continue;
    close(at);
    on = std::move(people);
    since = at;
  }
  close(to);
  return shifts;
}

Json PoliciesOf(const Directory& directory) {
  Json policies = Json::array();
  for (const auto& [name, policy] : directory.policies) {
    Json levels = Json::array();
    for (const escalation::Level& level : policy.levels) {
      Json to = Json::array();
      for (const Recipient& recipient : level.notify) to.push_back(TextOf(recipient));
      levels.push_back(
          {{"name", level.name}, {"after", SecondsOf(level.after)}, {"to", std::move(to)}, {"via", level.via}});
    }
    policies.push_back({{"name", name},
                        {"levels", std::move(levels)},
                        {"repeat", policy.repeat},
                        {"repeat_after", SecondsOf(policy.repeat_after)}});
  }
  return policies;
}

Result<Json> OnCall(Plane& plane, const Call& call) {
  const WallTime now = plane.world().clock.Now();
  WallTime from = now;
  if (const std::string text = call.Text("from"); !text.empty()) from = TRY_CONTEXT(ParseTime(text), "'from'");
  WallTime to = from + kUsualPeriod;
  if (const std::string text = call.Text("to"); !text.empty()) to = TRY_CONTEXT(ParseTime(text), "'to'");
  if (to <= from || to - from > kLongestPeriod) {
    return Error(Code::kInvalidArgument, "'to' must be after 'from', by at most 35 days");
  }
  const Directory& directory = plane.people().directory();
  Json current = Json::array(), schedules = Json::array(), windows = Json::array();
  for (const auto& [name, schedule] : directory.schedules) {
    current.push_back({{"schedule", name}, {"people", escalation::OnShift(schedule, now)}});
    schedules.push_back({{"name", name}, {"zone", schedule.zone.name()}, {"shifts", Shifts(schedule, from, to)}});
  }
  for (const auto& [name, window] : directory.windows) {
    windows.push_back({{"name", name}, {"open", escalation::Inside(window, now)}});
  }
  return Json{{"now", std::move(current)},
              {"schedules", std::move(schedules)},
              {"policies", PoliciesOf(directory)},
              {"windows", std::move(windows)}};
}

}  // namespace

void AddOncallRoutes(Router& router, Plane& plane) {
  router.Get("/api/v1/oncall", {"from", "to"}, [&plane](Call& call) { return OnCall(plane, call); });
}

}  // namespace vigia::control
