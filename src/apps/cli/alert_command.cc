#include "cli/alert_command.h"

#include <fmt/format.h>

#include <ostream>

#include "base/text.h"
#include "cli/plane_client.h"
#include "signals/labels.h"

namespace vigia::cli {

namespace {

struct AlertFlags {
  std::vector<std::string> matchers;
  std::string state = "all";
  bool failing = false;
};

std::string Muted(const Json& alert) {
  std::string text;
  for (const char* key : {"silenced_by", "inhibited_by"}) {
    for (const Json& by : alert[key]) text += (text.empty() ? "" : ", ") + std::string(key) + " " + TextOrDash(by);
  }
  return text;
}

Result<int> ListAlerts(const AlertFlags& flags, Context& context) {
  std::vector<signals::Matcher> matchers;
  for (const std::string& text : flags.matchers) matchers.push_back(TRY(signals::Matcher::Parse(text)));
  const PlaneClient plane = TRY(PlaneClient::Connect(context));
  const Json list = TRY(plane.Get("/api/v1/alerts"));
  Json chosen = Json::array();
  for (const Json& alert : list["items"]) {
    const bool fits =
        flags.state == "all" || (flags.state == "suppressed" ? !Muted(alert).empty() : alert["state"] == flags.state);
    if (fits && signals::MatchesAll(matchers, signals::LabelSet::FromJson(alert["labels"]))) chosen.push_back(alert);
  }
  if (context.json()) {
    context.PrintJson(chosen);
    return 0;
  }
  for (const Json& alert : chosen) {
    const std::string muted = Muted(alert);
    context.out << fmt::format("{} {} {:<8} since {}  {}{}{}\n", TextOrDash(alert["fingerprint"]),
                               TextOrDash(alert["severity"]), TextOrDash(alert["state"]),
                               TextOrDash(alert["since"]).substr(0, 19),
                               signals::LabelSet::FromJson(alert["labels"]).ToString(),
                               alert["incident"].is_string() ? "  " + TextOrDash(alert["incident"]) : "",
                               muted.empty() ? "" : "  (" + muted + ")");
  }
  if (chosen.empty()) context.out << "none\n";
  return 0;
}

Result<int> ListChecks(const AlertFlags& flags, Context& context) {
  const PlaneClient plane = TRY(PlaneClient::Connect(context));
  Json chosen = Json::array();
  for (std::string after = "0"; !after.empty();) {
    const Json page = TRY(plane.Get("/api/v1/checks?limit=1000&after=" + after));
    for (const Json& check : page["items"]) {
      if (!flags.failing || check["state"] != "ok") chosen.push_back(check);
    }
    after = page["next"].is_string() ? page["next"].get<std::string>() : "";
  }
  if (context.json()) {
    context.PrintJson(chosen);
    return 0;
  }
  for (const Json& check : chosen) {
    context.out << fmt::format("{:<28} {} {:<8} {}/{} firing  {}\n", TextOrDash(check["name"]),
                               TextOrDash(check["severity"]), TextOrDash(check["state"]), check["firing"].dump(),
                               check["instances"].dump(), TextOrDash(check["source"]));
  }
  if (chosen.empty()) context.out << "none\n";
  return 0;
}

}  // namespace

void AddAlertCommands(Commands& commands) {
  commands.Describe("alert", "Alerts of our checks, and those that others sent; needs a running control plane");
  auto flags = std::make_shared<AlertFlags>();
  flags::Command alerts = commands.Add("alert list", "What fires or is about to, and why it is not heard",
                                       [flags](Context& context) { return ListAlerts(*flags, context); });
  alerts.Option("matchers", flags->matchers, "service=risk, 'severity=~critical|high'; all must fit");
  alerts.Option("--state", flags->state, "firing, pending, suppressed or all")
      .OneOf({"firing", "pending", "suppressed", "all"})
      .ShowDefault();
  commands.Describe("check", "The checks of vigia.yaml and of the runbooks; needs a running control plane");
  flags::Command checks = commands.Add("check list", "Every check with its state",
                                       [flags](Context& context) { return ListChecks(*flags, context); });
  checks.Switch("--failing", flags->failing, "Only those that are not ok");
}

}  // namespace vigia::cli
