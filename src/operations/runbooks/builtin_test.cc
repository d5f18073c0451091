// The runbooks that are shipped: they lint clean, and the published schema is today's.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/files.h"
#include "checks/check_set.h"
#include "runbooks/load.h"
#include "signals/series_store.h"

namespace vigia::runbooks {
namespace {

TEST(BuiltInRunbooksTest, LintClean) {
  const SystemFiles files;
  std::vector<config::Problem> problems;
  std::vector<Runbook> runbooks;
  const std::vector<FileInfo> listed = files.List(VIGIA_RUNBOOKS).value();
  for (const FileInfo& info : listed) {
    if (std::filesystem::path(info.name).extension() != ".yaml") continue;
    const std::string text = files.Read(JoinPath(VIGIA_RUNBOOKS, info.name)).value();
    runbooks.push_back(LoadRunbook(text, info.name, Catalogue::BuiltIn(), problems));
    EXPECT_EQ(runbooks.back().name + ".yaml", info.name);
  }
  EXPECT_GE(runbooks.size(), 17U);
  LintWorld world;
  world.policies = {{"sre", ""}, {"data", ""}, {"platform", ""}};
  world.approvers = {"role:oncall"};
  for (const config::Problem& problem : LintRunbooks(runbooks, world)) problems.push_back(problem);
  for (const config::Problem& problem : problems) ADD_FAILURE() << problem.ToString();
}

// A service is probed each second from the start on, and down from `from` on for so many seconds. The checks of
// availability-breach that fire within the hour, with the second at which each does.
std::map<std::string, int> BreachesOf(int from, int seconds) {
  const SystemFiles files;
  std::vector<config::Problem> problems;
  const std::string file = "availability-breach.yaml";
  const Runbook runbook =
      LoadRunbook(files.Read(JoinPath(VIGIA_RUNBOOKS, file)).value(), file, Catalogue::BuiltIn(), problems);
  EXPECT_TRUE(problems.empty());
  const auto series = signals::MakeSeriesStore({});
  checks::CheckSet checks(runbook.checks, *series);
  const signals::LabelSet labels{{"service", "risk"}, {"kind", "health"}};
  const WallTime start{std::chrono::hours(24 * 20'000)};
  std::map<std::string, int> fired;
  for (int second = 0; second < 3'600; ++second) {
    const WallTime now = start + std::chrono::seconds(second);
    const bool down = second >= from && second < from + seconds;
    series->Append({{"probe_success", labels, down ? 0.0 : 1.0, now}});
    for (const checks::CheckSet::Changed& change : checks.Evaluate(now)) {
      if (change.alert.state == checks::AlertState::kFiring) fired.emplace(change.alert.check, second);
    }
  }
  return fired;
}

TEST(BuiltInRunbooksTest, AvailabilityIsJudgedByTheHour) {
  EXPECT_TRUE(BreachesOf(60, 6).empty()) << "six seconds in the first quarter of an hour";
  EXPECT_TRUE(BreachesOf(300, 17).empty()) << "the hour allows eighteen";
  const auto low = BreachesOf(300, 25);
  ASSERT_EQ(low.size(), 1U);
  EXPECT_NEAR(low.at("availability_low"), 300 + 18 + 300, 20) << "five minutes after the budget is spent";
  const auto critical = BreachesOf(300, 60);
  ASSERT_EQ(critical.size(), 2U);
  EXPECT_NEAR(critical.at("availability_critical"), 300 + 36 + 300, 20);
  EXPECT_EQ(BreachesOf(2'000, 3'600).size(), 2U) << "away for good";
}

TEST(BuiltInRunbooksTest, TheSchemaIsPublished) {
  const SystemFiles files;
  const auto published = files.Read(JoinPath(VIGIA_RUNBOOKS, "schema.json"));
  EXPECT_TRUE(published.ok() && *published == PrettyJson(RunbookSchema())) << "runbooks/schema.json should be:\n"
                                                                           << PrettyJson(RunbookSchema());
}

}  // namespace
}  // namespace vigia::runbooks
