// Real processes, with and without a control plane that keeps them.
#include "cli/service_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "base/temp_folder.h"
#include "cli/app.h"
#include "control/services.h"
#include "supervisor/launch.h"
#include "supervisor/watch.h"

namespace vigia::cli {
namespace {

using testing::HasSubstr;

class ServiceCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    Configure(
        "services:\n  - {name: echo, command: [tail, -f, /dev/null], health_every: 1ms, backoff_first: 1ms}\n"
        "  - {name: broken, command: [\"false\"], budget: 1, backoff_first: 1ms}\n");
  }
  ~ServiceCommandTest() override {
    Vigia({"service", "stop", "echo"});
    EXPECT_TRUE(out_.str().find("stopped") != std::string::npos) << err_.str();
  }
  void Configure(const std::string& text) { ASSERT_TRUE(files_.Write(home_.path() + "/vigia.yaml", text).ok()); }
  int Vigia(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), {"--home", home_.path()});
    return cli::Run(words, {files_, clock_, entropy_, executor_, progress_,
                            [](const std::string&) { return std::nullopt; }, out_, err_});
  }
  Json Status() {
    Vigia({"--json", "service", "status", "echo"});
    return ParseJson(out_.str()).value();
  }

  TempFolder home_;
  SystemFiles files_;
  SystemClock clock_;
  SystemEntropy entropy_;
  InlineExecutor executor_;
  NoProgress progress_;
  std::ostringstream out_, err_;
};

TEST_F(ServiceCommandTest, WorksWithoutAControlPlane) {
  EXPECT_EQ(Vigia({"service", "status", "echo"}), 1);
  EXPECT_THAT(out_.str(), HasSubstr("stopped"));
  ASSERT_EQ(Vigia({"service", "start", "echo"}), 0) << err_.str();
  const Json first = Status();
  EXPECT_EQ(first["healthy"], true);
  EXPECT_EQ(Vigia({"service", "start", "echo"}), 0) << "it runs already";
  EXPECT_EQ(Status()["replicas"][0]["pid"], first["replicas"][0]["pid"]);
  ASSERT_EQ(Vigia({"service", "restart", "echo", "--reason", "it was slow"}), 0) << err_.str();
  EXPECT_NE(Status()["replicas"][0]["pid"], first["replicas"][0]["pid"]);
  EXPECT_THAT(*files_.Read(home_.path() + "/logs/audit.log"), HasSubstr("it was slow"));
  ASSERT_EQ(Vigia({"service", "list"}), 0);
  EXPECT_THAT(out_.str(), testing::AllOf(HasSubstr("echo"), HasSubstr("broken"), HasSubstr("healthy")));
  ASSERT_EQ(Vigia({"service", "stop", "echo"}), 0);
  EXPECT_EQ(Status()["replicas"][0]["pid"], Json());
}

TEST_F(ServiceCommandTest, AsksTheControlPlane) {
  SystemProcesses processes;
  const auto http = net::MakeHttpClient();
  NoLog log;
  const supervisor::KeeperWorld world{files_, processes, *http, clock_, log, home_.path()};
  const auto specs = control::LoadServiceSpecs(files_, home_.path(), [](const std::string&) { return std::nullopt; });
  ASSERT_TRUE(specs.ok());
  auto watch = supervisor::Watch::Start({specs->at(0)}, world);
  ASSERT_TRUE(watch.ok());
  ASSERT_EQ(Vigia({"service", "start", "echo"}), 0) << err_.str();
  const auto before = (*watch)->States()[0].replicas[0].process;
  ASSERT_TRUE(before.has_value());
  ASSERT_EQ(Vigia({"service", "restart", "echo"}), 0) << err_.str();
  const auto after = (*watch)->States()[0].replicas[0].process;
  ASSERT_TRUE(after.has_value());
  EXPECT_NE(after, before) << "the watch did it";
  EXPECT_FALSE(supervisor::IsAlive(*before));
  ASSERT_EQ(Vigia({"service", "stop", "echo"}), 0) << err_.str();
  EXPECT_FALSE((*watch)->States()[0].wanted);
}

TEST_F(ServiceCommandTest, FailsWhenTheServiceDoesNotComeBack) {
  EXPECT_EQ(Vigia({"service", "restart", "broken"}), 1);
  EXPECT_THAT(err_.str(), testing::AllOf(HasSubstr("service 'broken' is not healthy"), HasSubstr("given up"),
                                         HasSubstr("after 1 restarts")));
  EXPECT_EQ(Vigia({"service", "restart", "nothing"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("there is no service 'nothing' (there are: echo, broken)"));
}

TEST_F(ServiceCommandTest, TellsWhereTheConfigurationIsWrong) {
  const std::string good = *files_.Read(home_.path() + "/vigia.yaml");
  Configure("services:\n  - {name: echo, comand: [tail]}\n");
  EXPECT_EQ(Vigia({"service", "list"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("vigia.yaml:2: service 'echo'"));
  Configure(good);
}

TEST_F(ServiceCommandTest, TheRiskServiceNeedsNoConfiguration) {
  TempFolder empty;
  const auto specs =
      control::LoadServiceSpecs(files_, empty.path(), [](const std::string& name) -> std::optional<std::string> {
        if (name == "PORT") return "8123";
        return std::nullopt;
      });
  ASSERT_TRUE(specs.ok()) << specs.error().message();
  ASSERT_EQ(specs->size(), 1u);
  EXPECT_EQ(specs->at(0).name, "risk");
  EXPECT_EQ(specs->at(0).Expand(specs->at(0).ready_url, 0), "http://127.0.0.1:8123/ready");
  EXPECT_EQ(specs->at(0).command[2], empty.path());
}

}  // namespace
}  // namespace vigia::cli
