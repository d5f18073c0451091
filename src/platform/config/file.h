// vigia.yaml: the one list of its sections, and how a program takes the part that it reads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "config/yaml.h"

namespace vigia::config {

inline constexpr const char* kFileName = "vigia.yaml";

// All sections that some program reads, in alphabetical order. Each program refuses a name that is not here: a slip of
// the pen would otherwise be silence.
const std::vector<std::string_view>& SectionNames();

// The sections that hold lists and maps of a person's own, and not keys that Settings describe.
struct DocumentSection {
  std::string_view name;
  std::string_view help;  // one sentence, and what there is without it
};
const std::vector<DocumentSection>& DocumentSections();

// <home>/vigia.yaml; a null node when there is no such file, and otherwise a map whose keys are all sections.
Result<YamlNode> ReadFile(const Files& files, const std::string& home);

// The same, with one section only: for Settings::Load, which refuses what it does not know.
Result<YamlNode> ReadSection(const Files& files, const std::string& home, std::string_view section);

}  // namespace vigia::config
