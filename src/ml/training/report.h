// The model's report for people: teachers, coordinators, operators. In Portuguese and in English.
#pragma once

#include <string>

#include "training/artifacts.h"

namespace vigia::training {

std::string MarkdownReport(const TrainedModel& model, const ArtifactInfo& info);

// One file, nothing fetched: charts are inline SVG, the language switch works without scripts.
std::string HtmlReport(const TrainedModel& model, const ArtifactInfo& info);

}  // namespace vigia::training
