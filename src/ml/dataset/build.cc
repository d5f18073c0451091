#include "dataset/build.h"

#include <fmt/format.h>

#include <numeric>

#include "base/digest.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "columnar/frame_io.h"
#include "dataset/load.h"

namespace vigia::dataset {

namespace {

constexpr int kPipelineVersion = 1;

struct Output {
  std::string path, bytes;
};

// The normalised year without its key, in an order that does not follow it.
tabular::Table InterimTable(const Year& year, uint64_t seed) {
  std::vector<size_t> order(year.features.rows());
  std::iota(order.begin(), order.end(), size_t{0});
  Rng rng = Rng(seed).Fork(static_cast<uint64_t>(year.year));
  rng.Shuffle(order);
  tabular::Table table;
  table.AddNumbers(std::string(catalog::kYear), std::vector<double>(order.size(), year.year));
  const tabular::Table features = year.features.SelectRows(order);
  for (const tabular::Column& column : features.columns()) table.Add(column);
  return table;
}

std::vector<std::string> Names(const tabular::Table& table) {
  std::vector<std::string> names;
  for (const tabular::Column& column : table.columns()) names.push_back(column.name);
  return names;
}

Json MissingCounts(const tabular::Table& table) {
  Json missing = Json::object();
  for (const tabular::Column& column : table.columns()) missing[column.name] = column.MissingCount();
  return missing;
}

Json Schema(const Year& year, const tabular::Table& table, const columnar::Frame& frame, const std::string& now) {
  Json types = Json::object();
  for (const columnar::Column& column : frame.columns) types[column.name] = columnar::TypeName(column.type);
  return {{"year", year.year},      {"original_columns", year.source->headers}, {"normalized_columns", Names(table)},
          {"n_rows", table.rows()}, {"n_columns", table.columns().size()},      {"column_types", types},
          {"created_at", now}};
}

Json ModelingCard(const tabular::Table& table) {
  Json features = Json::array(), missing = Json::object();
  for (const catalog::RawFeature& feature : catalog::RawFeatures()) {
    const tabular::Column* column = table.Find(feature.name);
    features.push_back(feature.name);
    if (column->MissingCount() > 0) missing[column->name] = column->MissingCount();
  }
  const std::vector<double>& labels = table.Find(catalog::kTarget)->numbers;
  const double positives = std::accumulate(labels.begin(), labels.end(), 0.0);
  const size_t positive = static_cast<size_t>(positives);
  return {{"n_rows", table.rows()},
          {"n_features", features.size()},
          {"features", features},
          {"target_column", catalog::kTarget},
          {"target_definition", "1 when Defasagem of the label year is below 0; a missing label is excluded"},
          {"target_distribution",
           {{"em_risco_1", positive},
            {"em_risco_0", labels.size() - positive},
            {"ratio_em_risco", positives / static_cast<double>(labels.size())}}},
          {"missing_features", missing}};
}

Json Card(const Dataset& dataset, const BuildSettings& settings, const std::string& now) {
  Json files = Json::array(), years = Json::object(), pairs = Json::array(), checks = Json::object();
  for (const std::string& source : settings.sources) files.push_back(BaseName(source));
  for (const Year& year : dataset.years) {
    years[std::to_string(year.year)] = {{"sheet", year.sheet},
                                        {"n_rows", year.features.rows()},
                                        {"n_columns", year.features.columns().size()},
                                        {"columns", Names(year.features)},
                                        {"missing_by_column", MissingCounts(year.features)}};
  }
  for (const Pair& pair : dataset.pairs) {
    pairs.push_back({{"feature_year", pair.feature_year},
                     {"label_year", pair.label_year},
                     {"matched", pair.matched},
                     {"n_rows", pair.rows.size()},
                     {"label_missing", pair.matched - pair.rows.size()},
                     {"em_risco_1", pair.positives},
                     {"base_rate", static_cast<double>(pair.positives) / static_cast<double>(pair.rows.size())}});
  }
  size_t failed = 0;
  for (const Finding& finding : dataset.findings) failed += finding.passed ? 0 : 1;
  checks = {{"total", dataset.findings.size()}, {"failed", failed}};
  return {{"pipeline_version", kPipelineVersion},
          {"created_at", now},
          {"source_file", files.size() == 1 ? files[0] : files},
          {"seed", settings.seed},
          {"year_pairs", pairs},
          {"interim_datasets", years},
          {"modeling_dataset", ModelingCard(dataset.table)},
          {"quality_checks", checks}};
}

// The dataset comes last: while it is the old one, so is what a reader sees.
Result<std::vector<Output>> Render(const Dataset& dataset, const BuildSettings& settings, const std::string& now,
                                   Json& card) {
  std::vector<Output> outputs;
  for (const Year& year : dataset.years) {
    const std::string prefix = JoinPath(settings.interim_folder, std::to_string(year.year));
    const tabular::Table table = InterimTable(year, settings.seed);
    const columnar::Frame frame = ToFrame(table);
    std::string parquet = TRY(columnar::EncodeParquet(frame));
    outputs.push_back({prefix + "_normalized.parquet", std::move(parquet)});
    outputs.push_back({prefix + "_schema.json", PrettyJson(Schema(year, table, frame, now))});
  }
  const std::string folder = ParentPath(settings.out);
  const columnar::Frame frame = ToFrame(dataset.table);
  const bool csv = settings.out.ends_with(".csv");
  std::string bytes = csv ? TRY(columnar::EncodeCsv(frame)) : TRY(columnar::EncodeParquet(frame));
  card["modeling_dataset"]["sha256"] = Sha256Hex(bytes);
  outputs.push_back({JoinPath(folder, "data_card.json"), PrettyJson(card)});
  outputs.push_back({JoinPath(folder, "quality_report.json"), PrettyJson(ToJson(dataset.findings))});
  outputs.push_back({settings.out, std::move(bytes)});
  return outputs;
}

Status WriteAll(Files& files, const std::vector<Output>& outputs) {
  const auto aside = [](const Output& output) { return output.path + ".new"; };
  const Status written = [&]() -> Status {
    for (const Output& output : outputs) TRY(files.Write(aside(output), output.bytes));
    for (const Output& output : outputs) TRY(files.Rename(aside(output), output.path));
    return {};
  }();
  if (written.ok()) return {};
  for (const Output& output : outputs) {
    // What cannot be removed either does no harm: no reader looks for these names.
    if (files.Exists(aside(output))) static_cast<void>(files.Remove(aside(output)));
  }
  return written;
}

}  // namespace

Result<BuildReport> Build(Files& files, const Clock& clock, const BuildSettings& settings, Progress& progress) {
  if (!settings.out.ends_with(".parquet") && !settings.out.ends_with(".csv")) {
    return Error(Code::kInvalidArgument, settings.out + ": the dataset is written as .parquet or .csv");
  }
  progress.Begin("dataset", 3);
  const Sources sources = TRY(LoadSources(files, settings.sources));
  progress.Advance();
  const Dataset dataset = TRY(Assemble(sources, settings));
  progress.Advance();
  const std::string now = FormatTime(clock.Now());
  BuildReport report;
  report.card = Card(dataset, settings, now);
  const std::vector<Output> outputs = TRY(Render(dataset, settings, now, report.card));
  TRY(WriteAll(files, outputs));
  progress.Advance();
  progress.End();
  report.findings = dataset.findings;
  for (const Output& output : outputs) report.written.push_back(output.path);
  return report;
}

std::string Summary(const BuildReport& report) {
  std::string text;
  const Json& modeling = report.card["modeling_dataset"];
  for (const Json& pair : report.card["year_pairs"]) {
    text += fmt::format("{} -> {}: {} pupils in both years, {} rows, {} at risk ({:.1f}%)\n",
                        pair["feature_year"].get<int>(), pair["label_year"].get<int>(), pair["matched"].get<size_t>(),
                        pair["n_rows"].get<size_t>(), pair["em_risco_1"].get<size_t>(),
                        100 * pair["base_rate"].get<double>());
  }
  text += fmt::format("Dataset: {} rows, {} features, target {}\n\nWhat was found:\n", modeling["n_rows"].get<size_t>(),
                      modeling["n_features"].get<size_t>(), modeling["target_column"].get<std::string>());
  for (const Finding& finding : report.findings) {
    if (finding.count == 0) continue;
    const char* mark = finding.passed ? "  " : finding.severity == Severity::kError ? "x " : "! ";
    text += fmt::format("  {}{:<22} {}\n", mark, finding.check, finding.message);
    if (!finding.passed && !finding.examples.empty()) {
      text += fmt::format("    {:<22} e.g. {}\n", "", fmt::join(finding.examples, ", "));
    }
  }
  text += "\nWritten:\n";
  for (const std::string& path : report.written) text += "  " + path + "\n";
  return text;
}

}  // namespace vigia::dataset
