#include "config/environment.h"

#include <gtest/gtest.h>

#include "base/mem_files.h"

namespace vigia::config {
namespace {

class EnvironmentTest : public testing::Test {
 protected:
  Result<Environment> Make(const std::map<std::string, std::string>& process = {}) {
    return WithEnvFiles(
        [process](const std::string& name) -> std::optional<std::string> {
          const auto found = process.find(name);
          return found == process.end() ? std::nullopt : std::optional(found->second);
        },
        files_, "home");
  }

  FakeClock clock_{WallTime{}};
  MemFiles files_{clock_};
};

TEST_F(EnvironmentTest, TheProcessWinsOverTheHomeAndThatOverTheWorkingDirectory) {
  ASSERT_TRUE(files_.Write(".env", "A=cwd\nB=cwd\nC=cwd\nD=cwd\n").ok());
  ASSERT_TRUE(files_.Write("home/.env", "A=home\nB=home\n# nothing\nD=\n").ok());
  const Environment environment = Make({{"A", "process"}, {"C", "  "}}).value();
  struct Case {
    const char* name;
    std::optional<std::string> value;
    const char* origin;
  };
  const Case cases[] = {{"A", "process", "A"},
                        {"B", "home", ".env:2"},
                        {"C", "cwd", "./.env:3"},
                        {"D", std::nullopt, "D"},  // cleared by the home
                        {"E", std::nullopt, "E"}};
  for (const Case& c : cases) {
    EXPECT_EQ(environment(c.name), c.value) << c.name;
    EXPECT_EQ(environment.OriginOf(c.name), c.origin) << c.name;
  }
}

TEST_F(EnvironmentTest, ReadsLinesAsShellsWriteThem) {
  struct Case {
    const char* line;
    std::optional<std::string> value;
  };
  const Case cases[] = {{"X=1", "1"},
                        {"  X = 1 \r", "1"},
                        {"export X=0.05", "0.05"},
                        {"X=a b # why", "a b"},
                        {"X=a#b", "a#b"},
                        {"X='a # \\n b' # why", "a # \\n b"},
                        {R"(X="a \"b\"\n#")", "a \"b\"\n#"},
                        {"X=a=b", "a=b"},
                        {"X=1\nX=2", "2"},
                        {"X=1\nX=", std::nullopt},
                        {"X=", std::nullopt},
                        {"X= # why", std::nullopt},
                        {"X=''", std::nullopt},
                        {"# X=1", std::nullopt},
                        {"", std::nullopt}};
  for (const Case& c : cases) {
    ASSERT_TRUE(files_.Write("home/.env", c.line).ok());
    const auto environment = Make();
    ASSERT_TRUE(environment.ok()) << c.line;
    EXPECT_EQ((*environment)("X"), c.value) << c.line;
  }
}

TEST_F(EnvironmentTest, RefusesOtherLinesOfTheHomeAndPassesOverThoseElsewhere) {
  for (const char* line :
       {"hunter2", "=hunter2", "1X=hunter2", "X Y=hunter2", "X='hunter2", "X=\"hunter2\" y", "X-Y=1"}) {
    ASSERT_TRUE(files_.Write("home/.env", "A=1\n" + std::string(line) + "\n").ok());
    const auto refused = Make();
    ASSERT_FALSE(refused.ok()) << line;
    EXPECT_EQ(refused.error().message(), ".env:2: must be NAME=value");
    ASSERT_TRUE(files_.Remove("home/.env").ok());
    ASSERT_TRUE(files_.Write(".env", "A=1\n" + std::string(line) + "\n").ok());
    EXPECT_EQ(Make().value()("A"), "1") << line;
  }
}

}  // namespace
}  // namespace vigia::config
