#include "cli/dataset_command.h"

#include <ostream>

#include "dataset/build.h"

namespace vigia::cli {

namespace {

struct DatasetFlags {
  dataset::BuildSettings settings;
  std::string interim = "data/interim";
  std::string bad_cells = "refuse";
};

// Without --source: the one workbook of data/raw, or all that its files' names give years to.
Result<std::vector<std::string>> DefaultSources(const Context& context) {
  const std::string folder = context.Home("data/raw");
  if (!context.files.Exists(folder)) return Error(Code::kNotFound, "give a --source: there is no " + folder);
  std::vector<std::string> workbooks;
  for (const FileInfo& info : TRY(context.files.List(folder))) {
    if (!info.is_directory && info.name.ends_with(".xlsx")) workbooks.push_back(JoinPath(folder, info.name));
  }
  return workbooks.size() == 1 ? workbooks : std::vector<std::string>{folder};
}

Result<int> RunBuild(Context& context, DatasetFlags flags) {
  dataset::BuildSettings& settings = flags.settings;
  if (settings.sources.empty()) settings.sources = TRY(DefaultSources(context));
  for (std::string& source : settings.sources) source = context.UserPath(source);
  settings.out = context.HomePath(settings.out);
  settings.interim_folder = context.HomePath(flags.interim);
  settings.normalize.bad_cells =
      flags.bad_cells == "missing" ? dataset::BadCells::kMissing : dataset::BadCells::kRefuse;
  const dataset::BuildReport report = TRY(dataset::Build(context.files, context.clock, settings, context.progress));
  if (context.json()) {
    Json document = report.card;
    document["written"] = report.written;
    document["quality_report"] = dataset::ToJson(report.findings);
    context.PrintJson(document);
  } else {
    context.out << dataset::Summary(report);
  }
  return 0;
}

}  // namespace

void AddDatasetCommands(Commands& commands) {
  commands.Describe("dataset", "The table that models learn from");
  auto flags = std::make_shared<DatasetFlags>();
  flags::Command build = commands.Add("dataset build", "Read a PEDE workbook, check it, and write the modeling dataset",
                                      [flags](Context& context) { return RunBuild(context, *flags); });
  build.Option("--source", flags->settings.sources,
               "A workbook (.xlsx), or .csv/.parquet files (one per year, or with a column 'ano'), or a folder of "
               "them (default: data/raw)");
  build.Option("--feature-year", flags->settings.feature_year,
               "Year of the features (default: every pair of consecutive years, stacked)");
  build.Option("--label-year", flags->settings.label_year, "Year of the label (default: the year after)");
  build.Option("--out", flags->settings.out, "The dataset, .parquet or .csv").ShowDefault();
  build.Option("--interim", flags->interim, "Folder of the normalised years").ShowDefault();
  build
      .Option("--bad-cells", flags->bad_cells, "Text where a number should be: refuse the build, or take it as missing")
      .OneOf({"refuse", "missing"})
      .ShowDefault();
  build.Option("--allow-missing", flags->settings.normalize.allow_missing,
               "Features whose column may be absent, e.g. ingles");
  build.Option("--seed", flags->settings.seed, "Of the pupils' numbers and the order of rows").ShowDefault();
  build.Footer(
      "Examples:\n"
      "  vigia dataset build --source PEDE2024.xlsx\n"
      "  vigia dataset build --source PEDE2024.xlsx --feature-year 2023 --label-year 2024\n"
      "  vigia dataset build --source PEDE2022.csv --source PEDE2023.csv --json");
}

}  // namespace vigia::cli
