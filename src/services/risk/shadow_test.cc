#include "risk/shadow.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>

#include "inference/fake_segment_folder.h"
#include "inference/inference_store.h"
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
  // As a loop to which nothing comes any more.
  void RestUntilDone() {
    while (const std::optional<Duration> again = loop_.Rest()) clock_.Advance(*again);
  }
  ShadowCounters& counters() { return shadow_.counters(0); }

  FakeClock clock_{WallTime(std::chrono::seconds(1'800'000'000))};
  std::shared_ptr<const ServedModel> champion_ = TestServed();
  FakeEntropy entropy_{1};
  std::shared_ptr<inference::FakeSegmentFolder::State> disk_ = std::make_shared<inference::FakeSegmentFolder::State>();
  inference::InferenceStore store_{{.writer = {}, .maintenance_every = Duration(0)},
                                   std::make_unique<inference::FakeSegmentFolder>(disk_),
                                   clock_,
                                   entropy_};
  InferenceSink sink_{store_.NewWriter(), inference::ValueDetail::kExact, clock_};
  Shadow shadow_{1};
  LoopShadow loop_{shadow_, counters(), sink_, clock_};
};

TEST_F(ShadowTest, ARowIsTranslatedByNames) {
  const ShadowPlan plan(*champion_, Challenger(-1), 1);
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
  const Rows rows = SomeRows(101);
  const std::vector<double> scores = ScoresOf(*champion_, rows);
  loop_.Offer(*champion_, 1, rows, scores, "before");  // nobody there: nothing happens
  EXPECT_EQ(loop_.Rest(), std::nullopt);
  shadow_.Set(Challenger(-1));
  loop_.Offer(*champion_, 1, rows, scores, "r-1");
  shadow_.Set(nullptr);  // what was offered is scored still
  RestUntilDone();
  EXPECT_EQ(counters().rows.value(), 101U);
  EXPECT_EQ(counters().flips_up.value() + counters().flips_down.value(), 0U);
  EXPECT_NEAR(counters().difference.Snapshot().sum, 0, 1e-9);
  EXPECT_EQ(counters().dropped.value(), 0U);
  loop_.Offer(*champion_, 1, rows, scores, "after");
  EXPECT_EQ(loop_.Rest(), std::nullopt);
}

TEST_F(ShadowTest, CountsWhereAnotherModelDecidesOtherwise) {
  const Rows rows = SomeRows(90);
  const std::vector<double> scores = ScoresOf(*champion_, rows);
  const auto flagged =
      static_cast<uint64_t>(std::count_if(scores.begin(), scores.end(), [](double s) { return s >= 0.4; }));
  shadow_.Set(Challenger(100));
  loop_.Offer(*champion_, 1, rows, scores, "r-1");
  shadow_.Set(Challenger(-100));
  loop_.Offer(*champion_, 1, rows, scores, "r-2");
  RestUntilDone();
  EXPECT_EQ(counters().rows.value(), 180U);
  EXPECT_EQ(counters().flagged.value(), 90U);
  EXPECT_EQ(counters().flips_up.value(), 90 - flagged);
  EXPECT_EQ(counters().flips_down.value(), flagged);
}

// A request may come at any moment: no rest is long, however many rows one request has. A single row waits for others,
// for a while.
TEST_F(ShadowTest, EachRestIsShort) {
  shadow_.Set(Challenger(-1));
  const Rows many = SomeRows(8000), one = SomeRows(1);
  loop_.Offer(*champion_, 1, many, ScoresOf(*champion_, many), "many");
  uint64_t before = 0;
  while (counters().rows.value() < 8000) {
    ASSERT_EQ(loop_.Rest(), Duration(0));
    ASSERT_LE(counters().rows.value() - before, 4U);
    before = counters().rows.value();
  }
  RestUntilDone();
  loop_.Offer(*champion_, 1, one, ScoresOf(*champion_, one), "one");
  const std::optional<Duration> again = loop_.Rest();
  ASSERT_TRUE(again && *again > Duration(0));
  EXPECT_EQ(counters().rows.value(), 8000U);
  clock_.Advance(*again);
  EXPECT_EQ(loop_.Rest(), Duration(0));
  EXPECT_EQ(counters().rows.value(), 8001U);
}

TEST_F(ShadowTest, WhatThereIsNoTimeForIsDroppedAndCounted) {
  shadow_.Set(Challenger(-1));
  const Rows rows = SomeRows(100);
  const std::vector<double> scores = ScoresOf(*champion_, rows);
  const uint64_t room = ShadowQueue::kMostRows / rows.count;
  for (uint64_t i = 0; i < room + 3; ++i) loop_.Offer(*champion_, 1, rows, scores, "r-" + std::to_string(i));
  EXPECT_EQ(counters().dropped.value(), 300U);
  RestUntilDone();
  EXPECT_EQ(counters().rows.value(), room * 100);
  EXPECT_EQ(counters().dropped.value(), 300U);
}

// Few rows wait until they are enough for a start; then all that wait are scored, those too that came meanwhile.
TEST_F(ShadowTest, AStartGoesOnUntilNothingWaits) {
  shadow_.Set(Challenger(-1));
  const Rows few = SomeRows(15), one = SomeRows(1);
  loop_.Offer(*champion_, 1, few, ScoresOf(*champion_, few), "few");
  ASSERT_GT(loop_.Rest().value(), Duration(0));
  EXPECT_EQ(counters().rows.value(), 0U);
  loop_.Offer(*champion_, 1, one, ScoresOf(*champion_, one), "enough");
  ASSERT_EQ(loop_.Rest(), Duration(0));
  loop_.Offer(*champion_, 1, one, ScoresOf(*champion_, one), "meanwhile");
  while (counters().rows.value() < 17) ASSERT_EQ(loop_.Rest(), Duration(0));
  EXPECT_GT(loop_.Rest().value(), Duration(0));  // until they are to be stored
}

TEST_F(ShadowTest, EveryInstanceIsStoredOnceWithTheChallengersScore) {
  const std::shared_ptr<const ServedModel> challenger = Challenger(1);
  shadow_.Set(challenger);
  const Rows rows = SomeRows(7), others = SomeRows(2);
  loop_.Offer(*champion_, 1, rows, ScoresOf(*champion_, rows), "r-1");
  loop_.Offer(*champion_, 1, others, ScoresOf(*champion_, others), "r-2");
  RestUntilDone();
  std::vector<std::string> seen;
  std::vector<float> scratch(challenger->model().pipeline().input_width());
  const std::lock_guard lock(disk_->mutex);
  for (const auto& [name, bytes] : disk_->files) {
    auto reader = inference::SegmentReader::Open(*bytes);
    ASSERT_TRUE(reader.ok()) << name;
    while (const inference::StoredRecord* record = reader->Next()) {
      EXPECT_EQ(record->kind, inference::RecordKind::kShadow);
      ASSERT_NE(record->schema, nullptr);
      EXPECT_EQ(record->schema->model_version, "v2.0.0");
      ASSERT_EQ(record->features.size(), 4U);
      EXPECT_NEAR(record->score, challenger->model().Score(record->features, rows.years[0], scratch), 1e-9);
      seen.push_back(std::string(record->request_id) + "/" + std::to_string(record->instance_index));
    }
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"r-1/0", "r-1/1", "r-1/2", "r-1/3", "r-1/4", "r-1/5", "r-1/6", "r-2/0",
                                            "r-2/1"}));
}

TEST_F(ShadowTest, AFullQueueHasNoRoom) {
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
  EXPECT_EQ(queue.rows(), ShadowQueue::kItems);
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
