// Version names: v<major>.<minor>.<patch>[-<pre-release>], ordered as Semantic Versioning 2.0.0 says.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vigia::registry {

struct Version {
  std::array<uint64_t, 3> numbers{};     // major, minor, patch
  std::vector<std::string> pre_release;  // its dot-separated parts; a version without comes after one with

  std::string ToString() const;
  std::strong_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const = default;
};

// Strict, because versions are names of folders: no path, no dots alone, no leading zeros, at most 64 bytes.
Result<Version> ParseVersion(std::string_view text);

// v1.2.0 before v1.10.0. Names that are no versions come first, by text.
bool VersionLess(std::string_view a, std::string_view b);

}  // namespace vigia::registry
