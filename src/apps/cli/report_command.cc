#include "cli/report_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "calendar/time_zone.h"
#include "incidents/postmortem.h"
#include "net/http_client.h"
#include "storage/ledger.h"

namespace vigia::cli {

namespace {

struct ReviewFlags {
  std::string week, language = "pt", slo, output;
};

constexpr std::string_view kLedger = "state/vigia.db";

// Opened in the week, resolved in it, or open before its end.
Result<std::vector<incidents::Incident>> ReadIncidents(Context& context, WallTime from, WallTime to) {
  std::vector<incidents::Incident> found;
  if (!context.files.Exists(context.Home(kLedger))) return found;  // no operator ran in this home
  const auto ledger = TRY(storage::OpenSqliteLedger(context.Home(kLedger)));
  for (const storage::Document& document : TRY(ledger->List("incident"))) {
    incidents::Incident incident =
        TRY_CONTEXT(incidents::Incident::FromJson(document.value), "incident " + document.key);
    const bool over = incident.resolved_at && *incident.resolved_at < from;
    if (incident.opened_at < to && !over) found.push_back(std::move(incident));
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return found;
}

Json Objective(const Json& slo, const char* target, const char* value, const char* met) {
  Json objective = Json::object();
  objective["target"] = slo.contains(target) ? Json("≤ " + CompactJson(slo[target])) : Json();
  objective["value"] = slo.value(value, Json());
  objective["met"] = slo.value(met, Json());
  return objective;
}

// What /slo answers, or {"name": {"target", "value", "met"}} as it is.
Json ToObjectives(const Json& slo) {
  if (!slo.contains("latency_p95_ms")) return slo;
  return {{"latency_p95_ms", Objective(slo, "latency_slo_ms", "latency_p95_ms", "latency_slo_met")},
          {"error_rate", Objective(slo, "error_rate_slo", "error_rate", "error_rate_slo_met")}};
}

Result<Json> ReadSlo(Context& context, const std::string& where) {
  if (where.empty()) return Json();
  if (!where.starts_with("http://") && !where.starts_with("https://")) {
    return ToObjectives(TRY_CONTEXT(ParseJson(TRY(context.files.Read(context.UserPath(where)))), where));
  }
  net::HttpRequest request;
  request.url = where;
  const net::HttpResponse response = TRY(net::MakeHttpClient()->Send(request));
  if (response.status != 200) {
    return Error(Code::kUnavailable, fmt::format("the service answered {} instead of its SLOs", response.status));
  }
  return ToObjectives(TRY_CONTEXT(ParseJson(response.body), where));
}

// The newest report of the week, of each version.
Result<Json> ReadDrift(Context& context, WallTime from, WallTime to) {
  Json drift = Json::object();
  const std::string folder = context.Home("monitoring/reports");
  const auto versions = context.files.List(folder);
  if (!versions.ok()) return drift;
  for (const FileInfo& version : *versions) {
    if (!version.is_directory) continue;
    const std::string reports = JoinPath(folder, version.name);
    std::string newest;
    for (const FileInfo& file : TRY(context.files.List(reports))) {
      const bool report = file.name.starts_with("drift_metrics_") && file.name.size() == 27;
      const std::string date = report ? file.name.substr(14, 8) : "";
      if (report && date >= FormatDateCompact(from) && date < FormatDateCompact(to)) newest = file.name;
    }
    if (newest.empty()) continue;
    const Json report = TRY_CONTEXT(ParseJson(TRY(context.files.Read(JoinPath(reports, newest)))), newest);
    drift[version.name] = report.value("global_status", "unknown") + " (" + newest + ")";
  }
  return drift;
}

Json ReadCapacity(Context& context) {
  Json capacity = Json::object();
  if (const auto space = context.files.Space(context.home); space.ok() && space->total_bytes > 0) {
    const double gib = 1024.0 * 1024 * 1024;
    const auto total = static_cast<double>(space->total_bytes);
    const auto free = static_cast<double>(space->free_bytes);
    capacity["disk"] = fmt::format("{:.1f} GiB / {:.1f} GiB ({:.0f}%)", (total - free) / gib, total / gib,
                                   100 * (total - free) / total);
  }
  for (const char* name : {"monitoring/inference_store", "logs", "data/backups"}) {
    const auto files = context.files.List(context.Home(name));
    if (!files.ok()) continue;
    uint64_t bytes = 0;
    for (const FileInfo& file : *files) bytes += file.size;
    capacity[name] = fmt::format("{} files, {:.1f} MiB", files->size(), static_cast<double>(bytes) / (1024.0 * 1024));
  }
  return capacity;
}

// Monday 00:00 UTC of the week that holds `day`; without one, of the last whole week.
Result<WallTime> WeekOf(const std::string& day, WallTime now) {
  WallTime in = now - std::chrono::days(7);
  if (!day.empty()) {
    in = WallTime(TRY_CONTEXT(calendar::ParseLocalTime(day), "--week").time_since_epoch());
  }
  const auto date = std::chrono::floor<std::chrono::days>(in);
  return WallTime(date - (std::chrono::weekday(date) - std::chrono::Monday));
}

Json ToJson(const incidents::WeekFacts& facts) {
  Json list = Json::array();
  for (const incidents::Incident& incident : facts.incidents) list.push_back(incident.ToJson());
  return {{"from", FormatTime(facts.from)}, {"to", FormatTime(facts.to)}, {"slo", facts.slo},
          {"drift", facts.drift},           {"capacity", facts.capacity}, {"incidents", list}};
}

Result<int> Weekly(const ReviewFlags& flags, Context& context) {
  incidents::WeekFacts facts;
  facts.from = TRY(WeekOf(flags.week, context.clock.Now()));
  facts.to = facts.from + std::chrono::days(7);
  facts.incidents = TRY(ReadIncidents(context, facts.from, facts.to));
  facts.slo = TRY(ReadSlo(context, flags.slo));
  facts.drift = TRY(ReadDrift(context, facts.from, facts.to));
  facts.capacity = ReadCapacity(context);
  const std::string text = incidents::WeeklyReview(
      facts, flags.language == "en" ? incidents::Language::kEnglish : incidents::Language::kPortuguese);
  if (!flags.output.empty()) TRY(context.files.Write(context.HomePath(flags.output), text));
  if (context.json()) {
    context.PrintJson(ToJson(facts));
  } else if (flags.output.empty()) {
    context.out << text;
  } else {
    context.out << "Report: " << context.HomePath(flags.output) << "\n";
  }
  return 0;
}

}  // namespace

void AddReportCommands(Commands& commands) {
  commands.Describe("report", "Reports for people");
  auto flags = std::make_shared<ReviewFlags>();
  flags::Command weekly = commands.Add("report weekly", "The weekly review: SLOs, alerts, drift, capacity, incidents",
                                       [flags](Context& context) { return Weekly(*flags, context); });
  weekly.Option("--week", flags->week, "A day of the week, 2026-11-20; the last whole week without it");
  weekly.Option("--language", flags->language, "pt or en").OneOf({"pt", "en"}).ShowDefault();
  weekly.Option("--slo", flags->slo,
                "SLO compliance: a JSON file, or a service's address such as http://localhost:8000/slo");
  weekly.Option("--output", flags->output, "Write the Markdown into this file");
}

}  // namespace vigia::cli
