#include "cli/key_command.h"

#include <fmt/format.h>

#include <ostream>

#include "audit/audit.h"
#include "auth/keys.h"
#include "config/map_reader.h"

namespace vigia::cli {

namespace {

constexpr std::string_view kKeysFile = "state/api_keys.json";

struct KeyFlags {
  std::string name;
  int64_t rate = 0;
  std::string expires;
  std::string grace = "24h";
};

Status Audit(Context& context, const std::string& action, const std::string& name) {
  TRY(context.files.MakeFolders(context.Home("logs")));
  return audit::Append(context.files, context.Home("logs/audit.log"), context.clock.Now(),
                       {action, audit::CurrentUser(), {{"name", name}}});
}

Result<Duration> ReadDuration(const std::string& text, std::string_view flag) {
  const std::optional<Duration> duration = config::ParseDuration(text);
  if (duration) return *duration;
  return Error(Code::kInvalidArgument, fmt::format("{} wants a time such as 90s, 12h or 30d", flag));
}

// The whole file is read, changed and replaced under a lock.
Result<std::unique_ptr<FileLock>> LockKeys(Context& context) {
  return context.files.Lock(context.Home("state/api_keys.lock"));
}

// The secret is printed once, and nowhere else.
void PrintNew(Context& context, const auth::NewKey& made) {
  if (context.json()) {
    context.PrintJson({{"name", made.key.name}, {"key", made.secret.Reveal()}});
    return;
  }
  context.out << made.secret.Reveal() << "\n";
  context.err << "This key of '" << made.key.name << "' is shown once. Send it as the header X-API-Key.\n";
}

Result<int> Create(Context& context, const KeyFlags& flags) {
  const auto lock = TRY(LockKeys(context));
  std::vector<auth::ApiKey> keys = TRY(auth::ReadKeys(context.files, context.Home(kKeysFile)));
  auth::KeyRequest request{flags.name, flags.rate};
  if (!flags.expires.empty()) request.expires_at = context.clock.Now() + TRY(ReadDuration(flags.expires, "--expires"));
  const auth::NewKey made = TRY(auth::CreateKey(keys, request, context.clock.Now(), context.entropy));
  TRY(auth::WriteKeys(context.files, context.Home(kKeysFile), keys));
  TRY(Audit(context, "key_create", flags.name));
  PrintNew(context, made);
  return 0;
}

Result<int> Rotate(Context& context, const KeyFlags& flags) {
  const auto lock = TRY(LockKeys(context));
  std::vector<auth::ApiKey> keys = TRY(auth::ReadKeys(context.files, context.Home(kKeysFile)));
  const Duration grace = TRY(ReadDuration(flags.grace, "--grace"));
  const auth::NewKey made = TRY(auth::RotateKey(keys, flags.name, grace, context.clock.Now(), context.entropy));
  TRY(auth::WriteKeys(context.files, context.Home(kKeysFile), keys));
  TRY(Audit(context, "key_rotate", flags.name));
  PrintNew(context, made);
  return 0;
}

Result<int> Revoke(Context& context, const KeyFlags& flags) {
  const auto lock = TRY(LockKeys(context));
  std::vector<auth::ApiKey> keys = TRY(auth::ReadKeys(context.files, context.Home(kKeysFile)));
  TRY(auth::RevokeKey(keys, flags.name, context.clock.Now()));
  TRY(auth::WriteKeys(context.files, context.Home(kKeysFile), keys));
  TRY(Audit(context, "key_revoke", flags.name));
  if (context.json()) {
    context.PrintJson({{"name", flags.name}, {"revoked", true}});
  } else {
    context.out << "revoked '" << flags.name << "'; running services refuse it within a second\n";
  }
  return 0;
}

std::string StateOf(const auth::ApiKey& key, WallTime now) {
  if (key.revoked_at) return "revoked";
  return key.ActiveAt(now) ? "active" : "expired";
}

Result<int> ListKeys(Context& context) {
  const std::vector<auth::ApiKey> keys = TRY(auth::ReadKeys(context.files, context.Home(kKeysFile)));
  Json list = Json::array();
  for (const auth::ApiKey& key : keys) {
    const std::string state = StateOf(key, context.clock.Now());
    const Json expires = key.expires_at ? Json(FormatTime(*key.expires_at)) : Json(nullptr);
    list.push_back({{"name", key.name},
                    {"state", state},
                    {"rate_limit_rpm", key.rate_limit_rpm},
                    {"created_at", FormatTime(key.created_at)},
                    {"expires_at", expires}});
    if (!context.json()) {
      context.out << fmt::format("{:<24} {:<8} {:>8} {}\n", key.name, state,
                                 key.rate_limit_rpm > 0 ? fmt::format("{}/min", key.rate_limit_rpm) : "default",
                                 FormatTime(key.created_at));
    }
  }
  if (context.json()) context.PrintJson(list);
  if (!context.json() && keys.empty()) context.out << "no keys: services answer clients on this machine only\n";
  return 0;
}

}  // namespace

void AddKeyCommands(Commands& commands) {
  commands.Describe("key", "API keys of the services; running services follow within a second");
  auto flags = std::make_shared<KeyFlags>();
  flags::Command create = commands.Add("key create", "Make a key and print it once",
                                       [flags](Context& context) { return Create(context, *flags); });
  create.Option("name", flags->name, "Who uses it: letters, digits, dots, dashes, underscores").Required();
  create.Option("--rate", flags->rate, "Predictions per minute; 0 for the service's own (RATE_LIMIT_RPM)");
  create.Option("--expires", flags->expires, "How long it works, such as 12h or 90d; for ever without");
  commands.Add("key list", "Names, states and rates; never the keys",
               [](Context& context) { return ListKeys(context); });
  commands.Add("key revoke", "End a key now", [flags](Context& context) { return Revoke(context, *flags); })
      .Option("name", flags->name, "The key's name")
      .Required();
  flags::Command rotate = commands.Add("key rotate", "Make a new key for a name; the old one works a while longer",
                                       [flags](Context& context) { return Rotate(context, *flags); });
  rotate.Option("name", flags->name, "The key's name").Required();
  rotate.Option("--grace", flags->grace, "How long the old key still works, such as 0s or 24h");
}

}  // namespace vigia::cli
