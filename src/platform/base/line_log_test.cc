#include "base/line_log.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "base/temp_folder.h"

namespace vigia {
namespace {

TEST(LineRingTest, KeepsOrderAcrossTheSeam) {
  LineRing ring(1024);
  std::string out, want;
  for (int i = 0; i < 200; ++i) {
    const std::string line = "line " + std::to_string(i) + "\n";
    want += line;
    ASSERT_TRUE(ring.Write(line));
    if (i % 7 == 0) ring.Drain(out);
  }
  ring.Drain(out);
  EXPECT_EQ(out, want);
}

TEST(LineRingTest, DropsWholeLinesWhenFull) {
  LineRing ring(1024);
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += ring.Write(std::string(99, 'x') + "\n") ? 1 : 0;
  EXPECT_EQ(taken, 10);
  EXPECT_EQ(ring.dropped(), 90U);
  std::string out;
  ring.Drain(out);
  EXPECT_EQ(out.size(), 1000U);
  EXPECT_TRUE(ring.Write("x\n"));
}

TEST(LineRingTest, OneThreadWritesWhileAnotherReads) {
  LineRing ring(4096);
  std::string out;
  constexpr int kLines = 20'000;
  std::thread writer([&] {
    for (int i = 0; i < kLines; ++i) {
      while (!ring.Write(std::to_string(i) + "\n")) std::this_thread::yield();
    }
  });
  size_t lines = 0;
  while (lines < kLines) {
    const size_t before = out.size();
    ring.Drain(out);
    lines += static_cast<size_t>(std::count(out.begin() + static_cast<ptrdiff_t>(before), out.end(), '\n'));
  }
  writer.join();
  std::string want;
  for (int i = 0; i < kLines; ++i) want += std::to_string(i) + "\n";
  EXPECT_EQ(out, want);
}

TEST(LineLogTest, WritesBothKindsOfLinesAndRotates) {
  TempFolder folder;
  SystemClock clock;
  SystemFiles files;
  LogSettings settings;
  settings.file = folder.path() + "/app.log";
  settings.to_stderr = false;
  settings.rotate_bytes = 150;
  settings.keep_files = 2;
  for (int i = 0; i < 5; ++i) {
    auto log = LineLog::Open(settings, 2, clock).value();
    log->ring(1).Write("{\"from\": \"ring\"}\n");
    log->Warning("hello", {{"n", i}});
    log->Debug("not this");
  }
  const std::string newest = files.Read(settings.file).value();
  EXPECT_NE(newest.find("\"level\": \"WARNING\""), std::string::npos);
  EXPECT_NE(newest.find("\"n\": 4"), std::string::npos);
  EXPECT_NE(newest.find("ring"), std::string::npos);
  EXPECT_EQ(newest.find("not this"), std::string::npos);
  EXPECT_EQ(files.List(folder.path()).value().size(), 3U);
  EXPECT_TRUE(files.Exists(folder.path() + "/app.2.log"));
}

TEST(LineLogTest, AFileThatCannotBeOpenedIsAnError) {
  SystemClock clock;
  LogSettings settings;
  settings.file = "/nonexistent/app.log";
  EXPECT_FALSE(LineLog::Open(settings, 1, clock).ok());
}

TEST(LineLogTest, PersonalDataDoesNotReachTheFile) {
  const TempFolder folder;
  const SystemClock clock;
  LogSettings settings;
  settings.to_stderr = false;
  settings.file = folder.path() + "/app.log";
  {
    const auto log = LineLog::Open(settings, 1, clock).value();
    log->Error("cannot parse 123.456.789-00", {{"nome", "Ana"}, {"status_code", 422}});
    ASSERT_TRUE(log->ring(0).Write("{\"message\": \"a@b.co\"}\n"));
  }
  const std::string text = SystemFiles().Read(settings.file).value();
  for (const char* personal : {"123.456", "Ana", "a@b.co"}) EXPECT_EQ(text.find(personal), text.npos) << text;
  EXPECT_NE(text.find("\"status_code\": 422"), text.npos) << text;
}

}  // namespace
}  // namespace vigia
