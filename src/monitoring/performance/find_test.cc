#include "performance/find.h"

#include <gtest/gtest.h>

#include "performance/testing/now.h"

namespace vigia::performance {
namespace {

constexpr const char* kRows =
    "(SELECT * FROM (VALUES "
    "('a', 0, TIMESTAMP '2026-11-19 10:00:00', 0.9, true, 'v1.1.0', 'prediction'), "
    "('b', 0, TIMESTAMP '2026-11-19 10:00:00', 0.2, false, 'v1.1.0', 'prediction'), "
    "('b', 1, TIMESTAMP '2026-11-19 10:00:00', 0.7, true, 'v1.1.0', 'prediction'), "
    "('a', 0, TIMESTAMP '2026-11-19 10:00:00', 0.4, false, 'v1.2.0', 'shadow'), "
    "('x', 0, TIMESTAMP '2026-11-19 10:00:00', 0.9, true, 'v1.1.0', 'prediction'), "
    "('r', 0, TIMESTAMP '2026-11-19 10:00:00', NULL, NULL, 'v1.1.0', 'rejected'), "
    "('o', 0, TIMESTAMP '2026-01-19 10:00:00', 0.9, true, 'v1.1.0', 'prediction')) "
    "t(request_id, instance_index, timestamp, risk_score, risk_label, model_version, kind))";

std::vector<Label> Labels(const std::vector<std::string>& ids) {
  std::vector<Label> labels;
  for (const std::string& id : ids) labels.push_back({id, std::nullopt, std::nullopt, true});
  return labels;
}

TEST(FindTest, LabelledPredictionsOfOneVersion) {
  const columnar::Database database = *columnar::Database::Open({});
  const auto found = FindLabelled(database, {kRows, {}}, "v1.1.0", Labels({"a", "b", "b", "r", "none"}));
  ASSERT_TRUE(found.ok()) << found.error().message();
  ASSERT_EQ(found->predictions.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(found->batch_sizes[i], found->predictions[i].request_id == "b" ? 2u : 1u);
    EXPECT_EQ(found->predictions[i].flagged, found->predictions[i].score >= 0.5);
  }
  EXPECT_EQ(FormatTime(found->predictions[0].time), "2026-11-19T10:00:00.000000Z");
  const auto shadow = FindLabelled(database, {kRows, {}}, "v1.2.0", Labels({"a"}));
  ASSERT_EQ(shadow->predictions.size(), 1u);
  EXPECT_DOUBLE_EQ(shadow->predictions[0].score, 0.4);
  EXPECT_TRUE(FindLabelled(database, {kRows, {}}, "v1.1.0", {})->predictions.empty());
}

TEST(FindTest, ScoresInGroups) {
  const columnar::Database database = *columnar::Database::Open({});
  const auto groups = GroupScores(database, {kRows, {}}, "v1.1.0", kNow - std::chrono::hours(48), kNow);
  ASSERT_TRUE(groups.ok()) << groups.error().message();
  ASSERT_EQ(groups->size(), 3u);
  EXPECT_FALSE((*groups)[0].flagged);
  EXPECT_EQ((*groups)[2].n, 2u);
  EXPECT_NEAR((*groups)[2].sum, 1.8, 1e-9);
  EXPECT_NEAR((*groups)[2].sum_of_squares, 1.62, 1e-9);
}

}  // namespace
}  // namespace vigia::performance
