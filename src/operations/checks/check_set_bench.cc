// 10,000 checks on 10,000 series: one round is what falls due every ten seconds.
#include <benchmark/benchmark.h>

#include "checks/check_set.h"

namespace vigia::checks {
namespace {

// Each series by its query: the cost of reading is the store's, measured there.
class FlatSignals final : public signals::SignalView {
 public:
  Query Prepare(const signals::Selector& selector) override {
    labels_.push_back({{"instance", selector.signal}, {"service", "risk"}});
    return static_cast<Query>(labels_.size() - 1);
  }
  void Read(Query query, WallTime now, std::vector<signals::Reading>& readings) const override {
    readings.push_back({labels_[query], static_cast<double>((query + now.time_since_epoch().count()) % 100)});
  }

 private:
  std::vector<signals::LabelSet> labels_;
};

void EvaluateTenThousand(benchmark::State& state) {
  FlatSignals signals;
  std::vector<Check> checks(10'000);
  for (size_t i = 0; i < checks.size(); ++i) {
    checks[i].name = "check" + std::to_string(i);
    checks[i].when.selector.signal = "signal" + std::to_string(i);
    checks[i].when.bound = 98;
  }
  CheckSet set(std::move(checks), signals);
  WallTime now{std::chrono::hours(24 * 20'000)};
  for (auto _ : state) {
    benchmark::DoNotOptimize(set.Evaluate(now));
    now += std::chrono::seconds(10);
  }
}
BENCHMARK(EvaluateTenThousand)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vigia::checks
