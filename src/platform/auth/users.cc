#include "auth/users.h"

#include <algorithm>

#include "auth/password.h"
#include "base/digest.h"
#include "base/json.h"

namespace vigia::auth {
namespace {

constexpr Role kRoles[] = {Role::kViewer, Role::kOperator, Role::kAdmin};

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Result<std::string> ReadText(const Json& json, const char* field) {
  if (!json.contains(field) || json[field].is_null()) return std::string();
  return GetString(json, field);
}

Result<User> ReadUser(const Json& json) {
  User user;
  user.name = TRY(GetString(json, "name"));
  if (!IsUserName(user.name)) return Error(Code::kDataLoss, "a user's name is not one");
  const auto role = ParseRole(TRY(GetString(json, "role")));
  if (!role) return Error(Code::kDataLoss, "'role' must be one of viewer, operator, admin");
  user.role = *role;
  user.password = TRY(ReadText(json, "password"));
  user.key_sha256 = TRY(ReadText(json, "key_sha256"));
  if (!user.key_sha256.empty() && user.key_sha256.size() != 64) {
    return Error(Code::kDataLoss, "a key's hash has the wrong length");
  }
  user.created_at = TRY(ParseTime(TRY(GetString(json, "created_at"))));
  user.changed_at = TRY(ParseTime(TRY(GetString(json, "changed_at"))));
  return user;
}

}  // namespace

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kViewer: return "viewer";
    case Role::kOperator: return "operator";
    case Role::kAdmin: return "admin";
  }
  return "viewer";
}

std::optional<Role> ParseRole(std::string_view text) {
  for (const Role role : kRoles) {
    if (text == RoleName(role)) return role;
  }
  return std::nullopt;
}

Result<std::vector<User>> ParseUsers(std::string_view text) {
  const Json document = TRY(ParseJson(text));
  const Json* list = TRY(GetArray(document, "users"));
  std::vector<User> users;
  for (const Json& json : *list) users.push_back(TRY(ReadUser(json)));
  return users;
}

std::string FormatUsers(const std::vector<User>& users) {
  Json list = Json::array();
  for (const User& user : users) {
    list.push_back({{"name", user.name},
                    {"role", RoleName(user.role)},
                    {"password", TextOrNull(user.password)},
                    {"key_sha256", TextOrNull(user.key_sha256)},
                    {"created_at", FormatTime(user.created_at)},
                    {"changed_at", FormatTime(user.changed_at)}});
  }
  return PrettyJson({{"users", list}});
}

Result<std::vector<User>> ReadUsers(const Files& files, const std::string& path) {
  if (!files.Exists(path)) return std::vector<User>();
  return TRY_CONTEXT(ParseUsers(TRY(files.Read(path))), path);
}

Status WriteUsers(Files& files, const std::string& path, const std::vector<User>& users) {
  return files.Write(path, FormatUsers(users));
}

bool IsUserName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-' || c == '@';
  });
}

Result<User*> AddUser(std::vector<User>& users, std::string_view name, Role role, WallTime now) {
  if (!IsUserName(name)) {
    return Error(Code::kInvalidArgument, "a user's name has 1 to 64 letters, digits, dots, dashes, underscores or @");
  }
  if (FindByName(users, name) != nullptr) {
    return Error(Code::kAlreadyExists, "there is a user named '" + std::string(name) + "'");
  }
  User user;
  user.name = name;
  user.role = role;
  user.created_at = user.changed_at = now;
  users.push_back(std::move(user));
  return &users.back();
}

Result<User*> FindUser(std::vector<User>& users, std::string_view name) {
  const auto found = std::find_if(users.begin(), users.end(), [&](const User& user) { return user.name == name; });
  if (found == users.end()) return Error(Code::kNotFound, "there is no user of this name");
  return &*found;
}

Status RemoveUser(std::vector<User>& users, std::string_view name) {
  User* const user = TRY(FindUser(users, name));
  const auto admins = std::count_if(users.begin(), users.end(), [](const User& u) { return u.role == Role::kAdmin; });
  if (user->role == Role::kAdmin && admins == 1 && users.size() > 1) {
    return Error(Code::kFailedPrecondition, "'" + std::string(name) + "' is the last administrator");
  }
  users.erase(users.begin() + (user - users.data()));
  return {};
}

Status SetPassword(User& user, std::string_view password, WallTime now) {
  user.password = TRY(HashPassword(password));
  user.changed_at = now;
  return {};
}

Secret GiveKey(User& user, WallTime now, Entropy& entropy) {
  Secret key("vu_" + RandomHex(entropy, 32));
  user.key_sha256 = Sha256Hex(key.Reveal());
  user.changed_at = now;
  return key;
}

const User* FindByKey(const std::vector<User>& users, std::string_view key) {
  if (key.empty() || key.size() > 512) return nullptr;
  const std::string hash = Sha256Hex(key);
  const User* found = nullptr;
  for (const User& user : users) {
    if (!user.key_sha256.empty() && ConstantTimeEqual(user.key_sha256, hash)) found = &user;
  }
  return found;
}

const User* FindByName(const std::vector<User>& users, std::string_view name) {
  const auto found = std::find_if(users.begin(), users.end(), [&](const User& user) { return user.name == name; });
  return found == users.end() ? nullptr : &*found;
}

}  // namespace vigia::auth
