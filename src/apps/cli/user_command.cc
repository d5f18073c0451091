#include "cli/user_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <ostream>

#include "audit/audit.h"
#include "auth/users.h"

namespace vigia::cli {
namespace {

constexpr std::string_view kUsersFile = "state/users.json";
constexpr const char* kPasswordVariable = "VIGIA_NEW_PASSWORD";

struct UserFlags {
  std::string name;
  std::string role = "viewer";
  bool key = false;
};

// The whole file is read, changed and replaced under a lock.
struct Edit {
  std::unique_ptr<FileLock> lock;
  std::vector<auth::User> users;
};
Result<Edit> Open(Context& context) {
  TRY(context.files.MakeFolders(context.Home("state")));
  Edit edit;
  edit.lock = TRY(context.files.Lock(context.Home("state/users.lock")));
  edit.users = TRY(auth::ReadUsers(context.files, context.Home(kUsersFile)));
  return edit;
}

Status Save(Context& context, const Edit& edit, const std::string& action, Json details) {
  TRY(auth::WriteUsers(context.files, context.Home(kUsersFile), edit.users));
  TRY(context.files.MakeFolders(context.Home("logs")));
  return audit::Append(context.files, context.Home("logs/audit.log"), context.clock.Now(),
                       {action, audit::CurrentUser(), std::move(details)});
}

// Typed twice on a terminal; elsewhere the variable, or the first line of the input: never an argument, which
// everybody on the machine can read.
Result<std::string> AskPassword(Context& context) {
  if (const auto given = context.environment(kPasswordVariable)) return *given;
  std::string password;
  if (!context.interactive) {
    std::getline(std::cin, password);
    return password;
  }
  const auto ask = [](const char* prompt) {
    const char* const typed = getpass(prompt);
    return std::string(typed == nullptr ? "" : typed);
  };
  password = ask("New password: ");
  if (password != ask("Again: ")) return Error(Code::kInvalidArgument, "the two passwords differ");
  return password;
}

Result<auth::Role> ReadRole(const UserFlags& flags) {
  const auto role = auth::ParseRole(flags.role);
  if (!role) return Error(Code::kInvalidArgument, "--role must be one of viewer, operator, admin");
  return *role;
}

void PrintKey(Context& context, const UserFlags& flags, const Secret& key) {
  if (context.json()) {
    context.PrintJson({{"name", flags.name}, {"key", key.Reveal()}});
    return;
  }
  context.out << key.Reveal() << "\n";
  context.err << "This key of '" << flags.name << "' is shown once.\n";
}

void PrintDone(Context& context, const UserFlags& flags, const std::string& what) {
  if (context.json()) {
    context.PrintJson({{"name", flags.name}, {"done", what}});
  } else {
    context.out << what << " '" << flags.name << "'; a running control plane follows within a second\n";
  }
}

Result<int> Add(Context& context, const UserFlags& flags) {
  const auth::Role role = TRY(ReadRole(flags));
  const WallTime now = context.clock.Now();
  Edit edit = TRY(Open(context));
  auth::User& user = *TRY(auth::AddUser(edit.users, flags.name, role, now));
  Secret key;
  if (flags.key) {
    key = auth::GiveKey(user, now, context.entropy);
  } else {
    TRY(auth::SetPassword(user, TRY(AskPassword(context)), now));
  }
  TRY(Save(context, edit, "user_add", {{"name", flags.name}, {"role", flags.role}}));
  if (flags.key) {
    PrintKey(context, flags, key);
  } else {
    PrintDone(context, flags, "added");
  }
  return 0;
}

Result<int> Remove(Context& context, const UserFlags& flags) {
  Edit edit = TRY(Open(context));
  TRY(auth::RemoveUser(edit.users, flags.name));
  TRY(Save(context, edit, "user_remove", {{"name", flags.name}}));
  PrintDone(context, flags, "removed");
  return 0;
}

Result<int> Password(Context& context, const UserFlags& flags) {
  Edit edit = TRY(Open(context));
  auth::User& user = *TRY(auth::FindUser(edit.users, flags.name));
  TRY(auth::SetPassword(user, TRY(AskPassword(context)), context.clock.Now()));
  TRY(Save(context, edit, "user_password", {{"name", flags.name}}));
  PrintDone(context, flags, "changed the password of");
  return 0;
}

Result<int> Key(Context& context, const UserFlags& flags) {
  Edit edit = TRY(Open(context));
  auth::User& user = *TRY(auth::FindUser(edit.users, flags.name));
  const Secret key = auth::GiveKey(user, context.clock.Now(), context.entropy);
  TRY(Save(context, edit, "user_key", {{"name", flags.name}}));
  PrintKey(context, flags, key);
  return 0;
}

Result<int> ChangeRole(Context& context, const UserFlags& flags) {
  const auth::Role role = TRY(ReadRole(flags));
  Edit edit = TRY(Open(context));
  auth::User& user = *TRY(auth::FindUser(edit.users, flags.name));
  user.role = role;
  user.changed_at = context.clock.Now();
  TRY(Save(context, edit, "user_role", {{"name", flags.name}, {"role", flags.role}}));
  PrintDone(context, flags, "changed the role of");
  return 0;
}

std::string_view SignsInBy(const auth::User& user) {
  if (user.password.empty()) return user.key_sha256.empty() ? "nothing" : "key";
  return user.key_sha256.empty() ? "password" : "password, key";
}

Result<int> ListUsers(Context& context) {
  const std::vector<auth::User> users = TRY(auth::ReadUsers(context.files, context.Home(kUsersFile)));
  Json list = Json::array();
  for (const auth::User& user : users) {
    list.push_back({{"name", user.name},
                    {"role", auth::RoleName(user.role)},
                    {"signs_in_by", SignsInBy(user)},
                    {"created_at", FormatTime(user.created_at)},
                    {"changed_at", FormatTime(user.changed_at)}});
    if (!context.json()) {
      context.out << fmt::format("{:<24} {:<9} {:<14} {}\n", user.name, auth::RoleName(user.role), SignsInBy(user),
                                 FormatTime(user.created_at));
    }
  }
  if (context.json()) context.PrintJson(list);
  if (!context.json() && users.empty()) context.out << "no users: the dashboard is read-only, on this machine only\n";
  return 0;
}

}  // namespace

void AddUserCommands(Commands& commands) {
  commands.Describe("user", "Who may use the control plane and its dashboard");
  auto flags = std::make_shared<UserFlags>();
  const auto named = [&commands, flags](const std::string& name, const std::string& description,
                                        Result<int> (*run)(Context&, const UserFlags&)) {
    flags::Command command =
        commands.Add(name, description, [flags, run](Context& context) { return run(context, *flags); });
    command.Option("name", flags->name, "The user's name").Required();
    return command;
  };
  const char* const roles = "viewer (looks), operator (acts) or admin (also changes how runbooks act)";
  flags::Command add =
      named("user add", "Add a user; the password is asked for, or read from VIGIA_NEW_PASSWORD or the input", Add);
  add.Option("--role", flags->role, roles);
  add.Switch("--key", flags->key, "Make an API key instead of a password, and print it once");
  commands.Add("user list", "Names and roles", [](Context& context) { return ListUsers(context); });
  named("user remove", "End a user's sessions and key now", Remove);
  named("user password", "Change a password; sessions opened with the old one end", Password);
  named("user key", "Make a new API key for a user and print it once; the old one ends", Key);
  named("user role", "Change what a user may do", ChangeRole).Option("--role", flags->role, roles).Required();
}

}  // namespace vigia::cli
