#include "signals/probes/file_probe.h"

namespace vigia::signals {

bool MatchesGlob(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Probe::Outcome FileProbe::Measure(WallTime now, Findings& findings) {
  const std::string path = Path(path_);
  const std::string pattern = BaseName(path);
  std::optional<FileInfo> newest;
  double count = 0;
  if (pattern.find('*') == std::string::npos) {
    const auto info = world_.files.Info(path);
    if (info.ok()) newest = *info, count = 1;
  } else {
    const auto entries = world_.files.List(ParentPath(path));
    if (!entries.ok()) return Outcome::kBad;
    for (const FileInfo& entry : *entries) {
      if (entry.is_directory || !MatchesGlob(pattern, entry.name)) continue;
      ++count;
      if (!newest || entry.modified > newest->modified) newest = entry;
    }
  }
  findings.Add("file_count", count);
  if (!newest) return Outcome::kBad;
  findings.Add("file_age_seconds", std::chrono::duration<double>(now - newest->modified).count());
  findings.Add("file_bytes", static_cast<double>(newest->size));
  return Outcome::kGood;
}

SourceMaker LoadFileProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules&) {
  return MakerOf<FileProbe>(common, reader.RequiredText("path"));
}

}  // namespace vigia::signals
