#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/result.h"

namespace vigia {

uint64_t HistogramSnapshot::Count() const {
  uint64_t total = 0;
  for (const uint64_t count : counts) total += count;
  return total;
}

void HistogramSnapshot::Merge(const HistogramSnapshot& other) {
  if (counts.empty()) {
    *this = other;
    return;
  }
  CHECK(bounds == other.bounds, "histograms with different bounds cannot be merged");
  for (size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum += other.sum;
}

double HistogramSnapshot::Quantile(double q) const {
  const double total = static_cast<double>(Count());
  if (total == 0) return std::nan("");
  const double rank = q * total;
  double below = 0;
  for (size_t i = 0; i < bounds.size(); ++i) {
    const double in_bucket = static_cast<double>(counts[i]);
    if (in_bucket > 0 && below + in_bucket >= rank) {
      const double low = i == 0 ? 0 : bounds[i - 1];
      return low + (bounds[i] - low) * (rank - below) / in_bucket;
    }
    below += in_bucket;
  }
  return bounds.empty() ? std::nan("") : bounds.back();
}

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()), counts_(bounds.size() + 1) {}

void Histogram::Observe(double value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[static_cast<size_t>(bucket)].Add();
  sum_.store(sum_.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
}

HistogramSnapshot Histogram::Snapshot() const {
  HistogramSnapshot snapshot{bounds_, {}, sum_.load(std::memory_order_relaxed)};
  for (const Counter& count : counts_) snapshot.counts.push_back(count.value());
  return snapshot;
}

std::span<const double> LatencyBounds() {
  static constexpr std::array kBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                         0.05,   0.1,     0.2,    0.3,   0.5,    1.0,   2.5,  10.0};
  return kBounds;
}

namespace {

std::string_view TypeName(MetricsText::Type type) {
  switch (type) {
    case MetricsText::Type::kCounter: return "counter";
    case MetricsText::Type::kGauge: return "gauge";
    case MetricsText::Type::kHistogram: return "histogram";
  }
  return "untyped";
}

void AppendEscaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out.push_back(c);
    }
  }
}

std::string NumberText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

// Bounds keep a decimal point ("1.0"), so that both formats and all loops write the same label.
std::string BoundText(double bound) {
  std::string text = NumberText(bound);
  if (text.find_first_of(".eIN") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

void MetricsText::Family(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  type_ = type;
  const bool total = type == Type::kCounter && format_ == Format::kPrometheus;
  text_ += fmt::format("# HELP {}{} ", name, total ? "_total" : "");
  AppendEscaped(text_, help, format_ == Format::kOpenMetrics);
  text_ += fmt::format("\n# TYPE {}{} {}\n", name, total ? "_total" : "", TypeName(type));
}

void MetricsText::Line(std::string_view suffix, const Labels& labels, std::string_view le, double value,
                       const Exemplar* exemplar) {
  text_ += name_;
  text_ += suffix;
  bool first = true;
  const auto label = [&](std::string_view key, std::string_view text) {
    text_ += first ? "{" : ",";
    first = false;
    text_ += key;
    text_ += "=\"";
    AppendEscaped(text_, text, true);
    text_ += "\"";
  };
  for (const auto& [key, text] : labels) label(key, text);
  if (!le.empty()) label("le", le);
  if (!first) text_ += "}";
  text_ += " ";
  text_ += NumberText(value);
  if (exemplar != nullptr && format_ == Format::kOpenMetrics && !exemplar->trace_id.empty()) {
    text_ +=
        fmt::format(" # {{trace_id=\"{}\"}} {} {:.3f}", exemplar->trace_id, exemplar->value, exemplar->unix_seconds);
  }
  text_ += "\n";
}

void MetricsText::Sample(const Labels& labels, double value) {
  Line(type_ == Type::kCounter ? "_total" : "", labels, {}, value, nullptr);
}

void MetricsText::Sample(const Labels& labels, const HistogramSnapshot& histogram) { Sample(labels, histogram, {}); }

void MetricsText::Sample(const Labels& labels, const HistogramSnapshot& histogram,
                         std::span<const Exemplar> exemplars) {
  uint64_t cumulative = 0;
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    cumulative += histogram.counts[i];
    const bool last = i == histogram.bounds.size();
    Line("_bucket", labels, last ? "+Inf" : BoundText(histogram.bounds[i]), static_cast<double>(cumulative),
         i < exemplars.size() ? &exemplars[i] : nullptr);
  }
  Line("_sum", labels, {}, histogram.sum, nullptr);
  Line("_count", labels, {}, static_cast<double>(cumulative), nullptr);
}

std::string MetricsText::Finish() {
  if (format_ == Format::kOpenMetrics) text_ += "# EOF\n";
  return std::move(text_);
}

std::string_view MetricsText::ContentType(Format format) {
  return format == Format::kOpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                        : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace vigia
