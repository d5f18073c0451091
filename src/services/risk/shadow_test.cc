#include "risk/shadow.h"

#include <gtest/gtest.h>

#include <cmath>

#include "inference/fake_segment_folder.h"
#include "inference/segment_reader.h"
#include "risk/test_model.h"

namespace vigia::risk {
namespace {

// The test model with its categories in another order, one feature less, and an intercept of its own.
std::shared_ptr<const ServedModel> Challenger(double intercept, const std::string& version = "v2.0.0") {
  Json json = TestModelJson();
  json["features"]["raw"] = Json::array(
      {json["features"]["raw"][2], json["features"]["raw"][3], json["features"]["raw"][0], json["features"]["raw"][1]});
  json["features"]["raw"][1]["levels"] = {"Masculino", "Feminino"};
  json["estimator"]["intercept"] = intercept;
  ModelBundle bundle = TestBundle(version);
  bundle.model = scoring::Model::FromJson(json).value();
  return std::make_shared<ServedModel>(bundle, Threshold{0.4, ThresholdSource::kMetadata}, WallTime{});
}

Rows SomeRows(size_t count) {
  Rows rows;
  rows.Begin(5);
  for (size_t i = 0; i < count; ++i) {
    rows.AddRow();
    double* row = rows.values.data() + i * 5;
    row[0] = static_cast<double>(i % 9);                                        // fase
    row[2] = i % 4 == 0 ? std::nan("") : static_cast<double>(i % 10);           // iaa
    row[3] = i % 3 == 2 ? features::kUnseenLevel : static_cast<double>(i % 3);  // genero
  }
  return rows;
}

std::vector<double> ScoresOf(const ServedModel& model, const Rows& rows) {
  std::vector<double> scores(rows.count);
  model.model().ScoreBatch(rows.values, rows.years, scores);
  return scores;
}

class ShadowTest : public testing::Test {
 protected:
  FakeClock clock_{WallTime(std::chrono::seconds(1'800'000'000))};
  std::shared_ptr<const ServedModel> champion_ = TestServed();
};

TEST_F(ShadowTest, ARowIsTranslatedByNames) {
  const ShadowPlan plan(*champion_, Challenger(-1));
  const std::vector<double> row = {5, 14, 7.5, 0, 3};  // fase, idade, iaa, Feminino, ipp
  std::vector<double> out(4);
  std::vector<uint64_t> missing(1);
  plan.Translate(row, out, missing);
  EXPECT_EQ(out, (std::vector<double>{7.5, 1, 5, 14}));
  EXPECT_EQ(missing[0], 0U);
  plan.Translate(std::vector<double>{5, std::nan(""), 7.5, features::kUnseenLevel, 3}, out, missing);
  EXPECT_EQ(out[1], features::kUnseenLevel);
  EXPECT_EQ(missing[0], 0b1000U);
}

TEST_F(ShadowTest, TheSameModelInAnotherLayoutAgreesWithTheChampion) {
  Shadow shadow(1, nullptr, inference::ValueDetail::kExact, clock_);
  const auto tap = shadow.NewTap(0);
  const Rows rows = SomeRows(100);
  const std::vector<double> scores = ScoresOf(*champion_, rows);
  tap->Offer(*champion_, 1, rows, scores, "before");  // nobody there: nothing happens
  shadow.Set(Challenger(-1));
  tap->Offer(*champion_, 1, rows, scores, "r-1");
  shadow.Set(nullptr);  // waits for what was offered
  EXPECT_EQ(shadow.counters().rows.value(), 100U);
  EXPECT_EQ(shadow.counters().flips_up.value() + shadow.counters().flips_down.value(), 0U);
  EXPECT_NEAR(shadow.counters().difference.Snapshot().sum, 0, 1e-9);
  EXPECT_EQ(shadow.dropped_rows(), 0U);
}

TEST_F(ShadowTest, CountsWhereAnotherModelDecidesOtherwise) {
  Shadow shadow(1, nullptr, inference::ValueDetail::kExact, clock_);
  const auto tap = shadow.NewTap(0);
  const Rows rows = SomeRows(90);
  const std::vector<double> scores = ScoresOf(*champion_, rows);
  const auto flagged =
      static_cast<uint64_t>(std::count_if(scores.begin(), scores.end(), [](double s) { return s >= 0.4; }));
  shadow.Set(Challenger(100));
  tap->Offer(*champion_, 1, rows, scores, "r-1");
  shadow.Set(Challenger(-100));
  tap->Offer(*champion_, 1, rows, scores, "r-2");
  shadow.Set(nullptr);
  EXPECT_EQ(shadow.counters().rows.value(), 180U);
  EXPECT_EQ(shadow.counters().flagged.value(), 90U);
  EXPECT_EQ(shadow.counters().flips_up.value(), 90 - flagged);
  EXPECT_EQ(shadow.counters().flips_down.value(), flagged);
}

TEST_F(ShadowTest, AFullQueueDropsAndCounts) {
  ShadowQueue queue;
  size_t taken = 0;
  for (size_t i = 0; i < ShadowQueue::kItems + 10; ++i) {
    ShadowItem* item = queue.Room(1);
    if (item == nullptr) continue;
    item->rows = 1;
    item->SetRequestId(std::to_string(i));
    queue.Push(*item);
    ++taken;
  }
  EXPECT_EQ(taken, ShadowQueue::kItems);
  EXPECT_EQ(queue.dropped_rows.value(), 10U);
  EXPECT_EQ(queue.Waiting(0)->request_id(), "0");
  EXPECT_EQ(queue.Waiting(2)->request_id(), "2");
  EXPECT_EQ(queue.Waiting(ShadowQueue::kItems), nullptr);
  queue.Pop();
  EXPECT_NE(queue.Room(1), nullptr);
}

TEST_F(ShadowTest, RowsAreBoundedTooAndOneLargeRequestStillFits) {
  ShadowQueue queue;
  const auto push = [&](size_t rows) {
    ShadowItem* item = queue.Room(rows);
    if (item == nullptr) return false;
    item->rows = rows;
    queue.Push(*item);
    return true;
  };
  EXPECT_TRUE(push(ShadowQueue::kMostRows + 1));
  EXPECT_FALSE(push(1));
  queue.Pop();
  EXPECT_TRUE(push(1));
}

}  // namespace
}  // namespace vigia::risk
