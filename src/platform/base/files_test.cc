#include "base/files.h"

#include <gtest/gtest.h>

#include "base/locked.h"
#include "base/mem_files.h"
#include "base/temp_folder.h"

namespace vigia {
namespace {

// One contract, two implementations.
class FilesTest : public testing::TestWithParam<bool> {
 protected:
  FilesTest() : mem_(clock_) {}
  Files& files() { return GetParam() ? static_cast<Files&>(system_) : mem_; }
  std::string Path(const std::string& name) { return JoinPath(folder_.path(), name); }

  FakeClock clock_{WallTime{}};
  SystemFiles system_;
  MemFiles mem_;
  TempFolder folder_;
};

TEST_P(FilesTest, WritesReadsAppendsAndReplaces) {
  const std::string path = Path("a/b/c.txt");
  ASSERT_TRUE(files().Write(path, "one").ok());
  ASSERT_TRUE(files().Append(path, " two", Files::Sync::kYes).ok());
  EXPECT_EQ(files().Read(path).value(), "one two");
  ASSERT_TRUE(files().Write(path, "three").ok());
  EXPECT_EQ(files().Read(path).value(), "three");
  EXPECT_EQ(files().List(Path("a/b")).value().size(), 1U) << "nothing written aside is left";
}

TEST_P(FilesTest, ListsSortedAndRenamesFolders) {
  ASSERT_TRUE(files().Write(Path("d/2"), "").ok());
  ASSERT_TRUE(files().Write(Path("d/1"), "x").ok());
  const auto listed = files().List(Path("d")).value();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].name, "1");
  EXPECT_EQ(listed[0].size, 1U);
  ASSERT_TRUE(files().Rename(Path("d"), Path("e")).ok());
  EXPECT_EQ(files().Read(Path("e/1")).value(), "x");
  EXPECT_FALSE(files().Exists(Path("d")));
}

TEST_P(FilesTest, MissingIsNotFoundAndNamesThePath) {
  const auto read = files().Read(Path("nothing"));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), Code::kNotFound);
  EXPECT_NE(read.error().message().find("nothing"), std::string::npos);
  EXPECT_FALSE(files().Remove(Path("nothing")).ok());
  EXPECT_TRUE(files().RemoveTree(Path("nothing")).ok());
}

TEST_P(FilesTest, ALockHasOneHolder) {
  auto held = files().Lock(Path("lock"));
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(files().Lock(Path("lock")).error().code(), Code::kUnavailable);
  held.value().reset();
  EXPECT_TRUE(files().Lock(Path("lock")).ok());
}

TEST(LockOrBusyTest, OnlyALockThatAnotherHoldsIsBusy) {
  const TempFolder folder;
  SystemFiles files;
  const std::string path = JoinPath(folder.path(), "lock");
  const auto held = LockOrBusy(files, path, "somebody works");
  ASSERT_TRUE(held.ok());
  EXPECT_TRUE(LockOrBusy(files, path, "somebody works").error().message().starts_with("somebody works: "));
  const auto impossible = LockOrBusy(files, JoinPath(path, "below a file"), "somebody works");
  ASSERT_FALSE(impossible.ok());
  EXPECT_EQ(impossible.error().message().find("somebody"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, FilesTest, testing::Bool(),
                         [](const auto& test) { return test.param ? "System" : "Memory"; });

TEST(MemFilesTest, AnInjectedFaultLeavesTheOldFile) {
  FakeClock clock(WallTime{});
  MemFiles files(clock);
  ASSERT_TRUE(files.Write("f", "old").ok());
  files.FailWritesAfter(0);
  EXPECT_EQ(files.Write("f", "new").error().code(), Code::kResourceExhausted);
  EXPECT_EQ(files.Read("f").value(), "old");
}

TEST(ResolveInsideTest, StaysInside) {
  TempFolder folder;
  SystemFiles files;
  ASSERT_TRUE(files.MakeFolders(JoinPath(folder.path(), "in")).ok());
  EXPECT_TRUE(ResolveInside(folder.path(), "in/new.txt").ok());
  EXPECT_TRUE(ResolveInside(folder.path(), "in/../x").ok());
  for (const char* bad : {"..", "../x", "in/../../x", "/etc/passwd", ""}) {
    EXPECT_FALSE(ResolveInside(folder.path(), bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace vigia
