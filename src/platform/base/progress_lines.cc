#include "base/progress_lines.h"

#include "base/json.h"

namespace vigia {
namespace {

constexpr std::string_view kBegin = R"({"progress":)";

}  // namespace

void ProgressLines::Draw(const Phase& phase, MonoTime) {
  const Json mark = {{"phase", phase.name}, {"done", phase.done}, {"total", phase.total}};
  const std::string line = std::string(kBegin) + CompactJson(mark) + "}\n";
  std::fwrite(line.data(), 1, line.size(), file_);
  std::fflush(file_);
}

std::optional<ProgressMark> ParseProgressLine(std::string_view line) {
  if (!line.starts_with(kBegin)) return std::nullopt;
  const auto document = ParseJson(line);
  if (!document.ok()) return std::nullopt;
  const Json& mark = (*document)["progress"];
  if (!mark.is_object()) return std::nullopt;
  const Json phase = mark.value("phase", Json()), done = mark.value("done", Json()),
             total = mark.value("total", Json());
  if (!phase.is_string() || !done.is_number_unsigned() || !total.is_number_unsigned()) return std::nullopt;
  return ProgressMark{phase.get<std::string>(), done.get<uint64_t>(), total.get<uint64_t>()};
}

}  // namespace vigia
