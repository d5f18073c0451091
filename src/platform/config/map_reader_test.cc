#include "config/map_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigia::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(DurationTest, ReadsWhatPeopleWrite) {
  const std::vector<std::pair<const char*, Duration>> cases = {{"0", seconds(0)},      {"250ms", milliseconds(250)},
                                                               {"30s", seconds(30)},   {"1.5s", milliseconds(1500)},
                                                               {"1h30m", minutes(90)}, {"2d", hours(48)},
                                                               {"1w", hours(24 * 7)},  {"10us", Duration(10)}};
  for (const auto& [text, wanted] : cases) EXPECT_EQ(ParseDuration(text), wanted) << text;
  for (const char* text : {"", "5", "s", "-5s", "5 m", "1x", "1h2", "9999w", "1..2s"}) {
    EXPECT_FALSE(ParseDuration(text).has_value()) << text;
  }
  EXPECT_EQ(FormatDuration(minutes(90)), "1h30m");
  EXPECT_EQ(FormatDuration(milliseconds(1500)), "1s500ms");
  EXPECT_EQ(FormatDuration(seconds(0)), "0s");
}

enum class Mode { kAuto, kOff };

TEST(MapReaderTest, ReadsFields) {
  const auto node =
      ParseYaml("a: text\nn: 2.5\ni: 3\nf: yes it is\nt: 5m\nl: [x, y]\none: z\nm: {k: v}\nmode: off\nb: true\n", "t");
  ASSERT_TRUE(node.ok());
  std::vector<Problem> problems;
  MapReader reader(*node, "file.yaml", "thing", problems);
  EXPECT_EQ(reader.RequiredText("a"), "text");
  EXPECT_EQ(reader.Number("n", 0), 2.5);
  EXPECT_EQ(reader.Integer("i", 0), 3);
  EXPECT_EQ(reader.Text("f"), "yes it is");
  EXPECT_EQ(reader.Time("t", seconds(1)), minutes(5));
  EXPECT_THAT(reader.Texts("l"), testing::ElementsAre("x", "y"));
  EXPECT_THAT(reader.Texts("one"), testing::ElementsAre("z"));
  EXPECT_NE(reader.Map("m"), nullptr);
  EXPECT_EQ(reader.Choice<Mode>("mode", {{"auto", Mode::kAuto}, {"off", Mode::kOff}}, Mode::kAuto), Mode::kOff);
  EXPECT_TRUE(reader.Flag("b", false));
  EXPECT_EQ(reader.Integer("missing", 7), 7);
  reader.Finish();
  EXPECT_TRUE(problems.empty());
}

TEST(MapReaderTest, CollectsEveryProblemWithItsLine) {
  const auto node = ParseYaml("n: many\ni: 1.5\nt: soon\nl: {a: b}\nm: [1]\nmode: maybe\nextra: 1\nf: 2\n", "t");
  ASSERT_TRUE(node.ok());
  std::vector<Problem> problems;
  MapReader reader(*node, "file.yaml", "thing", problems);
  reader.Number("n", 0);
  reader.Integer("i", 0);
  reader.Time("t", seconds(1));
  reader.Texts("l");
  reader.Map("m");
  reader.Choice<Mode>("mode", {{"auto", Mode::kAuto}, {"off", Mode::kOff}}, Mode::kAuto);
  reader.RequiredText("name");
  reader.Flag("f", false);
  reader.Finish();
  std::vector<std::string> lines;
  for (const Problem& problem : problems) lines.push_back(problem.ToString());
  EXPECT_THAT(lines, testing::UnorderedElementsAre(
                         "file.yaml:1: thing: 'n' must be a number", "file.yaml:2: thing: 'i' must be a whole number",
                         "file.yaml:3: thing: 't' must be a duration such as 30s, 5m or 2h",
                         "file.yaml:4: thing: 'l' must be a list of texts",
                         "file.yaml:5: thing: 'm' must be a map of keys and values",
                         "file.yaml:6: thing: 'mode' must be one of auto, off", "file.yaml:1: thing: 'name' is missing",
                         "file.yaml:8: thing: 'f' must be true or false", "file.yaml:7: thing: unknown key 'extra'"));
}

TEST(MapReaderTest, RefusesWhatIsNotAMap) {
  const auto node = ParseYaml("[1]", "t");
  std::vector<Problem> problems;
  MapReader reader(*node, "f", "thing", problems);
  reader.Finish();
  ASSERT_EQ(problems.size(), 1U);
}

}  // namespace
}  // namespace vigia::config
