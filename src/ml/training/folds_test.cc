#include "training/folds.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

namespace vigia::training {
namespace {

struct Rows {
  std::vector<uint8_t> labels;
  std::vector<int32_t> pupils;
  std::vector<int> years;
};

// Pupils with one to three yearly rows.
Rows MakeRows(size_t pupils, uint64_t seed) {
  Rng rng(seed);
  Rows rows;
  for (size_t pupil = 0; pupil < pupils; ++pupil) {
    const size_t count = 1 + rng.Below(3);
    for (size_t year = 0; year < count; ++year) {
      rows.labels.push_back(rng.Uniform() < 0.4);
      rows.pupils.push_back(static_cast<int32_t>(pupil * 7));
      rows.years.push_back(2022 + static_cast<int>(year));
    }
  }
  return rows;
}

bool PupilsApart(const Fold& fold, const Rows& rows) {
  std::set<int32_t> train;
  for (const size_t row : fold.train) train.insert(rows.pupils[row]);
  return std::none_of(fold.validate.begin(), fold.validate.end(),
                      [&](size_t row) { return train.contains(rows.pupils[row]); });
}

TEST(GroupedFolds, PropertyEveryRowValidatesOnceAndPupilsStayTogether) {
  EXPECT_TRUE(rc::check([] {
    const auto rows = MakeRows(*rc::gen::inRange<size_t>(5, 80), *rc::gen::arbitrary<uint64_t>());
    const auto folds = GroupedFolds(rows.labels, rows.pupils, 5, Rng(1));
    RC_ASSERT(folds.size() == 5U);
    std::vector<int> seen(rows.labels.size());
    for (const Fold& fold : folds) {
      RC_ASSERT(PupilsApart(fold, rows));
      RC_ASSERT(fold.train.size() + fold.validate.size() == rows.labels.size());
      for (const size_t row : fold.validate) ++seen[row];
    }
    RC_ASSERT(std::all_of(seen.begin(), seen.end(), [](int count) { return count == 1; }));
  }));
}

TEST(GroupedFolds, AreStratified) {
  std::vector<uint8_t> labels;
  std::vector<int32_t> pupils;
  for (int i = 0; i < 203; ++i) {
    labels.push_back(i < 63);
    pupils.push_back(i);
  }
  for (const Fold& fold : GroupedFolds(labels, pupils, 5, Rng(2))) {
    const auto positives =
        std::count_if(fold.validate.begin(), fold.validate.end(), [&](size_t r) { return labels[r]; });
    EXPECT_NEAR(static_cast<double>(positives), 12.6, 0.7);
    EXPECT_NEAR(static_cast<double>(fold.validate.size()), 40.6, 1);
  }
}

TEST(GroupedFolds, TooFewPupilsGiveNone) {
  const std::vector<uint8_t> labels{0, 1, 0};
  const std::vector<int32_t> pupils{1, 1, 2};
  EXPECT_TRUE(GroupedFolds(labels, pupils, 5, Rng(1)).empty());
}

TEST(TemporalFolds, TrainOnEarlierYearsAndOtherPupils) {
  const Rows rows = MakeRows(200, 5);
  const auto folds = TemporalFolds(rows.labels, rows.pupils, rows.years, 5, Rng(3));
  ASSERT_EQ(folds.size(), 10U) << "two later years in five parts";
  for (const Fold& fold : folds) {
    EXPECT_TRUE(PupilsApart(fold, rows));
    const int year = rows.years[fold.validate.front()];
    for (const size_t row : fold.validate) EXPECT_EQ(rows.years[row], year);
    for (const size_t row : fold.train) EXPECT_LT(rows.years[row], year);
  }
}

TEST(TemporalFolds, OneYearHasNone) {
  const Rows rows = MakeRows(50, 5);
  EXPECT_TRUE(TemporalFolds(rows.labels, rows.pupils, std::vector<int>(rows.labels.size(), 2022), 5, Rng(3)).empty());
}

}  // namespace
}  // namespace vigia::training
