#include "signals/probes/scrape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/mem_files.h"
#include "signals/series_store.h"

namespace vigia::signals {
namespace {

using std::chrono::seconds;

class ScrapeTest : public testing::Test {
 protected:
  std::vector<Sample> Collect(int second) {
    clock_.Advance(seconds(1));
    return scrape_.Collect(WallTime(seconds(second)));
  }
  static const Sample* Find(const std::vector<Sample>& samples, const std::string& name) {
    for (const Sample& sample : samples) {
      if (sample.name == name) return &sample;
    }
    return nullptr;
  }

  FakeClock clock_{WallTime(seconds(1'000))};
  MemFiles files_{clock_};
  FakeProcesses processes_{[](const ProcessRequest&) { return Error(Code::kNotFound, "no programs here"); }};
  net::HttpResponse answer_{200, {{"content-type", "text/plain; version=0.0.4"}}, "", false, {}, {}};
  bool down_ = false;
  net::FakeHttpClient http_{[this](const net::HttpRequest&) -> Result<net::HttpResponse> {
    if (down_) return Error(Code::kUnavailable, "refused");
    return answer_;
  }};
  const ProbeWorld world_{
      files_, processes_, http_, clock_, "home", [](const std::string& name) -> std::optional<std::string> {
        if (name != "KEY") return std::nullopt;
        return "secret";
      }};
  ScrapeSettings settings_{
      "http://risk/metrics",
      {{"X-API-Key", {HeaderValue::From::kEnvironment, "KEY"}}, {"Authorization", {HeaderValue::From::kFile, "token"}}},
      "",
      Timestamps::kIgnore,
      100};
  Scrape scrape_{{"risk", seconds(5), seconds(2), {{"service", "risk"}}}, world_, settings_};
};

TEST_F(ScrapeTest, LabelsWhatItFinds) {
  ASSERT_TRUE(files_.Write("home/token", "Bearer abc\n").ok());
  answer_.body = "requests_total{status=\"200\",service=\"liar\"} 7\nbad line here\n";
  const auto samples = Collect(10);
  const Sample* requests = Find(samples, "requests_total");
  ASSERT_NE(requests, nullptr);
  EXPECT_EQ(requests->labels, (LabelSet{{"job", "risk"}, {"service", "risk"}, {"status", "200"}}));
  EXPECT_EQ(requests->at, WallTime(seconds(10)));
  const LabelSet ours{{"probe", "risk"}, {"service", "risk"}};
  ASSERT_NE(Find(samples, "probe_success"), nullptr);
  EXPECT_EQ(Find(samples, "probe_success")->value, 1);
  EXPECT_EQ(Find(samples, "probe_success")->labels, ours);
  EXPECT_EQ(Find(samples, "scrape_bad_lines")->value, 1);
  EXPECT_EQ(Find(samples, "scrape_samples")->value, 1);
  const net::HttpRequest sent = http_.Requests().at(0);
  EXPECT_EQ(sent.timeout, seconds(2));
  EXPECT_THAT(sent.headers, testing::Contains(std::pair<std::string, std::string>("X-API-Key", "secret")));
  EXPECT_THAT(sent.headers, testing::Contains(std::pair<std::string, std::string>("Authorization", "Bearer abc")));
}

TEST_F(ScrapeTest, SeriesThatAreGoneEnd) {
  const auto store = MakeSeriesStore({});
  Selector selector;
  selector.signal = "model_info";
  const auto query = store->Prepare(selector);
  answer_.body = "model_info{version=\"v1\"} 1\n";
  store->Append(Collect(10));
  answer_.body = "model_info{version=\"v2\"} 1\n";
  store->Append(Collect(15));
  std::vector<Reading> readings;
  store->Read(query, WallTime(seconds(16)), readings);
  ASSERT_EQ(readings.size(), 1u) << "v1 is not served any more";
  EXPECT_EQ(readings[0].labels.Get("version"), "v2");
  down_ = true;
  store->Append(Collect(20));
  readings.clear();
  store->Read(query, WallTime(seconds(21)), readings);
  EXPECT_TRUE(readings.empty()) << "nobody knows while it is down";
}

TEST_F(ScrapeTest, FailsWithoutAGoodAnswer) {
  answer_.status = 500;
  EXPECT_EQ(Find(Collect(1), "probe_success")->value, 0);
  answer_.status = 200;
  answer_.truncated = true;
  EXPECT_EQ(Find(Collect(2), "probe_success")->value, 0);
  down_ = true;
  const auto samples = Collect(3);
  EXPECT_EQ(Find(samples, "probe_success")->value, 0);
  EXPECT_EQ(samples.size(), 2u);
}

}  // namespace
}  // namespace vigia::signals
