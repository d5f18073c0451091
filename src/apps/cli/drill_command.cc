#include "cli/drill_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/process.h"
#include "cli/stop_signals.h"
#include "control/programs.h"
#include "drill/home.h"
#include "drill/leaky.h"
#include "drill/run.h"
#include "drill/stages.h"
#include "net/http_client.h"

namespace vigia::cli {

namespace {

using drill::Drill;
using drill::Report;

std::string Expected(const Drill& one) {
  return one.paged.empty() ? "heals unattended" : "calls " + std::string(one.paged);
}

Result<int> ListDrills(Context& context) {
  Json list = Json::array();
  for (const Drill& one : drill::Drills()) {
    list.push_back({{"drill", one.name},
                    {"runbook", one.runbook},
                    {"title", one.title},
                    {"expected", Expected(one)},
                    {"needs_root", one.disk_megabytes > 0}});
    if (context.json()) continue;
    context.out << fmt::format("{:<17} {:<20} {:<18} {}{}\n", one.name, one.runbook, Expected(one), one.title,
                               one.disk_megabytes > 0 ? " (needs root)" : "");
  }
  if (context.json()) context.PrintJson(list);
  return 0;
}

std::string Seconds(const std::optional<double>& value) { return value ? fmt::format("{:.1f}", *value) : "-"; }

void PrintHead(std::ostream& out) {
  out << fmt::format("{:<17} {:<20} {:>7} {:>9} {:>7}  {}\n", "drill", "runbook", "detect", "mitigate", "verify",
                     "outcome");
}

void PrintReport(const Report& report, std::ostream& out) {
  const std::string outcome = report.end == Report::End::kPassed    ? report.outcome
                              : report.end == Report::End::kSkipped ? "skipped: " + report.why
                                                                    : "FAILED: " + report.why;
  out << fmt::format("{:<17} {:<20} {:>7} {:>9} {:>7}  {}\n", report.drill, report.runbook, Seconds(report.detect),
                     Seconds(report.mitigate), Seconds(report.verify), outcome);
  for (const std::string& command : report.done) out << fmt::format("{:<17}   {}\n", "", command);
  out.flush();
}

Result<std::vector<const Drill*>> Chosen(const std::vector<std::string>& names) {
  std::vector<const Drill*> chosen;
  for (const std::string& name : names) {
    const Drill* one = drill::FindDrill(name);
    if (one == nullptr && name != "all") {
      return Error(Code::kNotFound, "there is no drill '" + name + "' (see vigia drill list)");
    }
    for (const Drill& each : drill::Drills()) {
      const bool wanted = one == nullptr || one == &each;
      if (wanted && std::find(chosen.begin(), chosen.end(), &each) == chosen.end()) chosen.push_back(&each);
    }
  }
  return chosen;
}

// A folder that goes when the command ends.
class Scratch {
 public:
  explicit Scratch(Context& context)
      : files_(context.files),
        path_(
            JoinPath(context.environment("TMPDIR").value_or("/tmp"), "vigia-drill-" + RandomHex(context.entropy, 6))) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { static_cast<void>(files_.RemoveTree(path_)); }
  const std::string& path() const { return path_; }

 private:
  Files& files_;
  const std::string path_;
};

struct DrillFlags {
  std::vector<std::string> names;
  std::string keep;
};

Result<int> Run(const DrillFlags& flags, Context& context) {
  const std::vector<const Drill*> chosen = TRY(Chosen(flags.names));
  const std::string keep = flags.keep.empty() ? "" : context.HomePath(flags.keep);
  SystemProcesses processes;
  const auto http = net::MakeHttpClient();
  const StopSignals signals;  // an interrupt ends what was begun, and leaves nothing behind
  const auto interrupted = [&signals] { return signals.Wait(Duration(0)); };
  const Scratch scratch(context);
  const std::string program = control::OwnProgram();
  drill::Tell(context.progress, drill::Stage::kTraining);
  TRY_CONTEXT(drill::TrainHome(scratch.path(), program, processes), "the drills' home");
  Json reports = Json::array();
  int failed = 0;
  if (!context.json()) PrintHead(context.out);
  for (const Drill* one : chosen) {
    if (interrupted()) break;
    const Report report = drill::RunDrill(*one, {context.files, processes, *http, context.clock, program,
                                                 scratch.path(), interrupted, context.progress, keep});
    context.progress.End();  // the bar, before the line
    failed += report.end == Report::End::kFailed ? 1 : 0;
    reports.push_back(drill::ToJson(report));
    if (!context.json()) PrintReport(report, context.out);
  }
  if (context.json()) context.PrintJson(reports);
  if (interrupted()) return Error(Code::kUnavailable, "interrupted; what was started has been ended and removed");
  if (failed == 0) return 0;
  return Error(Code::kInternal, fmt::format("{} of {} drills failed", failed, chosen.size()));
}

struct LeakyFlags {
  uint16_t port = 0;
  int64_t megabytes = 0;
};

Result<int> RunLeakyService(const LeakyFlags& flags, Context& context) {
  const StopSignals signals;
  const auto service = TRY(drill::LeakyService::Start(flags.port, flags.megabytes, context.clock));
  while (!signals.Wait(std::chrono::hours(1))) {
  }
  return 0;
}

}  // namespace

void AddDrillCommands(Commands& commands) {
  commands.Describe("drill", "Break something on purpose in a scratch home, and watch the operator");
  commands.Add("drill list", "The drills, what each breaks and what is expected", ListDrills);
  auto all = std::make_shared<DrillFlags>();
  flags::Command run = commands.Add("drill run", "Play drills: a scratch home with a service and a control plane each",
                                    [all](Context& context) { return Run(*all, context); });
  run.Option("name", all->names, "Names of drills, or all").Required();
  auto leaky = std::make_shared<LeakyFlags>();
  flags::Command serve = commands.Add("drill leaky-service", "The service of the drill `memory`",
                                      [leaky](Context& context) { return RunLeakyService(*leaky, context); });
  serve.Hide();
  serve.Option("--port", leaky->port, "Where it listens").Required();
  serve.Option("--megabytes", leaky->megabytes, "Up to where it leaks").Required();
  run.Option("--keep", all->keep, "Folder that keeps each drill's incident, ladder, timeline and post-mortem");
}

}  // namespace vigia::cli
