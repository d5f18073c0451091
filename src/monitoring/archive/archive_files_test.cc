#include "archive/archive_files.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace vigia::archive {
namespace {

TEST(ArchiveFilesTest, Names) {
  EXPECT_EQ((ArchiveFile{"2026-11-20", 0, 0}).Name(), "inferences_2026-11-20.parquet");
  EXPECT_EQ((ArchiveFile{"2026-11-20", 7, 0}).Name(), "inferences_2026-11-20_07.parquet");
  EXPECT_EQ((ArchiveFile{"2026-11-20", 123, 0}).Name(), "inferences_2026-11-20_123.parquet");
  for (const int number : {0, 1, 99, 100}) {
    const ArchiveFile file{"2026-11-20", number, 0};
    EXPECT_EQ(ParseArchiveName(file.Name()), file);
  }
  for (const std::string bad :
       {"", "inferences_.parquet", "inferences_2026-13-20.parquet", "inferences_2026-11-20_.parquet",
        "inferences_2026-11-20_0.parquet", "inferences_2026-11-20-01.parquet", "inferences_2026-11-20.csv",
        "inferences_2026-11-20.parquet.tmp-1-0", "inferences_2026-11-20_00.parquet", "drift_2026-11-20.parquet"}) {
    EXPECT_FALSE(ParseArchiveName(bad).has_value()) << bad;
  }
}

std::vector<ArchiveFile> Day(const std::vector<uint64_t>& sizes) {
  std::vector<ArchiveFile> day;
  for (size_t i = 0; i < sizes.size(); ++i) day.push_back({"2026-11-20", static_cast<int>(i), sizes[i]});
  return day;
}

TEST(PlanMergeTest, OpenDay) {
  MergeSettings settings;
  settings.most_bytes = 1000;
  struct Case {
    std::vector<uint64_t> sizes;
    std::optional<MergePlan> plan;
  };
  for (const Case& c : std::vector<Case>{{{}, std::nullopt},
                                         {{5, 5, 5}, std::nullopt},
                                         {{5, 5, 5, 5}, MergePlan{0, 4}},
                                         {{20, 5, 5, 5}, std::nullopt},
                                         {{20, 5, 5, 5, 5}, MergePlan{0, 5}},
                                         {{900, 5, 5, 5, 5}, MergePlan{1, 4}},
                                         {{600, 300, 200, 100, 5}, std::nullopt}}) {
    EXPECT_EQ(PlanMerge(Day(c.sizes), DayState::kOpen, settings), c.plan);
  }
}

TEST(PlanMergeTest, AClosedDayBecomesAsFewFilesAsAllowed) {
  MergeSettings settings;
  settings.most_bytes = 1000;
  EXPECT_EQ(PlanMerge(Day({10, 2}), DayState::kClosed, settings), (MergePlan{0, 2}));
  EXPECT_EQ(PlanMerge(Day({10}), DayState::kClosed, settings), std::nullopt);
  EXPECT_EQ(PlanMerge(Day({999, 600, 300, 50}), DayState::kClosed, settings), (MergePlan{1, 3}));
  EXPECT_EQ(PlanMerge(Day({999, 950}), DayState::kClosed, settings), std::nullopt);
}

// A day of files, one each half minute, of sizes that vary.
TEST(PlanMergeTest, FilesAndRewritesStayLogarithmic) {
  const MergeSettings settings;
  Rng rng(3);
  std::vector<ArchiveFile> day;
  uint64_t arrived = 0, rewritten = 0;
  for (int i = 0; i < 2880; ++i) {
    day.push_back({"", 0, 1000 + rng.Below(3000)});
    arrived += day.back().bytes;
    while (const auto plan = PlanMerge(day, DayState::kOpen, settings)) {
      uint64_t sum = 0;
      for (size_t k = 0; k < plan->count; ++k) sum += day[plan->first + k].bytes;
      day.resize(plan->first);
      day.push_back({"", 0, sum});
      rewritten += sum;
    }
    ASSERT_LE(day.size(), 20U);
  }
  EXPECT_LE(rewritten, arrived * 12);
}

}  // namespace
}  // namespace vigia::archive
