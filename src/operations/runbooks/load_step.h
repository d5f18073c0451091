// Steps, commands and expressions from YAML. Used inside runbooks only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/map_reader.h"
#include "runbooks/catalogue.h"
#include "runbooks/runbook.h"

namespace vigia::runbooks {

struct Loader {
  std::string file;
  std::string where;  // "runbook 'service-down'"
  const Catalogue& catalogue;
  std::vector<config::Problem>& problems;
  jq::Compiling compiling = jq::Compiling::kNow;
};

// nullptr and a problem when it does not compile.
Expression CompileExpression(const std::string& text, int line, Loader& loader);
Expression ReadExpression(config::MapReader& reader, std::string_view key, Loader& loader);  // nullptr when missing
std::optional<jq::Template> CompileTemplate(const std::string& text, int line, Loader& loader);
Approve ReadApprove(config::MapReader& reader);  // by, min, timeout

Step LoadStep(const config::YamlNode& node, OnFailure default_failure, Loader& loader);

}  // namespace vigia::runbooks
