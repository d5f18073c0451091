#include "audit/audit.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem_files.h"
#include "base/temp_folder.h"

namespace vigia::audit {
namespace {

const std::string kPath = "logs/audit.log";

class AuditTest : public testing::Test {
 protected:
  void Fill(int entries) {
    for (int i = 0; i < entries; ++i) {
      ASSERT_TRUE(Append(files_, kPath, clock_.Now(), {"promote", "ana", {{"version", i}}}).ok());
    }
  }
  std::string Log() { return files_.Read(kPath).value(); }
  Verification Check() { return Verify(files_, kPath).value(); }

  FakeClock clock_{ParseTime("2026-01-01T00:00:00Z").value()};
  MemFiles files_{clock_};
};

TEST_F(AuditTest, AChainOfEntriesVerifies) {
  EXPECT_TRUE(Check().intact) << "no log yet";
  Fill(3);
  EXPECT_TRUE(Check().intact);
  EXPECT_EQ(Check().entries, 3U);
  EXPECT_NE(Log().find(R"("action":"promote","who":"ana")"), std::string::npos);
}

TEST_F(AuditTest, WaitsForAnotherWriterAndNotForEver) {
  Fill(1);
  auto held = files_.Lock(kPath + ".lock");
  ASSERT_TRUE(held.ok());
  int pauses = 0;
  const auto let_go_at_the_third = [&](Duration time) {
    EXPECT_EQ(time, std::chrono::milliseconds(1));
    if (++pauses == 3) held->reset();
  };
  EXPECT_TRUE(Append(files_, kPath, clock_.Now(), {"promote", "ana"}, let_go_at_the_third).ok());
  EXPECT_EQ(pauses, 3);
  held = files_.Lock(kPath + ".lock");
  pauses = 0;
  const Status refused = Append(files_, kPath, clock_.Now(), {"promote", "ana"}, [&](Duration) { ++pauses; });
  EXPECT_EQ(refused.error().code(), Code::kUnavailable);
  EXPECT_EQ(pauses, 2000);
  EXPECT_EQ(Check().entries, 2U);
}

TEST_F(AuditTest, AnyEditIsFoundAtItsLine) {
  Fill(4);
  const std::string log = Log();
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"version\":1", "\"version\":9"}, {"\"seq\":3", "\"seq\":7"}, {"ana", "eve"}}) {
    std::string edited = log;
    edited.replace(edited.find(from), from.size(), to);
    ASSERT_TRUE(files_.Write(kPath, edited).ok());
    EXPECT_FALSE(Check().intact) << to;
    EXPECT_GT(Check().first_bad_line, 0U);
  }
}

TEST_F(AuditTest, RemovedAndCutLinesAreFound) {
  Fill(3);
  const std::string log = Log();
  const size_t second = log.find('\n') + 1;
  const size_t third = log.find('\n', second) + 1;
  ASSERT_TRUE(files_.Write(kPath, log.substr(0, second) + log.substr(third)).ok());
  EXPECT_EQ(Check().first_bad_line, 2U);
  ASSERT_TRUE(files_.Write(kPath, log.substr(0, third)).ok());
  EXPECT_EQ(Check().problem, "the log ends at entry 2, but its head remembers 3");
  ASSERT_TRUE(files_.Remove(kPath).ok());
  EXPECT_FALSE(Check().intact);
}

TEST_F(AuditTest, ATornTailIsClosedAndTheChainGoesOn) {
  Fill(2);
  ASSERT_TRUE(files_.Append(kPath, R"({"seq":3,"time)", Files::Sync::kNo).ok());
  EXPECT_TRUE(Check().intact);
  EXPECT_EQ(Check().torn, 1U);
  Fill(1);
  EXPECT_TRUE(Check().intact);
  EXPECT_EQ(Check().entries, 3U);
  EXPECT_EQ(Check().torn, 1U);
}

TEST_F(AuditTest, AKillBetweenLogAndHeadLosesNothing) {
  Fill(2);
  files_.FailWritesAfter(1);  // the log is written, the head is not
  EXPECT_FALSE(Append(files_, kPath, clock_.Now(), {"stop", "ana", Json::object()}).ok());
  files_.FailWritesAfter(-1);
  EXPECT_TRUE(Check().intact);
  EXPECT_EQ(Check().entries, 3U);
  Fill(1);
  EXPECT_EQ(Check().entries, 4U);
}

TEST_F(AuditTest, ABrokenChainIsNotExtended) {
  Fill(2);
  std::string log = Log();
  log.replace(log.find("ana"), 3, "evelyn");
  ASSERT_TRUE(files_.Write(kPath, log).ok());
  EXPECT_EQ(Append(files_, kPath, clock_.Now(), {"x", "y", Json::object()}).error().code(), Code::kDataLoss);
}

TEST(AuditProcessTest, SeveralProcessesAppendOneChain) {
  TempFolder folder;
  const std::string path = JoinPath(folder.path(), "audit.log");
  std::vector<pid_t> children;
  for (int child = 0; child < 4; ++child) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      SystemFiles files;
      int failures = 0;
      for (int i = 0; i < 10; ++i) {
        if (!Append(files, path, WallTime{}, {"x", "child", {{"i", i}}}).ok()) ++failures;
      }
      ::_exit(failures);
    }
    children.push_back(pid);
  }
  for (const pid_t pid : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
  }
  const Verification verified = Verify(SystemFiles(), path).value();
  EXPECT_TRUE(verified.intact) << verified.problem;
  EXPECT_EQ(verified.entries, 40U);
}

}  // namespace
}  // namespace vigia::audit
