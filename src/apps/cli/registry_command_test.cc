#include "cli/registry_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/mem_files.h"
#include "cli/app.h"
#include "registry/testing/artifacts.h"

namespace vigia::cli {
namespace {

using ::testing::HasSubstr;

class RegistryCommandTest : public ::testing::Test {
 protected:
  RegistryCommandTest() { CHECK(registry::testing::WriteArtifacts(files_, "home/artifacts", 5.0).ok(), "artifacts"); }

  int RunWith(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    arguments.insert(arguments.begin(), {"--home", "home"});
    const auto environment = [](const std::string& name) -> std::optional<std::string> {
      return name == "USER" ? std::optional<std::string>("ana") : std::nullopt;
    };
    const World world{files_, clock_, entropy_, executor_, progress_, environment, out_, err_, false};
    return cli::Run(std::move(arguments), world);
  }
  Json OutJson() { return ParseJson(out_.str()).value(); }

  FakeClock clock_{ParseTime("2026-11-20T10:35:00Z").value()};
  MemFiles files_{clock_};
  FakeEntropy entropy_{1};
  InlineExecutor executor_;
  NoProgress progress_;
  std::ostringstream out_, err_;
};

TEST_F(RegistryCommandTest, TheRunbooksCommands) {
  EXPECT_EQ(RunWith({"registry", "list"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("No version is registered"));
  EXPECT_EQ(RunWith({"registry", "register", "--version", "v1.0.0", "--artifacts", "artifacts/"}), 0) << err_.str();
  EXPECT_EQ(RunWith({"registry", "register", "-v", "v1.10.0", "-a", "artifacts", "-n", "more data"}), 0);
  EXPECT_EQ(RunWith({"registry", "promote", "--version", "v1.0.0"}), 0);
  EXPECT_EQ(out_.str(), "Champion: none -> v1.0.0\n");
  EXPECT_EQ(RunWith({"registry", "promote", "-v", "v1.10.0"}), 0);
  EXPECT_EQ(RunWith({"registry", "rollback", "--version", "v1.0.0", "--reason", "score drift"}), 0);
  EXPECT_EQ(out_.str(), "Champion: v1.10.0 -> v1.0.0\nReason: score drift\n");
  EXPECT_EQ(RunWith({"registry", "rollback", "--to", "v1.0.0"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("already"));
  EXPECT_EQ(RunWith({"registry", "rollback"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("v1.0.0 -> v1.10.0"));
  EXPECT_EQ(RunWith({"registry", "list"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("v1.10.0  champion  2026-11-20 10:35  2026-11-20 10:35  ★ more data"));
  EXPECT_EQ(RunWith({"registry", "history"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("rollback  v1.0.0   v1.10.0  ana  score drift"));
  EXPECT_EQ(RunWith({"registry", "verify"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("2 versions"));
  EXPECT_EQ(RunWith({"--json", "audit", "show"}), 0);
  EXPECT_EQ(OutJson().size(), 6U);  // two registrations, two promotions, two rollbacks that changed something
  EXPECT_EQ(OutJson()[4]["details"]["reason"], "score drift");
  EXPECT_EQ(RunWith({"registry", "show", "v1.0.0"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("by ana"));
}

TEST_F(RegistryCommandTest, JsonOnEveryCommand) {
  EXPECT_EQ(RunWith({"--json", "registry", "register", "-v", "v1.0.0"}), 0);
  EXPECT_EQ(OutJson()["status"], "registered");
  EXPECT_EQ(RunWith({"--json", "registry", "promote", "-v", "v1.0.0", "--by", "retrain"}), 0);
  EXPECT_EQ(OutJson()["to"], "v1.0.0");
  EXPECT_TRUE(OutJson()["from"].is_null());
  EXPECT_EQ(RunWith({"--json", "registry", "list"}), 0);
  EXPECT_EQ(OutJson()["champion"], "v1.0.0");
  EXPECT_EQ(OutJson()["versions"].size(), 1U);
  EXPECT_EQ(RunWith({"--json", "registry", "show"}), 0);
  EXPECT_EQ(OutJson()["promoted_by"], "retrain");
  EXPECT_EQ(RunWith({"--json", "registry", "history"}), 0);
  EXPECT_EQ(OutJson()["entries"].size(), 2U);
  EXPECT_EQ(RunWith({"--json", "registry", "verify"}), 0);
  EXPECT_EQ(OutJson()["ok"], true);
  ASSERT_TRUE(files_.Write("home/models/registry/v1.0.0/model.json", "{}").ok());
  EXPECT_EQ(RunWith({"--json", "registry", "verify"}), 1);
  EXPECT_EQ(OutJson()["problems"].size(), 1U);
  EXPECT_EQ(RunWith({"--json", "registry", "rollback"}), 1);
}

TEST_F(RegistryCommandTest, RefusalsAreOneLine) {
  ASSERT_EQ(RunWith({"registry", "register", "-v", "v1.0.0"}), 0);
  const std::vector<std::pair<std::vector<std::string>, int>> bad = {
      {{"register", "-v", "v1.0.0"}, 1},
      {{"register", "-v", ".."}, 1},
      {{"register", "-v", "v2.0.0", "-a", "none"}, 1},
      {{"register"}, 2},
      {{"promote", "-v", "v9.0.0"}, 1},
      {{"promote"}, 2},
      {{"rollback"}, 1},
      {{"rollback", "--to", "..\n"}, 1},
      {{"rollback", "--to", "v1.0.0", "-v", "v1.0.0"}, 2},
      {{"show", "-v", "v9.0.0"}, 1},
      {{"show"}, 1},
      {{"verify", "-v", "v9.0.0"}, 1},
  };
  for (auto [arguments, code] : bad) {
    arguments.insert(arguments.begin(), "registry");
    EXPECT_EQ(RunWith(arguments), code) << err_.str();
    const std::string text = err_.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  }
}

}  // namespace
}  // namespace vigia::cli
