#include "config/file.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/mem_files.h"

namespace vigia::config {
namespace {

class FileTest : public testing::Test {
 protected:
  FakeClock clock_{WallTime{}};
  MemFiles files_{clock_};
};

TEST_F(FileTest, TakesOneSectionWithItsLines) {
  ASSERT_TRUE(files_.Write("home/vigia.yaml", "control:\n  port: 1\nrisk:\n  port: 2\nchecks: []\n").ok());
  const YamlNode risk = ReadSection(files_, "home", "risk").value();
  ASSERT_EQ(risk.map.size(), 1U);
  EXPECT_EQ(risk.map[0].first, "risk");
  EXPECT_EQ(risk.key_lines, std::vector<int>{3});
  EXPECT_TRUE(ReadSection(files_, "home", "services").value().map.empty());
  EXPECT_EQ(ReadFile(files_, "home").value().map.size(), 3U);
}

TEST_F(FileTest, NoFileAndAnEmptyOneAreFine) {
  EXPECT_EQ(ReadFile(files_, "home").value().kind, YamlNode::Kind::kNull);
  ASSERT_TRUE(files_.Write("home/vigia.yaml", "# nothing yet\n").ok());
  EXPECT_EQ(ReadSection(files_, "home", "risk").value().kind, YamlNode::Kind::kNull);
}

TEST_F(FileTest, RefusesWhatNobodyReads) {
  EXPECT_TRUE(std::is_sorted(SectionNames().begin(), SectionNames().end()));
  ASSERT_TRUE(files_.Write("home/vigia.yaml", "risk:\n  port: 1\ncheks:\n  - name: x\n").ok());
  for (const std::string_view section : SectionNames()) {
    const auto refused = ReadSection(files_, "home", section);
    ASSERT_FALSE(refused.ok());
    EXPECT_TRUE(refused.error().message().starts_with("vigia.yaml:3: 'cheks' is not a section; there are alerting, "))
        << refused.error().message();
  }
  ASSERT_TRUE(files_.Write("home/vigia.yaml", "- risk\n").ok());
  EXPECT_EQ(ReadFile(files_, "home").error().message(), "vigia.yaml:1: must be a map of sections");
}

}  // namespace
}  // namespace vigia::config
