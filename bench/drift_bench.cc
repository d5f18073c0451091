// For bench/drift.sh: `make HOME ROWS PAST_DAYS` writes a baseline and stored predictions, `bare HOME`
// counts the same histograms over the same files by one plain query and does nothing else.
#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "base/files.h"
#include "baseline/baseline.h"
#include "columnar/database.h"
#include "columnar/frame_io.h"
#include "tabular/table.h"

namespace {

using namespace vigia;

constexpr const char* kVersion = "v1.0.0";
constexpr int kDays = 7;

// 13 features as the risk service has them: marks with two decimals, small integers, categories, and
// values that are missing. `n` is a row number.
constexpr const char* kRows =
    "SELECT CASE WHEN random() < 0.05 THEN NULL ELSE round(10 * sqrt(random()), 2) END AS iaa, "
    "CASE WHEN random() < 0.06 THEN NULL ELSE round(10 * sqrt(random()), 2) END AS ieg, "
    "CASE WHEN random() < 0.06 THEN NULL ELSE round(2.5 + 7.5 * random(), 2) END AS ips, "
    "CASE WHEN random() < 0.08 THEN NULL ELSE round(5 + 5 * random(), 3) END AS ipp, "
    "CASE WHEN random() < 0.08 THEN NULL ELSE round(10 * random(), 1) END AS ida, "
    "CASE WHEN random() < 0.08 THEN NULL ELSE round(4 + 6 * random(), 3) END AS ipv, "
    "5 * floor(3 * random()) / 2 AS ian, "
    "CASE WHEN random() < 0.6 THEN NULL ELSE round(10 * random(), 1) END AS ingles, "
    "floor(8 * random()) AS fase, 7 + floor(14 * random()) AS idade, 2016 + floor(8 * random()) AS ano_ingresso, "
    "CASE WHEN random() < 0.5 THEN 'Feminino' ELSE 'Masculino' END AS genero, "
    "['Publica', 'Privada', 'Privada_Bolsa', 'Outro'][1 + CAST(floor(4 * random() * random()) AS INTEGER)] AS "
    "instituicao, "
    "random() * random() AS risk_score, i AS n FROM range({}) t(i)";

Result<columnar::Database> Open() { return columnar::Database::Open({2, 2ULL << 30, ""}); }

Status MakeBaseline(const columnar::Database& database, const std::string& home, WallTime now) {
  columnar::Rows rows = TRY(database.Query(fmt::format(fmt::runtime(kRows), 5000)));
  const columnar::Frame frame = TRY(rows.ReadAll());
  tabular::Table table;
  std::vector<double> scores;
  baseline::BaselineSettings settings;
  settings.model_version = kVersion;
  settings.created_at = now;
  for (const columnar::Column& column : frame.columns) {
    if (column.name == "n") continue;
    if (column.name == "risk_score") {
      scores = column.numbers;
      continue;
    }
    settings.features.push_back(column.name);
    tabular::Column values;
    values.name = column.name;
    if (column.type == columnar::Type::kNumber) {
      for (size_t row = 0; row < column.size(); ++row) {
        values.numbers.push_back(column.IsNull(row) ? std::numeric_limits<double>::quiet_NaN() : column.numbers[row]);
      }
      table.Add(std::move(values));
    } else {
      table.AddCategories(column.name, {column.texts.begin(), column.texts.end()});
    }
  }
  SystemFiles files;
  return WriteBaseline(files, baseline::BaselineFolder(home, kVersion), TRY(BuildBaseline(table, scores, settings)));
}

// A file per day; the days of the window share `rows`, the ones before it have as many each.
Status MakeStore(const columnar::Database& database, const std::string& home, int64_t rows, int past_days,
                 WallTime now) {
  SystemFiles files;
  const std::string store = JoinPath(home, "monitoring/inference_store");
  TRY(files.MakeFolders(store));
  const WallTime midnight = std::chrono::floor<std::chrono::days>(now);
  for (int day = 0; day < kDays + past_days; ++day) {
    const WallTime start = midnight - std::chrono::hours(24) * day;
    const int64_t seconds = day == 0 ? (now - midnight).count() / 1'000'000 : 86'400;
    if (seconds < 60) continue;
    const std::string sql = fmt::format(
        "SELECT '2.0.0' AS schema_version, make_timestamp({} + n * {} // {}) AS timestamp, DATE '{}' AS date, "
        "format('{{:08x}}', n) AS request_id, 0 AS instance_index, 'prediction' AS kind, '{}' AS model_version, "
        "* EXCLUDE (risk_score, n), risk_score, CAST(risk_score >= 0.4 AS BIGINT) AS risk_label, 0.35 AS latency_ms, "
        "'' AS imputed, 200 AS status, '' AS error_code, 1 AS occurrences FROM ({})",
        start.time_since_epoch().count(), seconds * 1'000'000, rows / kDays, FormatDate(start), kVersion,
        fmt::format(fmt::runtime(kRows), rows / kDays));
    TRY(database.WriteQuery(sql, {}, JoinPath(store, "inferences_" + FormatDate(start) + ".parquet"),
                            columnar::FileFormat::kParquet));
  }
  return {};
}

// What anybody would write who only wants the counts.
Status CountBare(const std::string& home, WallTime now) {
  SystemFiles files;
  const columnar::Database database = TRY(Open());
  const baseline::Baseline baseline = TRY(baseline::ReadBaseline(files, baseline::BaselineFolder(home, kVersion)));
  std::string sql = "SELECT ";
  for (const baseline::FeatureProfile& profile : baseline.features) {
    if (profile.bins.kind == baseline::BinKind::kLevels) {
      sql += fmt::format("CAST(histogram({}) AS VARCHAR), ", profile.name);
    } else {
      sql += fmt::format("CAST(histogram({}, {}::DOUBLE[]) AS VARCHAR), ", profile.name,
                         "[" + fmt::format("{:.17e}", fmt::join(CutsOf(profile.bins).cuts, ",")) + "]");
    }
  }
  std::vector<std::string> paths;
  for (int day = kDays; day >= 0; --day) {
    const std::string path = JoinPath(
        home, "monitoring/inference_store/inferences_" + FormatDate(now - std::chrono::hours(24) * day) + ".parquet");
    if (files.Exists(path)) paths.push_back(path);
  }
  columnar::Rows rows = TRY(database.Query(sql + "count(*) FROM read_parquet($1)", {paths}));
  const columnar::Frame frame = TRY(rows.ReadAll());
  std::printf("%lld\n", static_cast<long long>(frame.columns.back().integers[0]));
  return {};
}

Status Run(const std::vector<std::string>& arguments) {
  const WallTime now = SystemClock().Now();
  if (arguments.size() == 2 && arguments[0] == "bare") return CountBare(arguments[1], now);
  if (arguments.size() != 4 || arguments[0] != "make") {
    return Error(Code::kInvalidArgument, "usage: drift_bench make HOME ROWS PAST_DAYS | bare HOME");
  }
  const columnar::Database database = TRY(Open());
  TRY(MakeBaseline(database, arguments[1], now));
  return MakeStore(database, arguments[1], std::stoll(arguments[2]), std::stoi(arguments[3]), now);
}

}  // namespace

int main(int argc, char** argv) {
  const vigia::Status status = Run({argv + 1, argv + argc});
  if (status.ok()) return 0;
  std::fprintf(stderr, "drift_bench: %s\n", status.error().message().c_str());
  return 1;
}
