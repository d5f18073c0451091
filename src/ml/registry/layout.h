// Where things are in a registry's folder. See design.md §4; docs/guides/registry.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace vigia::registry {

inline constexpr const char* kChampionFile = "champion.json";
inline constexpr const char* kHistoryFile = "history.jsonl";
inline constexpr const char* kLockFile = ".lock";
inline constexpr const char* kStagingFolder = ".staging";
inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kBaselineFolder = "monitoring_baseline";

// What a version must hold, by name; golden rows are the expected scores that are replayed at load.
const std::vector<std::string>& RequiredArtifacts();
// What is kept when the trained model comes with it.
const std::vector<std::string>& OptionalArtifacts();
// All of them, or no baseline.
const std::vector<std::string>& BaselineFiles();

// A file that a killed writer wrote aside and never renamed.
bool IsLeftover(std::string_view name);

// Names of version folders, in semantic order. An absent registry has none.
Result<std::vector<std::string>> VersionFolders(const Files& files, const std::string& registry);

// Every file below `folder`, as paths relative to it, leftovers excepted.
Result<std::vector<std::string>> FilesBelow(const Files& files, const std::string& folder);

}  // namespace vigia::registry
