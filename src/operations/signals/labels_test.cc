#include "signals/labels.h"

#include <gtest/gtest.h>

namespace vigia::signals {
namespace {

TEST(LabelSetTest, IsSortedAndDropsEmptyValues) {
  LabelSet labels{{"b", "2"}, {"a", "1"}, {"c", ""}};
  EXPECT_EQ(labels.ToString(), "a=1,b=2");
  labels.Set("a", "");
  labels.Set("b", "3");
  EXPECT_EQ(labels, (LabelSet{{"b", "3"}}));
  EXPECT_EQ(labels.Get("a"), "");
  EXPECT_EQ(LabelSet::FromJson(labels.ToJson()), labels);
  EXPECT_EQ((LabelSet{{"a", "1"}, {"b", "2"}}.Only({"b", "z"})), (LabelSet{{"b", "2"}}));
  EXPECT_EQ((LabelSet{{"a", "1"}}.With({{"a", "2"}, {"b", "3"}})), (LabelSet{{"a", "2"}, {"b", "3"}}));
}

TEST(LabelSetTest, FingerprintIsAlertmanagers) {
  const LabelSet labels{{"fear", "love is not enough"}, {"name", "garland, briggs"}};
  EXPECT_EQ(labels.Fingerprint(), 5799056148416392346ULL);
  EXPECT_EQ(FormatFingerprint(0x1F), "000000000000001f");
}

TEST(MatcherTest, Matches) {
  const LabelSet labels{{"alertname", "X"}, {"severity", "page"}};
  for (const char* yes : {"alertname=\"X\"", "alertname=X", "severity=~\"page|critical\"", "other!=\"1\"", "other=\"\"",
                          "severity!~pag", " alertname = \"X\" "}) {
    EXPECT_TRUE(Matcher::Parse(yes)->Matches(labels)) << yes;
  }
  for (const char* no : {"alertname=\"Y\"", "severity=~pag", "severity!=page", "other=1"}) {
    EXPECT_FALSE(Matcher::Parse(no)->Matches(labels)) << no;
  }
  EXPECT_EQ(Matcher::Parse("a=~b")->ToString(), "a=~\"b\"");
}

TEST(MatcherTest, RefusesNonsense) {
  for (const char* text : {"", "alertname", "=\"x\"", "a=~\"(\"", "a!x"}) {
    EXPECT_FALSE(Matcher::Parse(text).ok()) << text;
  }
}

TEST(MatcherTest, ReadsWhatIsQuoted) {
  EXPECT_EQ(Matcher::Parse(R"(a="b\"c\\d\ne")").value().value(), "b\"c\\d\ne");
  EXPECT_EQ(Matcher::Parse(R"(a=~"a\.b")").value().value(), "a\\.b");
}

// Patterns and texts come from outside: neither may take for ever, or the stack.
TEST(MatcherTest, NoPatternTakesForEver) {
  const auto nasty = Matcher::Parse("a=~\"(x+x+)+y\"");
  EXPECT_FALSE(nasty.value().Matches({{"a", std::string(2'000, 'x')}}));
  EXPECT_TRUE(Matcher::Parse("a=~\"(?:x|y)*\"").value().Matches({{"a", std::string(100'000, 'x')}}));
  EXPECT_FALSE(Matcher::Parse(R"(a=~"(x)\1")").ok());
}

}  // namespace
}  // namespace vigia::signals
