// What was found while building a dataset: the lines of quality_report.json.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace vigia::dataset {

enum class Severity { kInfo, kWarning, kError };

struct Finding {
  std::string check;  // a fixed name: "score_clipped"
  Severity severity = Severity::kInfo;
  bool passed = true;
  size_t count = 0;
  std::string message;                // one line
  int year = 0;                       // 0: of the whole dataset
  std::vector<std::string> examples;  // cell addresses, column or sheet names; never a person's values
};

inline constexpr size_t kMostExamples = 5;

// Counts places where something was seen.
struct Tally {
  size_t count = 0;
  std::vector<std::string> examples;
  void Add(std::string example) {
    ++count;
    if (examples.size() < kMostExamples) examples.push_back(std::move(example));
  }
};

Json ToJson(const std::vector<Finding>& findings);

}  // namespace vigia::dataset
