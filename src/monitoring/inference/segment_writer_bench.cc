// What storing costs the event loop, on real files: one record per turn (with its write(2)), and many.
#include <benchmark/benchmark.h>

#include "base/temp_folder.h"
#include "inference/inference_store.h"

namespace vigia::inference {
namespace {

void AddAndCommit(benchmark::State& state) {
  const TempFolder folder;
  SystemClock clock;
  SystemEntropy entropy;
  InferenceStore store({}, std::make_unique<SystemSegmentFolder>(WalFolder(folder.path())), clock, entropy);
  auto writer = store.NewWriter();
  RecordSchema schema{"v1.1.0", ValueDetail::kExact, {}};
  for (int i = 0; i < 13; ++i) schema.features.push_back({"feature_" + std::to_string(i), ValueType::kNumber, {}, {}});
  const SchemaHandle handle = *writer->UseSchema(schema);
  const std::vector<double> features(13, 6.5);
  const uint64_t imputed[] = {5};
  Record record;
  record.schema = handle;
  record.request_id = "0123456789abcdef0123456789abcdef";
  record.time = clock.Now();
  record.features = features;
  record.imputed = imputed;
  record.score = 0.75;
  const auto per_turn = state.range(0);
  MonoTime now = clock.Mono();
  for (auto _ : state) {
    for (int64_t i = 0; i < per_turn; ++i) writer->Add(record);
    const CommitResult result = writer->Commit(now);
    if (result.lost != 0) state.SkipWithError("records were lost");
    now += std::chrono::microseconds(1);
  }
  state.SetItemsProcessed(state.iterations() * per_turn);
}
BENCHMARK(AddAndCommit)->Arg(1)->Arg(8)->Arg(32)->Arg(1000);

}  // namespace
}  // namespace vigia::inference
