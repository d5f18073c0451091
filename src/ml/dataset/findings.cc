#include "dataset/findings.h"

namespace vigia::dataset {

namespace {
std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kInfo: return "info";
    case Severity::kWarning: return "warning";
    case Severity::kError: return "error";
  }
  return "error";
}
}  // namespace

Json ToJson(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) {
    Json entry = {{"check", finding.check},     {"severity", SeverityName(finding.severity)},
                  {"passed", finding.passed},   {"count", finding.count},
                  {"message", finding.message}, {"examples", finding.examples}};
    if (finding.year != 0) entry["year"] = finding.year;
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace vigia::dataset
