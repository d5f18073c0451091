// CSV: any bytes as a year of a dataset's source, and as a modeling dataset. One database for all
// inputs: opening DuckDB costs a hundred times what reading a small file does.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "columnar/database.h"
#include "columnar/frame_io.h"
#include "dataset/leakage.h"
#include "dataset/load.h"
#include "dataset/normalize.h"
#include "dataset/source.h"

namespace {

using namespace vigia;           // NOLINT: a fuzz target is a program of its own
using namespace vigia::dataset;  // NOLINT

const columnar::Database& OneDatabase() {
  static const columnar::Database database = [] {
    columnar::DatabaseSettings settings;
    settings.threads = 1;
    return columnar::Database::Open(settings).value();
  }();
  return database;
}

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

void AsSource(const columnar::Frame& frame) {
  Sources sources;
  if (!AddFrame("PEDE2022.csv", frame, sources).ok()) return;
  for (const SourceSheet& sheet : sources.sheets) {
    for (const Use use : {Use::kFeatures, Use::kLabelOnly}) {
      const auto year = Normalize(sheet, use, {BadCells::kMissing, {}});
      if (!year.ok()) continue;
      if (year->features.rows() != year->pupils.size()) std::abort();
      CheckTable(year->features);
    }
  }
}

void AsDataset(const columnar::Frame& frame) {
  const auto table = FromFrame(frame);
  if (!table.ok()) return;
  CheckTable(*table);
  static_cast<void>(CheckTrainingTable(*table));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto frame = columnar::DecodeCsv(OneDatabase(), bytes, columnar::CsvTypes::kAllText);
  if (!frame.ok()) {
    if (frame.error().message().empty()) std::abort();
    return 0;
  }
  if (frame->rows() == 0) return 0;
  AsSource(*frame);
  AsDataset(*frame);
  return 0;
}
