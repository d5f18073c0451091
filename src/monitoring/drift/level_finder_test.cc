#include "drift/level_finder.h"

#include <gtest/gtest.h>

namespace vigia::drift {
namespace {

TEST(LevelFinderTest, FindsEachLevelAndNothingElse) {
  std::vector<std::string> levels = {"", "Menina", "Menino", "D'Água", std::string("a\0b", 3), "a"};
  for (int i = 0; i < 200; ++i) levels.push_back("level " + std::to_string(i));
  // Of every size, and alike but for one letter somewhere.
  for (size_t size = 2; size < 40; ++size) {
    for (size_t other = 0; other < size; ++other) {
      levels.emplace_back(size, 'x');
      levels.back()[other] = 'y';
    }
  }
  const LevelFinder finder(levels);
  EXPECT_EQ(finder.levels(), levels.size());
  for (size_t i = 0; i < levels.size(); ++i) EXPECT_EQ(finder.Find(levels[i]), i);
  for (const char* other :
       {"menina", "Menina ", "level", "level 200", "b", "xxxx", "xxxxxxxxxxxxxxxxxx", "yxxxxxxxxxxxxxxxxxxy"}) {
    EXPECT_EQ(finder.Find(other), levels.size()) << other;
  }
}

TEST(LevelFinderTest, CodesTellNoTextFromAnEmptyOne) {
  const std::vector<std::string_view> texts = {"b", "", "x", {}, "a"};
  std::vector<uint16_t> codes(texts.size());
  LevelFinder({"a", "b", ""}).Find(texts, codes);
  EXPECT_EQ(codes, (std::vector<uint16_t>{1, 2, 3, 4, 0}));
}

TEST(LevelFinderTest, OfNoLevelsThereIsNone) { EXPECT_EQ(LevelFinder({}).Find("x"), 0U); }

}  // namespace
}  // namespace vigia::drift
