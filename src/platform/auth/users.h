// Who may use the control plane: a file of names, roles and hashes.
//
// state/users.json:
//   {"users": [{"name": "ana", "role": "operator", "password": "$argon2id$…" or null, "key_sha256": "<64 hex>" or null,
//               "created_at": "…Z", "changed_at": "…Z"}]}
// A key carries 256 random bits, so SHA-256 suffices; it is shown once, when it is made.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace vigia::auth {

enum class Role { kViewer, kOperator, kAdmin };  // each may do what those before it may
std::string_view RoleName(Role role);
std::optional<Role> ParseRole(std::string_view text);

struct User {
  std::string name;  // [A-Za-z0-9._@-], at most 64
  Role role = Role::kViewer;
  std::string password;    // argon2id; empty: signs in by key only
  std::string key_sha256;  // empty: has no key
  WallTime created_at{};
  WallTime changed_at{};  // role, password or key: sessions opened before it end
};

// kDataLoss when the text is not what this module writes.
Result<std::vector<User>> ParseUsers(std::string_view text);
std::string FormatUsers(const std::vector<User>& users);
// No file: no users.
Result<std::vector<User>> ReadUsers(const Files& files, const std::string& path);
Status WriteUsers(Files& files, const std::string& path, const std::vector<User>& users);

bool IsUserName(std::string_view name);
// kAlreadyExists, kInvalidArgument (the name).
Result<User*> AddUser(std::vector<User>& users, std::string_view name, Role role, WallTime now);
Result<User*> FindUser(std::vector<User>& users, std::string_view name);  // kNotFound
// kNotFound; kFailedPrecondition for the last administrator while there are others: nobody could change anything.
Status RemoveUser(std::vector<User>& users, std::string_view name);
Status SetPassword(User& user, std::string_view password, WallTime now);
// "vu_" and 64 hexadecimal digits; replaces the one there was.
Secret GiveKey(User& user, WallTime now, Entropy& entropy);

// Null: nobody's. The time taken does not depend on whose it is.
const User* FindByKey(const std::vector<User>& users, std::string_view key);
const User* FindByName(const std::vector<User>& users, std::string_view name);

}  // namespace vigia::auth
