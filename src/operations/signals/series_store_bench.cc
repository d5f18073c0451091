// 10,000 series, a sample each every 10 s: what a beat and a round of questions cost.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "signals/series_store.h"

namespace vigia::signals {
namespace {

constexpr int kSeries = 10'000;

std::vector<Sample> Beat(int second) {
  std::vector<Sample> samples;
  for (int i = 0; i < kSeries; ++i) {
    samples.push_back({fmt::format("metric_{}_total", i % 100),
                       {{"instance", fmt::format("host-{}", i / 100)}, {"service", "risk"}},
                       static_cast<double>(second),
                       WallTime(std::chrono::seconds(1'000'000 + second))});
  }
  return samples;
}

void Append(benchmark::State& state) {
  const auto store = MakeSeriesStore({});
  int second = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const auto samples = Beat(second += 10);
    state.ResumeTiming();
    store->Append(samples);
  }
  state.SetItemsProcessed(state.iterations() * kSeries);
}
BENCHMARK(Append)->Unit(benchmark::kMillisecond);

void Read(benchmark::State& state) {
  const auto store = MakeSeriesStore({});
  for (int second = 10; second <= 900; second += 10) store->Append(Beat(second));
  std::vector<SignalView::Query> queries;
  for (int i = 0; i < kSeries; ++i) {
    Selector selector;
    selector.signal = fmt::format("metric_{}_total", i % 100);
    selector.labels = {*Matcher::Parse(fmt::format("instance=host-{}", i / 100))};
    selector.function = Function::kRate;
    queries.push_back(store->Prepare(selector));
  }
  std::vector<Reading> readings;
  for (auto _ : state) {
    readings.clear();
    for (const auto query : queries) store->Read(query, WallTime(std::chrono::seconds(1'000'900)), readings);
    if (readings.size() != kSeries) state.SkipWithError("a question was not answered");
  }
  state.SetItemsProcessed(state.iterations() * kSeries);
}
BENCHMARK(Read)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vigia::signals
