#include "cli/registry_command.h"

#include <fmt/format.h>

#include <iostream>
#include <ostream>
#include <thread>

#include "audit/audit.h"
#include "base/text.h"
#include "registry/registry.h"

namespace vigia::cli {

namespace {

using registry::Manifest;
using registry::Registry;

// One struct for all: each command adds the flags that it has.
struct RegistryFlags {
  std::string registry = "models/registry";
  std::string version, to, artifacts = "artifacts", baseline, notes, by;
  std::optional<std::string> reason;
  double percent = 5;
  bool off = false;
};

Registry Open(const RegistryFlags& flags, Context& context) {
  return Registry({context.HomePath(flags.registry)}, context.files, context.clock,
                  [](Duration pause) { std::this_thread::sleep_for(pause); });
}

std::string Who(const RegistryFlags& flags, const Context& context) {
  return flags.by.empty() ? audit::CurrentUser(context.environment) : flags.by;
}

// The change is made and in the registry's own history: an audit log that cannot be written is told, not fatal.
void Audit(const std::string& action, const std::string& who, const Json& details, Context& context) {
  const Status written =
      audit::Append(context.files, context.Home("logs/audit.log"), context.clock.Now(), {action, who, details});
  if (!written.ok()) context.err << "vigia: warning: " << written.error().message() << "\n";
}

// "2026-11-20 10:35", of "2026-11-20T10:35:00.123456Z".
std::string ShortTime(const std::string& time) {
  return time.size() < 16 ? time : time.substr(0, 10) + " " + time.substr(11, 5);
}

// Asked for on a terminal, empty otherwise.
std::string Reason(const RegistryFlags& flags, const std::string& question, Context& context) {
  if (flags.reason.has_value()) return *flags.reason;
  if (!context.interactive || context.json()) return "";
  context.err << question << std::flush;
  std::string reason;
  std::getline(std::cin, reason);
  return std::string(Trim(reason));
}

// Rows of cells with their columns aligned; cells are ASCII in all but the last column.
void PrintTable(const std::vector<std::vector<std::string>>& rows, std::ostream& out) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i + 1 < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    out << line << row.back() << "\n";
  }
}

// One line of a table: what a person wrote may hold anything.
std::string OneLine(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

Result<int> List(const RegistryFlags& flags, Context& context) {
  const Registry registry = Open(flags, context);
  const auto manifests = TRY(registry.List());
  if (context.json()) {
    const auto champion = TRY(registry.CurrentChampion());
    Json versions = Json::array();
    for (const Manifest& manifest : manifests) versions.push_back(ToJson(manifest));
    context.PrintJson(
        {{"champion", champion.has_value() ? Json(champion->version) : Json(nullptr)}, {"versions", versions}});
    return 0;
  }
  if (manifests.empty()) {
    context.out << "No version is registered (vigia registry register --version v1.0.0 --artifacts artifacts)\n";
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"VERSION", "STATUS", "CREATED", "PROMOTED", "NOTES"}};
  for (const Manifest& manifest : manifests) {
    const bool champion = manifest.status == registry::VersionStatus::kChampion;
    rows.push_back({manifest.version, std::string(StatusName(manifest.status)), ShortTime(manifest.created_at),
                    manifest.promoted_at.empty() ? "-" : ShortTime(manifest.promoted_at),
                    std::string(champion ? "★ " : "") + OneLine(manifest.notes)});
  }
  PrintTable(rows, context.out);
  return 0;
}

// A folder that a person typed, perhaps with the slash that a shell completes.
std::string Folder(std::string path, const Context& context) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path.empty() ? path : context.UserPath(path);
}

Result<int> Register(const RegistryFlags& flags, Context& context) {
  Registry registry = Open(flags, context);
  const auto manifest = TRY(registry.Register({flags.version, Folder(flags.artifacts, context),
                                               Folder(flags.baseline, context), Who(flags, context), flags.notes, ""}));
  Audit("register", manifest.registered_by, {{"version", manifest.version}, {"digest", manifest.Digest()}}, context);
  if (context.json()) {
    context.PrintJson(ToJson(manifest));
    return 0;
  }
  context.out << fmt::format("Registered {}: {} files{}\n", manifest.version, manifest.hashes.size(),
                             manifest.has_baseline ? "" : ", no baseline");
  return 0;
}

Result<int> Report(const registry::Change& change, const std::string& action, const std::string& who,
                   const std::string& reason, Context& context) {
  const Json from = change.from.empty() ? Json(nullptr) : Json(change.from);
  for (const std::string& warning : change.warnings) context.err << "vigia: warning: " << warning << "\n";
  if (change.changed) Audit(action, who, {{"from", from}, {"to", change.to}, {"reason", reason}}, context);
  if (context.json()) {
    context.PrintJson({{"action", action},
                       {"from", from},
                       {"to", change.to},
                       {"changed", change.changed},
                       {"reason", reason},
                       {"warnings", change.warnings}});
    return 0;
  }
  if (!change.changed) {
    context.out << change.to << " is the champion already; nothing changed\n";
    return 0;
  }
  context.out << "Champion: " << (change.from.empty() ? "none" : change.from) << " -> " << change.to << "\n";
  if (action == "rollback") context.out << "Reason: " << (reason.empty() ? "(none given)" : OneLine(reason)) << "\n";
  return 0;
}

Result<int> Promote(const RegistryFlags& flags, Context& context) {
  Registry registry = Open(flags, context);
  const std::string who = Who(flags, context), reason = flags.reason.value_or("");
  return Report(TRY(registry.Promote({flags.version, who, reason})), "promote", who, reason, context);
}

Result<int> Rollback(const RegistryFlags& flags, Context& context) {
  Registry registry = Open(flags, context);
  const std::string who = Who(flags, context), reason = Reason(flags, "Reason for the rollback: ", context);
  const std::string target = flags.to.empty() ? flags.version : flags.to;
  return Report(TRY(registry.Rollback({target, who, reason})), "rollback", who, reason, context);
}

Result<int> Show(const RegistryFlags& flags, Context& context) {
  const Registry registry = Open(flags, context);
  std::string version = flags.version;
  if (version.empty() || version == "champion") {
    const auto champion = TRY(registry.CurrentChampion());
    if (!champion.has_value())
      return Error(Code::kNotFound, "registry " + registry.folder() + ": there is no champion yet");
    version = champion->version;
  }
  const auto manifest = TRY(registry.Show(version));
  if (context.json()) {
    context.PrintJson(ToJson(manifest));
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {
      {"version", manifest.version},
      {"status", std::string(StatusName(manifest.status))},
      {"registered", manifest.created_at + " by " + OneLine(manifest.registered_by)},
      {"promoted",
       manifest.promoted_at.empty() ? "never" : manifest.promoted_at + " by " + OneLine(manifest.promoted_by)},
      {"notes", OneLine(manifest.notes)}};
  if (!manifest.rejected_at.empty()) {
    rows.push_back({"rejected", manifest.rejected_at + " by " + OneLine(manifest.rejected_by) + ": " +
                                    OneLine(manifest.rejection_reason)});
  }
  for (const auto& [path, hash] : manifest.hashes) rows.push_back({"sha256", hash + "  " + path});
  PrintTable(rows, context.out);
  return 0;
}

Result<int> Verify(const RegistryFlags& flags, Context& context) {
  const Registry registry = Open(flags, context);
  const auto problems = TRY(registry.Verify(flags.version));
  const size_t versions = flags.version.empty() ? TRY(registry.List())
  .size() : 1;
  if (context.json()) {
    Json list = Json::array();
    for (const auto& problem : problems) list.push_back({{"where", problem.where}, {"what", problem.what}});
    context.PrintJson({{"ok", problems.empty()}, {"versions", versions}, {"problems", list}});
    return problems.empty() ? 0 : 1;
  }
  for (const auto& problem : problems) context.out << problem.where << ": " << problem.what << "\n";
  if (problems.empty()) {
    context.out << fmt::format("All is well: {} version{}, every SHA-256 matches\n", versions,
                               versions == 1 ? "" : "s");
    return 0;
  }
  return Error(Code::kDataLoss, fmt::format("registry {}: {} problem{} found", registry.folder(), problems.size(),
                                            problems.size() == 1 ? "" : "s"));
}

std::string Words(const std::optional<registry::Trial>& trial, const std::string& kind) {
  if (!trial) return kind + ": none";
  const std::string share = kind == "canary" ? fmt::format("{} % of the requests, ", trial->percent) : "";
  return fmt::format("{}: {}, {}since {} by {}", kind, trial->version, share, ShortTime(trial->since),
                     OneLine(trial->by));
}

// Without --version and --off: what is on trial.
Result<int> Try(registry::TrialKind kind, const RegistryFlags& flags, Context& context) {
  Registry registry = Open(flags, context);
  const std::string who = Who(flags, context), name = registry::TrialKindName(kind);
  const double percent = kind == registry::TrialKind::kCanary ? flags.percent : 100;
  registry::Trials trials;
  if (flags.off) {
    trials = TRY(registry.EndTrial(kind, who));
    Audit(name + "_off", who, {{"champion", trials.champion}}, context);
  } else if (!flags.version.empty()) {
    trials = TRY(registry.StartTrial(kind, {flags.version, percent, "", who}));
    Audit(name, who, {{"version", flags.version}, {"percent", percent}}, context);
  } else {
    trials = TRY(registry::ReadTrials(context.files, registry.folder()));
  }
  if (context.json()) {
    context.PrintJson(ToJson(trials));
  } else {
    context.out << "champion: " << (trials.champion.empty() ? "none" : trials.champion) << "\n"
                << Words(trials.canary, "canary") << "\n"
                << Words(trials.shadow, "shadow") << "\n";
  }
  return 0;
}

Result<int> Canary(const RegistryFlags& flags, Context& context) {
  return Try(registry::TrialKind::kCanary, flags, context);
}
Result<int> Shadow(const RegistryFlags& flags, Context& context) {
  return Try(registry::TrialKind::kShadow, flags, context);
}

Result<int> History(const RegistryFlags& flags, Context& context) {
  const Registry registry = Open(flags, context);
  const auto history = TRY(registry.ReadHistory());
  if (!history.problem.empty()) context.err << "vigia: warning: " << history.problem << "\n";
  if (context.json()) {
    Json entries = Json::array();
    for (const auto& entry : history.entries) entries.push_back(ToJson(entry));
    context.PrintJson(
        {{"entries", entries}, {"problem", history.problem.empty() ? Json(nullptr) : Json(history.problem)}});
    return 0;
  }
  if (history.entries.empty()) {
    context.out << "Nothing has happened yet\n";
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"WHEN", "WHAT", "VERSION", "FROM", "WHO", "WHY"}};
  for (const auto& entry : history.entries) {
    rows.push_back({ShortTime(entry.at), entry.action, entry.version, entry.from.empty() ? "-" : entry.from,
                    OneLine(entry.by), OneLine(entry.reason)});
  }
  PrintTable(rows, context.out);
  return 0;
}

flags::Command Add(Commands& commands, const std::string& name, const std::string& description,
                   Result<int> (*run)(const RegistryFlags&, Context&), const std::shared_ptr<RegistryFlags>& flags) {
  flags::Command command =
      commands.Add("registry " + name, description, [flags, run](Context& context) { return run(*flags, context); });
  command.Option("-r,--registry", flags->registry, "The registry's folder; below the home when relative").ShowDefault();
  return command;
}

void AddWho(flags::Command command, const std::shared_ptr<RegistryFlags>& flags) {
  command.Option("--by", flags->by, "Who does it, for the history (default: $USER)");
}

}  // namespace

void AddRegistryCommands(Commands& commands) {
  commands.Describe("registry", "Versions of the model, and which one is the champion");
  const auto flags = std::make_shared<RegistryFlags>();
  Add(commands, "list", "Versions in semantic order; ★ is the champion", List, flags);

  flags::Command reg = Add(commands, "register", "Keep what was trained as an immutable version", Register, flags);
  reg.Option("-v,--version", flags->version, "The new version, as v1.2.3").Required();
  reg.Option("-a,--artifacts", flags->artifacts, "Folder that train wrote").ShowDefault();
  reg.Option("-b,--baseline", flags->baseline, "Folder of the baseline (default: the artifacts' own)");
  reg.Option("-n,--notes", flags->notes, "What is new in it");
  AddWho(reg, flags);
  reg.Footer("Example:\n  vigia registry register --version v1.0.0 --artifacts artifacts/\n");

  flags::Command promote =
      Add(commands, "promote", "Make a version the champion, after checking its files", Promote, flags);
  promote.Option("-v,--version", flags->version, "The version").Required();
  promote.Option("--reason", flags->reason, "Why, for the history");
  AddWho(promote, flags);

  flags::Command rollback =
      Add(commands, "rollback", "Go back to the previous champion, or a named version", Rollback, flags);
  const flags::Flag version = rollback.Option("-v,--version", flags->version, "The version to go back to");
  rollback.Option("--to", flags->to, "The same as --version").Excludes(version);
  rollback.Option("--reason", flags->reason, "Why, for the history; asked for on a terminal");
  AddWho(rollback, flags);
  rollback.Footer(
      "Examples:\n  vigia registry rollback --reason \"score drift\"\n"
      "  vigia registry rollback --to v1.0.0 --reason \"5xx after the release\"\n");

  flags::Command show = Add(commands, "show", "One version: status, who, when, hashes", Show, flags);
  show.Option("-v,--version,version", flags->version, "The version (default: the champion)");

  flags::Command verify = Add(commands, "verify", "Check every SHA-256, the champion and the history", Verify, flags);
  verify.Option("-v,--version,version", flags->version, "Only this version");

  flags::Command canary =
      Add(commands, "canary", "Let a challenger answer a stable share of the requests", Canary, flags);
  const flags::Flag tried =
      canary.Option("-v,--version", flags->version, "The challenger; none: show what is on trial");
  canary.Option("--percent", flags->percent, "Share of the requests, above 0 to 100").ShowDefault();
  canary.Switch("--off", flags->off, "End it").Excludes(tried);
  AddWho(canary, flags);
  canary.Footer(
      "Which requests is told by their ids. A promotion or a rollback ends it.\n"
      "Examples:\n  vigia registry canary --version v1.1.0 --percent 5\n  vigia registry canary --off\n");

  flags::Command shadow = Add(commands, "shadow", "Let a challenger score beside the champion, unseen", Shadow, flags);
  const flags::Flag beside =
      shadow.Option("-v,--version", flags->version, "The challenger; none: show what is on trial");
  shadow.Switch("--off", flags->off, "End it").Excludes(beside);
  AddWho(shadow, flags);
  shadow.Footer(
      "It scores what the champion has answered, after the answers; its scores are stored and nobody gets them.\n"
      "A promotion or a rollback ends it. `vigia registry compare` tells how the two differ.\n"
      "Examples:\n  vigia registry shadow --version v1.1.0\n  vigia registry shadow --off\n");

  Add(commands, "history", "Who changed what, when and why", History, flags);
}

}  // namespace vigia::cli
