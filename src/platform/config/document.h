// The sections of vigia.yaml that hold lists and maps of a person's own: what stands there, value by value.
#pragma once

#include <vector>

#include "config/settings.h"
#include "config/yaml.h"

namespace vigia::config {

// `file` is what ReadFile gave. Each plain value below a section of DocumentSections() is an entry: "checks[0].name",
// "vigia.yaml:3". A section that is not there is one entry without a value. Secrets are ***: values of sensitive names,
// all below `environment` and `headers`, and what RedactText takes out of the rest; of a URL, user and password.
std::vector<KeyState> ExplainDocuments(const YamlNode& file);

}  // namespace vigia::config
