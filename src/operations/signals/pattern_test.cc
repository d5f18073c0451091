#include "signals/pattern.h"

#include <gtest/gtest.h>

namespace vigia::signals {
namespace {

TEST(PatternTest, MatchesAsPrometheusDoes) {
  const auto pattern = Pattern::Compile("(?i)page|critical");
  ASSERT_TRUE(pattern.ok());
  EXPECT_TRUE(pattern->MatchesAll("PAGE"));
  EXPECT_TRUE(pattern->MatchesAll("critical"));
  EXPECT_FALSE(pattern->MatchesAll("pages"));
  EXPECT_TRUE(pattern->FoundIn("two pages"));
  EXPECT_FALSE(pattern->FoundIn("pag"));
  EXPECT_TRUE(Pattern::Compile("")->MatchesAll(""));
  EXPECT_TRUE(Pattern::Compile(R"(\x{e9}+)")->MatchesAll("éé"));
}

TEST(PatternTest, SaysWhatIsWrong) {
  for (const char* text : {"(", "a{2,1}", R"((x)\1)", "(?=x)", "\xff"}) {
    const auto pattern = Pattern::Compile(text);
    ASSERT_FALSE(pattern.ok()) << text;
    EXPECT_NE(pattern.error().message().find("is not a regular expression: "), std::string::npos);
  }
}

}  // namespace
}  // namespace vigia::signals
