#include "cli/oncall_command.h"

#include <fmt/format.h>

#include <ostream>

#include "base/text.h"
#include "net/http_client.h"
#include "net/mail.h"
#include "notify/oncall.h"

namespace vigia::cli {

namespace {

struct OncallFlags {
  std::string file, at, schedule;
};

Result<notify::Oncall> Load(const OncallFlags& flags, Context& context, const calendar::TimeZones& zones) {
  const auto http = net::MakeHttpClient();
  const auto mail = net::MakeMailClient();
  const std::string path = flags.file.empty() ? context.Home("oncall.yaml") : context.UserPath(flags.file);
  notify::Oncall oncall = TRY(notify::LoadOncall(
      path, {*http, *mail, context.clock, context.files, context.environment}, zones, context.clock.Now()));
  oncall.channels.clear();  // they refer to the clients, which end here
  return oncall;
}

// A time with an offset, or what the schedule's wall clock shows.
Result<WallTime> Moment(const std::string& text, const calendar::TimeZone& zone, WallTime now) {
  if (text.empty()) return now;
  if (const auto absolute = ParseTime(text); absolute.ok()) return *absolute;
  const auto local = calendar::ParseLocalTime(text);
  if (!local.ok()) {
    return Error(Code::kInvalidArgument,
                 "--at is written 2026-01-05T09:00 (the schedule's clock) or 2026-01-05T09:00:00Z");
  }
  return zone.ToUtc(*local);
}

Result<int> Who(const OncallFlags& flags, Context& context) {
  const calendar::TimeZones zones(context.files);
  const notify::Oncall oncall = TRY(Load(flags, context, zones));
  if (!oncall.directory_problems.empty()) {
    return Error(Code::kInvalidArgument, oncall.directory_problems.front().ToString());
  }
  if (!flags.schedule.empty() && oncall.directory.schedules.count(flags.schedule) == 0) {
    return Error(Code::kNotFound, "there is no schedule '" + flags.schedule + "'");
  }
  Json list = Json::array();
  for (const auto& [name, schedule] : oncall.directory.schedules) {
    if (!flags.schedule.empty() && name != flags.schedule) continue;
    const WallTime at = TRY(Moment(flags.at, schedule.zone, context.clock.Now()));
    const std::vector<std::string> people = escalation::OnShift(schedule, at);
    list.push_back({{"schedule", name},
                    {"at", FormatTime(at)},
                    {"local", calendar::FormatLocalTime(schedule.zone.ToLocal(at))},
                    {"time_zone", schedule.zone.name()},
                    {"people", people}});
    if (context.json()) continue;
    context.out << fmt::format("{:<20} {:<24} {} {}\n", name, people.empty() ? "nobody" : Join(people, ", "),
                               calendar::FormatLocalTime(schedule.zone.ToLocal(at)), schedule.zone.name());
  }
  if (context.json()) context.PrintJson(list);
  return 0;
}

Result<int> Lint(const OncallFlags& flags, Context& context) {
  const calendar::TimeZones zones(context.files);
  const notify::Oncall oncall = TRY(Load(flags, context, zones));
  std::vector<std::string> lines;
  for (const auto* problems : {&oncall.directory_problems, &oncall.lint_problems, &oncall.channel_problems}) {
    for (const config::Problem& problem : *problems) lines.push_back(problem.ToString());
  }
  if (context.json()) {
    context.PrintJson({{"problems", lines}});
  } else {
    for (const std::string& line : lines) context.out << line << "\n";
    if (lines.empty()) {
      context.out << fmt::format("fine: {} people, {} schedules, {} policies, {} channels\n",
                                 oncall.directory.people.size(), oncall.directory.schedules.size(),
                                 oncall.directory.policies.size(), oncall.channel_names.size());
    }
  }
  if (lines.empty()) return 0;
  return Error(Code::kInvalidArgument, fmt::format("oncall lint: {} problems", lines.size()));
}

}  // namespace

void AddOncallCommands(Commands& commands) {
  commands.Describe("oncall", "Who is on call (oncall.yaml in the home)");
  auto flags = std::make_shared<OncallFlags>();
  flags::Command who = commands.Add("oncall who", "Who is on shift, now or at a time",
                                    [flags](Context& context) { return Who(*flags, context); });
  who.Option("--at", flags->at, "2026-01-05T09:00 on the schedule's clock, or with an offset");
  who.Option("--schedule", flags->schedule, "This schedule only");
  who.Option("--file", flags->file, "Another on-call file");
  flags::Command lint =
      commands.Add("oncall lint", "Unknown keys and people, who cannot be reached, hours without anybody",
                   [flags](Context& context) { return Lint(*flags, context); });
  lint.Option("file", flags->file, "Another on-call file");
}

}  // namespace vigia::cli
