#include "signals/probes/log_probe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace vigia::signals {
namespace {

constexpr size_t kLongestLine = 4096;
constexpr int64_t kMostAtOnce = 64LL * 1024 * 1024;  // of one call; the rest is read by the next

}  // namespace

Probe::Outcome LogProbe::Measure(WallTime, Findings& findings) {
  Follow(Path(settings_.path));
  begun_ = true;
  findings.Add("log_matches_total", static_cast<double>(matches_));
  findings.Add("log_lines_total", static_cast<double>(lines_));
  return fd_.valid() ? Outcome::kGood : Outcome::kBad;
}

void LogProbe::Follow(const std::string& path) {
  struct stat now {};
  const bool there = ::stat(path.c_str(), &now) == 0 && S_ISREG(now.st_mode);
  if (fd_.valid()) {
    ReadOn();  // also what was written before it was renamed
    if (there && now.st_ino == inode_ && now.st_dev == device_) return;
    // The next file begins with a line of its own.
    if (!partial_.empty()) TakeLine(std::exchange(partial_, {}));
    fd_.Reset(-1);
  }
  if (!there) return;
  fd_.Reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat opened {};
  if (!fd_.valid() || ::fstat(fd_.get(), &opened) != 0) return fd_.Reset(-1);
  inode_ = opened.st_ino;
  device_ = opened.st_dev;
  offset_ = begun_ ? 0 : opened.st_size;
  ReadOn();
}

void LogProbe::ReadOn() {
  struct stat info {};
  if (::fstat(fd_.get(), &info) != 0) return;
  if (info.st_size < offset_) {  // truncated
    offset_ = 0;
    partial_.clear();
  }
  const int64_t end = std::min<int64_t>(info.st_size, offset_ + kMostAtOnce);
  std::string buffer(65536, '\0');
  while (offset_ < end) {
    const size_t wanted = std::min<size_t>(buffer.size(), static_cast<size_t>(end - offset_));
    const ssize_t got = ::pread(fd_.get(), buffer.data(), wanted, offset_);
    if (got <= 0) return;
    offset_ += got;
    std::string_view rest(buffer.data(), static_cast<size_t>(got));
    for (size_t at = rest.find('\n'); at != std::string_view::npos; at = rest.find('\n')) {
      partial_.append(rest.substr(0, std::min(at, kLongestLine)));
      TakeLine(std::exchange(partial_, {}));
      rest.remove_prefix(at + 1);
    }
    if (partial_.size() < kLongestLine) partial_.append(rest.substr(0, kLongestLine));
  }
}

void LogProbe::TakeLine(std::string_view line) {
  line = line.substr(0, kLongestLine);
  ++lines_;
  const bool holds = std::any_of(settings_.contains.begin(), settings_.contains.end(),
                                 [&](const std::string& text) { return line.find(text) != std::string_view::npos; });
  if (holds || (settings_.pattern && settings_.pattern->FoundIn(line))) {
    ++matches_;
  }
}

SourceMaker LoadLogProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules&) {
  auto settings = std::make_shared<LogProbeSettings>();
  settings->path = reader.RequiredText("path");
  settings->contains = reader.Texts("contains");
  const std::string pattern = reader.Text("pattern");
  if (settings->contains.empty() && pattern.empty()) {
    reader.Add(reader.line(), "a log probe needs 'contains' (texts) or 'pattern' (a regular expression)");
  }
  if (!pattern.empty()) {
    auto compiled = Pattern::Compile(pattern);
    if (compiled.ok()) {
      settings->pattern = *compiled;
    } else {
      reader.Add(reader.Line("pattern"), "'pattern' " + compiled.error().message());
    }
  }
  return MakerOf<LogProbe>(common, *settings);
}

}  // namespace vigia::signals
