// CSV: any bytes as a year of a dataset's source, and as a modeling dataset.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/mem_files.h"
#include "dataset/leakage.h"
#include "dataset/load.h"
#include "dataset/normalize.h"

namespace {

using namespace vigia;           // NOLINT: a fuzz target is a program of its own
using namespace vigia::dataset;  // NOLINT

void CheckTable(const tabular::Table& table) {
  for (const tabular::Column& column : table.columns()) {
    if (column.size() != table.rows()) std::abort();
    for (size_t row = 0; row < column.size(); ++row) {
      const bool category = column.type == tabular::ColumnType::kCategory;
      if (category && !column.IsMissing(row) && static_cast<size_t>(column.codes[row]) >= column.levels.size())
        std::abort();
    }
  }
}

void AsSource(const Files& files) {
  const auto sources = LoadSources(files, {"PEDE2022.csv"});
  if (!sources.ok()) return;
  for (const SourceSheet& sheet : sources->sheets) {
    for (const Use use : {Use::kFeatures, Use::kLabelOnly}) {
      const auto year = Normalize(sheet, use, {BadCells::kMissing, {}});
      if (!year.ok()) continue;
      if (year->features.rows() != year->pupils.size()) std::abort();
      CheckTable(year->features);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const FakeClock clock{WallTime{}};
  MemFiles files(clock);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!files.Write("PEDE2022.csv", bytes).ok()) std::abort();
  AsSource(files);
  const auto table = LoadDataset(files, "PEDE2022.csv");
  if (!table.ok()) return 0;
  CheckTable(*table);
  static_cast<void>(CheckTrainingTable(*table));
  return 0;
}
