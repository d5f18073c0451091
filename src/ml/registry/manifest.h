// What the registry's JSON files hold.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "base/result.h"

namespace vigia::registry {

enum class VersionStatus {
  kRegistered,
  kChampion,
  kRejected,  // a challenger that did not pass; kept, and not promoted unless forced
  kRetired,   // was champion
};
std::string_view StatusName(VersionStatus status);  // "registered", …

// <version>/manifest.json. The first part never changes after registration, and `digest` covers it;
// the second follows champion.json, so that `cat manifest.json` reads right.
struct Manifest {
  std::string version;
  std::string created_at;  // RFC 3339, UTC
  std::string registered_by;
  std::string notes;
  std::map<std::string, std::string> hashes;  // path below the version's folder → SHA-256
  bool has_baseline = false;

  VersionStatus status = VersionStatus::kRegistered;
  std::string promoted_at, promoted_by;  // of the latest promotion; empty: never
  std::string rejected_at, rejected_by, rejection_reason;

  // SHA-256 over what never changes.
  std::string Digest() const;
  bool operator==(const Manifest&) const = default;
};

Json ToJson(const Manifest& manifest);
Result<Manifest> ManifestFromJson(const Json& json);

// kNotFound when the registry has no such version; kDataLoss when the file is damaged.
Result<Manifest> ReadManifest(const Files& files, const std::string& registry, const std::string& version);

// champion.json: the one commit point of promotions. It carries all that its history line needs.
struct Champion {
  std::string version;
  std::string promoted_at;
  std::string promoted_by;
  std::string previous_champion;   // empty: none
  std::string action = "promote";  // or "rollback"
  std::string reason;

  bool operator==(const Champion&) const = default;
};

Json ToJson(const Champion& champion);
// nullopt when nothing was promoted yet; kDataLoss when the file is damaged.
Result<std::optional<Champion>> ReadChampion(const Files& files, const std::string& registry);

}  // namespace vigia::registry
