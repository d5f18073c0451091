// API keys: a file of names and hashes, and the set that requests are checked against.
//
// state/api_keys.json:
//   {"keys": [{"name": "portal", "sha256": "<64 hex>", "rate_limit_rpm": 120, "created_at": "…Z",
//              "expires_at": "…Z" or null, "revoked_at": "…Z" or null}]}
// Keys that we make carry 256 random bits, so SHA-256 suffices; the secret is shown once, at creation.
#pragma once

#include <cstdint>
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

struct ApiKey {
  std::string name;            // [A-Za-z0-9._-], at most 64
  std::string sha256;          // of the secret, lower-case hexadecimal
  int64_t rate_limit_rpm = 0;  // 0: the service's own
  WallTime created_at{};
  std::optional<WallTime> expires_at;
  std::optional<WallTime> revoked_at;

  bool ActiveAt(WallTime now) const { return !revoked_at && (!expires_at || now < *expires_at); }
};

// kDataLoss when the text is not what this module writes.
Result<std::vector<ApiKey>> ParseKeys(std::string_view text);
std::string FormatKeys(const std::vector<ApiKey>& keys);

// No file: no keys.
Result<std::vector<ApiKey>> ReadKeys(const Files& files, const std::string& path);
Status WriteKeys(Files& files, const std::string& path, const std::vector<ApiKey>& keys);

struct NewKey {
  ApiKey key;
  Secret secret;  // "vk_" and 64 hexadecimal digits
};
struct KeyRequest {
  std::string name;
  int64_t rate_limit_rpm = 0;
  std::optional<WallTime> expires_at = std::nullopt;
};
// kAlreadyExists when an active key has this name. Adds it to `keys`.
Result<NewKey> CreateKey(std::vector<ApiKey>& keys, const KeyRequest& request, WallTime now, Entropy& entropy);
// kNotFound when no active key has this name.
Status RevokeKey(std::vector<ApiKey>& keys, std::string_view name, WallTime now);
// A new secret for the name; the old one works until `grace` has passed.
Result<NewKey> RotateKey(std::vector<ApiKey>& keys, std::string_view name, Duration grace, WallTime now,
                         Entropy& entropy);

// A comma list as in API_KEYS: trimmed, empty ones left out, named "env-1", "env-2" … by place.
std::vector<ApiKey> KeysFromList(std::string_view list);

// Immutable; thread-safe.
class KeySet {
 public:
  KeySet() = default;
  explicit KeySet(std::vector<ApiKey> keys);
  bool empty() const { return keys_.empty(); }
  size_t size() const { return keys_.size(); }
  // The active key with this secret, or null. The time taken does not depend on which one, nor on
  // how much of it matches.
  const ApiKey* Find(std::string_view secret, WallTime now) const;

 private:
  std::vector<ApiKey> keys_;
};

}  // namespace vigia::auth
