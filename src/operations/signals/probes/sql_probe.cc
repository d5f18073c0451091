#include "signals/probes/sql_probe.h"

#include "base/text.h"
#include "storage/sqlite_query.h"

namespace vigia::signals {

Probe::Outcome SqlProbe::Measure(WallTime, Findings& findings) {
  const auto rows = storage::QuerySqliteFile(Path(settings_.file), settings_.query, common().timeout, 1'000);
  if (!rows.ok() || rows->columns.empty()) return Outcome::kBad;
  bool good = true;
  for (const std::vector<std::string>& row : rows->rows) {
    const auto value = ParseNumber(row.back());
    if (!value) {
      good = false;
      continue;
    }
    LabelSet labels;
    for (size_t i = 0; i + 1 < row.size(); ++i) labels.Set(rows->columns[i], row[i]);
    findings.Add(settings_.signal, *value, labels);
  }
  return good ? Outcome::kGood : Outcome::kBad;
}

SourceMaker LoadSqlProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules&) {
  SqlProbeSettings settings;
  settings.file = reader.RequiredText("file");
  settings.query = reader.RequiredText("query");
  settings.signal = reader.Text("signal", "sql_value");
  if (!IsSignalName(settings.signal)) {
    reader.Add(reader.Line("signal"), "'signal' must be a name of letters, digits and _");
  }
  return MakerOf<SqlProbe>(common, std::move(settings));
}

}  // namespace vigia::signals
