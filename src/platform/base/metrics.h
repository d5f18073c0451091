// Counters that one thread writes and any thread reads, and the text that Prometheus scrapes.
// Each event loop owns its cells, so counting takes no lock and no locked instruction;
// a scrape adds the loops up.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigia {

// REQUIRES: one writing thread.
class Counter {
 public:
  void Add(uint64_t by = 1) { value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

struct HistogramSnapshot {
  std::vector<double> bounds;    // upper bounds, rising; the last bucket is +Inf
  std::vector<uint64_t> counts;  // one per bound and one more; not cumulative
  double sum = 0;

  uint64_t Count() const;
  void Merge(const HistogramSnapshot& other);  // REQUIRES: the same bounds
  // Linear inside a bucket, as Prometheus does; q in [0,1]. NaN when empty.
  double Quantile(double q) const;
};

// REQUIRES: one writing thread.
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds);
  void Observe(double value);
  HistogramSnapshot Snapshot() const;

 private:
  std::vector<double> bounds_;
  std::vector<Counter> counts_;
  std::atomic<double> sum_{0};
};

// Latency in seconds from 100 µs to 10 s, wide enough for one row and for 1000.
std::span<const double> LatencyBounds();

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

// Builds one exposition. Metric names are given without "_total"; counters get it.
class MetricsText {
 public:
  enum class Format { kPrometheus, kOpenMetrics };
  enum class Type { kCounter, kGauge, kHistogram };

  explicit MetricsText(Format format) : format_(format) {}

  void Family(std::string_view name, Type type, std::string_view help);
  void Sample(const Labels& labels, double value);                        // of the last counter or gauge family
  void Sample(const Labels& labels, const HistogramSnapshot& histogram);  // of the last histogram family
  // A histogram sample with an exemplar for each bucket that has one (OpenMetrics only).
  struct Exemplar {
    std::string trace_id;
    double value = 0;
    double unix_seconds = 0;
  };
  void Sample(const Labels& labels, const HistogramSnapshot& histogram, std::span<const Exemplar> exemplars);

  std::string Finish();
  static std::string_view ContentType(Format format);

 private:
  void Line(std::string_view suffix, const Labels& labels, std::string_view le, double value, const Exemplar* exemplar);

  Format format_;
  Type type_ = Type::kGauge;
  std::string name_;
  std::string text_;
};

}  // namespace vigia
