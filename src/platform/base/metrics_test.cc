#include "base/metrics.h"

#include <gtest/gtest.h>

namespace vigia {
namespace {

TEST(MetricsTest, HistogramCountsAndQuantiles) {
  Histogram histogram(std::vector<double>{1, 2, 4});
  for (const double value : {0.5, 1.0, 1.5, 3.0, 9.0}) histogram.Observe(value);
  const HistogramSnapshot snapshot = histogram.Snapshot();
  EXPECT_EQ(snapshot.counts, (std::vector<uint64_t>{2, 1, 1, 1}));
  EXPECT_EQ(snapshot.Count(), 5U);
  EXPECT_DOUBLE_EQ(snapshot.Quantile(0.2), 0.5);
  EXPECT_DOUBLE_EQ(snapshot.Quantile(1.0), 4.0);
}

TEST(MetricsTest, PrometheusText) {
  MetricsText text(MetricsText::Format::kPrometheus);
  text.Family("requests", MetricsText::Type::kCounter, "Requests.");
  text.Sample({{"path", "/a\"\\\n"}}, 3);
  text.Family("up", MetricsText::Type::kGauge, "Up.");
  text.Sample({}, 1);
  EXPECT_EQ(text.Finish(),
            "# HELP requests_total Requests.\n# TYPE requests_total counter\n"
            "requests_total{path=\"/a\\\"\\\\\\n\"} 3\n# HELP up Up.\n# TYPE up gauge\nup 1\n");
}

TEST(MetricsTest, OpenMetricsNamesBucketsAndExemplars) {
  Histogram histogram(std::vector<double>{1});
  histogram.Observe(0.5);
  MetricsText text(MetricsText::Format::kOpenMetrics);
  text.Family("latency_seconds", MetricsText::Type::kHistogram, "Latency.");
  const std::vector<MetricsText::Exemplar> exemplars{{"abc", 0.5, 10}};
  text.Sample({}, histogram.Snapshot(), exemplars);
  const std::string out = text.Finish();
  EXPECT_NE(out.find("latency_seconds_bucket{le=\"1.0\"} 1 # {trace_id=\"abc\"} 0.5 10.000\n"), std::string::npos);
  EXPECT_NE(out.find("latency_seconds_bucket{le=\"+Inf\"} 1\n"), std::string::npos);
  EXPECT_TRUE(out.ends_with("# EOF\n"));
}

}  // namespace
}  // namespace vigia
