#include "cli/set_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "base/text.h"
#include "cli/audit_trail.h"
#include "cli/live_changes.h"
#include "config/map_reader.h"
#include "serve/settings.h"

namespace vigia::cli {

namespace {

constexpr size_t kMaxReason = 200;

struct SetFlags {
  std::string value;  // the number, or the address
  std::string duration;
  std::string reason;
  bool reset = false;
};
using Until = std::optional<WallTime>;

Json UntilJson(const Until& until) { return until ? Json(FormatTime(*until)) : Json(nullptr); }
std::string UntilText(const Until& until) { return until ? "until " + FormatTime(*until) : "until it is reset"; }

Result<Until> ReadUntil(const Context& context, const std::string& text) {
  if (text.empty()) return Until();
  const std::optional<Duration> duration = config::ParseDuration(text);
  if (!duration || duration->count() == 0) {
    return Error(Code::kInvalidArgument, "--for wants a time such as 90s, 12h or 30d");
  }
  return Until(context.clock.Now() + *duration);
}

Status CheckChoice(const SetFlags& flags, std::string_view what) {
  if (flags.reset == flags.value.empty() && !(flags.reset && !flags.duration.empty())) return {};
  return Error(Code::kInvalidArgument, fmt::format("give either a {} (and --for TIME), or --reset", what));
}

void Print(Context& context, const Json& document, const std::string& text) {
  if (context.json()) {
    context.PrintJson(document);
  } else {
    context.out << text << "; running services follow within a second\n";
  }
}

Result<int> SetThreshold(Context& context, const SetFlags& flags) {
  TRY(CheckChoice(flags, "threshold"));
  const std::string path = context.Home(kThresholdFile);
  const auto lock = TRY(context.files.Lock(context.Home("state/threshold.lock")));
  if (flags.reset) {
    if (context.files.Exists(path)) TRY(context.files.Remove(path));
    AuditChange(context, "threshold_reset", Json::object());
    Print(context, {{"threshold", nullptr}}, "the threshold is the environment's or the model's own again");
    return 0;
  }
  const std::optional<double> value = ParseNumber(flags.value);
  if (!value || *value < 0 || *value > 1) {
    return Error(Code::kInvalidArgument, "a threshold is a number from 0 to 1");
  }
  const Until until = TRY(ReadUntil(context, flags.duration));
  const risk::LiveThreshold threshold{*value, until};
  TRY(context.files.Write(path, risk::FormatLiveThreshold(threshold)));
  const Json document = {{"value", threshold.value}, {"until", UntilJson(threshold.until)}};
  AuditChange(context, "threshold_set", document);
  Print(context, {{"threshold", document}},
        fmt::format("the threshold is {} {}", threshold.value, UntilText(threshold.until)));
  return 0;
}

// Reads, changes and replaces the file under a lock. `change` says what is wrong, or OK.
Status ChangeAccess(Context& context, const std::function<Status(auth::AccessChanges&)>& change) {
  const std::string path = context.Home(kAccessFile);
  const auto lock = TRY(context.files.Lock(context.Home("state/access.lock")));
  auth::AccessChanges changes = TRY(auth::ReadAccess(context.files, path));
  DropExpired(changes, context.clock.Now());
  TRY(change(changes));
  return context.files.Write(path, auth::FormatAccess(changes));
}

Result<int> SetRateLimit(Context& context, const SetFlags& flags) {
  TRY(CheckChoice(flags, "rate"));
  std::optional<double> rate;
  if (!flags.reset) {
    rate = ParseNumber(flags.value);
    if (!rate || *rate < 1 || *rate > 1e9 || *rate != std::floor(*rate)) {
      return Error(Code::kInvalidArgument, "a rate is a whole number of predictions per minute, from 1");
    }
  }
  const Until until = TRY(ReadUntil(context, flags.duration));
  TRY(ChangeAccess(context, [&](auth::AccessChanges& changes) -> Status {
    changes.rate_limit_rpm = rate;
    changes.rate_limit_until = until;
    return {};
  }));
  if (flags.reset) {
    AuditChange(context, "rate_limit_reset", Json::object());
    Print(context, {{"rate_limit_rpm", nullptr}}, "the rate is the settings' own again");
    return 0;
  }
  const Json document = {{"value", *rate}, {"until", UntilJson(until)}};
  AuditChange(context, "rate_limit_set", document);
  Print(context, {{"rate_limit_rpm", document}},
        fmt::format("the rate is {} predictions per minute {}", FormatNumber(*rate), UntilText(until)));
  return 0;
}

Result<http::Peer> ReadAddress(const std::string& text) {
  const std::optional<http::Peer> peer = http::ParsePeer(text);
  if (peer) return *peer;
  return Error(Code::kInvalidArgument, "that is not an IP address");
}

Status CheckNotProtected(const Context& context, const http::Peer& peer) {
  const serve::Settings settings = TRY(serve::LoadSettings(context.files, context.home, context.environment, {}));
  const serve::Parts parts = TRY(serve::Derive(settings));
  const auto& safe = parts.protected_peers;
  if (std::find(safe.begin(), safe.end(), peer) == safe.end()) return {};
  return Error(Code::kPermissionDenied, "the address is protected (risk.protected_addresses): it is never blocked");
}

Result<int> BlockIp(Context& context, const SetFlags& flags) {
  const http::Peer peer = TRY(ReadAddress(flags.value));
  if (flags.reason.size() > kMaxReason) return Error(Code::kInvalidArgument, "--reason is longer than 200 bytes");
  TRY(CheckNotProtected(context, peer));
  const Until until = TRY(ReadUntil(context, flags.duration));
  const auth::Blocked entry{peer, until, flags.reason};
  TRY(ChangeAccess(context, [&](auth::AccessChanges& changes) -> Status {
    std::erase_if(changes.blocked, [&](const auth::Blocked& other) { return other.peer == peer; });
    changes.blocked.push_back(entry);
    return {};
  }));
  const Json document = {{"address", peer.ToString()}, {"until", UntilJson(entry.until)}, {"reason", entry.reason}};
  AuditChange(context, "ip_block", document);
  const std::string until_text = entry.until ? UntilText(entry.until) : "until it is unblocked";
  Print(context, document, fmt::format("{} is blocked {}", peer.ToString(), until_text));
  return 0;
}

Result<int> UnblockIp(Context& context, const SetFlags& flags) {
  const http::Peer peer = TRY(ReadAddress(flags.value));
  TRY(ChangeAccess(context, [&](auth::AccessChanges& changes) -> Status {
    if (std::erase_if(changes.blocked, [&](const auth::Blocked& entry) { return entry.peer == peer; }) > 0) return {};
    return Error(Code::kNotFound, "the address is not blocked");
  }));
  AuditChange(context, "ip_unblock", {{"address", peer.ToString()}});
  Print(context, {{"address", peer.ToString()}, {"blocked", false}},
        fmt::format("{} is not blocked any more", peer.ToString()));
  return 0;
}

Result<int> Show(Context& context) {
  const LiveChanges changes = TRY(ReadLiveChanges(context));
  Json document = {{"threshold", nullptr}, {"rate_limit_rpm", nullptr}, {"blocked", Json::array()}};
  std::string text;
  if (const auto& threshold = changes.threshold) {
    document["threshold"] = {{"value", threshold->value}, {"until", UntilJson(threshold->until)}};
    text += fmt::format("threshold   {} {}\n", threshold->value, UntilText(threshold->until));
  }
  if (const auto& rate = changes.access.rate_limit_rpm) {
    document["rate_limit_rpm"] = {{"value", *rate}, {"until", UntilJson(changes.access.rate_limit_until)}};
    text += fmt::format("rate-limit  {}/min {}\n", FormatNumber(*rate), UntilText(changes.access.rate_limit_until));
  }
  for (const auth::Blocked& entry : changes.access.blocked) {
    const std::string address = entry.peer.ToString();
    document["blocked"].push_back({{"address", address}, {"until", UntilJson(entry.until)}, {"reason", entry.reason}});
    text += fmt::format("blocked     {} {} {}\n", address,
                        entry.until ? UntilText(entry.until) : "until it is unblocked", entry.reason);
  }
  if (context.json()) {
    context.PrintJson(document);
  } else {
    context.out << (text.empty() ? "nothing is set: the settings are in force (vigia config show)\n" : text);
  }
  return 0;
}

}  // namespace

void AddSetCommands(Commands& commands) {
  commands.Describe("set", "Changes that running services follow within a second, for a while or until reset");
  const auto flags = std::make_shared<SetFlags>();
  const auto add = [&](const char* name, const char* help, Result<int> (*run)(Context&, const SetFlags&)) {
    return commands.Add(name, help, [flags, run](Context& context) { return run(context, *flags); });
  };
  const auto add_value = [&](const char* name, const char* help, Result<int> (*run)(Context&, const SetFlags&)) {
    flags::Command command = add(name, help, run);
    command.Option("value", flags->value, "The new value");
    command.Option("--for", flags->duration, "How long it holds, such as 30m or 12h; until reset without");
    command.Switch("--reset", flags->reset, "Back to what the settings say");
  };
  add_value("set threshold", "The score from which a pupil is flagged", SetThreshold);
  add_value("set rate-limit", "Predictions per minute and key", SetRateLimit);
  commands.Add("set show", "What is set, and until when", [](Context& context) { return Show(context); });
  flags::Command block = add("block-ip", "Refuse requests of an address", BlockIp);
  block.Option("address", flags->value, "IPv4 or IPv6").Required();
  block.Option("--for", flags->duration, "How long, such as 1h; until unblock-ip without");
  block.Option("--reason", flags->reason, "Why, for the audit log");
  add("unblock-ip", "Answer an address again", UnblockIp).Option("address", flags->value, "IPv4 or IPv6").Required();
}

}  // namespace vigia::cli
