#include "cli/runbook_command.h"

#include <fmt/format.h>

#include <ostream>

#include "base/text.h"
#include "cli/plane_client.h"
#include "control/configuration.h"
#include "net/mail.h"

namespace vigia::cli {

namespace {

using config::Problem;

struct RunbookFlags {
  std::string name, incident, scope, mode, reason;
  std::vector<std::string> files, labels;
  bool dry_run = false;
};

// What the home says, without a running control plane.
Result<control::Configuration> Load(Context& context) {
  const auto http = net::MakeHttpClient();
  const auto mail = net::MakeMailClient();
  const calendar::TimeZones zones(context.files);
  const notify::ChannelWorld channels{*http, *mail, context.clock, context.files, context.environment};
  control::Configuration configuration = TRY(control::LoadConfiguration(
      {context.files, context.home, context.environment, channels, zones, context.clock.Now()}, {}));
  configuration.oncall.channels.clear();  // they refer to the clients, which end here
  return configuration;
}

Json ToJson(const control::KnownRunbook& known) {
  Json problems = Json::array();
  for (const Problem& problem : known.problems) problems.push_back(problem.ToString());
  return {{"name", known.runbook.name},
          {"title", known.runbook.title},
          {"severity", checks::SeverityName(known.runbook.severity)},
          {"mode", runbooks::ModeName(known.runbook.mode)},
          {"file", known.runbook.file},
          {"problems", std::move(problems)}};
}

Result<int> ListRunbooks(Context& context) {
  const control::Configuration configuration = TRY(Load(context));
  Json list = Json::array();
  for (const control::KnownRunbook& known : configuration.runbooks) {
    list.push_back(ToJson(known));
    if (context.json()) continue;
    context.out << fmt::format("{:<24} {} {:<8} {:<32} {}{}\n", known.runbook.name,
                               checks::SeverityName(known.runbook.severity), runbooks::ModeName(known.runbook.mode),
                               known.runbook.file, known.runbook.title,
                               known.problems.empty() ? "" : "  (has problems: vigia runbook lint)");
  }
  if (context.json()) context.PrintJson(list);
  return 0;
}

Result<int> Show(const RunbookFlags& flags, Context& context) {
  const control::Configuration configuration = TRY(Load(context));
  for (const control::KnownRunbook& known : configuration.runbooks) {
    if (known.runbook.name != flags.name) continue;
    if (context.json()) {
      Json json = ToJson(known);
      json["text"] = known.runbook.source;
      context.PrintJson(json);
    } else {
      context.out << known.runbook.source;
    }
    return 0;
  }
  return Error(Code::kNotFound, "there is no runbook '" + flags.name + "'");
}

// The files, among the runbooks of the home: a circle may lead through both.
Result<std::vector<Problem>> LintFiles(const RunbookFlags& flags, Context& context) {
  std::vector<Problem> problems;
  const control::Configuration configuration = TRY(Load(context));
  std::vector<runbooks::Runbook> all;
  for (const std::string& file : flags.files) {
    const std::string text = TRY(context.files.Read(context.UserPath(file)));
    const size_t before = problems.size();
    runbooks::Runbook runbook = runbooks::LoadRunbook(text, file, runbooks::Catalogue::BuiltIn(), problems);
    if (problems.size() == before) all.push_back(std::move(runbook));
  }
  const size_t given = all.size();
  for (const control::KnownRunbook& known : configuration.runbooks) {
    const bool replaced = std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(given),
                                      [&](const auto& one) { return one.name == known.runbook.name; });
    if (known.problems.empty() && !replaced) all.push_back(known.runbook);
  }
  const escalation::Directory* directory = configuration.has_oncall ? &configuration.oncall.directory : nullptr;
  const calendar::TimeZones zones(context.files);
  const runbooks::LintWorld world =
      control::MakeLintWorld({configuration.checks, directory, configuration.default_policy, {}, &zones}, all);
  for (Problem& problem : runbooks::LintRunbooks(all, world)) {
    if (std::find(flags.files.begin(), flags.files.end(), problem.file) != flags.files.end()) {
      problems.push_back(std::move(problem));
    }
  }
  return problems;
}

Result<int> Lint(const RunbookFlags& flags, Context& context) {
  std::vector<Problem> problems;
  if (flags.files.empty()) {
    for (const control::KnownRunbook& known : TRY(Load(context)).runbooks) {
      problems.insert(problems.end(), known.problems.begin(), known.problems.end());
    }
  } else {
    problems = TRY(LintFiles(flags, context));
  }
  Json lines = Json::array();
  for (const Problem& problem : problems) {
    lines.push_back({{"file", problem.file}, {"line", problem.line}, {"text", problem.message}});
    if (!context.json()) context.out << problem.ToString() << "\n";
  }
  if (context.json()) context.PrintJson({{"problems", std::move(lines)}});
  if (problems.empty()) {
    if (!context.json()) context.out << "fine\n";
    return 0;
  }
  return Error(Code::kInvalidArgument, fmt::format("runbook lint: {} problems", problems.size()));
}

Result<int> Schema(Context& context) {
  context.PrintJson(runbooks::RunbookSchema());
  return 0;
}

Result<Json> ReadLabels(const std::vector<std::string>& pairs) {
  Json labels = Json::object();
  for (const std::string& pair : pairs) {
    const size_t equal = pair.find('=');
    if (equal == 0 || equal == std::string::npos) {
      return Error(Code::kInvalidArgument, "--label is written name=value, such as service=risk");
    }
    labels[pair.substr(0, equal)] = pair.substr(equal + 1);
  }
  return labels;
}

Result<int> Run(const RunbookFlags& flags, Context& context) {
  const Json labels = TRY(ReadLabels(flags.labels));
  const std::string mode = flags.dry_run ? "dry-run" : flags.mode;
  const PlaneClient plane = TRY(PlaneClient::Connect(context));
  const Json answer = TRY(plane.Send("POST", "/api/v1/runbooks/" + PercentEncode(flags.name) + "/run",
                                     {{"labels", labels}, {"mode", mode}, {"reason", flags.reason}}));
  if (context.json()) {
    context.PrintJson(answer);
  } else if (flags.dry_run) {
    for (const Json& command : answer["commands"]) context.out << command.get<std::string>() << "\n";
  } else {
    context.out << "incident " << answer["incident"].get<std::string>() << "\n";
  }
  return 0;
}

// `incident` may be the id of an incident or of a run.
Result<int> Decide(const RunbookFlags& flags, const std::string& action, Context& context) {
  const PlaneClient plane = TRY(PlaneClient::Connect(context));
  std::string run = flags.incident;
  if (run.starts_with("INC-")) {
    const Json incident = TRY(plane.Get("/api/v1/incidents/" + PercentEncode(run)));
    if (!incident["run"].is_string()) return Error(Code::kFailedPrecondition, flags.incident + " has no run");
    run = incident["run"].get<std::string>();
  }
  const Json body = {{"scope", flags.scope}, {"text", flags.reason}};
  const Json answer = TRY(plane.Send("POST", "/api/v1/runs/" + PercentEncode(run) + "/" + action, body));
  if (context.json()) {
    context.PrintJson(answer);
  } else {
    context.out << answer["id"].get<std::string>() << " " << answer["state"].get<std::string>() << "\n";
  }
  return 0;
}

Result<int> Mode(const RunbookFlags& flags, Context& context) {
  const PlaneClient plane = TRY(PlaneClient::Connect(context));
  const Json answer = TRY(plane.Send("POST", "/api/v1/runbooks/" + PercentEncode(flags.name) + "/mode",
                                     {{"mode", flags.mode}, {"reason", flags.reason}}));
  if (context.json()) {
    context.PrintJson(answer);
  } else {
    context.out << flags.name << ": " << answer["mode"].get<std::string>() << "\n";
  }
  return 0;
}

void AddDecisions(Commands& commands, const std::shared_ptr<RunbookFlags>& flags) {
  const std::tuple<const char*, const char*, const char*> decisions[] = {
      {"approve", "approve", "Let a run go on that waits for an approval"},
      {"deny", "deny", "Refuse what a run asks approval for; people are called"},
      {"cancel", "cancel", "Stop a run; the person who says so has taken over"}};
  for (const auto& [name, action, description] : decisions) {
    flags::Command command = commands.Add(
        std::string("runbook ") + name, description,
        [flags, action = std::string(action)](Context& context) { return Decide(*flags, action, context); });
    command.Option("incident", flags->incident, "INC-000042 or RUN-000042").Required();
    command.Option("scope", flags->scope, "attempt:NAME or step:ID; what it waits for without it");
    command.Option("--reason", flags->reason, "Why, for the timeline");
  }
}

}  // namespace

void AddRunbookCommands(Commands& commands) {
  commands.Describe("runbook", "What is done when something breaks");
  auto flags = std::make_shared<RunbookFlags>();
  commands.Add("runbook list", "Built-in runbooks and those of the home (runbooks/*.yaml)", ListRunbooks);
  commands.Add("runbook show", "One runbook's text", [flags](Context& context) { return Show(*flags, context); })
      .Option("name", flags->name, "Name of the runbook")
      .Required();
  commands
      .Add("runbook lint", "What is wrong with runbooks, with file, line and a sentence",
           [flags](Context& context) { return Lint(*flags, context); })
      .Option("files", flags->files, "Files; without any the home's and the built-in ones");
  commands.Add("runbook schema", "The JSON schema of runbooks, for editors", Schema);
  flags::Command run = commands.Add("runbook run", "Start a runbook by hand, or print what it would do",
                                    [flags](Context& context) { return Run(*flags, context); });
  run.Option("name", flags->name, "Name of the runbook").Required();
  run.Option("--label", flags->labels, "name=value of its key, such as service=risk; again for more");
  run.Switch("--dry-run", flags->dry_run, "Only print its commands, as a person would type them");
  run.Option("--mode", flags->mode, "auto or approve").OneOf({"auto", "approve"});
  run.Option("--reason", flags->reason, "Why, for the timeline");
  AddDecisions(commands, flags);
  flags::Command mode = commands.Add("runbook mode", "What a runbook may do from now on",
                                     [flags](Context& context) { return Mode(*flags, context); });
  mode.Option("name", flags->name, "Name of the runbook").Required();
  mode.Option("mode", flags->mode, "auto, approve, dry-run or off")
      .Required()
      .OneOf({"auto", "approve", "dry-run", "off"});
  mode.Option("--reason", flags->reason, "Why").Required();
}

}  // namespace vigia::cli
