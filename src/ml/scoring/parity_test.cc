// Against XGBoost itself: margins bit for bit, probabilities within 1e-6, contributions within 1e-5.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <thread>
#include <vector>

#include "scoring/model.h"
#include "scoring/shap.h"
#include "scoring/testing/xgboost_oracle.h"
#include "scoring/trees.h"
#include "scoring/xgboost_json.h"

namespace vigia::scoring {
namespace {

using testing::RandomLabels;
using testing::RandomRows;
using testing::Rows;
using testing::XgboostOracle;
using Parameters = std::map<std::string, std::string>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

XgboostOracle Train(size_t width, const Parameters& parameters, int rounds) {
  Rng rng(11);
  const Rows rows = RandomRows(600, width, rng);
  return XgboostOracle(rows, RandomLabels(rows, rng), parameters, rounds);
}

// Replaces some values by thresholds of the forest, by their neighbours, and by infinities.
void AddTies(const Forest& forest, Rows& rows, Rng& rng) {
  std::vector<std::vector<float>> thresholds(rows.width);
  for (const Tree& tree : forest.trees) {
    for (const TreeNode& node : tree.nodes) {
      if (!node.is_leaf()) thresholds[node.feature].push_back(node.value);
    }
  }
  for (size_t i = 0; i < rows.values.size(); ++i) {
    const auto& choices = thresholds[i % rows.width];
    if (choices.empty()) continue;
    const float threshold = choices[rng.Below(choices.size())];
    switch (rng.Below(10)) {
      case 0: rows.values[i] = threshold; break;
      case 1: rows.values[i] = std::nextafter(threshold, -kInfinity); break;
      case 2: rows.values[i] = std::nextafter(threshold, kInfinity); break;
      case 3: rows.values[i] = rng.Below(2) == 0 ? -kInfinity : kInfinity; break;
      default: break;
    }
  }
}

struct Shape {
  const char* name;
  size_t width;
  Parameters parameters;
  int rounds;
};

std::vector<Shape> Shapes() {
  std::vector<Shape> shapes;
  const char* names[] = {"depth 1", "depth 2", "depth 3", "depth 4", "depth 5", "depth 6", "depth 7", "depth 8"};
  for (const char* name : names) shapes.push_back({name, 25, {{"max_depth", name + 6}, {"eta", "0.1"}}, 40});
  shapes.push_back({"300 trees", 25, {{"max_depth", "4"}, {"eta", "0.05"}, {"subsample", "0.8"}}, 300});
  shapes.push_back({"forest",
                    25,
                    {{"max_depth", "10"},
                     {"num_parallel_tree", "60"},
                     {"eta", "1"},
                     {"subsample", "0.6"},
                     {"colsample_bynode", "0.4"}},
                    1});
  shapes.push_back({"shallow forest",
                    25,
                    {{"max_depth", "4"},
                     {"num_parallel_tree", "100"},
                     {"eta", "1"},
                     {"subsample", "0.6"},
                     {"colsample_bynode", "0.4"}},
                    1});
  shapes.push_back({"by leaves",
                    25,
                    {{"tree_method", "hist"}, {"grow_policy", "lossguide"}, {"max_depth", "0"}, {"max_leaves", "24"}},
                    30});
  shapes.push_back({"base score", 7, {{"max_depth", "3"}, {"base_score", "0.137"}}, 50});
  shapes.push_back({"one feature", 1, {{"max_depth", "3"}}, 20});
  shapes.push_back({"fifty features", 50, {{"max_depth", "4"}}, 100});
  // More of a feature than a rank can tell apart.
  shapes.push_back({"many thresholds", 3, {{"max_depth", "4"}, {"eta", "0.05"}, {"max_bin", "1024"}}, 300});
  shapes.push_back({"many features", 200, {{"max_depth", "4"}, {"colsample_bytree", "0.3"}}, 100});
  shapes.push_back({"stumps without gain", 5, {{"max_depth", "3"}, {"gamma", "1000"}}, 5});
  return shapes;
}

class ShapeTest : public ::testing::TestWithParam<Shape> {
 protected:
  const Shape& shape_ = GetParam();
  const XgboostOracle oracle_ = Train(shape_.width, shape_.parameters, shape_.rounds);
};

// Margins bit for bit, on every path, as a batch and one by one.
void ExpectMargins(const Forest& forest, const Rows& rows, const std::vector<float>& wanted) {
  for (const Path path : {Path::kPortable, Path::kAvx2, Path::kAvx512}) {
    if (!IsSupported(path)) continue;
    SCOPED_TRACE(static_cast<int>(path));
    const FlatForest flat(forest, path);
    std::vector<float> batch(rows.count());
    flat.Margins(rows.values, batch);
    ASSERT_EQ(batch, wanted);
    for (size_t row = 0; row < 500; ++row) {
      float one = 0;
      flat.Margins(std::span(rows.values).subspan(row * rows.width, rows.width), {&one, 1});
      ASSERT_EQ(one, wanted[row]) << "row " << row;
    }
  }
}

// Within 1e-5, and adding up to the margin.
void ExpectContributions(const Estimator& estimator, const Rows& rows, const std::vector<float>& wanted) {
  std::vector<double> contributions(rows.width + 1);
  for (size_t row = 0; row < rows.count(); ++row) {
    const auto inputs = std::span(rows.values).subspan(row * rows.width, rows.width);
    float margin = 0;
    estimator.Margins(inputs, {&margin, 1});
    estimator.Contributions(inputs, contributions);
    ASSERT_NEAR(std::accumulate(contributions.begin(), contributions.end(), 0.0), static_cast<double>(margin), 1e-5);
    for (size_t i = 0; i < contributions.size(); ++i) {
      ASSERT_NEAR(contributions[i], static_cast<double>(wanted[row * contributions.size() + i]), 1e-5)
          << "row " << row << " input " << i;
    }
  }
}

TEST_P(ShapeTest, AgreesWithXgboost) {
  const auto forest = ReadXgboost(oracle_.Model());
  ASSERT_TRUE(forest.ok()) << forest.error().message();
  Rng rng(23);
  Rows rows = RandomRows(3001, shape_.width, rng);
  AddTies(*forest, rows, rng);
  ExpectMargins(*forest, rows, oracle_.Margins(rows));

  const auto estimator = CompileXgboost(oracle_.Model());
  ASSERT_TRUE(estimator.ok());
  const Rows explained = RandomRows(40, shape_.width, rng);
  ExpectContributions(**estimator, explained, oracle_.Contributions(explained));
}

INSTANTIATE_TEST_SUITE_P(Parity, ShapeTest, ::testing::ValuesIn(Shapes()), [](const auto& instance) {
  std::string name = instance.param.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

// The largest difference in `batches` of random rows.
double WorstDifference(const XgboostOracle& oracle, const Model& model, size_t features, size_t batches, Rng rng) {
  constexpr size_t kBatch = 50000;
  double worst = 0;
  for (size_t batch = 0; batch < batches; ++batch) {
    const Rows rows = RandomRows(kBatch, features, rng);
    const std::vector<double> raw(rows.values.begin(), rows.values.end());
    const std::vector<float> wanted = oracle.Probabilities(rows);
    std::vector<double> scores(kBatch);
    model.ScoreBatch(raw, {}, scores);
    for (size_t row = 0; row < kBatch; ++row) {
      worst = std::max(worst, std::abs(scores[row] - static_cast<double>(wanted[row])));
    }
  }
  return worst;
}

TEST(ParityTest, AMillionRowsWithMissingValuesAgreeWithin1e6) {
  constexpr size_t kFeatures = 25, kBatches = 20, kThreads = 2;
  std::array<double, kThreads> worst;
  worst.fill(1);
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      const XgboostOracle oracle = Train(kFeatures, {{"max_depth", "4"}, {"eta", "0.1"}}, 100);
      const auto model = Model::FromJson(testing::ModelAround(oracle.Model(), kFeatures));
      if (model.ok()) worst[thread] = WorstDifference(oracle, **model, kFeatures, kBatches / kThreads, Rng(5 + thread));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const double difference : worst) EXPECT_LE(difference, 1e-6);
}

}  // namespace
}  // namespace vigia::scoring
