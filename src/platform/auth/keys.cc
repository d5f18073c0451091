#include "auth/keys.h"

#include <algorithm>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

namespace vigia::auth {

namespace {

Json TimeOrNull(const std::optional<WallTime>& time) { return time ? Json(FormatTime(*time)) : Json(nullptr); }

Result<std::optional<WallTime>> ReadTime(const Json& key, const char* field) {
  if (!key.contains(field) || key[field].is_null()) return std::optional<WallTime>();
  return std::optional<WallTime>(TRY(ParseTime(TRY(GetString(key, field)))));
}

Result<ApiKey> ReadKey(const Json& json) {
  ApiKey key;
  key.name = TRY(GetString(json, "name"));
  key.sha256 = TRY(GetString(json, "sha256"));
  if (key.sha256.size() != 64) return Error(Code::kDataLoss, "a key's hash has the wrong length");
  key.rate_limit_rpm = TRY(GetInteger(json, "rate_limit_rpm"));
  key.created_at = TRY(ParseTime(TRY(GetString(json, "created_at"))));
  key.expires_at = TRY(ReadTime(json, "expires_at"));
  key.revoked_at = TRY(ReadTime(json, "revoked_at"));
  return key;
}

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

ApiKey* FindActive(std::vector<ApiKey>& keys, std::string_view name, WallTime now) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const ApiKey& key) { return key.name == name && key.ActiveAt(now); });
  return found == keys.end() ? nullptr : &*found;
}

NewKey Make(const KeyRequest& request, WallTime now, Entropy& entropy) {
  NewKey made{{}, Secret("vk_" + RandomHex(entropy, 32))};
  made.key.name = request.name;
  made.key.sha256 = Sha256Hex(made.secret.Reveal());
  made.key.rate_limit_rpm = request.rate_limit_rpm;
  made.key.created_at = now;
  made.key.expires_at = request.expires_at;
  return made;
}

}  // namespace

Result<std::vector<ApiKey>> ParseKeys(std::string_view text) {
  const Json document = TRY(ParseJson(text));
  const Json* list = TRY(GetArray(document, "keys"));
  std::vector<ApiKey> keys;
  for (const Json& json : *list) keys.push_back(TRY(ReadKey(json)));
  return keys;
}

std::string FormatKeys(const std::vector<ApiKey>& keys) {
  Json list = Json::array();
  for (const ApiKey& key : keys) {
    list.push_back({{"name", key.name},
                    {"sha256", key.sha256},
                    {"rate_limit_rpm", key.rate_limit_rpm},
                    {"created_at", FormatTime(key.created_at)},
                    {"expires_at", TimeOrNull(key.expires_at)},
                    {"revoked_at", TimeOrNull(key.revoked_at)}});
  }
  return PrettyJson({{"keys", list}});
}

Result<std::vector<ApiKey>> ReadKeys(const Files& files, const std::string& path) {
  if (!files.Exists(path)) return std::vector<ApiKey>();
  return TRY_CONTEXT(ParseKeys(TRY(files.Read(path))), path);
}

Status WriteKeys(Files& files, const std::string& path, const std::vector<ApiKey>& keys) {
  return files.Write(path, FormatKeys(keys));
}

Result<NewKey> CreateKey(std::vector<ApiKey>& keys, const KeyRequest& request, WallTime now, Entropy& entropy) {
  if (!IsName(request.name)) {
    return Error(Code::kInvalidArgument, "a key's name has 1 to 64 letters, digits, dots, dashes or underscores");
  }
  if (request.rate_limit_rpm < 0) return Error(Code::kInvalidArgument, "a rate cannot be negative");
  if (FindActive(keys, request.name, now) != nullptr) {
    return Error(Code::kAlreadyExists, "there is an active key named '" + request.name + "'");
  }
  NewKey made = Make(request, now, entropy);
  keys.push_back(made.key);
  return made;
}

Status RevokeKey(std::vector<ApiKey>& keys, std::string_view name, WallTime now) {
  bool found = false;
  while (ApiKey* key = FindActive(keys, name, now)) {  // after a rotation there may be two
    key->revoked_at = now;
    found = true;
  }
  if (found) return {};
  return Error(Code::kNotFound, "there is no active key named '" + std::string(name) + "'");
}

Result<NewKey> RotateKey(std::vector<ApiKey>& keys, std::string_view name, Duration grace, WallTime now,
                         Entropy& entropy) {
  ApiKey* old = FindActive(keys, name, now);
  if (old == nullptr) return Error(Code::kNotFound, "there is no active key named '" + std::string(name) + "'");
  NewKey made = Make({old->name, old->rate_limit_rpm, old->expires_at}, now, entropy);
  for (ApiKey& key : keys) {
    if (key.name != name || !key.ActiveAt(now)) continue;
    if (!key.expires_at || now + grace < *key.expires_at) key.expires_at = now + grace;
  }
  keys.push_back(made.key);
  return made;
}

std::vector<ApiKey> KeysFromList(std::string_view list) {
  std::vector<ApiKey> keys;
  for (const std::string_view part : Split(list, ',')) {
    const std::string_view secret = Trim(part);
    if (secret.empty()) continue;
    ApiKey key;
    key.name = "env-" + std::to_string(keys.size() + 1);
    key.sha256 = Sha256Hex(secret);
    keys.push_back(std::move(key));
  }
  return keys;
}

KeySet::KeySet(std::vector<ApiKey> keys) : keys_(std::move(keys)) {}

const ApiKey* KeySet::Find(std::string_view secret, WallTime now) const {
  if (secret.empty() || secret.size() > 512) return nullptr;
  const std::string hash = Sha256Hex(secret);
  const ApiKey* found = nullptr;
  for (const ApiKey& key : keys_) {
    if (ConstantTimeEqual(key.sha256, hash) && key.ActiveAt(now)) found = &key;
  }
  return found;
}

}  // namespace vigia::auth
