#include "cli/status_command.h"

#include <fmt/format.h>

#include <ostream>

#include "cli/plane_client.h"

namespace vigia::cli {

namespace {

std::string Number(const Json& value, const char* format) {
  return value.is_number() ? fmt::format(fmt::runtime(format), value.get<double>()) : "-";
}

void PrintServices(const Json& services, std::ostream& out) {
  for (const Json& service : services) {
    const Json& model = service["model"];
    out << fmt::format(
        "  {:<16} {:<11} {:>8} req/s  errors {:>7}  p95 {:>8}  model {}{}\n", TextOrDash(service["name"]),
        TextOrDash(service["state"]), Number(service["rate"], "{:.1f}"),
        service["error_ratio"].is_number() ? fmt::format("{:.2f}%", 100 * service["error_ratio"].get<double>()) : "-",
        Number(service["p95_ms"], "{:.0f} ms"), model.is_object() ? TextOrDash(model["version"]) : "-",
        service["reason"].is_string() ? "  (" + TextOrDash(service["reason"]) + ")" : "");
  }
}

void PrintIncidents(const Json& incidents, std::ostream& out) {
  for (const Json& incident : incidents) {
    out << fmt::format("  {} {} {:<12} {}  {}\n", TextOrDash(incident["id"]), TextOrDash(incident["severity"]),
                       TextOrDash(incident["state"]), TextOrDash(incident["opened_at"]), TextOrDash(incident["title"]));
  }
}

Result<int> ShowPlane(Context& context) {
  const PlaneClient plane = TRY(PlaneClient::Connect(context));
  Json status = TRY(plane.Get("/api/v1/status"));
  const Json open = TRY(plane.Get("/api/v1/incidents?state=open"));
  const bool sound = status["sound"].get<bool>();
  if (context.json()) {
    status["open_incidents"] = open["items"];
    context.PrintJson(status);
    return sound ? 0 : 1;
  }
  std::ostream& out = context.out;
  out << (sound ? "everything is well" : "something is wrong") << "  (" << plane.url() << ", "
      << status["owner"].get<std::string>() << ")\n";
  out << "services\n";
  PrintServices(status["services"], out);
  out << fmt::format("checks     {} of {} fail; alerts: {} firing, {} pending, {} unknown\n",
                     status["checks"]["failing"].get<int64_t>(), status["checks"]["total"].get<int64_t>(),
                     status["alerts"]["firing"].get<int64_t>(), status["alerts"]["pending"].get<int64_t>(),
                     status["alerts"]["unknown"].get<int64_t>());
  out << fmt::format("runs       {} at work, {} wait for approval\n", status["runs"]["active"].get<int64_t>(),
                     status["runs"]["waiting_approval"].get<int64_t>());
  for (const Json& one : status["on_call"]) {
    out << fmt::format("on call    {} {}: {}\n", TextOrDash(one["policy"]), TextOrDash(one["level"]),
                       CompactJson(one["people"]));
  }
  out << fmt::format("incidents  {} open\n", open["items"].size());
  PrintIncidents(open["items"], out);
  return sound ? 0 : 1;
}

}  // namespace

void AddStatusCommand(Commands& commands) {
  commands.Add("status", "How everything is, from the running control plane; exits with 0 only when all is well",
               ShowPlane);
}

}  // namespace vigia::cli
