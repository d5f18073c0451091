#include "cli/drift_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <thread>

#include "archive/inference_scan.h"
#include "base/executor.h"
#include "cli/model_choice.h"
#include "drift/count.h"
#include "drift/evidently.h"
#include "drift/report.h"

namespace vigia::cli {

namespace {

constexpr std::string_view kStore = "monitoring/inference_store";

// Room for the rest of the process below 1 GiB; more threads than cores gain nothing.
const columnar::DatabaseSettings kDatabase = {std::max(2U, std::thread::hardware_concurrency()), 512ULL << 20, ""};

struct DriftFlags {
  std::string version, compat, reference;
  int days = 7;
};

Result<std::unique_ptr<archive::InferenceScan>> Scan(const columnar::Database& database, const Context& context,
                                                     const std::string& version, const drift::Window& window) {
  archive::ScanRequest request;
  request.store_folder = context.Home(kStore);
  request.from = window.start;
  request.to = window.end;
  request.model_version = version;
  request.kinds = archive::Kinds::kAll;
  return archive::ScanInferences(database, context.files, request);
}

// One line per feature that calls for attention, worst first.
void PrintText(const drift::DriftReport& report, const drift::ReportPaths& paths, std::ostream& out) {
  out << fmt::format("{}: {}  ({} predictions in {} days, {} red, {} yellow, {} green of {} features)\n",
                     report.model_version, StatusName(report.global), report.instances, report.days,
                     report.Count(drift::DriftStatus::kRed), report.Count(drift::DriftStatus::kYellow),
                     report.Count(drift::DriftStatus::kGreen), report.features.size());
  out << fmt::format("  score: {}  PSI {:.3f}\n", StatusName(report.score.status), report.score.psi.psi);
  for (const drift::FeatureDrift* feature : report.WorstFirst()) {
    const bool coloured = feature->status == drift::DriftStatus::kRed || feature->status == drift::DriftStatus::kYellow;
    if (!coloured && feature->status != drift::DriftStatus::kNoBaseline) continue;
    out << fmt::format("  {}: {}  PSI {:.3f}, missing {:+.1f} points\n", feature->name, StatusName(feature->status),
                       feature->psi.psi, 100 * feature->missing_delta());
  }
  out << "Report: " << paths.html << "\n";
}

Result<int> Report(const DriftFlags& flags, Context& context) {
  const std::string version = TRY(ChooseVersion(context, flags.version));
  const baseline::Baseline baseline = TRY(baseline::FindBaseline(context.files, context.home, version));
  const columnar::Database database = TRY(columnar::Database::Open(kDatabase));
  const WallTime now = context.clock.Now();
  const drift::Window window = drift::LastDays(now, flags.days);
  context.progress.Begin("drift report", 3);
  const auto scan = TRY(Scan(database, context, version, window));
  context.progress.Advance();
  const drift::WindowCounts counts =
      TRY(CountWindow(database, {scan->relation(), {}, scan->fields()}, baseline, window));
  context.progress.Advance();
  ThreadExecutor executor;
  const drift::DriftReport report = Assess(baseline, counts, {}, flags.days, now, executor);
  const drift::ReportPaths paths = TRY(WriteReport(context.files, drift::ReportFolder(context.home, version), report));
  context.progress.End();
  if (context.json()) {
    Json document = ToJson(report);
    document["files"] = {{"metrics", paths.metrics},
                         {"html", paths.html},
                         {"kept_metrics", paths.kept_metrics},
                         {"kept_html", paths.kept_html}};
    context.PrintJson(document);
  } else {
    PrintText(report, paths, context.out);
  }
  return 0;
}

// The reference is raw data: the baseline's source, scored by the model.
Result<int> EvidentlyReport(const DriftFlags& flags, Context& context) {
  const std::string version = TRY(ChooseVersion(context, flags.version));
  const auto model = TRY(LoadRegisteredModel(context, version));
  std::string reference = flags.reference;
  if (reference.empty()) {
    reference = TRY(baseline::FindBaseline(context.files, context.home, version))
    .data_path;
  }
  Scored scored = TRY(ScoreSource(context, *model, context.UserPath(reference)));
  scored.table.Drop("risk_score");
  scored.table.AddNumbers("risk_score", scored.scores);
  std::vector<std::string> columns = RawNames(*model);
  columns.emplace_back("risk_score");
  const columnar::Database database = TRY(columnar::Database::Open(kDatabase));
  const drift::Window window = drift::LastDays(context.clock.Now(), flags.days);
  const auto scan = TRY(Scan(database, context, version, window));
  const drift::EvidentlyDrift found =
      TRY(CompareAsEvidently(database, {scan->relation(), {}}, scored.table, columns, version, window));
  Json document = ToJson(found);
  document["model_version"] = version;
  document["window_start"] = FormatTime(window.start);
  document["window_end"] = FormatTime(window.end);
  document["reference"] = reference;
  if (context.json()) {
    context.PrintJson(document);
    return 0;
  }
  for (const drift::EvidentlyColumn& column : found.columns) {
    context.out << fmt::format("{:<24} PSI {:.4f}  {}\n", column.name, column.score, column.drifted ? "drift" : "-");
  }
  context.out << fmt::format("dataset drift: {} ({} of {} columns)\n", found.dataset_drift() ? "yes" : "no",
                             found.drifted(), found.columns.size());
  return 0;
}

// The latest drift_metrics_YYYYMMDD.json of a version; null when there is none.
Result<Json> LatestReport(const Context& context, const std::string& version) {
  const std::string folder = drift::ReportFolder(context.home, version);
  if (!context.files.Exists(folder)) return Json(nullptr);
  std::string latest;
  for (const FileInfo& info : TRY(context.files.List(folder))) {
    if (info.name.starts_with("drift_metrics_") && info.name.ends_with(".json")) latest = info.name;
  }
  if (latest.empty()) return Json(nullptr);
  const std::string path = JoinPath(folder, latest);
  Json report = TRY_CONTEXT(ParseJson(TRY(context.files.Read(path))), path);
  if (!report.is_object()) return Error(Code::kDataLoss, path + ": not a report");
  report["file"] = path;
  return report;
}

Json SummaryOf(const std::string& version, const Json& report) {
  if (report.is_null()) {
    return {{"model_version", version},
            {"global_status", "no_report"},
            {"message", "no report yet: run `vigia drift report --model-version " + version + "`"}};
  }
  Json summary = {{"model_version", version}};
  for (const char* key : {"global_status", "created_at", "window_days", "window_start", "window_end", "n_requests",
                          "n_instances", "summary", "file"}) {
    if (report.contains(key)) summary[key] = report[key];
  }
  const Json empty = Json::object();
  const auto score = report.find("score_drift");
  if (score != report.end())
    summary["score"] = {{"psi", score->value("psi", 0.0)}, {"status", score->value("status", "")}};
  Json attention = Json::object();
  const auto features = report.find("feature_drift");
  for (const auto& [name, feature] : (features == report.end() ? empty : *features).items()) {
    const std::string status = feature.value("status", "");
    if (status == "red" || status == "yellow") {
      attention[name] = {{"status", status},
                         {"psi", feature.value("psi", 0.0)},
                         {"missing_delta", feature.value("missing_delta", 0.0)}};
    }
  }
  summary["attention"] = attention;
  return summary;
}

Result<int> Summary(const DriftFlags& flags, Context& context) {
  const std::string version = TRY(ChooseVersion(context, flags.version));
  const Json summary = SummaryOf(version, TRY(LatestReport(context, version)));
  if (context.json()) {
    context.PrintJson(summary);
    return 0;
  }
  context.out << version << ": " << summary.value("global_status", "") << "\n";
  if (summary.contains("message")) {
    context.out << summary["message"].get<std::string>() << "\n";
    return 0;
  }
  context.out << fmt::format("  report of {}, {} days, {} predictions\n", summary.value("created_at", "?"),
                             summary.value("window_days", 0), summary.value("n_instances", 0));
  for (const auto& [name, feature] : summary["attention"].items()) {
    context.out << fmt::format("  {}: {}  PSI {:.3f}\n", name, feature.value("status", ""), feature.value("psi", 0.0));
  }
  return 0;
}

}  // namespace

void AddDriftCommands(Commands& commands) {
  commands.Describe("drift", "Has what the model sees, or answers, moved away from its baseline?");
  auto flags = std::make_shared<DriftFlags>();
  flags::Command report =
      commands.Add("drift report", "Compare a window of predictions with the baseline; writes JSON and HTML",
                   [flags](Context& context) {
                     return flags->compat.empty() ? Report(*flags, context) : EvidentlyReport(*flags, context);
                   });
  report.Option("--model-version", flags->version, "Which version (default: the champion)");
  report.Option("--last-n-days,--days", flags->days, "The window: exactly N x 24 hours until now")
      .Between(1, 3650)
      .ShowDefault();
  report.Option("--compat", flags->compat, "Print the numbers that another tool would give: evidently")
      .OneOf({"evidently"});
  report.Option("--reference", flags->reference, "With --compat: the reference data (default: the baseline's source)");
  auto summary_flags = std::make_shared<DriftFlags>();
  flags::Command summary = commands.Add("drift summary", "The latest report in a few lines",
                                        [summary_flags](Context& context) { return Summary(*summary_flags, context); });
  summary.Option("--model-version", summary_flags->version, "Which version (default: the champion)");
}

}  // namespace vigia::cli
