#include <benchmark/benchmark.h>

#include "base/random.h"
#include "evaluation/bootstrap.h"

namespace vigia::evaluation {
namespace {

// 1000 resamples of all metrics, on one thread.
void BM_Bootstrap(benchmark::State& state) {
  Rng rng(1);
  std::vector<double> scores;
  std::vector<uint8_t> labels;
  for (int64_t i = 0; i < state.range(0); ++i) {
    scores.push_back(rng.Uniform());
    labels.push_back(rng.Uniform() < scores.back());
  }
  const RankedScores ranked(scores, labels, 0.5);
  InlineExecutor executor;
  for (auto _ : state) benchmark::DoNotOptimize(Bootstrap(ranked, {}, {}, executor));
}
BENCHMARK(BM_Bootstrap)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vigia::evaluation
