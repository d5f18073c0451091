#include "flags/command.h"

#include <gtest/gtest.h>

namespace vigia::flags {
namespace {

using Outcome = Parsed::Outcome;

// A program with a group, a command of its own, and one that keeps what follows it.
struct Example {
  Program program{"prog", "Does things."};
  std::string home = "var", chosen;
  bool json = false;
  int days = 7;
  std::optional<double> share;
  std::vector<int> years;
  Command rest{program.Root()};

  Example() {
    program.Version("prog 1");
    program.RequireCommand();
    program.Root().Footer("Examples: none");
    program.Root().Option("--home", home, "A folder").ShowDefault();
    program.Root().Switch("--json", json, "JSON");
    Command report = program.Root().Group("drift").Add("report", "Compares");
    report.Option("--days,-d", days, "A window").Between(1, 30).ShowDefault();
    const Flag share_flag = report.Option("--share", share, "A share").BetweenReal(0, 1);
    report.Option("--years", years, "Years").SplitAt(',').Excludes(share_flag);
    report.OnChosen([this] { chosen = "drift report"; });
    rest = program.Root().Add("serve", "Becomes another");
    rest.TakeRest();
    rest.OnChosen([this] { chosen = "serve"; });
  }
  Parsed Parse(std::vector<std::string> arguments) { return program.Parse(std::move(arguments)); }
};

TEST(CommandTest, BindsFlagsWhereverTheyStand) {
  Example e;
  ASSERT_EQ(e.Parse({"drift", "report", "-d", "3", "--years", "2022,2023", "--json", "--home", "h"}).outcome,
            Outcome::kRun);
  EXPECT_EQ(e.chosen, "drift report");
  EXPECT_EQ(e.days, 3);
  EXPECT_EQ(e.years, (std::vector<int>{2022, 2023}));
  EXPECT_TRUE(e.json);
  EXPECT_EQ(e.home, "h");
}

TEST(CommandTest, SaysInOneLineWhatIsWrongAndWhere) {
  const std::vector<std::pair<std::vector<std::string>, std::pair<std::string, std::string>>> bad = {
      {{}, {"subcommand is required", "prog"}},
      {{"nonsense"}, {"unknown command 'nonsense'", "prog"}},
      {{"nonsense", "--help"}, {"unknown command 'nonsense'", "prog"}},
      {{"drift", "nonsense", "--help"}, {"unknown command 'nonsense'", "prog drift"}},
      {{"drift", "report", "--days", "31"}, {"not in range", "prog drift report"}},
      {{"drift", "report", "--days", "x"}, {"--days", "prog drift report"}},
      {{"drift", "report", "--share", "1", "--years", "2022"}, {"excludes", "prog drift report"}},
      {{"drift", "report", "--nonsense"}, {"--nonsense", "prog drift report"}}};
  for (const auto& [arguments, want] : bad) {
    Example e;
    const Parsed parsed = e.Parse(arguments);
    EXPECT_EQ(parsed.outcome, Outcome::kUsage);
    EXPECT_NE(parsed.text.find(want.first), std::string::npos) << parsed.text;
    EXPECT_EQ(parsed.text.find('\n'), std::string::npos);
    EXPECT_EQ(parsed.where, want.second);
    EXPECT_EQ(e.chosen, "");
  }
}

TEST(CommandTest, HelpShowsDefaultsAndVersionIsPrinted) {
  const Parsed help = Example().Parse({"drift", "report", "--help"});
  EXPECT_EQ(help.outcome, Outcome::kHelp);
  EXPECT_NE(help.text.find("INT:INT in [1 - 30]=7"), std::string::npos) << help.text;
  EXPECT_EQ(help.text.find("Examples"), std::string::npos);
  EXPECT_EQ(Example().Parse({"--version"}).text, "prog 1\n");
}

TEST(CommandTest, KeepsTheRestAsItIs) {
  Example e;
  ASSERT_EQ(e.Parse({"--home", "h", "serve", "--port", "1", "--help", "--home", "x"}).outcome, Outcome::kRun);
  EXPECT_EQ(e.rest.Rest(), (std::vector<std::string>{"--port", "1", "--help", "--home", "x"}));
  EXPECT_EQ(e.home, "h");
}

TEST(CommandTest, KnowsWhatMayStandWhere) {
  const Example e;
  for (const Program::Place& place : e.program.Places()) {
    const auto has = [&](const char* word) { return std::count(place.words.begin(), place.words.end(), word) == 1; };
    EXPECT_TRUE(has("--home") && has("--json")) << place.path;
    EXPECT_EQ(has("report"), place.path == "drift") << place.path;
    EXPECT_EQ(has("--days"), place.path == "drift report") << place.path;
    EXPECT_EQ(has("--version"), place.path.empty()) << place.path;
  }
}

TEST(CommandTest, WhatIsHiddenWorksAndIsNotShown) {
  bool ran = false;
  const auto parse = [&ran](const char* word) {
    Program program("tool", "");
    Command hidden = program.Root().Add("inner", "For ourselves").Hide();
    hidden.OnChosen([&ran] { ran = true; });
    for (const Program::Place& place : program.Places()) {
      EXPECT_TRUE(place.path.empty());
      EXPECT_EQ(std::count(place.words.begin(), place.words.end(), "inner"), 0);
    }
    return program.Parse({word});
  };
  EXPECT_EQ(parse("--help").text.find("inner"), std::string::npos);
  EXPECT_EQ(parse("inner").outcome, Outcome::kRun);
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace vigia::flags
