#include "cli/performance_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <thread>

#include "archive/inference_scan.h"
#include "base/text.h"
#include "cli/audit_trail.h"
#include "cli/model_choice.h"
#include "performance/find.h"
#include "performance/report.h"

namespace vigia::cli {

namespace {

struct LabelFlags {
  std::string request, file, time;
  std::optional<uint32_t> instance;
  int label = 0;
};

Result<int> Store(const std::vector<performance::Label>& labels, Context& context) {
  const performance::AddedLabels added = TRY(AddLabels(context.files, performance::LabelsPath(context.home), labels));
  if (added.added + added.corrected > 0) {
    AuditChange(context, "labels", {{"added", added.added}, {"corrected", added.corrected}});
  }
  if (context.json()) {
    context.PrintJson({{"added", added.added}, {"unchanged", added.unchanged}, {"corrected", added.corrected}});
  } else {
    context.out << fmt::format("{} added, {} corrected, {} known already\n", added.added, added.corrected,
                               added.unchanged);
  }
  return 0;
}

Result<int> AddOne(const LabelFlags& flags, Context& context) {
  performance::Label label;
  label.request_id = std::string(Trim(flags.request));
  label.instance = flags.instance;
  label.positive = flags.label == 1;
  label.time = flags.time.empty() ? context.clock.Now() : TRY_CONTEXT(ParseTime(flags.time), "--timestamp");
  return Store({label}, context);
}

Result<int> Import(const LabelFlags& flags, Context& context) {
  std::vector<performance::Label> labels =
      TRY(performance::ReadLabelsToImport(context.files, context.UserPath(flags.file)));
  // When it became known, as far as we can tell.
  for (performance::Label& label : labels) {
    if (!label.time) label.time = context.clock.Now();
  }
  return Store(labels, context);
}

struct ReportFlags {
  std::string version;
  int window = 30;
  int lookback = 400;
};

Result<performance::PerformanceReport> MakeReport(const ReportFlags& flags, const std::string& version,
                                                  Context& context) {
  performance::PerformanceReport report;
  report.model_version = version;
  report.days = flags.window;
  report.created_at = report.end = context.clock.Now();
  report.start = drift::LastDays(report.end, flags.window).start;
  const performance::LabelFile labels =
      TRY(performance::ReadLabelFile(context.files, performance::LabelsPath(context.home)));
  report.stored_labels = labels.labels.size();
  report.bad_lines = labels.bad_lines.size();
  report.corrected = labels.corrected;

  const columnar::Database database =
      TRY(columnar::Database::Open({std::max(2U, std::thread::hardware_concurrency()), 512ULL << 20, ""}));
  archive::ScanRequest request;
  request.store_folder = context.Home("monitoring/inference_store");
  request.kinds = archive::Kinds::kAll;
  request.to = report.end;
  request.from = report.start;
  context.progress.Begin("performance report", 3);
  {
    const auto window = TRY(archive::ScanInferences(database, context.files, request));
    const auto groups =
        TRY(performance::GroupScores(database, {window->relation(), {}}, version, report.start, report.end));
    report.estimated = performance::Estimate(groups, report.limits.seed);
  }
  context.progress.Advance();
  if (!labels.labels.empty()) {
    // Labels come late, so their predictions are older than the window.
    request.from = drift::LastDays(report.end, std::max(flags.window, flags.lookback)).start;
    const auto store = TRY(archive::ScanInferences(database, context.files, request));
    const performance::Found found =
        TRY(performance::FindLabelled(database, {store->relation(), {}}, version, labels.labels));
    const performance::Matched matched =
        Match(labels.labels, found.predictions, found.batch_sizes, report.start, report.end);
    report.outside = matched.outside;
    report.unmatched = matched.unmatched;
    report.ambiguous = matched.ambiguous;
    report.measured = Measure(matched, report.limits, context.executor);
  }
  context.progress.Advance();
  return report;
}

void PrintMetrics(const std::vector<performance::MetricValue>& metrics, std::ostream& out) {
  for (const performance::MetricValue& metric : metrics) {
    if (!metric.value) continue;
    out << fmt::format("  {:<12} {:.3f}", metric.name, *metric.value);
    if (metric.low && metric.high) out << fmt::format("  (95%: {:.3f} to {:.3f})", *metric.low, *metric.high);
    out << "\n";
  }
}

Result<int> Report(const ReportFlags& flags, Context& context) {
  const std::string version = TRY(ChooseVersion(context, flags.version));
  const performance::PerformanceReport report = TRY(MakeReport(flags, version, context));
  const drift::ReportPaths paths = TRY(WriteReport(context.files, drift::ReportFolder(context.home, version), report));
  context.progress.End();
  if (context.json()) {
    Json document = ToJson(report);
    document["files"] = {{"metrics", paths.metrics},
                         {"html", paths.html},
                         {"kept_metrics", paths.kept_metrics},
                         {"kept_html", paths.kept_html}};
    context.PrintJson(document);
    return 0;
  }
  context.out << fmt::format("{}: {}  ({} labelled predictions in {} days)\n", version,
                             StatusName(report.measured.status), report.measured.n, report.days);
  PrintMetrics(report.measured.metrics, context.out);
  if (report.ambiguous > 0) {
    context.out << fmt::format("{} labels name a batch without saying which instance: left out\n", report.ambiguous);
  }
  if (report.estimated.n > 0) {
    context.out << fmt::format("Estimate without labels (CBPE, {} predictions):\n", report.estimated.n);
    PrintMetrics(report.estimated.metrics, context.out);
  }
  context.out << "Report: " << paths.html << "\n";
  return 0;
}

}  // namespace

void AddPerformanceCommands(Commands& commands) {
  commands.Describe("labels", "What really happened to the pupils that were scored");
  auto one = std::make_shared<LabelFlags>();
  flags::Command add = commands.Add("labels add", "Record one label; again changes nothing",
                                    [one](Context& context) { return AddOne(*one, context); });
  add.Option("--request-id,--request", one->request, "The request's id").Required();
  add.Option("--instance,--instance-index", one->instance, "Which instance of a batch, from 0");
  add.Option("--label", one->label, "1: came to be at risk, 0: did not").Required().OneOf({"0", "1"});
  add.Option("--timestamp", one->time, "When it became known (default: now)");

  auto file = std::make_shared<LabelFlags>();
  commands
      .Add("labels import", "Record the labels of a file: .jsonl, .csv or .parquet; again changes nothing",
           [file](Context& context) { return Import(*file, context); })
      .Option("--file", file->file, "Columns request_id, label, and perhaps instance_index, timestamp")
      .Required();

  commands.Describe("performance", "How well a model version does");
  auto flags = std::make_shared<ReportFlags>();
  flags::Command report =
      commands.Add("performance report", "Measure with labels, estimate without; writes JSON and HTML",
                   [flags](Context& context) { return Report(*flags, context); });
  report.Option("--model-version", flags->version, "Which version (default: the champion)");
  report
      .Option("--window,-w", flags->window,
              "Days: predictions made, or labels that became known, in exactly N x 24 hours until now")
      .Between(1, 3650)
      .ShowDefault();
  report.Option("--lookback", flags->lookback, "How many days back the predictions of new labels are looked for")
      .Between(1, 3650)
      .ShowDefault();
}

}  // namespace vigia::cli
