#include "cli/compat_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/mem_files.h"
#include "cli/app.h"
#include "cli/compat_shims.h"

namespace vigia::cli {
namespace {

using testing::HasSubstr;

class CompatCommandTest : public testing::Test {
 protected:
  int Install(std::vector<std::string> flags = {}) {
    out_.str("");
    err_.str("");
    std::vector<std::string> words = {"--home", "home", "compat", "install"};
    words.insert(words.end(), flags.begin(), flags.end());
    return cli::Run(words, {files_, clock_, entropy_, executor_, progress_,
                            [](const std::string&) { return std::nullopt; }, out_, err_});
  }
  std::string Read(const std::string& below) const { return files_.Read("home/" + below).value(); }

  FakeClock clock_{WallTime(std::chrono::seconds(1'800'000'000))};
  MemFiles files_{clock_};
  FakeEntropy entropy_{3};
  InlineExecutor executor_;
  NoProgress progress_;
  std::ostringstream out_, err_;
};

TEST_F(CompatCommandTest, WritesEveryShimAndThenNothing) {
  const size_t count = Shims("vigia").size();
  ASSERT_EQ(Install({"--json"}), 0) << err_.str();
  EXPECT_EQ(ParseJson(out_.str()).value()["written"].size(), count);
  for (const Shim& shim : Shims("vigia")) EXPECT_TRUE(files_.Exists("home/" + shim.path)) << shim.path;
  ASSERT_EQ(Install({"--json"}), 0);
  EXPECT_EQ(ParseJson(out_.str()).value()["unchanged"].size(), count);
}

TEST_F(CompatCommandTest, ReplacesItsOwnOlderShims) {
  ASSERT_TRUE(files_.Write("home/src/train.py", std::string(kShimMark) + ": an older one\n").ok());
  ASSERT_EQ(Install(), 0) << err_.str();
  EXPECT_THAT(Read("src/train.py"), HasSubstr("vigia_shim.run(\"train\")"));
}

TEST_F(CompatCommandTest, AForeignFileStopsEverythingUnlessForced) {
  for (const char* foreign : {"src/registry.py", "monitoring/__init__.py", "curl-format.txt"}) {
    SCOPED_TRACE(foreign);
    ASSERT_TRUE(files_.RemoveTree("home").ok());
    ASSERT_TRUE(files_.Write(std::string("home/") + foreign, "somebody's\n").ok());
    EXPECT_EQ(Install(), 1);
    EXPECT_THAT(err_.str(), HasSubstr(foreign));
    EXPECT_EQ(Read(foreign), "somebody's\n");
    EXPECT_FALSE(files_.Exists("home/src/train.py"));
    EXPECT_EQ(Install({"--force"}), 0) << err_.str();
    EXPECT_NE(Read(foreign), "somebody's\n");
  }
}

TEST_F(CompatCommandTest, AnEmptyPackageFileStays) {
  ASSERT_TRUE(files_.Write("home/src/__init__.py", "").ok());
  ASSERT_EQ(Install(), 0) << err_.str();
  EXPECT_EQ(Read("src/__init__.py"), "");
}

}  // namespace
}  // namespace vigia::cli
