// One row, batches and explanations of a 300-tree model of depth 4 over 25 inputs, and XGBoost's own
// predictor (in place, one thread) on the same rows in the same process.
#include <benchmark/benchmark.h>

#include "scoring/model.h"
#include "scoring/testing/xgboost_oracle.h"
#include "scoring/trees.h"
#include "scoring/xgboost_json.h"

namespace vigia::scoring {
namespace {

using testing::Rows;
using testing::XgboostOracle;

constexpr size_t kWidth = 25;
constexpr size_t kRows = 4096;

struct Fixture {
  Rows training, rows;
  std::unique_ptr<XgboostOracle> oracle;
  Json json;

  explicit Fixture(const char* depth) {
    Rng rng(3);
    training = testing::RandomRows(1400, kWidth, rng);
    oracle = std::make_unique<XgboostOracle>(
        training, testing::RandomLabels(training, rng),
        std::map<std::string, std::string>{{"max_depth", depth}, {"eta", "0.05"}, {"tree_method", "hist"}}, 300);
    json = oracle->Model();
    rows = testing::RandomRows(kRows, kWidth, rng);
  }
  std::span<const float> Row(size_t i) const { return std::span(rows.values).subspan(i % kRows * kWidth, kWidth); }
};

const Fixture& OfDepth(int64_t depth) {
  // Never destroyed: XGBoost's own globals may go first.
  static auto* const kFixtures = new std::map<int64_t, std::unique_ptr<Fixture>>;
  auto& fixture = (*kFixtures)[depth];
  if (!fixture) fixture = std::make_unique<Fixture>(std::to_string(depth).c_str());
  return *fixture;
}

Path PathOf(const benchmark::State& state) { return static_cast<Path>(state.range(0)); }

// Arguments: path (0 portable, 1 AVX2, 2 AVX-512), depth.
void BM_OneRow(benchmark::State& state) {
  if (!IsSupported(PathOf(state))) return state.SkipWithError("not on this processor");
  const Fixture& fixture = OfDepth(state.range(1));
  const FlatForest forest(ReadXgboost(fixture.json).value(), PathOf(state));
  size_t i = 0;
  float margin = 0;
  for (auto _ : state) {
    forest.Margins(fixture.Row(i++), {&margin, 1});
    benchmark::DoNotOptimize(margin);
  }
}
BENCHMARK(BM_OneRow)->ArgsProduct({{0, 1, 2}, {4, 6, 8}});

void BM_Batch(benchmark::State& state) {
  if (!IsSupported(PathOf(state))) return state.SkipWithError("not on this processor");
  const Fixture& fixture = OfDepth(state.range(1));
  const FlatForest forest(ReadXgboost(fixture.json).value(), PathOf(state));
  std::vector<float> margins(kRows);
  for (auto _ : state) {
    forest.Margins(fixture.rows.values, margins);
    benchmark::DoNotOptimize(margins.data());
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kRows));
}
BENCHMARK(BM_Batch)->ArgsProduct({{0, 1, 2}, {4, 6, 8}});

void BM_XgboostOneRow(benchmark::State& state) {
  const Fixture& fixture = OfDepth(state.range(0));
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(fixture.oracle->PredictInPlace(fixture.Row(i++), kWidth, 1));
}
BENCHMARK(BM_XgboostOneRow)->Arg(4);

void BM_XgboostBatch(benchmark::State& state) {
  const Fixture& fixture = OfDepth(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(fixture.oracle->PredictInPlace(fixture.rows.values, kWidth, 1));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kRows));
}
BENCHMARK(BM_XgboostBatch)->Arg(4)->Arg(6)->Arg(8);

std::shared_ptr<const Model> ModelOf(const Fixture& fixture) {
  return Model::FromJson(testing::ModelAround(fixture.json, kWidth)).value();
}

// Features, trees, calibration: all that a request pays.
void BM_ModelScore(benchmark::State& state) {
  const Fixture& fixture = OfDepth(4);
  const auto model = ModelOf(fixture);
  const std::vector<double> raw(fixture.rows.values.begin(), fixture.rows.values.end());
  std::vector<float> scratch(kWidth);
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(model->Score(std::span(raw).subspan(i++ % kRows * kWidth, kWidth), 0, scratch));
  }
}
BENCHMARK(BM_ModelScore);

void BM_ModelScoreBatch(benchmark::State& state) {
  const Fixture& fixture = OfDepth(4);
  const auto model = ModelOf(fixture);
  const std::vector<double> raw(fixture.rows.values.begin(), fixture.rows.values.end());
  std::vector<double> scores(kRows);
  for (auto _ : state) model->ScoreBatch(raw, {}, scores);
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kRows));
}
BENCHMARK(BM_ModelScoreBatch);

void BM_Explain(benchmark::State& state) {
  const Fixture& fixture = OfDepth(state.range(0));
  const auto model = ModelOf(fixture);
  const std::vector<double> raw(fixture.rows.values.begin(), fixture.rows.values.end());
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(model->Explain(std::span(raw).subspan(i++ % kRows * kWidth, kWidth), 0));
  }
}
BENCHMARK(BM_Explain)->Arg(4)->Arg(6)->Arg(8);

void BM_XgboostExplain(benchmark::State& state) {
  const Fixture& fixture = OfDepth(state.range(0));
  size_t i = 0;
  for (auto _ : state) {
    const auto row = fixture.Row(i++);
    benchmark::DoNotOptimize(fixture.oracle->Contributions(Rows{kWidth, {row.begin(), row.end()}}));
  }
}
BENCHMARK(BM_XgboostExplain)->Arg(4);

}  // namespace
}  // namespace vigia::scoring
