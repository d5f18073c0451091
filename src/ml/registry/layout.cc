#include "registry/layout.h"

#include <algorithm>

#include "registry/version.h"

namespace vigia::registry {

const std::vector<std::string>& RequiredArtifacts() {
  static const std::vector<std::string> kNames = {"model.json", "model_metadata.json", "model_signature.json",
                                                  "metrics.json", "golden_rows.json"};
  return kNames;
}

const std::vector<std::string>& OptionalArtifacts() {
  static const std::vector<std::string> kNames = {"model_report.md", "model_report.html", "model_comparison.json"};
  return kNames;
}

const std::vector<std::string>& BaselineFiles() {
  static const std::vector<std::string> kNames = {"feature_profile.json", "score_profile.json",
                                                  "baseline_metadata.json"};
  return kNames;
}

bool IsLeftover(std::string_view name) { return name.find(".tmp-") != std::string_view::npos; }

Result<std::vector<std::string>> VersionFolders(const Files& files, const std::string& registry) {
  std::vector<std::string> names;
  if (!files.Exists(registry)) return names;
  for (const FileInfo& entry : TRY(files.List(registry))) {
    if (entry.is_directory && ParseVersion(entry.name).ok()) names.push_back(entry.name);
  }
  std::sort(names.begin(), names.end(), VersionLess);
  return names;
}

Result<std::vector<std::string>> FilesBelow(const Files& files, const std::string& folder) {
  std::vector<std::string> paths;
  for (const FileInfo& entry : TRY(files.List(folder))) {
    if (IsLeftover(entry.name)) continue;
    if (!entry.is_directory) {
      paths.push_back(entry.name);
      continue;
    }
    for (const std::string& below : TRY(FilesBelow(files, JoinPath(folder, entry.name)))) {
      paths.push_back(JoinPath(entry.name, below));
    }
  }
  return paths;
}

}  // namespace vigia::registry
