#include "cli/retention_command.h"

#include <fmt/format.h>

#include <optional>
#include <ostream>

#include "base/text.h"
#include "cli/audit_trail.h"
#include "retention/retention.h"

namespace vigia::cli {

namespace {

constexpr int kDefaultDays = 30, kMaxDays = 36'500;

struct Flags {
  std::optional<int> days;  // without: RETENTION_DAYS, then 30
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

Result<int> DaysOf(const Flags& flags, const Context& context) {
  if (flags.days) return *flags.days;
  const std::string text = context.environment("RETENTION_DAYS").value_or("");
  if (Trim(text).empty()) return kDefaultDays;
  const std::optional<int64_t> days = ParseInteger(Trim(text));
  if (days && *days >= 1 && *days <= kMaxDays) return static_cast<int>(*days);
  return Error(Code::kInvalidArgument, fmt::format("RETENTION_DAYS must be a whole number from 1 to {}", kMaxDays));
}

Result<int> Run(const Flags& flags, Context& context) {
  const int days = TRY(DaysOf(flags, context));
  const retention::Settings settings = {days, flags.include_logs ? retention::Logs::kRemove : retention::Logs::kKeep};
  const retention::Run run = flags.dry_run ? retention::Run::kDry : retention::Run::kReal;
  const retention::Plan plan = TRY(MakePlan(context.files, context.home, settings, context.clock.Now()));
  retention::Outcome outcome;
  if (run == retention::Run::kReal) {
    outcome = TRY(Execute(context.files, context.home, plan));
    AuditChange(context, "retention", {{"days", settings.days}, {"removed_files", outcome.removed_files}});
  }
  const Json summary = ToJson(plan, settings, run, outcome);
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
  auto flags = std::make_shared<Flags>();
  CLI::App* command = commands.Add("retention", "Delete predictions, labels and reports older than N days",
                                   [flags](Context& context) { return Run(*flags, context); });
  command->add_option("--days", flags->days, "How many days are kept; by default RETENTION_DAYS, or 30")
      ->check(CLI::Range(1, kMaxDays));
  command->add_flag("--include-logs", flags->include_logs, "Rotated logs too");
  command->add_flag("--dry-run", flags->dry_run, "List what would be removed, and remove nothing");
  command->add_option("--output-json", flags->output_json, "Write the summary into this file too");
}

}  // namespace vigia::cli
