#include "base/text.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/secret.h"

namespace vigia {
namespace {

TEST(TextTest, TrimAndSplit) {
  EXPECT_EQ(Trim(" \t a b \n"), "a b");
  EXPECT_EQ(Trim("  "), "");
  EXPECT_EQ(Split("a,,b", ',').size(), 3U);
  EXPECT_EQ(Split("", ',').size(), 1U);
}

TEST(TextTest, NumbersAreWholeAndFinite) {
  EXPECT_EQ(ParseNumber("6.5"), 6.5);
  EXPECT_EQ(ParseNumber("+1e3"), 1000.0);
  for (const char* bad : {"", "6,5", "6.5x", " 6", "nan", "inf", "1e999", "0x10"}) {
    EXPECT_FALSE(ParseNumber(bad).has_value()) << bad;
  }
  EXPECT_EQ(ParseInteger("-3"), -3);
  EXPECT_FALSE(ParseInteger("3.0").has_value());
}

TEST(TextTest, JsonStringsAreAlwaysValid) {
  for (const std::string text :
       {"plain", "a\"b\\c", "\n\t\x01", "ação", "\xff\xfe", "\xed\xa0\x80", "\xf0\x9f\x98\x80"}) {
    std::string out;
    AppendJsonString(out, text);
    EXPECT_TRUE(ParseJson(out).ok()) << out;
  }
}

TEST(TextTest, HtmlIsEscaped) { EXPECT_EQ(EscapeHtml("<a b='\"&'>"), "&lt;a b=&#39;&quot;&amp;&#39;&gt;"); }

TEST(SecretTest, PrintsRedacted) {
  const Secret secret("hunter2");
  EXPECT_EQ(fmt::format("{}", secret), "***");
  EXPECT_EQ(secret.Reveal(), "hunter2");
}

}  // namespace
}  // namespace vigia
