#include "cli/logs_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/temp_folder.h"
#include "cli/app.h"

namespace vigia::cli {
namespace {

class LogsCommandTest : public testing::Test {
 protected:
  int Vigia(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), {"--home", home_.path()});
    return cli::Run(words, {files_, clock_, entropy_, executor_, progress_,
                            [](const std::string&) { return std::nullopt; }, out_, err_});
  }
  void Line(Duration ago, const Json& more) {
    Json line = {{"timestamp", FormatTime(clock_.Now() - ago)}, {"level", "INFO"}, {"message", "request"}};
    line.update(more);
    lines_ += CompactJson(line) + "\n";
  }
  void Write() { ASSERT_TRUE(files_.Write(home_.path() + "/logs/app.log", lines_).ok()); }

  TempFolder home_;
  FakeClock clock_{WallTime(std::chrono::seconds(1'800'000'000))};
  SystemFiles files_;
  FakeEntropy entropy_{3};
  InlineExecutor executor_;
  NoProgress progress_;
  std::string lines_;
  std::ostringstream out_, err_;
};

TEST_F(LogsCommandTest, CountsTheLastMinutes) {
  using std::chrono::minutes;
  using std::chrono::seconds;
  Line(minutes(6), {{"status_code", 500}, {"latency_ms", 9.0}});  // too old
  Line(seconds(50), {{"status_code", 200}, {"latency_ms", 1.0}, {"n_instances", 7}, {"model_version", "v1.0.0"}});
  lines_ += "not a line of ours\n\n";
  Line(seconds(40), {{"status_code", 422}, {"latency_ms", 2.0}, {"error", "INVALID_ARGUMENT"}});
  for (int i = 0; i < 3; ++i) {
    Line(seconds(30), {{"status_code", 429}, {"latency_ms", 0.1}, {"error", "RATE_LIMITED"}, {"client", "10.0.0.9"}});
  }
  Line(seconds(20), {{"status_code", 429}, {"latency_ms", 0.1}, {"error", "RATE_LIMITED"}, {"client", "10.0.0.7"}});
  Line(seconds(10), {{"level", "ERROR"}, {"message", "the disk is full"}});
  Write();
  ASSERT_EQ(Vigia({"logs", "summary", "--json"}), 0) << err_.str();
  const Json summary = ParseJson(out_.str()).value();
  EXPECT_EQ(summary["requests"], 6);
  EXPECT_EQ(summary["errors"], 1);
  EXPECT_EQ(summary["largest_batch"], 7);
  EXPECT_EQ(summary["by_status"], (Json{{"200", 1}, {"422", 1}, {"429", 4}}));
  EXPECT_EQ(summary["by_error"], (Json{{"INVALID_ARGUMENT", 1}, {"RATE_LIMITED", 4}}));
  const Json& refused = summary["rate_limited"];
  EXPECT_EQ(refused["total"], 4);
  EXPECT_EQ(refused["clients"][0]["client"], "10.0.0.9");
  EXPECT_EQ(refused["clients"][0]["share"], 0.75);
  EXPECT_EQ(refused["clients"][0]["per_minute"], 0.6);
  ASSERT_EQ(Vigia({"logs", "summary", "--last", "10m"}), 0);
  EXPECT_THAT(out_.str(), testing::HasSubstr("7 requests, 2 errors"));
}

TEST_F(LogsCommandTest, NoLogIsNoRequests) {
  ASSERT_EQ(Vigia({"logs", "summary", "--json"}), 0) << err_.str();
  EXPECT_EQ(ParseJson(out_.str()).value()["requests"], 0);
  EXPECT_EQ(Vigia({"logs", "summary", "--last", "soon"}), 1);
  EXPECT_THAT(err_.str(), testing::HasSubstr("--last wants a time"));
}

}  // namespace
}  // namespace vigia::cli
