#include "cli/silence_command.h"

#include <fmt/format.h>

#include <ostream>

#include "base/text.h"
#include "cli/plane_client.h"
#include "config/map_reader.h"

namespace vigia::cli {

namespace {

struct SilenceFlags {
  std::vector<std::string> matchers, ids;
  std::string length = "1h", starts, until, comment, state = "active";
};

void Print(const Json& silence, std::ostream& out) {
  std::vector<std::string> matchers;
  for (const Json& matcher : silence["text"]) matchers.push_back(TextOrDash(matcher));
  out << fmt::format("{} {:<8} until {}  {}  {}: {}\n", TextOrDash(silence["id"]), TextOrDash(silence["state"]),
                     TextOrDash(silence["ends_at"]).substr(0, 19), Join(matchers, " "),
                     TextOrDash(silence["created_by"]), TextOrDash(silence["comment"]));
}

Result<int> Add(const SilenceFlags& flags, Context& context) {
  WallTime starts = context.clock.Now();
  Json body = {{"matchers", flags.matchers}, {"comment", flags.comment}};
  if (!flags.starts.empty()) {
    starts = TRY_CONTEXT(ParseTime(flags.starts), "--starts");
    body["starts_at"] = FormatTime(starts);
  }
  if (flags.until.empty()) {
    const auto length = config::ParseDuration(flags.length);
    if (!length || *length == Duration::zero()) {
      return Error(Code::kInvalidArgument, "--for must be a duration such as 30m, 2h or 1d");
    }
    body["ends_at"] = FormatTime(starts + *length);
  } else {
    body["ends_at"] = FormatTime(TRY_CONTEXT(ParseTime(flags.until), "--until"));
  }
  const PlaneClient plane = TRY(PlaneClient::Connect(context));
  const Json silence = TRY(plane.Send("POST", "/api/v1/silences", body));
  if (context.json()) {
    context.PrintJson(silence);
  } else {
    context.out << TextOrDash(silence["id"]) << "\n";
  }
  return 0;
}

Result<int> List(const SilenceFlags& flags, Context& context) {
  const PlaneClient plane = TRY(PlaneClient::Connect(context));
  const Json list = TRY(plane.Get("/api/v1/silences?state=" + flags.state));
  if (context.json()) {
    context.PrintJson({{"silences", list["items"]}, {"windows", list["windows"]}});
    return 0;
  }
  for (const Json& silence : list["items"]) Print(silence, context.out);
  for (const Json& one : list["windows"]) {
    std::vector<std::string> matchers;
    for (const Json& matcher : one["text"]) matchers.push_back(TextOrDash(matcher));
    context.out << fmt::format("window {} {}  {}  {}\n", TextOrDash(one["window"]),
                               one["open"] == true ? "open" : "closed", Join(matchers, " "),
                               TextOrDash(one["comment"]));
  }
  if (list["items"].empty() && list["windows"].empty()) context.out << "none\n";
  return 0;
}

Result<int> Expire(const SilenceFlags& flags, Context& context) {
  const PlaneClient plane = TRY(PlaneClient::Connect(context));
  Json expired = Json::array();
  for (const std::string& id : flags.ids) {
    expired.push_back(TRY(plane.Send("DELETE", "/api/v1/silences/" + PercentEncode(id), Json::object())));
    if (!context.json()) context.out << id << " expired\n";
  }
  if (context.json()) context.PrintJson(expired);
  return 0;
}

}  // namespace

void AddSilenceCommands(Commands& commands) {
  commands.Describe("silence", "Alerts that wake nobody for a time; needs a running control plane");
  auto flags = std::make_shared<SilenceFlags>();
  flags::Command add = commands.Add("silence add", "Silence the alerts with these labels; prints the silence's id",
                                    [flags](Context& context) { return Add(*flags, context); });
  add.Option("matchers", flags->matchers, "service=risk, 'alertname=~risk_.*', 'severity!=critical'; all must fit")
      .Required();
  add.Option("--for", flags->length, "How long").ShowDefault();
  add.Option("--starts", flags->starts, "From when on (RFC 3339); now without it");
  add.Option("--until", flags->until, "Until when (RFC 3339), in place of --for");
  add.Option("--comment,-c", flags->comment, "Why");
  flags::Command list = commands.Add("silence list", "Silences, and the recurring ones of vigia.yaml",
                                     [flags](Context& context) { return List(*flags, context); });
  list.Option("--state", flags->state, "active, pending, expired or all")
      .OneOf({"active", "pending", "expired", "all"})
      .ShowDefault();
  flags::Command expire =
      commands.Add("silence expire", "End silences now; what still fires counts as firing from then",
                   [flags](Context& context) { return Expire(*flags, context); });
  expire.Option("ids", flags->ids, "As silence add and silence list print them").Required();
}

}  // namespace vigia::cli
