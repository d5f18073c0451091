#include "control/error_budgets.h"

#include <gtest/gtest.h>

#include "base/mem_files.h"

namespace vigia::control {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class ErrorBudgetsTest : public testing::Test {
 protected:
  ErrorBudgetsTest() {
    signals::Selector selector;
    selector.signal = "http_requests_total";
    selector.window = std::chrono::minutes(15);
    series_->Prepare(selector);
  }
  // Ten seconds later the service's counters stand at these.
  void Count(ErrorBudgets& budgets, double good, double bad, const std::string& path = "/predict") {
    clock_.Advance(seconds(10));
    std::vector<signals::Sample> samples;
    for (const auto& [status, value] : {std::pair<std::string, double>{"200", good}, {"503", bad}}) {
      if (value < 0) continue;  // not there yet
      signals::Sample sample;
      sample.name = "http_requests_total";
      sample.labels = signals::LabelSet({{"service", "risk"}, {"path", path}, {"status", status}});
      sample.at = clock_.Now();
      sample.value = value;
      samples.push_back(std::move(sample));
    }
    series_->Append(samples);
    budgets.Look(*series_, {"risk", "faces"}, clock_.Now());
  }
  ErrorBudgets Open() { return ErrorBudgets("/state/error_budgets.json", files_, log_); }

  FakeClock clock_{WallTime{hours(24 * 365)}};
  MemFiles files_{clock_};
  FakeLog log_;
  std::unique_ptr<signals::SeriesStore> series_ = signals::MakeSeriesStore({});
};

TEST_F(ErrorBudgetsTest, CountsWhatTheCountersGrowBy) {
  ErrorBudgets budgets = Open();
  EXPECT_FALSE(budgets.Of("risk", clock_.Now()).has_value());
  Count(budgets, 5'000, -1);  // before us
  Count(budgets, 5'900, -1);
  Count(budgets, 5'990, 10);  // the first failures: a series that is born counts from nothing
  const auto spent = budgets.Of("risk", clock_.Now());
  ASSERT_TRUE(spent.has_value());
  EXPECT_EQ(spent->requests, 1'000U);
  EXPECT_EQ(spent->failed, 10U);
  EXPECT_NEAR(*spent->Left(0.02), 0.5, 1e-9);  // 20 may fail, 10 did
  EXPECT_NEAR(*spent->Left(0.005), -1, 1e-9);  // twice as many as may
  EXPECT_EQ(spent->Left(0), 0);
  EXPECT_FALSE(budgets.Of("faces", clock_.Now()).has_value());
}

TEST_F(ErrorBudgetsTest, ProbesAndScrapesSpendNothing) {
  ErrorBudgets budgets = Open();
  Count(budgets, 1, 1);
  Count(budgets, 1, 1, "/health");
  Count(budgets, 100, 100, "/health");
  EXPECT_EQ(budgets.Of("risk", clock_.Now())->requests, 0U);
  EXPECT_FALSE(budgets.Of("risk", clock_.Now())->Left(0.01).has_value());
}

TEST_F(ErrorBudgetsTest, GoesOnAcrossRestartsOfEitherSide) {
  {
    ErrorBudgets budgets = Open();
    Count(budgets, 100, 0);
    Count(budgets, 300, 4);
    Count(budgets, 50, 1);  // the service began anew
    EXPECT_EQ(budgets.Of("risk", clock_.Now())->requests, 204U + 51U);
    budgets.Keep(clock_.Now(), ErrorBudgets::When::kNow);
  }
  ErrorBudgets budgets = Open();
  Count(budgets, 80, 1);
  const auto spent = budgets.Of("risk", clock_.Now());
  EXPECT_EQ(spent->requests, 204U + 51U + 30U);
  EXPECT_EQ(spent->failed, 5U);
}

TEST_F(ErrorBudgetsTest, WhatIsOlderThanThePeriodIsForgiven) {
  ErrorBudgets budgets = Open();
  Count(budgets, 0, 0);
  Count(budgets, 90, 10);
  EXPECT_EQ(budgets.Of("risk", clock_.Now() + hours(24 * 29))->failed, 10U);
  EXPECT_EQ(budgets.Of("risk", clock_.Now() + hours(24 * 31))->failed, 0U);
  EXPECT_EQ(budgets.Of("risk", clock_.Now() + hours(24 * 31))->since, clock_.Now() + hours(24));
}

TEST_F(ErrorBudgetsTest, IsWrittenOnceAMinuteAndADamagedFileBeginsAnew) {
  ErrorBudgets budgets = Open();
  Count(budgets, 0, 0);
  budgets.Keep(clock_.Now(), ErrorBudgets::When::kDue);
  const int written = files_.write_count();
  Count(budgets, 9, 0);
  budgets.Keep(clock_.Now(), ErrorBudgets::When::kDue);
  EXPECT_EQ(files_.write_count(), written);
  clock_.Advance(seconds(60));
  budgets.Keep(clock_.Now(), ErrorBudgets::When::kDue);
  EXPECT_GT(files_.write_count(), written);
  for (const char* text : {"{", "{}", R"({"services":{"risk":{"since":"x"}}})",
                           R"({"services":{"risk":{"since":"2026-01-01T00:00:00Z","counters":{},"hours":[[1,2]]}}})"}) {
    ASSERT_TRUE(files_.Write("/state/error_budgets.json", text).ok());
    EXPECT_FALSE(Open().Of("risk", clock_.Now()).has_value()) << text;
  }
}

}  // namespace
}  // namespace vigia::control
