#include "cli/retention_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <vector>

#include "cli/audit_trail.h"
#include "retention/retention.h"

namespace vigia::cli {

namespace {

using retention::kLabelsMayCome;

struct RetentionFlags {
  std::optional<int> days;  // without: the settings'
  bool include_logs = false, dry_run = false;
  std::string output_json;
};

void PrintText(const retention::Plan& plan, retention::Run run, const retention::Outcome& outcome, std::ostream& out) {
  for (const retention::Removal& removal : plan.removals) out << removal.path << "\n";
  for (const retention::Rewrite& rewrite : plan.rewrites) {
    if (rewrite.removed > 0) out << fmt::format("{}: {} of {} lines\n", rewrite.path, rewrite.removed, rewrite.total);
  }
  for (const std::string& path : plan.in_use) out << fmt::format("{}: kept, a service holds it\n", path);
  const std::string cutoff = FormatTime(plan.cutoff);
  if (run == retention::Run::kDry) {
    out << fmt::format("Would remove {} files older than {} (dry run: nothing was touched)\n", plan.removals.size(),
                       cutoff);
  } else {
    out << fmt::format("Removed {} files older than {}\n", outcome.removed_files, cutoff);
  }
}

Result<retention::Settings> SettingsOf(const RetentionFlags& flags, const Context& context) {
  retention::Settings settings;
  if (flags.days) {
    settings.days = *flags.days;
  } else {
    settings = TRY(retention::LoadSettings(context.files, context.home, context.environment));
  }
  settings.logs = flags.include_logs ? retention::Logs::kRemove : retention::Logs::kKeep;
  return settings;
}

// As asked, but not unsaid.
std::vector<std::string> WarningsOf(const retention::Plan& plan, int64_t days) {
  const bool predictions = std::any_of(plan.removals.begin(), plan.removals.end(), [](const auto& removal) {
    return removal.area == "inference_store" || removal.area == "segments";
  });
  if (days >= kLabelsMayCome || !predictions) return {};
  return {
      fmt::format("labels come about 90 days late and will not find the predictions that {} days do not keep; the "
                  "default keeps {}",
                  days, kLabelsMayCome)};
}

Result<int> Run(const RetentionFlags& flags, Context& context) {
  const retention::Settings settings = TRY(SettingsOf(flags, context));
  const retention::Run run = flags.dry_run ? retention::Run::kDry : retention::Run::kReal;
  const retention::Plan plan = TRY(MakePlan(context.files, context.home, settings, context.clock.Now()));
  retention::Outcome outcome;
  if (run == retention::Run::kReal) {
    outcome = TRY(Execute(context.files, context.home, plan));
    AuditChange(context, "retention", {{"days", settings.days}, {"removed_files", outcome.removed_files}});
  }
  const std::vector<std::string> warnings = WarningsOf(plan, settings.days);
  Json summary = ToJson(plan, settings, run, outcome);
  summary["warnings"] = warnings;
  for (const std::string& warning : warnings) context.err << "vigia: warning: " << warning << "\n";
  if (!flags.output_json.empty()) {
    TRY(context.files.Write(context.HomePath(flags.output_json), PrettyJson(summary)));
  }
  if (context.json()) {
    context.PrintJson(summary);
  } else {
    PrintText(plan, run, outcome, context.out);
  }
  if (outcome.failed.empty()) return 0;
  return Error(Code::kUnavailable, fmt::format("retention: {} could not be removed, the first: {}",
                                               outcome.failed.size(), outcome.failed.front()));
}

}  // namespace

void AddRetentionCommand(Commands& commands) {
  auto flags = std::make_shared<RetentionFlags>();
  flags::Command command = commands.Add("retention", "Delete predictions, labels and reports older than N days",
                                        [flags](Context& context) { return Run(*flags, context); });
  command.Option("--days", flags->days, "How many days are kept; by default the setting retention.days")
      .Between(1, retention::kMaxDays);
  command.Switch("--include-logs", flags->include_logs, "Rotated logs too");
  command.Switch("--dry-run", flags->dry_run, "List what would be removed, and remove nothing");
  command.Option("--output-json", flags->output_json, "Write the summary into this file too");
  command.Footer(
      "Labels come about 90 days after their predictions, so the default keeps 120 days. Fewer days are carried out\n"
      "as typed, with a warning when predictions go that labels may still be coming for.\n"
      "Examples:\n  vigia retention --dry-run\n  vigia retention --days 30 --include-logs\n");
}

}  // namespace vigia::cli
