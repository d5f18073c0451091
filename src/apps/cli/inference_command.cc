#include "cli/inference_command.h"

#include <fmt/format.h>

#include <ostream>
#include <thread>

#include "archive/compactor.h"
#include "archive/export.h"
#include "archive/inference_scan.h"
#include "archive/store_status.h"
#include "base/text.h"
#include "cli/stop_signals.h"
#include "config/map_reader.h"

namespace vigia::cli {

namespace {

constexpr Duration kLeastPause = std::chrono::seconds(1);

struct ExportFlags {
  std::string output, since, until, version;
  std::string kind = "prediction";
};

Result<columnar::Database> OpenDatabase(const Context& context) {
  columnar::DatabaseSettings settings;
  settings.temp_folder = context.Home("run/columnar");
  return columnar::Database::Open(settings);
}

archive::CompactSettings Settings(const Context& context) {
  archive::CompactSettings settings;
  settings.store_folder = archive::StoreFolder(context.home);
  return settings;
}

Json TimeOrNull(const std::optional<WallTime>& time) { return time ? Json(FormatTime(*time)) : Json(); }
Json TextOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }
std::string Megabytes(uint64_t bytes) { return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6); }

Result<int> ShowStatus(Context& context) {
  const std::string folder = archive::StoreFolder(context.home);
  const columnar::Database database = TRY(OpenDatabase(context));
  const archive::StoreStatus status = TRY(archive::ReadStoreStatus(database, context.files, folder));
  if (context.json()) {
    context.PrintJson({{"store", folder},
                       {"records", status.records},
                       {"parquet",
                        {{"files", status.parquet_files},
                         {"bytes", status.parquet_bytes},
                         {"oldest_date", TextOrNull(status.oldest_date)},
                         {"newest_file", TextOrNull(status.newest_file)},
                         {"newest_written", TimeOrNull(status.newest_written)}}},
                       {"segments",
                        {{"files", status.segments},
                         {"bytes", status.segment_bytes},
                         {"oldest", TimeOrNull(status.oldest_segment)},
                         {"damaged", status.damaged_segments}}}});
    return 0;
  }
  context.out << fmt::format("{} records in {}\n", status.records, folder)
              << fmt::format("parquet:  {} files, {}", status.parquet_files, Megabytes(status.parquet_bytes));
  if (!status.newest_file.empty()) {
    context.out << fmt::format(", since {}, newest {} ({})", status.oldest_date, status.newest_file,
                               FormatTime(*status.newest_written));
  }
  context.out << fmt::format("\nsegments: {} files, {} not yet in parquet", status.segments,
                             Megabytes(status.segment_bytes));
  if (status.oldest_segment) context.out << ", oldest " << FormatTime(*status.oldest_segment);
  context.out << "\n";
  if (status.damaged_segments > 0) {
    context.out << fmt::format("damaged:  {} segments kept aside as wal/*.damaged\n", status.damaged_segments);
  }
  return 0;
}

Json ReportJson(const archive::CompactReport& report) {
  return {{"records", report.records},
          {"segments", report.segments},
          {"files_written", report.files_written},
          {"files_merged", report.files_merged},
          {"live_segments", report.live_segments},
          {"damaged_segments", report.damaged},
          {"unknown_format", report.unknown_format}};
}

void PrintReport(const Context& context, const archive::CompactReport& report) {
  context.out << fmt::format("{} records of {} segments moved into {} parquet files; {} files merged away\n",
                             report.records, report.segments, report.files_written, report.files_merged);
  if (report.damaged > 0) context.out << fmt::format("{} damaged segments kept aside\n", report.damaged);
  if (report.unknown_format > 0) {
    context.out << fmt::format("{} segments were written by a newer vigia and left alone\n", report.unknown_format);
  }
}

// One run. The database is opened for it alone, so that nothing stays in memory between runs.
Result<archive::CompactReport> CompactOnce(Context& context) {
  const columnar::Database database = TRY(OpenDatabase(context));
  return archive::Compact(Settings(context), database, context.files, context.entropy, context.clock.Now());
}

// Until SIGTERM or SIGINT; a run that has begun is finished. What fails is told, and tried again.
Result<int> CompactEvery(Context& context, Duration every) {
  const StopSignals stop;
  while (true) {
    const Result<archive::CompactReport> report = CompactOnce(context);
    if (!report.ok()) {
      context.err << "vigia: " << report.error().message() << "; trying again\n" << std::flush;
    } else if (context.json()) {
      context.out << CompactJson(ReportJson(*report)) << "\n" << std::flush;
    } else if (report->segments > 0 || report->damaged > 0) {
      PrintReport(context, *report);
      context.out << std::flush;
    }
    if (stop.Wait(every)) return 0;
  }
}

Result<int> RunCompact(Context& context, const std::string& every) {
  if (!every.empty()) {
    const std::optional<Duration> pause = config::ParseDuration(every);
    if (pause && *pause >= kLeastPause) return CompactEvery(context, *pause);
    return Error(Code::kInvalidArgument, "--every wants a time of at least a second, such as 30s");
  }
  const archive::CompactReport report = TRY(CompactOnce(context));
  if (context.json()) {
    context.PrintJson(ReportJson(report));
  } else {
    PrintReport(context, report);
  }
  return 0;
}

Result<int> RunFlush(Context& context) {
  const columnar::Database database = TRY(OpenDatabase(context));
  const archive::FlushReport report =
      TRY(archive::Flush(Settings(context), database, context.files, context.entropy, context.clock,
                         [](Duration pause) { std::this_thread::sleep_for(pause); }));
  if (context.json()) {
    Json json = ReportJson(report.compacted);
    json["still_open"] = report.still_open;
    context.PrintJson(json);
  } else {
    PrintReport(context, report.compacted);
  }
  if (report.still_open == 0) return 0;
  return Error(Code::kUnavailable,
               fmt::format("{} segments are still open: their writer did not answer", report.still_open));
}

// A date, a time, or how long ago: 30m, 24h, 7d.
Result<std::optional<WallTime>> PointInTime(const std::string& flag, const std::string& text, WallTime now) {
  if (text.empty()) return std::optional<WallTime>();
  const std::map<char, Duration> units = {
      {'m', std::chrono::minutes(1)}, {'h', std::chrono::hours(1)}, {'d', std::chrono::days(1)}};
  const auto unit = units.find(text.back());
  const auto count = ParseInteger(std::string_view(text).substr(0, text.size() - 1));
  if (unit != units.end() && count && *count >= 0 && *count <= 1'000'000)
    return std::optional(now - *count * unit->second);
  const auto time = ParseTime(text.size() == 10 ? text + "T00:00:00Z" : text);
  if (time.ok()) return std::optional(*time);
  return Error(Code::kInvalidArgument, flag + " wants a date, a time like 2026-11-20T10:35:00Z, or 30m, 24h, 7d");
}

Result<archive::Kinds> KindsOf(const std::string& kind) {
  if (kind == "prediction") return archive::Kinds::kPredictions;
  if (kind == "shadow") return archive::Kinds::kShadows;
  if (kind == "rejected") return archive::Kinds::kRejected;
  if (kind == "all") return archive::Kinds::kAll;
  return Error(Code::kInvalidArgument, "--kind is prediction, shadow, rejected or all");
}

Result<int> RunExport(Context& context, const ExportFlags& flags) {
  archive::ScanRequest request;
  request.store_folder = archive::StoreFolder(context.home);
  request.from = TRY(PointInTime("--since", flags.since, context.clock.Now()));
  request.to = TRY(PointInTime("--until", flags.until, context.clock.Now()));
  request.kinds = TRY(KindsOf(flags.kind));
  if (!flags.version.empty()) request.model_version = flags.version;
  const std::string path = context.HomePath(flags.output);
  const archive::ExportFormat format = TRY(archive::ExportFormatOf(path));
  const columnar::Database database = TRY(OpenDatabase(context));
  const auto scan = TRY(archive::ScanInferences(database, context.files, request));
  const uint64_t rows = TRY(archive::Export(database, context.files, *scan, path, format, context.progress));
  if (context.json()) {
    context.PrintJson({{"output", path}, {"rows", rows}});
  } else {
    context.out << fmt::format("{} rows written to {}\n", rows, path);
  }
  return 0;
}

}  // namespace

void AddInferenceCommands(Commands& commands) {
  commands.Describe("inference", "What was predicted (monitoring/inference_store)");
  commands.Add("inference status", "How many records there are, and how fresh the parquet files are", ShowStatus);
  const auto every = std::make_shared<std::string>();
  commands
      .Add("inference compact", "Move closed segments into parquet; safe to kill and to repeat",
           [every](Context& context) { return RunCompact(context, *every); })
      .Option("--every", *every, "Go on until SIGTERM, with this pause, such as 30s; with --json a line per run");
  commands.Add("inference flush", "Make the services close their segments, and move all of them into parquet",
               RunFlush);
  auto flags = std::make_shared<ExportFlags>();
  flags::Command exported = commands.Add("inference export", "Write one row per instance, segments included",
                                         [flags](Context& context) { return RunExport(context, *flags); });
  exported.Option("--output,-o", flags->output, "F.csv, F.jsonl or F.parquet").Required();
  exported.Option("--since", flags->since, "A date, a time, or 30m, 24h, 7d ago");
  exported.Option("--until", flags->until, "Likewise; not included");
  exported.Option("--model-version", flags->version, "Only what this version answered");
  exported.Option("--kind", flags->kind, "prediction, shadow, rejected or all").ShowDefault();
}

}  // namespace vigia::cli
