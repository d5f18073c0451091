#include "signals/series_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "signals/testing/at.h"

namespace vigia::signals {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::DoubleNear;

Selector Ask(std::string name, Function function = Function::kLast, Duration window = minutes(5)) {
  Selector selector;
  selector.signal = std::move(name);
  selector.function = function;
  selector.window = window;
  return selector;
}

class SeriesStoreTest : public testing::Test {
 protected:
  std::vector<Reading> Read(SignalView::Query query, int second) {
    std::vector<Reading> readings;
    store_->Read(query, At(second), readings);
    return readings;
  }
  std::vector<double> Values(SignalView::Query query, int second) {
    std::vector<double> values;
    for (const Reading& reading : Read(query, second)) values.push_back(reading.value);
    return values;
  }
  void Add(const std::string& name, const LabelSet& labels, double value, int second) {
    store_->Append({{name, labels, value, At(second)}});
  }
  std::unique_ptr<SeriesStore> store_ = MakeSeriesStore({});
};

TEST_F(SeriesStoreTest, AnswersForEverySeriesThatMatches) {
  Selector some = Ask("up");
  some.labels = {*Matcher::Parse("zone=~\"a|b\"")};
  const auto before = store_->Prepare(some);
  Add("up", {{"zone", "a"}}, 1, 0);
  Add("up", {{"zone", "b"}}, 0, 0);
  Add("up", {{"zone", "c"}}, 1, 0);
  Add("down", {{"zone", "a"}}, 9, 0);
  const auto after = store_->Prepare(Ask("up"));
  EXPECT_THAT(Values(before, 1), testing::ElementsAre(1, 0));
  EXPECT_THAT(Values(after, 1), testing::ElementsAre(1, 0, 1));
  EXPECT_EQ(Read(before, 1)[1].labels, (LabelSet{{"zone", "b"}}));
  EXPECT_EQ(store_->Prepare(some), before) << "the same question is one query";
  EXPECT_NE(store_->Prepare(Ask("up", Function::kAvg)), after);
  EXPECT_THAT(Values(store_->Prepare(Ask("nothing")), 1), testing::IsEmpty());
}

TEST_F(SeriesStoreTest, SeriesEndAndBegin) {
  const auto query = store_->Prepare(Ask("up"));
  Add("up", {}, 1, 0);
  EXPECT_THAT(Values(query, 299), testing::ElementsAre(1));
  EXPECT_THAT(Values(query, 300), testing::IsEmpty()) << "too old for its window";
  Add("up", {}, std::numeric_limits<double>::quiet_NaN(), 10);
  EXPECT_THAT(Values(query, 11), testing::IsEmpty()) << "it said that it ended";
  Add("up", {}, 1, 20);
  EXPECT_THAT(Values(query, 21), testing::ElementsAre(1));
  store_->Forget(At(20 + 15 * 60));
  EXPECT_EQ(store_->series(), 1u);
  store_->Forget(At(21 + 15 * 60));
  EXPECT_EQ(store_->series(), 0u);
  Add("up", {}, 5, 2000);
  EXPECT_THAT(Values(query, 2001), testing::ElementsAre(5)) << "a query follows a series that comes back";
}

TEST_F(SeriesStoreTest, DropsWhatComesTooLate) {
  const auto query = store_->Prepare(Ask("up"));
  Add("up", {}, 1, 10);
  Add("up", {}, 2, 10);
  Add("up", {}, 3, 9);
  EXPECT_THAT(Values(query, 11), testing::ElementsAre(1));
  EXPECT_EQ(store_->dropped(), 2u);
}

TEST_F(SeriesStoreTest, BoundsTheNumberOfSeries) {
  store_ = MakeSeriesStore({3, 512, minutes(15)});
  for (int i = 0; i < 10; ++i) Add("s" + std::to_string(i), {}, i, 0);
  EXPECT_EQ(store_->series(), 3u);
  EXPECT_EQ(store_->dropped(), 7u);
  Add("s0", {}, 1, 1);
  EXPECT_EQ(store_->dropped(), 7u) << "a series that is known goes on";
}

TEST_F(SeriesStoreTest, BoundsTheSamplesAndKeepsTheWindow) {
  store_ = MakeSeriesStore({100, 64, minutes(15)});
  const auto rate = store_->Prepare(Ask("requests", Function::kRate, minutes(60)));
  const auto short_rate = store_->Prepare(Ask("requests", Function::kRate, seconds(10)));
  // A counter that restarts every 1000 s, sampled each second for two hours.
  for (int second = 0; second < 7'200; ++second) Add("requests", {}, 2.0 * (second % 1'000), second);
  EXPECT_LE(store_->samples(), 64u);
  // A thinned restart may lose what was counted just before it, no more.
  EXPECT_THAT(Values(rate, 7'199), testing::ElementsAre(DoubleNear(2, 0.25)));
  EXPECT_THAT(Values(short_rate, 7'199), testing::ElementsAre(DoubleNear(2, 1e-9))) << "the newest are all there";
}

TEST_F(SeriesStoreTest, KnowsHowLongSomethingWasDownAlsoWhenThinned) {
  store_ = MakeSeriesStore({100, 64, minutes(15)});
  const auto uptime = store_->Prepare(Ask("up", Function::kUptime, minutes(60)));
  for (int second = 0; second < 3'600; ++second) {
    Add("up", {}, second >= 600 && second < 606 ? 0 : 1, second);
    if (second != 700) continue;
    EXPECT_THAT(Values(uptime, second), testing::ElementsAre(DoubleNear(1 - 6.0 / 3'600, 1e-9)));
  }
  EXPECT_LE(store_->samples(), 64u);
  EXPECT_THAT(Values(uptime, 3'599), testing::ElementsAre(DoubleNear(1 - 6.0 / 3'600, 1e-9)));
  // One that never stays as it is is bounded, too.
  for (int second = 3'600; second < 7'200; ++second) Add("up", {}, second % 2, second);
  EXPECT_LE(store_->samples(), 64u);
}

TEST_F(SeriesStoreTest, ForgetsOldSamples) {
  for (int second = 0; second < 4'000; second += 10) Add("up", {}, 1, second);
  EXPECT_LE(store_->samples(), 92u) << "15 minutes of them";
}

TEST_F(SeriesStoreTest, QuantilesOfHistograms) {
  Selector p95 = Ask("latency_seconds", Function::kQuantile, seconds(60));
  p95.quantile = 0.5;
  p95.labels = {*Matcher::Parse("service=risk")};
  const auto query = store_->Prepare(p95);
  for (int second = 0; second <= 60; second += 10) {
    for (const auto& [le, share] : {std::pair("0.1", 1), std::pair("0.5", 3), std::pair("+Inf", 4)}) {
      Add("latency_seconds_bucket", {{"service", "risk"}, {"le", le}}, share * second, second);
      Add("latency_seconds_bucket", {{"service", "other"}, {"le", le}}, share * second, second);
    }
  }
  const auto readings = Read(query, 60);
  ASSERT_EQ(readings.size(), 1u);
  EXPECT_EQ(readings[0].labels, (LabelSet{{"service", "risk"}}));
  EXPECT_NEAR(readings[0].value, 0.3, 1e-9);
}

}  // namespace
}  // namespace vigia::signals
