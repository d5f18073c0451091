#include "base/log.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "base/temp_folder.h"

namespace vigia {
namespace {

TEST(LogTest, ALineIsJsonInTheShapeThatRunbooksGrep) {
  const std::string line = FormatLogLine(ParseTime("2026-11-20T10:35:00Z").value(), LogLevel::kError, "risk", "a \"b\"",
                                         {{"request_id", "abc123"}, {"status", 500}, {"latency_ms", 1.5}});
  EXPECT_NE(line.find(R"("level": "ERROR")"), std::string::npos);
  EXPECT_NE(line.find(R"("request_id": "abc123")"), std::string::npos);
  const Json parsed = ParseJson(line).value();
  EXPECT_EQ(parsed["message"], "a \"b\"");
  EXPECT_EQ(parsed["latency_ms"], 1.5);
  EXPECT_EQ(parsed["timestamp"], "2026-11-20T10:35:00.000000Z");
}

TEST(LogTest, WritesWhatIsQueuedBeforeItEnds) {
  TempFolder folder;
  SystemClock clock;
  LogSettings settings;
  settings.file = JoinPath(folder.path(), "logs/app.log");
  settings.to_stderr = false;
  settings.level = LogLevel::kInfo;
  {
    auto log = OpenLog(settings, clock).value();
    log->Debug("dropped");
    for (int i = 0; i < 100; ++i) log->Info("line", {{"i", i}});
  }
  const std::string text = SystemFiles().Read(settings.file).value();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 100);
  EXPECT_EQ(text.find("dropped"), std::string::npos);
}

TEST(LogTest, LevelsReadBack) {
  EXPECT_EQ(ParseLogLevel("warning").value(), LogLevel::kWarning);
  EXPECT_FALSE(ParseLogLevel("loud").ok());
}

}  // namespace
}  // namespace vigia
