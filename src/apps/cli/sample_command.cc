#include "cli/sample_command.h"

#include <fmt/format.h>

#include <ostream>

#include "sample/sheets.h"
#include "sample/truth.h"
#include "sample/workbook.h"

namespace vigia::cli {

namespace {

struct SampleFlags {
  sample::Settings settings;
  std::string out = "data/raw/PEDE_sample.xlsx";
  std::string truth;
};

std::vector<sample::PairSummary> Summaries(const sample::Cohort& cohort) {
  std::vector<sample::PairSummary> summaries;
  const auto& years = cohort.settings.years;
  for (size_t i = 1; i < years.size(); ++i) {
    if (years[i] != years[i - 1] + 1) continue;
    auto summary = sample::SummarisePair(cohort, years[i - 1]);
    if (summary.ok()) summaries.push_back(std::move(summary).value());  // else: a handful of pupils
  }
  return summaries;
}

Json Report(const sample::Cohort& cohort, const std::string& out, const std::string& truth) {
  Json report = {
      {"workbook", out}, {"seed", cohort.settings.seed}, {"sheets", Json::array()}, {"pairs", Json::array()}};
  if (!truth.empty()) report["truth"] = truth;
  for (const int year : cohort.settings.years) {
    report["sheets"].push_back({{"name", "PEDE" + std::to_string(year)}, {"rows", cohort.In(year).size()}});
  }
  for (const auto& pair : Summaries(cohort)) {
    report["pairs"].push_back({{"feature_year", pair.feature_year},
                               {"label_year", pair.feature_year + 1},
                               {"pupils", pair.pupils},
                               {"base_rate", pair.base_rate},
                               {"oracle_auc", pair.oracle_auc},
                               {"persistence_auc", pair.persistence_auc}});
  }
  return report;
}

void Print(const sample::Cohort& cohort, const std::string& out, const std::string& truth, std::ostream& stream) {
  stream << "Synthetic workbook: " << out << "\n";
  for (const int year : cohort.settings.years) {
    stream << fmt::format("  PEDE{}  {} pupils\n", year, cohort.In(year).size());
  }
  for (const auto& pair : Summaries(cohort)) {
    stream << fmt::format("  {} to {}  {} pupils in both, {:.1f}% behind in {}; ROC-AUC of the true risk {:.3f}\n",
                          pair.feature_year, pair.feature_year + 1, pair.pupils, 100 * pair.base_rate,
                          pair.feature_year + 1, pair.oracle_auc);
  }
  if (!truth.empty()) stream << "True risk of every row: " << truth << "\n";
}

Result<int> RunSample(const SampleFlags& flags, Context& context) {
  const std::string out = context.HomePath(flags.out);
  const std::string truth = flags.truth.empty() ? "" : context.HomePath(flags.truth);
  const auto cohort = TRY(sample::DrawCohort(flags.settings));
  TRY(sample::WriteWorkbook(sample::BuildSheets(cohort), out, context.files));
  if (!truth.empty()) TRY(context.files.Write(truth, sample::TruthCsv(cohort)));
  if (context.json()) {
    context.PrintJson(Report(cohort, out, truth));
  } else {
    Print(cohort, out, truth, context.out);
  }
  return 0;
}

}  // namespace

void AddSampleCommand(Commands& commands) {
  auto flags = std::make_shared<SampleFlags>();
  flags::Command command = commands.Add("sample", "Write a synthetic PEDE workbook whose true risk is known",
                                        [flags](Context& context) { return RunSample(*flags, context); });
  command.Option("--students", flags->settings.students, "Pupils in the first sheet; later sheets grow").ShowDefault();
  command.Option("--years", flags->settings.years, "Sheets to write, of 2022 to 2024").SplitAt(',').ShowDefault();
  command.Option("--seed", flags->settings.seed, "Same seed, same workbook").ShowDefault();
  command.Option("--out", flags->out, "The workbook; below the home when relative").ShowDefault();
  command.Option("--truth", flags->truth, "Also write RA,year,true_risk as CSV");
  command.Footer(
      "Example:\n  vigia sample --students 860 --seed 42 --out data/raw/PEDE.xlsx --truth data/raw/truth.csv\n");
}

}  // namespace vigia::cli
