#include "jq/filter.h"

#include <gtest/gtest.h>

namespace vigia::jq {
namespace {

const Json kDocument = {{"labels", {{"service", "risk"}, {"range", "a"}}},
                        {"signals", {{"p95", 250.5}, {"gone", nullptr}}},
                        {"steps", {{"top", {{"out", {{"rows", {1, 2, 3}}}}}}}},
                        {"ok", true}};

TEST(FilterTest, TestsConditions) {
  const std::vector<std::pair<const char*, Verdict>> cases = {
      {".signals.p95 < 300", Verdict::kTrue},
      {".signals.p95 > 300", Verdict::kFalse},
      {".ok and (.labels.service == \"risk\")", Verdict::kTrue},
      {".steps.top.out.rows | length == 3", Verdict::kTrue},
      {".labels.range == \"a\"", Verdict::kTrue},  // a key may have a refused name
      {"\"range input\" | length > 3", Verdict::kTrue},
      {"[.steps.top.out.rows[] | select(. > 1)] | length == 2", Verdict::kTrue},
      {".signals.gone", Verdict::kUnknown},
      {".signals.never", Verdict::kUnknown},
      {".signals.p95", Verdict::kUnknown},
      {"empty", Verdict::kUnknown},
      {".labels + 1 > 0", Verdict::kUnknown},
      {".signals.gone != null and .signals.gone < 3", Verdict::kFalse},
      {".labels.service | test(\"^ri\")", Verdict::kTrue},
  };
  for (const auto& [expression, wanted] : cases) {
    const auto filter = Filter::Compile(expression);
    ASSERT_TRUE(filter.ok()) << expression << ": " << filter.error().message();
    EXPECT_EQ(filter->Test(kDocument), wanted) << expression;
    EXPECT_EQ(filter->Test(kDocument), wanted) << expression << " again";
  }
}

TEST(FilterTest, WalksPlainPathsAsTheInterpreterDoes) {
  for (const std::string path : {".labels.service", ".signals.p95", ".signals.gone.further", ".never.there", ".ok",
                                 ".labels[\"service\"]", ".steps.top.out.rows", ".ok.further", " .ok "}) {
    const auto plain = Filter::Compile(path).value().Run(kDocument);
    const auto interpreted = Filter::Compile("(" + path + ")").value().Run(kDocument);
    ASSERT_EQ(plain.ok(), interpreted.ok()) << path;
    EXPECT_EQ(plain.ok() ? *plain : Json(), interpreted.ok() ? *interpreted : Json()) << path;
  }
}

TEST(FilterTest, CompilesAtFirstUseWhenAsked) {
  EXPECT_EQ(Filter::Compile(".signals.p95 < 300", Compiling::kFirstUse).value().Test(kDocument), Verdict::kTrue);
  EXPECT_FALSE(Filter::Compile("nonsense(1)", Compiling::kFirstUse).value().Run(kDocument).ok());
  EXPECT_FALSE(Filter::Compile("env.HOME", Compiling::kFirstUse).ok());
}

TEST(FilterTest, RefusesWhatDoesNotCompileOrReadsTheWorld) {
  for (const char* expression : {"", "  ", ".a +", "nonsense(1)", "env.HOME", "$ENV", "input", "def f: f; f",
                                 "[range(9)]", "..", "\"\\(env)\"", "while(true; .)", "halt", "repeat(.)"}) {
    const auto filter = Filter::Compile(expression);
    ASSERT_FALSE(filter.ok()) << expression;
    EXPECT_EQ(filter.error().message().find('\n'), std::string::npos) << expression;
  }
}

TEST(TemplateTest, RendersTextNumbersAndBooleans) {
  const auto made = Template::Compile("{{ .labels.service }}-{{.signals.p95}}:{{ .ok }}!");
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(*made->Render(kDocument), "risk-250.5:true!");
  EXPECT_EQ(*Template::Compile("plain } { text")->Render(kDocument), "plain } { text");
}

TEST(TemplateTest, RefusesWhatIsNotThere) {
  EXPECT_FALSE(Template::Compile("{{ .a").ok());
  EXPECT_FALSE(Template::Compile("{{ }}").ok());
  EXPECT_FALSE(Template::Compile("{{ .labels.none }}")->Render(kDocument).ok());
  EXPECT_FALSE(Template::Compile("{{ .labels }}")->Render(kDocument).ok());
}

}  // namespace
}  // namespace vigia::jq
