#include "registry/manifest.h"

#include "base/digest.h"
#include "registry/layout.h"
#include "registry/version.h"

namespace vigia::registry {

namespace {

Json OrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

// Absent and null are both "".
Result<std::string> OptionalString(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::string();
  return GetString(object, key);
}

Result<VersionStatus> ParseStatus(const std::string& name) {
  for (const auto status :
       {VersionStatus::kRegistered, VersionStatus::kChampion, VersionStatus::kRejected, VersionStatus::kRetired}) {
    if (StatusName(status) == name) return status;
  }
  return Error(Code::kDataLoss, "status: not one of registered, champion, rejected, retired");
}

Json Fixed(const Manifest& manifest) {
  Json hashes = Json::object();
  for (const auto& [path, hash] : manifest.hashes) hashes[path] = hash;
  return {{"version", manifest.version},
          {"created_at", manifest.created_at},
          {"registered_by", manifest.registered_by},
          {"notes", manifest.notes},
          {"hashes", hashes},
          {"has_baseline", manifest.has_baseline}};
}

Result<Json> ReadObject(const Files& files, const std::string& path) {
  const std::string bytes = TRY(files.Read(path));
  auto json = ParseJson(bytes);
  if (!json.ok()) return Error(Code::kDataLoss, path + ": " + json.error().message());
  if (!json->is_object()) return Error(Code::kDataLoss, path + ": not a JSON object");
  return json;
}

Error Damaged(const std::string& path, const Error& why) { return Error(Code::kDataLoss, path + ": " + why.message()); }

Result<Champion> ChampionFromJson(const Json& json) {
  Champion champion;
  champion.version = TRY(GetString(json, "version"));
  TRY(ParseVersion(champion.version));
  champion.promoted_at = TRY(GetString(json, "promoted_at"));
  champion.promoted_by = TRY(OptionalString(json, "promoted_by"));
  champion.previous_champion = TRY(OptionalString(json, "previous_champion"));
  if (!champion.previous_champion.empty()) TRY(ParseVersion(champion.previous_champion));
  const std::string action = TRY(OptionalString(json, "action"));
  if (!action.empty()) champion.action = action;
  champion.reason = TRY(OptionalString(json, "reason"));
  return champion;
}

}  // namespace

std::string_view StatusName(VersionStatus status) {
  switch (status) {
    case VersionStatus::kRegistered: return "registered";
    case VersionStatus::kChampion: return "champion";
    case VersionStatus::kRejected: return "rejected";
    case VersionStatus::kRetired: return "retired";
  }
  return "unknown";
}

std::string Manifest::Digest() const { return Sha256Hex(CompactJson(Fixed(*this))); }

Json ToJson(const Manifest& manifest) {
  Json artifacts = Json::array();
  for (const auto& [path, hash] : manifest.hashes) artifacts.push_back(path);
  Json json = Fixed(manifest);
  json["artifacts"] = artifacts;
  json["digest"] = manifest.Digest();
  json["status"] = StatusName(manifest.status);
  json["promoted_at"] = OrNull(manifest.promoted_at);
  json["promoted_by"] = OrNull(manifest.promoted_by);
  if (!manifest.rejected_at.empty()) {
    json["rejected_at"] = manifest.rejected_at;
    json["rejected_by"] = manifest.rejected_by;
    json["rejection_reason"] = manifest.rejection_reason;
  }
  return json;
}

Result<Manifest> ManifestFromJson(const Json& json) {
  Manifest manifest;
  manifest.version = TRY(GetString(json, "version"));
  manifest.created_at = TRY(GetString(json, "created_at"));
  manifest.registered_by = TRY(OptionalString(json, "registered_by"));
  manifest.notes = TRY(OptionalString(json, "notes"));
  const Json* hashes = TRY(GetObject(json, "hashes"));
  for (const auto& [path, hash] : hashes->items()) manifest.hashes[path] = TRY(GetString(*hashes, path));
  manifest.has_baseline = TRY(GetBool(json, "has_baseline"));
  manifest.status = TRY(ParseStatus(TRY(GetString(json, "status"))));
  manifest.promoted_at = TRY(OptionalString(json, "promoted_at"));
  manifest.promoted_by = TRY(OptionalString(json, "promoted_by"));
  manifest.rejected_at = TRY(OptionalString(json, "rejected_at"));
  manifest.rejected_by = TRY(OptionalString(json, "rejected_by"));
  manifest.rejection_reason = TRY(OptionalString(json, "rejection_reason"));
  if (TRY(GetString(json, "digest")) != manifest.Digest()) {
    return Error(Code::kDataLoss, "what never changes was changed (its digest does not match)");
  }
  return manifest;
}

Result<Manifest> ReadManifest(const Files& files, const std::string& registry, const std::string& version) {
  TRY(ParseVersion(version));
  const std::string folder = JoinPath(registry, version);
  if (!files.Exists(folder))
    return Error(Code::kNotFound, "version " + version + " is not in the registry " + registry);
  const std::string path = JoinPath(folder, kManifestFile);
  if (!files.Exists(path)) return Error(Code::kDataLoss, path + ": missing");
  const Json json = TRY(ReadObject(files, path));
  auto manifest = ManifestFromJson(json);
  if (!manifest.ok()) return Damaged(path, manifest.error());
  if (manifest->version != version) return Error(Code::kDataLoss, path + ": is the manifest of another version");
  return manifest;
}

Json ToJson(const Champion& champion) {
  return {{"version", champion.version},         {"promoted_at", champion.promoted_at},
          {"promoted_by", champion.promoted_by}, {"previous_champion", OrNull(champion.previous_champion)},
          {"action", champion.action},           {"reason", champion.reason}};
}

Result<std::optional<Champion>> ReadChampion(const Files& files, const std::string& registry) {
  const std::string path = JoinPath(registry, kChampionFile);
  const auto info = files.Info(path);
  if (!info.ok() && info.error().code() == Code::kNotFound) return std::optional<Champion>();
  const Json json = TRY(ReadObject(files, path));
  auto champion = ChampionFromJson(json);
  if (!champion.ok()) return Damaged(path, champion.error());
  return std::optional<Champion>(std::move(champion).value());
}

}  // namespace vigia::registry
