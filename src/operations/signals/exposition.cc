#include "signals/exposition.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.h"

namespace vigia::signals {
namespace {

constexpr size_t kMaxLabels = 64;
constexpr size_t kMaxName = 512;
constexpr size_t kMaxValue = 4096;

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':'; }
bool IsNamePart(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }
bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// Reads one line from left to right; every Take says whether it found what it wanted.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  bool AtEnd() const { return rest_.empty(); }
  void SkipBlanks() {
    while (!rest_.empty() && IsBlank(rest_.front())) rest_.remove_prefix(1);
  }
  bool Take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<std::string> TakeName() {
    if (!rest_.empty() && rest_.front() == '"') return TakeQuoted();
    if (rest_.empty() || !IsNameStart(rest_.front())) return std::nullopt;
    size_t length = 1;
    while (length < rest_.size() && IsNamePart(rest_[length])) ++length;
    if (length > kMaxName) return std::nullopt;
    std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return name;
  }
  std::optional<std::string> TakeQuoted() {
    if (!Take('"')) return std::nullopt;
    std::string text;
    while (!rest_.empty() && text.size() <= kMaxValue) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return text;
      if (c != '\\') {
        text += c;
        continue;
      }
      if (rest_.empty()) return std::nullopt;
      const char escaped = rest_.front();
      rest_.remove_prefix(1);
      if (escaped != 'n' && escaped != '\\' && escaped != '"') text += '\\';
      text += escaped == 'n' ? '\n' : escaped;
    }
    return std::nullopt;
  }
  std::optional<double> TakeNumber() {
    size_t length = 0;
    while (length < rest_.size() && !IsBlank(rest_[length])) ++length;
    std::string_view text = rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (!text.empty() && text.front() == '+') text.remove_prefix(1);
    if (text.empty() || text.front() == '+') return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
    // from_chars does not say which way a number is out of range.
    if (error == std::errc::result_out_of_range) return std::nullopt;
    return value;
  }
  bool TakesExemplar() const { return !rest_.empty() && rest_.front() == '#'; }

 private:
  std::string_view rest_;
};

// {a="b","c"="d"}, and a name in quotes as its first entry when the metric has none yet.
bool TakeLabels(LineReader& reader, Sample& sample) {
  size_t count = 0;
  reader.SkipBlanks();
  while (!reader.Take('}')) {
    if (count > 0) {
      if (!reader.Take(',')) return false;
      reader.SkipBlanks();
      if (reader.Take('}')) return true;  // a comma may stand at the end
    }
    auto name = reader.TakeName();
    if (!name || name->empty() || ++count > kMaxLabels) return false;
    reader.SkipBlanks();
    if (reader.Take('=')) {
      reader.SkipBlanks();
      const auto value = reader.TakeQuoted();
      if (!value || !IsUtf8(*value) || !sample.labels.Get(*name).empty()) return false;
      sample.labels.Set(*name, *value);
    } else if (sample.name.empty()) {
      sample.name = std::move(*name);
    } else {
      return false;
    }
    reader.SkipBlanks();
  }
  return true;
}

std::optional<WallTime> ToTime(double stamp, ExpositionFormat format) {
  const double microseconds = stamp * (format == ExpositionFormat::kOpenMetrics ? 1e6 : 1e3);
  if (!(std::abs(microseconds) < 4e18)) return std::nullopt;
  return WallTime(Duration(static_cast<int64_t>(microseconds)));
}

bool ReadSample(std::string_view line, const ExpositionOptions& options, Sample& sample) {
  LineReader reader(line);
  reader.SkipBlanks();
  if (auto name = reader.TakeName()) sample.name = std::move(*name);
  reader.SkipBlanks();
  if (reader.Take('{') && !TakeLabels(reader, sample)) return false;
  if (sample.name.empty() || !IsUtf8(sample.name)) return false;
  reader.SkipBlanks();
  const auto value = reader.TakeNumber();
  if (!value) return false;
  sample.value = *value;
  reader.SkipBlanks();
  if (reader.AtEnd() || reader.TakesExemplar()) return true;
  const auto stamp = reader.TakeNumber();
  if (!stamp) return false;
  const auto at = ToTime(*stamp, options.format);
  if (!at) return false;
  if (options.timestamps == Timestamps::kHonour) sample.at = *at;
  reader.SkipBlanks();
  return reader.AtEnd() || reader.TakesExemplar();
}

}  // namespace

Exposition ParseExposition(std::string_view text, WallTime now, const ExpositionOptions& options) {
  Exposition result;
  size_t number = 0;
  while (!text.empty() && !result.ended) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const std::string_view trimmed = Trim(line);
    if (trimmed.empty()) continue;
    if (trimmed.front() == '#') {
      result.ended = options.format == ExpositionFormat::kOpenMetrics && trimmed == "# EOF";
      continue;
    }
    Sample sample;
    sample.at = now;
    if (!ReadSample(line, options, sample)) {
      if (result.bad_lines++ == 0) result.first_bad_line = number;
    } else if (result.samples.size() >= options.max_samples) {
      ++result.dropped;
    } else if (!std::isnan(sample.value)) {
      result.samples.push_back(std::move(sample));
    }
  }
  return result;
}

ExpositionFormat FormatOf(std::string_view content_type) {
  return ToLowerAscii(content_type).find("application/openmetrics-text") != std::string::npos
             ? ExpositionFormat::kOpenMetrics
             : ExpositionFormat::kPrometheus;
}

}  // namespace vigia::signals
