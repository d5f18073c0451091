// Which model version a monitoring command is about, and what it scores.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "scoring/model.h"
#include "tabular/table.h"

namespace vigia::cli {

// `version` when one is named (kInvalidArgument when it is no version), else the champion.
// kFailedPrecondition when there is none.
Result<std::string> ChooseVersion(const Context& context, const std::string& version);

Result<std::shared_ptr<const scoring::Model>> LoadRegisteredModel(const Context& context, const std::string& version);

// A data set and this model's own scores for its rows.
struct Scored {
  tabular::Table table;
  std::vector<double> scores;
};
Result<Scored> ScoreSource(const Context& context, const scoring::Model& model, const std::string& path);

// The names of the features that clients send.
std::vector<std::string> RawNames(const scoring::Model& model);

}  // namespace vigia::cli
