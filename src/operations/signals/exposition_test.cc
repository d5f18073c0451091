#include "signals/exposition.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "base/metrics.h"

namespace vigia::signals {
namespace {

const WallTime kNow = WallTime(std::chrono::seconds(1'700'000'000));

Exposition Parse(std::string_view text, ExpositionFormat format = ExpositionFormat::kPrometheus,
                 Timestamps timestamps = Timestamps::kIgnore) {
  return ParseExposition(text, kNow, {format, timestamps, 20'000});
}

TEST(ExpositionTest, ReadsPrometheusText) {
  const auto read = Parse(
      "# HELP http_requests_total The total.\n# TYPE http_requests_total counter\n"
      "http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\n"
      "\n"
      "  spaced { a = \"1\" , b=\"2\", } \t +1.5e2\r\n"
      "msdos{path=\"C:\\\\DIR\\\\\",error=\"Cannot \\\"find\\\"\\n\"} -Inf\n"
      "no_value{} NaN\n"
      "last_line +Inf");
  ASSERT_EQ(read.samples.size(), 4u);
  EXPECT_EQ(read.bad_lines, 0u) << read.first_bad_line;
  EXPECT_EQ(read.samples[0].name, "http_requests_total");
  EXPECT_EQ(read.samples[0].labels, (LabelSet{{"code", "200"}, {"method", "post"}}));
  EXPECT_EQ(read.samples[0].value, 1027);
  EXPECT_EQ(read.samples[0].at, kNow) << "timestamps are ignored unless they are asked for";
  EXPECT_EQ(read.samples[1].labels, (LabelSet{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(read.samples[1].value, 150);
  EXPECT_EQ(read.samples[2].labels.Get("path"), "C:\\DIR\\");
  EXPECT_EQ(read.samples[2].labels.Get("error"), "Cannot \"find\"\n");
  EXPECT_TRUE(std::isinf(read.samples[2].value) && read.samples[2].value < 0);
  EXPECT_TRUE(std::isinf(read.samples[3].value) && read.samples[3].value > 0);
}

TEST(ExpositionTest, ReadsOpenMetrics) {
  const auto read = Parse(
      "# TYPE latency histogram\n"
      "latency_bucket{le=\"0.1\"} 8 1395066363.5 # {trace_id=\"abc\"} 0.067 1395066362\n"
      "latency_bucket{le=\"+Inf\"} 10 # {trace_id=\"def\"} 1.2\n"
      "{\"utf8.name\",\"a.b\"=\"c\"} 3\n"
      "# EOF\n"
      "after_the_end 1\n",
      ExpositionFormat::kOpenMetrics, Timestamps::kHonour);
  EXPECT_EQ(read.bad_lines, 0u) << read.first_bad_line;
  EXPECT_TRUE(read.ended);
  ASSERT_EQ(read.samples.size(), 3u);
  EXPECT_EQ(read.samples[0].at, WallTime(std::chrono::milliseconds(1'395'066'363'500)));
  EXPECT_EQ(read.samples[1].at, kNow);
  EXPECT_EQ(read.samples[2].name, "utf8.name");
  EXPECT_EQ(read.samples[2].labels, (LabelSet{{"a.b", "c"}}));
}

TEST(ExpositionTest, HonoursMilliseconds) {
  const auto read = Parse("a 1 1395066363000\n", ExpositionFormat::kPrometheus, Timestamps::kHonour);
  EXPECT_EQ(read.samples.at(0).at, WallTime(std::chrono::seconds(1'395'066'363)));
}

TEST(ExpositionTest, StepsOverBadLines) {
  for (const char* bad : {"name",
                          "name{",
                          "name{a}",
                          "name{a=}",
                          "name{a=\"1}",
                          "name{a=\"1\"",
                          "name{a=\"1\" b=\"2\"} 1",
                          "9name 1",
                          "name one",
                          "name 1 then",
                          "name 1 2 3",
                          "name{a=\"1\",a=\"2\"} 1",
                          "name 0x10",
                          "name ++1",
                          "{} 1",
                          "{\"a\",\"b\"} 1",
                          "name{a=\"\xff\"} 1",
                          "name 1e999",
                          "name 1 1e300",
                          "{a=\"b\"} 1"}) {
    const auto read = Parse(std::string("good 1\n") + bad + "\nalso_good 2\n");
    EXPECT_EQ(read.samples.size(), 2u) << bad;
    EXPECT_EQ(read.bad_lines, 1u) << bad;
    EXPECT_EQ(read.first_bad_line, 2u) << bad;
  }
}

TEST(ExpositionTest, IsBounded) {
  const auto read = ParseExposition("a 1\nb 2\nc 3\n", kNow, {ExpositionFormat::kPrometheus, Timestamps::kIgnore, 2});
  EXPECT_EQ(read.samples.size(), 2u);
  EXPECT_EQ(read.dropped, 1u);
  std::string many = "a{";
  for (int i = 0; i < 100; ++i) many += "l" + std::to_string(i) + "=\"1\",";
  EXPECT_EQ(Parse(many + "} 1\n").bad_lines, 1u);
}

TEST(ExpositionTest, ReadsWhatWeWrite) {
  for (const auto& [written, format] : {std::pair(MetricsText::Format::kPrometheus, ExpositionFormat::kPrometheus),
                                        std::pair(MetricsText::Format::kOpenMetrics, ExpositionFormat::kOpenMetrics)}) {
    MetricsText text(written);
    text.Family("api_requests", MetricsText::Type::kCounter, "Requests.");
    text.Sample({{"status", "2\"x\"\\\n"}}, 7);
    Histogram histogram(LatencyBounds());
    histogram.Observe(0.004);
    text.Family("api_latency_seconds", MetricsText::Type::kHistogram, "Latency.");
    text.Sample({}, histogram.Snapshot());
    const auto read = Parse(text.Finish(), format);
    EXPECT_EQ(read.bad_lines, 0u);
    ASSERT_EQ(read.samples.size(), 1 + LatencyBounds().size() + 3);
    EXPECT_EQ(read.samples[0].labels.Get("status"), "2\"x\"\\\n");
    EXPECT_EQ(read.samples[0].value, 7);
  }
  EXPECT_EQ(FormatOf(MetricsText::ContentType(MetricsText::Format::kOpenMetrics)), ExpositionFormat::kOpenMetrics);
  EXPECT_EQ(FormatOf(MetricsText::ContentType(MetricsText::Format::kPrometheus)), ExpositionFormat::kPrometheus);
}

TEST(ExpositionTest, ReadsAnyLabelValueBack) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    RC_PRE(!bytes.empty());
    std::string value, escaped;
    for (const char byte : bytes) {
      const char c = static_cast<char>(byte & 0x7f);
      value += c;
      if (c == '\\' || c == '"') escaped += '\\';
      escaped += c == '\n' ? "\\n" : std::string(1, c);
    }
    const auto read = Parse("name{label=\"" + escaped + "\"} 1\n");
    RC_ASSERT(read.samples.size() == 1u);
    RC_ASSERT(read.samples[0].labels.Get("label") == value);
  }));
}

}  // namespace
}  // namespace vigia::signals
