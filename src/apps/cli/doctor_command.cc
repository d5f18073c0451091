#include "cli/doctor_command.h"

#include <fmt/format.h>
#include <sys/timex.h>

#include <algorithm>
#include <ostream>

#include "audit/audit.h"
#include "auth/keys.h"
#include "cli/plane_client.h"
#include "control/configuration.h"
#include "net/dial.h"
#include "net/mail.h"
#include "registry/registry.h"
#include "storage/ledger.h"

namespace vigia::cli {

namespace {

enum class Health { kGood, kWarning, kProblem };

struct Finding {
  std::string what;
  Health health = Health::kGood;
  std::string text;
};

const char* NameOf(Health health) {
  return health == Health::kGood ? "ok" : health == Health::kWarning ? "warning" : "problem";
}

Finding LookAtHome(Context& context) {
  const std::string probe = context.Home("run/doctor");
  const Status written = context.files.Write(probe, "written and removed again\n");
  if (!written.ok()) return {"home", Health::kProblem, written.error().message()};
  const Status removed = context.files.Remove(probe);
  return {"home", removed.ok() ? Health::kGood : Health::kWarning, context.home + " can be written"};
}

Finding LookAtLedger(Context& context) {
  const std::string path = context.Home("state/vigia.db");
  if (!context.files.Exists(path)) return {"ledger", Health::kGood, "none yet: vigia up makes it"};
  const auto ledger = storage::OpenSqliteLedger(path);
  if (!ledger.ok()) return {"ledger", Health::kProblem, ledger.error().message()};
  const auto incidents = (*ledger)->List("incident");
  if (!incidents.ok()) return {"ledger", Health::kProblem, incidents.error().message()};
  return {"ledger", Health::kGood, fmt::format("{} incidents", incidents->size())};
}

Finding LookAtModel(Context& context) {
  const registry::Registry registry({context.Home("models/registry")}, context.files, context.clock);
  const auto champion = registry.CurrentChampion();
  if (!champion.ok()) return {"model", Health::kProblem, champion.error().message()};
  if (!*champion) return {"model", Health::kWarning, "there is no champion: vigia registry promote --version V"};
  const auto problems = registry.Verify((*champion)->version);
  if (!problems.ok()) return {"model", Health::kProblem, problems.error().message()};
  if (!problems->empty()) return {"model", Health::kProblem, problems->front().where + ": " + problems->front().what};
  return {"model", Health::kGood, (*champion)->version + ", every file as it was registered"};
}

Finding LookAtKeys(Context& context) {
  const auto keys = auth::ReadKeys(context.files, context.Home("state/api_keys.json"));
  if (!keys.ok()) return {"keys", Health::kProblem, keys.error().message()};
  const WallTime now = context.clock.Now();
  const auto active = std::count_if(keys->begin(), keys->end(), [now](const auto& key) { return key.ActiveAt(now); });
  if (active > 0) return {"keys", Health::kGood, fmt::format("{} API keys are valid", active)};
  return {"keys", Health::kWarning, "no API keys: only clients on this machine are served (vigia key create)"};
}

Finding LookAtDisk(Context& context) {
  const auto space = context.files.Space(context.files.Exists(context.home) ? context.home : ".");
  if (!space.ok() || space->total_bytes == 0) return {"disk", Health::kProblem, "its space cannot be read"};
  const double free = static_cast<double>(space->free_bytes) / static_cast<double>(space->total_bytes);
  const std::string text =
      fmt::format("{:.1f} GiB free, {:.0f}%", static_cast<double>(space->free_bytes) / (1 << 30), 100 * free);
  return {"disk", free < 0.05 ? Health::kProblem : free < 0.20 ? Health::kWarning : Health::kGood, text};
}

Finding LookAtClock() {
  timex state{};
  const int synchronised = ::adjtimex(&state);
  if (synchronised == TIME_ERROR || synchronised < 0) {
    return {"clock", Health::kWarning, "nothing keeps it right: shifts and certificates go by it (chrony, ntpd)"};
  }
  return {"clock", Health::kGood, "it is kept right"};
}

Finding LookAtAudit(Context& context) {
  const auto log = audit::Verify(context.files, context.Home("logs/audit.log"));
  if (!log.ok()) return {"audit", Health::kProblem, log.error().message()};
  if (!log->intact) return {"audit", Health::kProblem, log->problem};
  return {"audit", Health::kGood, fmt::format("{} entries, an intact chain", log->entries)};
}

bool Listens(int64_t port) {
  return net::Dial("127.0.0.1", static_cast<uint16_t>(port), std::chrono::milliseconds(500)).ok();
}

Finding LookAtPlane(int64_t port, Context& context) {
  const auto plane = PlaneClient::Connect(context);
  if (plane.ok()) {
    const auto status = plane->Get("/api/v1/status");
    if (status.ok()) return {"control plane", Health::kGood, "it runs at " + plane->url()};
  }
  if (port != 0 && Listens(port)) {
    return {"control plane", Health::kProblem, fmt::format("port {} is taken by something else", port)};
  }
  return {"control plane", Health::kWarning, "it does not run (vigia up)"};
}

void AddProblems(const char* what, const std::vector<config::Problem>& problems, Health health,
                 std::vector<Finding>& findings) {
  for (const config::Problem& problem : problems) findings.push_back({what, health, problem.ToString()});
}

void LookAtConfiguration(Context& context, std::vector<Finding>& findings) {
  const auto http = net::MakeHttpClient();
  const auto mail = net::MakeMailClient();
  const calendar::TimeZones zones(context.files);
  const notify::ChannelWorld channels{*http, *mail, context.clock, context.files, context.environment};
  const auto loaded = control::LoadConfiguration(
      {context.files, context.home, context.environment, channels, zones, context.clock.Now()}, {});
  if (!loaded.ok()) {
    findings.push_back({"configuration", Health::kProblem, loaded.error().message()});
    return;
  }
  findings.push_back({"configuration", Health::kGood,
                      fmt::format("{} services, {} sources, {} checks, {} runbooks", loaded->services.size(),
                                  loaded->signals.names.size(), loaded->checks.size(), loaded->runbooks.size())});
  for (const control::KnownRunbook& known : loaded->runbooks) {
    AddProblems("runbooks", known.problems, Health::kProblem, findings);
  }
  if (!loaded->has_oncall) {
    findings.push_back({"people", Health::kWarning, "there is no oncall.yaml: nobody is called"});
  }
  AddProblems("people", loaded->oncall.lint_problems, Health::kProblem, findings);
  AddProblems("channels", loaded->oncall.channel_problems, Health::kProblem, findings);
  if (loaded->has_oncall && loaded->oncall.lint_problems.empty()) {
    findings.push_back({"people", Health::kGood,
                        fmt::format("{} people, {} policies, {} channels", loaded->oncall.directory.people.size(),
                                    loaded->oncall.directory.policies.size(), loaded->oncall.channel_names.size())});
  }
  findings.push_back(LookAtPlane(loaded->settings.port, context));
}

Result<int> Doctor(Context& context) {
  std::vector<Finding> findings;
  findings.push_back(LookAtHome(context));
  findings.push_back(LookAtDisk(context));
  findings.push_back(LookAtClock());
  LookAtConfiguration(context, findings);
  findings.push_back(LookAtLedger(context));
  findings.push_back(LookAtModel(context));
  findings.push_back(LookAtKeys(context));
  findings.push_back(LookAtAudit(context));
  Json list = Json::array();
  size_t problems = 0;
  for (const Finding& finding : findings) {
    problems += finding.health == Health::kProblem ? 1 : 0;
    list.push_back({{"what", finding.what}, {"state", NameOf(finding.health)}, {"text", finding.text}});
    if (!context.json()) {
      context.out << fmt::format("{:<8} {:<14} {}\n", NameOf(finding.health), finding.what, finding.text);
    }
  }
  if (context.json()) context.PrintJson({{"healthy", problems == 0}, {"findings", std::move(list)}});
  if (problems == 0) return 0;
  return Error(Code::kFailedPrecondition, fmt::format("doctor: {} problems", problems));
}

}  // namespace

void AddDoctorCommand(Commands& commands) {
  commands.Add("doctor", "Is this home fit to be watched: files, disk, clock, settings, people, model, keys", Doctor);
}

}  // namespace vigia::cli
