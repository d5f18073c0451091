#include "base/digest.h"
#include "registry/layout.h"
#include "registry/registry.h"

namespace vigia::registry {

namespace {

void CheckRequired(const Manifest& manifest, std::vector<Problem>& problems) {
  for (const std::string& name : RequiredArtifacts()) {
    if (!manifest.hashes.contains(name)) problems.push_back({manifest.version, name + ": not in the manifest"});
  }
  if (!manifest.has_baseline) return;
  for (const std::string& name : BaselineFiles()) {
    const std::string path = JoinPath(kBaselineFolder, name);
    if (!manifest.hashes.contains(path)) problems.push_back({manifest.version, path + ": not in the manifest"});
  }
}

// What was registered must be what the history says was registered.
void CheckAgainstHistory(const Manifest& manifest, const History& history, std::vector<Problem>& problems) {
  for (const HistoryEntry& entry : history.entries) {
    if (entry.action != "register" || entry.version != manifest.version) continue;
    if (entry.digest != manifest.Digest()) {
      problems.push_back({manifest.version, "manifest.json: is not what the history says was registered"});
    }
  }
}

}  // namespace

std::vector<Problem> CheckVersion(const Files& files, const std::string& registry, const Manifest& manifest) {
  std::vector<Problem> problems;
  const std::string folder = JoinPath(registry, manifest.version);
  CheckRequired(manifest, problems);
  for (const auto& [path, hash] : manifest.hashes) {
    const auto bytes = files.Read(JoinPath(folder, path));
    if (!bytes.ok()) {
      const bool missing = bytes.error().code() == Code::kNotFound;
      problems.push_back({manifest.version, missing ? path + ": missing" : bytes.error().message()});
    } else if (Sha256Hex(*bytes) != hash) {
      problems.push_back({manifest.version, path + ": SHA-256 differs from the manifest's"});
    }
  }
  const auto present = FilesBelow(files, folder);
  if (!present.ok()) {
    problems.push_back({manifest.version, present.error().message()});
    return problems;
  }
  for (const std::string& path : *present) {
    if (path != kManifestFile && !manifest.hashes.contains(path)) {
      problems.push_back({manifest.version, path + ": is not in the manifest"});
    }
  }
  return problems;
}

Result<std::vector<Problem>> Registry::Verify(const std::string& version) const {
  std::vector<std::string> versions = TRY(VersionFolders(files_, settings_.folder));
  if (!version.empty()) {
    const auto asked = ReadManifest(files_, settings_.folder, version);
    if (!asked.ok() && asked.error().code() != Code::kDataLoss) return asked.error();
    versions = {version};
  }
  std::vector<Problem> problems;
  const auto history = vigia::registry::ReadHistory(files_, settings_.folder);
  if (!history.ok()) problems.push_back({kHistoryFile, history.error().message()});
  if (history.ok() && !history->problem.empty()) problems.push_back({kHistoryFile, history->problem});
  for (const std::string& name : versions) {
    const auto manifest = ReadManifest(files_, settings_.folder, name);
    if (!manifest.ok()) {
      problems.push_back({name, manifest.error().message()});
      continue;
    }
    for (Problem& problem : CheckVersion(files_, settings_.folder, *manifest)) problems.push_back(std::move(problem));
    if (history.ok()) CheckAgainstHistory(*manifest, *history, problems);
  }
  const auto champion = ReadChampion(files_, settings_.folder);
  if (!champion.ok()) {
    problems.push_back({kChampionFile, champion.error().message()});
  } else if (champion->has_value() && !files_.Exists(Path((*champion)->version))) {
    problems.push_back({kChampionFile, "names " + (*champion)->version + ", which is not in the registry"});
  }
  return problems;
}

}  // namespace vigia::registry
