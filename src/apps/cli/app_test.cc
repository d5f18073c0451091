#include "cli/app.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/mem_files.h"

namespace vigia::cli {
namespace {

class AppTest : public testing::Test {
 protected:
  int RunWith(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    const World world{files_, clock_, entropy_, executor_, progress_, [](const std::string&) { return std::nullopt; },
                      out_,   err_,   false};
    return cli::Run(std::move(arguments), world);
  }

  FakeClock clock_{WallTime{}};
  MemFiles files_{clock_};
  FakeEntropy entropy_{1};
  InlineExecutor executor_;
  NoProgress progress_;
  std::ostringstream out_, err_;
};

TEST_F(AppTest, HelpAndVersionSucceed) {
  EXPECT_EQ(RunWith({"--help"}), 0);
  EXPECT_NE(out_.str().find("Examples:"), std::string::npos);
  EXPECT_EQ(RunWith({"--version"}), 0);
  EXPECT_EQ(out_.str().rfind("vigia ", 0), 0U);
}

TEST_F(AppTest, UsageErrorsAreOneLineAndTwo) {
  const std::vector<std::vector<std::string>> bad = {
      {}, {"nonsense"}, {"completion"}, {"completion", "fish"}, {"--nonsense"}};
  for (const auto& arguments : bad) {
    EXPECT_EQ(RunWith(arguments), 2);
    const std::string text = err_.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_NE(text.find("--help"), std::string::npos) << text;
  }
}

TEST_F(AppTest, HelpOfACommandThatDoesNotExistIsAnError) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"nonsense"}, {"nonsense", "--help"}, {"registry", "nonsense"}, {"registry", "nonsense", "--help"}}) {
    EXPECT_EQ(RunWith(arguments), 2);
    EXPECT_NE(err_.str().find("unknown command 'nonsense'"), std::string::npos) << err_.str();
    EXPECT_EQ(out_.str(), "");
  }
  EXPECT_EQ(RunWith({"registry", "--help"}), 0);
  EXPECT_EQ(RunWith({"registry", "list", "--help"}), 0);
}

TEST_F(AppTest, CompletionKnowsCommandsAndFlags) {
  EXPECT_EQ(RunWith({"completion", "bash"}), 0);
  EXPECT_NE(out_.str().find("complete -o filenames -F _vigia vigia"), std::string::npos);
  EXPECT_NE(out_.str().find("\"serve\") words=\"risk"), std::string::npos);
  EXPECT_EQ(RunWith({"completion", "zsh"}), 0);
  EXPECT_EQ(out_.str().rfind("autoload", 0), 0U);
}

TEST(NormalizeFlagTest, UnderscoresInFlagNamesBecomeDashes) {
  EXPECT_EQ(NormalizeFlag("--model_version"), "--model-version");
  EXPECT_EQ(NormalizeFlag("--last_n_days=7_x"), "--last-n-days=7_x");
  EXPECT_EQ(NormalizeFlag("a_b"), "a_b");
  EXPECT_EQ(NormalizeFlag("-a_b"), "-a_b");
}

}  // namespace
}  // namespace vigia::cli
