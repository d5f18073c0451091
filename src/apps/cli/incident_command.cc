#include "cli/incident_command.h"

#include <fmt/format.h>

#include <ostream>

#include "cli/plane_client.h"

namespace vigia::cli {

namespace {

struct IncidentFlags {
  std::string id, text, to, severity, state = "open", query;
  int64_t limit = 100;
};

Result<int> List(const IncidentFlags& flags, Context& context) {
  const PlaneClient plane = TRY(PlaneClient::Connect(context));
  std::string path = fmt::format("/api/v1/incidents?state={}&limit={}", flags.state, flags.limit);
  if (!flags.severity.empty()) path += "&severity=" + PercentEncode(flags.severity);
  if (!flags.query.empty()) path += "&q=" + PercentEncode(flags.query);
  const Json list = TRY(plane.Get(path));
  if (context.json()) {
    context.PrintJson(list["items"]);
    return 0;
  }
  for (const Json& one : list["items"]) {
    const std::string key = one["key"].is_string() ? one["key"].get<std::string>() : "";
    context.out << fmt::format("{} {} {:<12} {}  {:<12} {}{}\n", TextOrDash(one["id"]), TextOrDash(one["severity"]),
                               TextOrDash(one["state"]), TextOrDash(one["opened_at"]).substr(0, 19),
                               TextOrDash(one["assignee"]), TextOrDash(one["title"]),
                               key.empty() ? "" : " (" + key + ")");
  }
  if (list["items"].empty()) context.out << "none\n";
  return 0;
}

void PrintIncident(const Json& incident, const Json& timeline, std::ostream& out) {
  out << fmt::format("{} {} {}: {}\n", TextOrDash(incident["id"]), TextOrDash(incident["severity"]),
                     TextOrDash(incident["state"]), TextOrDash(incident["title"]));
  for (const char* key : {"key", "runbook", "run", "opened_at", "acknowledged_at", "acknowledged_by", "assignee",
                          "mitigated_at", "resolved_at", "resolved_by", "postmortem"}) {
    const std::string text = incident[key].is_string() ? incident[key].get<std::string>() : "";
    if (!text.empty()) out << fmt::format("  {:<16} {}\n", key, text);
  }
  out << "timeline\n";
  for (const Json& entry : timeline) {
    const std::string who = entry["who"].is_string() ? TextOrDash(entry["who"]) + ": " : "";
    out << fmt::format("  {}  {}{}\n", TextOrDash(entry["at"]).substr(11, 12), who, TextOrDash(entry["text"]));
  }
}

// Every page of it.
Result<Json> Timeline(const PlaneClient& plane, const std::string& id) {
  Json all = Json::array();
  std::string after = "0";
  while (true) {
    Json page = TRY(plane.Get("/api/v1/incidents/" + id + "/timeline?limit=500&after=" + after));
    for (Json& entry : page["items"]) all.push_back(std::move(entry));
    if (!page["next"].is_string()) return all;
    after = page["next"].get<std::string>();
  }
}

Result<int> Show(const IncidentFlags& flags, Context& context) {
  const PlaneClient plane = TRY(PlaneClient::Connect(context));
  const std::string id = PercentEncode(flags.id);
  Json incident = TRY(plane.Get("/api/v1/incidents/" + id));
  Json timeline = TRY(Timeline(plane, id));
  if (context.json()) {
    incident["timeline"] = std::move(timeline);
    context.PrintJson(incident);
  } else {
    PrintIncident(incident, timeline, context.out);
  }
  return 0;
}

Result<int> Act(const IncidentFlags& flags, const std::string& action, const Json& body, Context& context) {
  const PlaneClient plane = TRY(PlaneClient::Connect(context));
  const Json incident = TRY(plane.Send("POST", "/api/v1/incidents/" + PercentEncode(flags.id) + "/" + action, body));
  if (context.json()) {
    context.PrintJson(incident);
  } else {
    context.out << fmt::format("{} {}: {}\n", TextOrDash(incident["id"]), TextOrDash(incident["state"]),
                               TextOrDash(incident["title"]));
  }
  return 0;
}

Result<int> Postmortem(const IncidentFlags& flags, Context& context) {
  const PlaneClient plane = TRY(PlaneClient::Connect(context));
  const Json report = TRY(plane.Get("/api/v1/incidents/" + PercentEncode(flags.id) + "/postmortem"));
  if (context.json()) {
    context.PrintJson(report);
  } else {
    context.out << TextOrDash(report["text"]);
  }
  return 0;
}

}  // namespace

void AddIncidentCommands(Commands& commands) {
  commands.Describe("incident", "What is wrong, and what people do about it; needs a running control plane");
  auto flags = std::make_shared<IncidentFlags>();
  flags::Command list = commands.Add("incident list", "Open incidents, newest first",
                                     [flags](Context& context) { return List(*flags, context); });
  list.Option("--state", flags->state, "open, resolved or all").OneOf({"open", "resolved", "all"}).ShowDefault();
  list.Option("--severity", flags->severity, "P1 to P4");
  list.Option("--query,-q", flags->query, "Words of the title, the key or the runbook");
  list.Option("--limit", flags->limit, "At most so many").Between(1, 500).ShowDefault();
  const auto add = [&](const std::string& name, const std::string& description, Handler handler) {
    flags::Command command = commands.Add("incident " + name, description, std::move(handler));
    command.Option("id", flags->id, "INC-000042").Required();
    return command;
  };
  add("show", "One incident with its whole timeline", [flags](Context& context) { return Show(*flags, context); });
  add("ack", "Take it: stops every page that is still to go out",
      [flags](Context& context) { return Act(*flags, "acknowledge", Json::object(), context); });
  add("note", "Write a line into the timeline",
      [flags](Context& context) {
        return Act(*flags, "note", {{"text", flags->text}}, context);
      })
      .Option("text", flags->text, "The line")
      .Required();
  add("assign", "Give it to somebody",
      [flags](Context& context) {
        return Act(*flags, "assign", {{"to", flags->to}}, context);
      })
      .Option("to", flags->to, "A person of oncall.yaml")
      .Required();
  add("resolve", "Say that it is over; the run of its runbook ends", [flags](Context& context) {
    return Act(*flags, "resolve", {{"text", flags->text}}, context);
  }).Option("--reason", flags->text, "What healed it");
  add("severity", "Say how bad it is",
      [flags](Context& context) {
        return Act(*flags, "severity", {{"severity", flags->severity}}, context);
      })
      .Option("severity", flags->severity, "P1 to P4")
      .Required();
  add("postmortem", "The post-mortem: the file, or how the draft would look now",
      [flags](Context& context) { return Postmortem(*flags, context); });
}

}  // namespace vigia::cli
