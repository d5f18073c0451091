// The runbooks that are shipped: they lint clean, and the published schema is today's.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "runbooks/load.h"

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

TEST(BuiltInRunbooksTest, TheSchemaIsPublished) {
  const SystemFiles files;
  const auto published = files.Read(JoinPath(VIGIA_RUNBOOKS, "schema.json"));
  EXPECT_TRUE(published.ok() && *published == PrettyJson(RunbookSchema())) << "runbooks/schema.json should be:\n"
                                                                           << PrettyJson(RunbookSchema());
}

}  // namespace
}  // namespace vigia::runbooks
