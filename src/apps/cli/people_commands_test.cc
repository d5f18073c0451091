// vigia oncall, notify and report, as a person types them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/temp_folder.h"
#include "cli/app.h"
#include "incidents/incident.h"
#include "net/testing/sinks.h"
#include "storage/ledger.h"

namespace vigia::cli {
namespace {

using ::testing::HasSubstr;

class PeopleCommandsTest : public ::testing::Test {
 protected:
  int RunWith(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    arguments.insert(arguments.begin(), {"--home", folder_.path()});
    const auto environment = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
    const World world{files_, clock_, entropy_, executor_, progress_, environment, out_, err_, false};
    return cli::Run(std::move(arguments), world);
  }
  void Write(const std::string& name, const std::string& text) {
    CHECK(files_.Write(folder_.path() + "/" + name, text).ok(), "write");
  }
  std::string OncallFile(const std::string& url) const {
    return "people: {ana: {addresses: {hook: ana}}, bia: {addresses: {hook: bia}}}\n"
           "schedules:\n"
           "  sre: {time_zone: America/Sao_Paulo, layers: [{rotation: [ana, bia], start: 2026-01-05T09:00}]}\n"
           "policies: {sre: {levels: [{notify: 'schedule:sre'}]}}\n"
           "channels: {hook: {kind: webhook, url: '" +
           url +
           "'}}\n"
           "heartbeat: {url: '" +
           url + "'}\n";
  }

  const TempFolder folder_;
  SystemFiles files_;
  FakeClock clock_{ParseTime("2026-11-25T10:00:00Z").value()};
  FakeEntropy entropy_{1};
  InlineExecutor executor_;
  NoProgress progress_;
  std::ostringstream out_, err_;
};

TEST_F(PeopleCommandsTest, WhoIsOnCall) {
  Write("oncall.yaml", OncallFile("http://127.0.0.1:1/"));
  ASSERT_EQ(RunWith({"oncall", "who", "--at", "2026-01-12T08:59"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "sre                  ana                      2026-01-12 08:59 America/Sao_Paulo\n");
  ASSERT_EQ(RunWith({"oncall", "who", "--at", "2026-01-12T12:00:00Z", "--json"}), 0) << err_.str();
  EXPECT_EQ(ParseJson(out_.str()).value()[0]["people"], Json::array({"bia"}));
  EXPECT_EQ(RunWith({"oncall", "who", "--at", "noon"}), 1);
  EXPECT_EQ(RunWith({"oncall", "who", "--schedule", "x"}), 1);
  EXPECT_EQ(err_.str(), "vigia: there is no schedule 'x'\n");
}

TEST_F(PeopleCommandsTest, LintSaysWhereAndWhat) {
  EXPECT_EQ(RunWith({"oncall", "lint"}), 1);  // no file
  Write("oncall.yaml", OncallFile("http://127.0.0.1:1/"));
  ASSERT_EQ(RunWith({"oncall", "lint"}), 0) << out_.str() << err_.str();
  EXPECT_EQ(out_.str(), "fine: 2 people, 1 schedules, 1 policies, 1 channels\n");
  Write("oncall.yaml", OncallFile("http://127.0.0.1:1/") + "teams:\n  leads: [zoe]\n");
  EXPECT_EQ(RunWith({"oncall", "lint"}), 1);
  EXPECT_THAT(out_.str(), HasSubstr("oncall.yaml:8: team 'leads' names 'zoe', who is not among the people\n"));
}

TEST_F(PeopleCommandsTest, NotifyTestSendsOneMessage) {
  net::testing::HttpSink sink({"200 OK", "200 OK", "404 Gone"});
  Write("oncall.yaml", OncallFile(sink.Url("/hook")));
  ASSERT_EQ(RunWith({"notify", "test", "--channel", "hook"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "delivered by hook\n");
  ASSERT_EQ(RunWith({"notify", "test", "--channel", "heartbeat"}), 0) << err_.str();
  EXPECT_EQ(RunWith({"notify", "test", "--channel", "hook"}), 1);
  EXPECT_EQ(err_.str(), "vigia: channel 'hook': answered 404\n");
  ASSERT_EQ(sink.Calls().size(), 3U);
  EXPECT_THAT(sink.Calls()[0].body, HasSubstr("Vigia: test of channel hook"));
  EXPECT_EQ(RunWith({"notify", "test", "--channel", "fax"}), 1);
}

TEST_F(PeopleCommandsTest, WeeklyReviewOfTheHome) {
  {
    const auto ledger = storage::OpenSqliteLedger(folder_.path() + "/state/vigia.db").value();
    const storage::Epoch epoch = ledger->TakeOver("test", clock_.Now()).value();
    incidents::Opening opening;
    opening.id = "INC-000001";
    opening.title = "Service is down";
    const auto incident = incidents::Open(opening, ParseTime("2026-11-18T03:00:00Z").value()).incident;
    storage::Batch batch;
    batch.puts.push_back({"incident", incident.id, incident.ToJson()});
    ASSERT_TRUE(ledger->Commit(epoch, batch).ok());
  }
  Write("monitoring/reports/v1.0.0/drift_metrics_20261118.json", R"({"global_status": "yellow"})");
  Write("monitoring/reports/v1.0.0/drift_metrics_20261124.json", R"({"global_status": "red"})");
  Write("slo.json", R"({"latency_p95_ms": 45.5, "latency_slo_ms": 300, "latency_slo_met": true,
                        "error_rate": 0.02, "error_rate_slo": 0.01, "error_rate_slo_met": false})");
  ASSERT_EQ(RunWith({"report", "weekly", "--slo", folder_.path() + "/slo.json"}), 0) << err_.str();
  for (const char* part :
       {"# Revisão Semanal: 2026-11-16 – 2026-11-22\n", "| latency_p95_ms | ≤ 300 | 45.5 | sim |\n",
        "| error_rate | ≤ 0.01 | 0.02 | **não** |\n", "- v1.0.0: yellow (drift_metrics_20261118.json)\n",
        "- disk: ", "| INC-000001 | P3 | Service is down | 2026-11-18 | aberto |\n"}) {
    EXPECT_THAT(out_.str(), HasSubstr(part));
  }
  ASSERT_EQ(RunWith({"report", "weekly", "--week", "2026-11-24", "--language", "en", "--output", "week.md"}), 0)
      << err_.str();
  EXPECT_THAT(files_.Read(folder_.path() + "/week.md").value(), HasSubstr("- v1.0.0: red"));
  EXPECT_EQ(RunWith({"report", "weekly", "--week", "soon"}), 1);
}

}  // namespace
}  // namespace vigia::cli
