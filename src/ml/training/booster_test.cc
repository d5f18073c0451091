#include "training/booster.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/executor.h"
#include "base/random.h"
#include "scoring/model.h"
#include "training/testing/labelled.h"

namespace vigia::training {
namespace {

Labelled DrawWithGaps(size_t rows) {
  Rng rng(3);
  Labelled data{{rows, 4, {}}, {}};
  for (size_t row = 0; row < rows; ++row) {
    const double a = rng.Normal(), b = rng.Normal();
    data.inputs.values.insert(data.inputs.values.end(),
                              {static_cast<float>(a), rng.Uniform() < 0.2 ? std::nanf("") : static_cast<float>(b),
                               static_cast<float>(rng.Below(3)), static_cast<float>(rng.Normal())});
    data.labels.push_back(rng.Uniform() < 1 / (1 + std::exp(-a + b)));
  }
  return data;
}

TEST(Booster, IsRepeatableOnAnyThread) {
  const Labelled data = DrawWithGaps(300);
  ThreadExecutor threads(4);
  std::vector<std::string> models(6);
  threads.ParallelFor(models.size(), [&](size_t i) {
    const auto booster = Booster::Train(data.inputs, data.labels, {0, 0, 0, 0}, {.rounds = 20}, i < 5 ? 7 : 8);
    models[i] = CompactJson(booster->ToJson().value());
  });
  for (size_t i = 1; i < 5; ++i) EXPECT_EQ(models[i], models[0]);
  EXPECT_NE(models[5], models[0]) << "another seed draws other rows";
}

TEST(Booster, ItsJsonScoresTheSameInTheServer) {
  const Labelled data = DrawWithGaps(400);
  const TreeSettings shapes[] = {
      {.rounds = 30, .max_depth = 4},
      {.rounds = 1, .max_depth = 6, .num_parallel_tree = 40, .eta = 1, .subsample = 0.632, .colsample_bynode = 0.6}};
  for (const TreeSettings& shape : shapes) {
    const auto booster = Booster::Train(data.inputs, data.labels, {0, 0, 0, 0}, shape, 1);
    ASSERT_TRUE(booster.ok());
    const auto compiled = scoring::CompileXgboost(booster->ToJson().value());
    ASSERT_TRUE(compiled.ok()) << compiled.error().message();
    std::vector<float> margins(data.inputs.rows);
    (*compiled)->Margins(data.inputs.values, margins);
    const auto expected = booster->Margins(data.inputs).value();
    for (size_t row = 0; row < margins.size(); ++row) {
      EXPECT_NEAR(static_cast<double>(margins[row]), expected[row], 1e-6) << row;
    }
  }
}

TEST(Booster, KeepsMonotoneConstraints) {
  const Labelled data = DrawWithGaps(400);
  const auto booster = Booster::Train(data.inputs, data.labels, {-1, 0, 0, 0}, {.rounds = 30}, 1);
  Matrix grid{50, 4, {}};
  for (int i = 0; i < 50; ++i) {
    grid.values.insert(grid.values.end(), {static_cast<float>(i) / 10 - 2.5F, 0, 1, 0});
  }
  const auto margins = booster->Margins(grid).value();
  for (size_t i = 1; i < margins.size(); ++i) EXPECT_LE(margins[i], margins[i - 1]);
}

TEST(Booster, SaysItsVersion) { EXPECT_EQ(XgboostVersion().rfind("1.", 0), 0U); }

TEST(Booster, RefusesSettingsThatMakeNoSense) {
  const Labelled data = DrawWithGaps(60);
  const auto booster = Booster::Train(data.inputs, data.labels, {0, 0, 0, 0}, {.rounds = 2, .max_depth = -4}, 1);
  ASSERT_FALSE(booster.ok());
  EXPECT_EQ(booster.error().message().find('\n'), std::string::npos) << "one line";
}

}  // namespace
}  // namespace vigia::training
