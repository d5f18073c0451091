#include "performance/compare.h"

#include <gtest/gtest.h>

#include <cmath>

#include "performance/testing/now.h"

namespace vigia::performance {
namespace {

std::string Row(const std::string& id, int index, double score, int label, const std::string& version,
                const std::string& kind, const std::string& at = "2026-11-19 10:00:00") {
  return "('" + id + "', " + std::to_string(index) + ", TIMESTAMP '" + at + "', " + std::to_string(score) + ", " +
         std::to_string(label) + ", '" + version + "', '" + kind + "')";
}

Comparison Compare(const std::vector<std::string>& rows) {
  std::string values;
  for (const std::string& row : rows) values += (values.empty() ? "" : ", ") + row;
  const drift::Relation relation{
      "(SELECT * FROM (VALUES " + values +
          ") t(request_id, instance_index, timestamp, risk_score, risk_label, model_version, kind))",
      {}};
  const columnar::Database database = *columnar::Database::Open({});
  auto compared = CompareWithShadow(database, relation, "v2.0.0", kNow - std::chrono::hours(48), kNow);
  CHECK(compared.ok(), compared.ok() ? "" : compared.error().message());
  return std::move(compared).value();
}

TEST(CompareTest, TellsFlipsAndDistances) {
  const Comparison compared = Compare({
      Row("a", 0, 0.9, 1, "v1.0.0", "prediction"),
      Row("a", 0, 0.8, 1, "v2.0.0", "shadow"),
      Row("a", 1, 0.2, 0, "v1.0.0", "prediction"),
      Row("a", 1, 0.6, 1, "v2.0.0", "shadow"),
      Row("b", 0, 0.5, 1, "v1.0.0", "prediction"),
      Row("b", 0, 0.3, 0, "v2.0.0", "shadow"),
      Row("c", 0, 0.1, 0, "v1.0.0", "prediction"),
      Row("c", 0, 0.1, 0, "v2.0.0", "shadow"),
  });
  ASSERT_EQ(compared.sides.size(), 1U);
  const SideBySide& side = compared.sides[0];
  EXPECT_EQ(side.champion, "v1.0.0");
  EXPECT_EQ(side.compared, 4U);
  EXPECT_EQ(side.both, 1U);
  EXPECT_EQ(side.neither, 1U);
  EXPECT_EQ(side.only_shadow, 1U);
  EXPECT_EQ(side.only_champion, 1U);
  EXPECT_DOUBLE_EQ(side.Agreement(), 0.5);
  EXPECT_NEAR(side.mean_difference, 0.025, 1e-9);
  EXPECT_NEAR(side.mean_distance, 0.175, 1e-9);
  EXPECT_NEAR(side.largest, 0.4, 1e-9);
  EXPECT_NEAR(side.champion_mean, 0.425, 1e-9);
  EXPECT_GT(side.correlation, 0.5);
}

TEST(CompareTest, LeavesOutWhatCannotBeToldApart) {
  const Comparison compared = Compare({
      Row("a", 0, 0.5, 1, "v1.0.0", "prediction"), Row("a", 0, 0.5, 1, "v1.0.0", "prediction"),
      Row("a", 0, 0.3, 0, "v2.0.0", "shadow"),                             // the id came twice
      Row("b", 0, 0.3, 0, "v2.0.0", "shadow"),                             // no answer in the window
      Row("c", 0, 0.3, 0, "v1.0.0", "prediction"),                         // dropped by the shadow's queue
      Row("e", 0, 0.3, 0, "v1.0.0", "prediction", "2026-11-18 23:00:00"),  // before the shadow's time
      Row("d", 0, 0.3, 0, "v1.5.0", "shadow"),                             // another one's
      Row("f", 0, 0.3, 0, "v1.0.0", "prediction", "2026-10-01 10:00:00"),  // outside of the window
  });
  EXPECT_TRUE(compared.sides.empty());
  EXPECT_EQ(compared.shadow_only, 2U);
  EXPECT_EQ(compared.not_scored, 1U);
}

TEST(CompareTest, OneSidePerChampion) {
  const Comparison compared = Compare({
      Row("a", 0, 0.5, 1, "v1.0.0", "prediction"),
      Row("a", 0, 0.5, 1, "v2.0.0", "shadow"),
      Row("b", 0, 0.5, 1, "v1.1.0", "prediction"),
      Row("b", 0, 0.4, 1, "v2.0.0", "shadow"),
      Row("c", 0, 0.5, 1, "v1.1.0", "prediction"),
      Row("c", 0, 0.4, 1, "v2.0.0", "shadow"),
  });
  ASSERT_EQ(compared.sides.size(), 2U);
  EXPECT_EQ(compared.sides[0].champion, "v1.1.0");
  EXPECT_EQ(compared.sides[0].compared, 2U);
  EXPECT_TRUE(std::isnan(compared.sides[1].correlation));
}

TEST(CompareTest, KeepsTheRowsThatBothHave) {
  const auto found = [](const std::vector<std::pair<std::string, uint32_t>>& keys) {
    Found result;
    for (const auto& [id, index] : keys) {
      result.predictions.push_back({id, index, kNow, 0.5, true});
      result.batch_sizes.push_back(index + 1);
    }
    return result;
  };
  Found one = found({{"a", 0}, {"a", 1}, {"b", 0}}), other = found({{"a", 1}, {"c", 0}});
  KeepCommon(one, other);
  ASSERT_EQ(one.predictions.size(), 1U);
  EXPECT_EQ(one.predictions[0].instance, 1U);
  EXPECT_EQ(one.batch_sizes[0], 2U);
  EXPECT_EQ(other.predictions.size(), 1U);
}

}  // namespace
}  // namespace vigia::performance
