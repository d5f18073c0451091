#include "cli/compare_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <thread>

#include "archive/inference_scan.h"
#include "performance/compare.h"
#include "registry/trial.h"
#include "registry/version.h"

namespace vigia::cli {

namespace {

struct CompareFlags {
  std::string version;
  int days = 7;
};

struct Comparison {
  performance::Comparison comparison;
  // On the same rows, for those that have a label; empty without labels. The champion's first.
  std::vector<std::pair<std::string, performance::Measured>> measured;
};

Result<std::string> ShadowVersion(const CompareFlags& flags, const Context& context) {
  if (!flags.version.empty()) {
    TRY(registry::ParseVersion(flags.version));
    return flags.version;
  }
  const registry::Trials trials = TRY(registry::ReadTrials(context.files, context.Home("models/registry")));
  if (trials.shadow) return trials.shadow->version;
  return Error(Code::kFailedPrecondition, "no shadow runs; name the one that ran with --version");
}

// Both against what really happened, where that is known.
Status Measure(const columnar::Database& database, const drift::Relation& relation, Comparison& report,
               Context& context) {
  const performance::LabelFile labels =
      TRY(performance::ReadLabelFile(context.files, performance::LabelsPath(context.home)));
  if (labels.labels.empty() || report.comparison.sides.empty()) return {};
  const std::string &champion = report.comparison.sides.front().champion, &shadow = report.comparison.shadow;
  performance::Found one = TRY(performance::FindLabelled(database, relation, champion, labels.labels));
  performance::Found other = TRY(performance::FindLabelled(database, relation, shadow, labels.labels));
  performance::KeepCommon(one, other);
  for (const auto& [version, found] : {std::pair{champion, &one}, {shadow, &other}}) {
    const performance::Matched matched =
        Match(labels.labels, found->predictions, found->batch_sizes, report.comparison.start, report.comparison.end);
    report.measured.emplace_back(version, Measure(matched, performance::Limits{}, context.executor));
  }
  return {};
}

Result<Comparison> Compare(const CompareFlags& flags, Context& context) {
  const std::string version = TRY(ShadowVersion(flags, context));
  const drift::Window window = drift::LastDays(context.clock.Now(), flags.days);
  const columnar::Database database = TRY(columnar::Database::Open(
      {std::max(2U, std::thread::hardware_concurrency()), 1ULL << 30, context.Home("run/compare")}));
  archive::ScanRequest request;
  request.store_folder = context.Home("monitoring/inference_store");
  request.from = window.start;
  request.to = window.end;
  request.kinds = archive::Kinds::kAll;
  const auto scan = TRY(archive::ScanInferences(database, context.files, request));
  const drift::Relation relation{scan->relation(), {}};
  Comparison report;
  report.comparison = TRY(performance::CompareWithShadow(database, relation, version, window.start, window.end));
  TRY(Measure(database, relation, report, context));
  return report;
}

Json ToJson(const Comparison& report, int days) {
  Json document = performance::ToJson(report.comparison);
  document["days"] = days;
  document["measured"] = Json::array();
  for (const auto& [version, measured] : report.measured) {
    Json metrics = Json::object();
    for (const performance::MetricValue& metric : measured.metrics) {
      const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); };
      metrics[metric.name] = {
          {"value", number(metric.value)}, {"low", number(metric.low)}, {"high", number(metric.high)}};
    }
    document["measured"].push_back({{"version", version},
                                    {"status", StatusName(measured.status)},
                                    {"n_samples", measured.n},
                                    {"metrics", metrics}});
  }
  return document;
}

void PrintSide(const performance::SideBySide& side, const std::string& shadow, std::ostream& out) {
  const auto percent = [&](uint64_t n) { return 100 * static_cast<double>(n) / static_cast<double>(side.compared); };
  out << fmt::format("{} beside {}: {} instances compared\n", shadow, side.champion, side.compared)
      << fmt::format("  same decision       {:.2f}%\n", 100 * side.Agreement())
      << fmt::format("  only shadow flags   {} ({:.2f}%)\n", side.only_shadow, percent(side.only_shadow))
      << fmt::format("  only champion flags {} ({:.2f}%)\n", side.only_champion, percent(side.only_champion))
      << fmt::format("  mean score          {:.4f}, champion {:.4f}\n", side.shadow_mean, side.champion_mean)
      << fmt::format("  |difference|        mean {:.4f}, median {:.4f}, 95% within {:.4f}, largest {:.4f}\n",
                     side.mean_distance, side.p50, side.p95, side.largest);
}

Result<int> Run(const CompareFlags& flags, Context& context) {
  const Comparison report = TRY(Compare(flags, context));
  if (context.json()) {
    context.PrintJson(ToJson(report, flags.days));
    return 0;
  }
  const performance::Comparison& comparison = report.comparison;
  if (comparison.sides.empty()) {
    context.out << fmt::format("{} scored nothing beside a champion in {} days\n", comparison.shadow, flags.days);
  }
  for (const performance::SideBySide& side : comparison.sides) PrintSide(side, comparison.shadow, context.out);
  if (comparison.not_scored > 0) {
    context.out << fmt::format("{} answers were not scored by the shadow\n", comparison.not_scored);
  }
  for (const auto& [version, measured] : report.measured) {
    context.out << fmt::format("{} on {} labelled instances: {}\n", version, measured.n, StatusName(measured.status));
    for (const performance::MetricValue& metric : measured.metrics) {
      if (metric.value) context.out << fmt::format("  {:<12} {:.3f}\n", metric.name, *metric.value);
    }
  }
  return 0;
}

}  // namespace

void AddCompareCommand(Commands& commands) {
  auto flags = std::make_shared<CompareFlags>();
  flags::Command command = commands.Add("registry compare", "How a shadow's scores differ from the champion's",
                                        [flags](Context& context) { return Run(*flags, context); });
  command.Option("-v,--version,--model-version", flags->version, "The shadow; default: the one that runs");
  command.Option("--days,--last-n-days", flags->days, "Window, ending now").Between(1, 3660).ShowDefault();
  command.Footer(
      "Agreement, flips, score differences, and both against the labels that are known, on the same instances.\n"
      "Drift and performance of either: vigia drift report, vigia performance report, with --model-version.\n"
      "Example:\n  vigia registry compare --days 7\n");
}

}  // namespace vigia::cli
