// The controller as a whole on a clock of the test's own; what goes wrong around it: simulation_test.cc.
#include "controller/controller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "runbooks/load.h"
#include "signals/fake_signals.h"
#include "storage/mem_ledger.h"

namespace vigia::controller {
namespace {

using checks::AlertState;
using signals::LabelSet;
using signals::Matcher;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

class NoActions final : public runbooks::ActionRunner {
 public:
  void Start(const runbooks::ActionRequest& request) override { started.push_back(request.key); }
  std::vector<runbooks::ActionResult> Poll() override { return {}; }
  bool IsRunning(const std::string&) override { return false; }
  void Kill(const std::string&) override {}
  std::vector<std::string> started;
};

// Delivers at once.
class Mailbox final : public notify::Messenger {
 public:
  void Start(const notify::Message& message) override {
    messages.push_back(message);
    receipts_.push_back({message.id, true, false, "", std::nullopt});
  }
  std::vector<notify::Receipt> Poll() override { return std::exchange(receipts_, {}); }
  int Pages() const {
    return static_cast<int>(std::count_if(messages.begin(), messages.end(), [](const notify::Message& message) {
      return message.kind == notify::MessageKind::kPage;
    }));
  }
  std::vector<notify::Message> messages;

 private:
  std::vector<notify::Receipt> receipts_;
};

class SomePeople final : public People {
 public:
  std::optional<escalation::Policy> FindPolicy(const std::string&) const override {
    using escalation::Recipient;
    escalation::Policy policy;
    policy.name = "sre";
    policy.levels = {{"L1", seconds(0), {{Recipient::Kind::kPerson, "ana"}}, {}},
                     {"L2", minutes(15), {{Recipient::Kind::kPerson, "bia"}}, {}}};
    return policy;
  }
  std::vector<escalation::Reached> Resolve(const escalation::Call& call, const escalation::Policy&, checks::Severity,
                                           WallTime) const override {
    return {{call.recipients.front().name, {"sms", "1"}}};
  }
  std::vector<std::string> RolesOf(const std::string&) const override { return {}; }
  std::set<std::string> OpenWindows(WallTime) const override { return windows; }
  std::set<std::string> windows;
};

class ControllerTest : public ::testing::Test {
 protected:
  ControllerTest() {
    checks::Check down;
    down.name = "down";
    down.when.selector.signal = "up";
    down.when.comparison = checks::Comparison::kLess;
    down.when.bound = 1;
    down.every = seconds(1);
    down.severity = checks::Severity::kP1;
    down.annotations = {{"summary", "it is down"}};
    checks::Check slow = down;
    slow.name = "slow";
    slow.when.selector.signal = "p95";
    slow.when.comparison = checks::Comparison::kGreater;
    slow.when.bound = 300;
    slow.severity = checks::Severity::kP2;
    settings_.owner = "test";
    settings_.default_policy = "sre";
    settings_.checks = {down, slow};
  }

  void Open() {
    controller_.reset();
    auto opened = Controller::Open(
        settings_, World{clock_, ledger_, signals_, actions_, mailbox_, people_, log_, nullptr, &zones_});
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    controller_ = *std::move(opened);
  }
  // Ticks once a second for so long.
  void Pass(Duration time) {
    for (Duration passed{}; passed < time; passed += seconds(1)) {
      clock_.Advance(seconds(1));
      const Status ticked = controller_->Tick();
      ASSERT_TRUE(ticked.ok()) << ticked.error().message();
    }
  }
  void Set(const char* signal, double value, const char* service = "risk") {
    signals_.Set(signal, {{"service", service}}, value);
  }
  void Load(const std::string& text) {
    std::vector<config::Problem> problems;
    settings_.runbooks.push_back(runbooks::LoadRunbook(text, "a.yaml", runbooks::Catalogue::BuiltIn(), problems));
    ASSERT_TRUE(problems.empty()) << problems.front().ToString();
  }
  std::string Silence(const char* matcher, Duration length) {
    alerting::Silence silence;
    silence.matchers = {Matcher::Parse(matcher).value()};
    silence.starts_at = controller_->Now();
    silence.ends_at = controller_->Now() + length;
    silence.created_by = "ana";
    return controller_->SetSilence(silence).value();
  }
  checks::Alert Foreign(const LabelSet& labels, Duration ends_in) {
    Json json = {{"labels", labels.ToJson()},
                 {"endsAt", FormatTime(controller_->Now() + ends_in)},
                 {"annotations", {{"summary", "sent"}}}};
    return alerting::ReadAlerts(Json::array({json}), {}, controller_->Now()).value().alerts.at(0);
  }
  size_t Incidents() const { return controller_->OpenIncidents().size(); }
  // Kinds of the timeline of an incident, in order.
  std::vector<std::string> Kinds(const std::string& id) const {
    std::vector<std::string> kinds;
    const auto entries = ledger_.Read("incident/" + id, 0, SIZE_MAX).value();
    for (const storage::StreamEntry& entry : entries) {
      kinds.push_back(entry.value["kind"].get<std::string>());
    }
    return kinds;
  }

  FakeClock clock_{ParseTime("2026-11-20T12:00:00Z").value()};
  storage::MemLedger ledger_;
  signals::FakeSignals signals_;
  NoActions actions_;
  Mailbox mailbox_;
  SomePeople people_;
  SystemFiles files_;
  calendar::TimeZones zones_{files_};
  NoLog log_;
  ControllerSettings settings_;
  std::unique_ptr<Controller> controller_;
};

TEST_F(ControllerTest, ASilencedAlertOpensNothingUntilTheSilenceEnds) {
  Open();
  Set("up", 1);
  Pass(seconds(2));
  const std::string id = Silence("alertname=down", minutes(10));
  Set("up", 0);
  Pass(minutes(5));
  EXPECT_EQ(Incidents(), 0U);
  EXPECT_EQ(mailbox_.messages.size(), 0U);
  ASSERT_EQ(controller_->FiringAlerts().size(), 1U);
  const alerting::AlertView view = controller_->FiringAlerts().front();
  EXPECT_EQ(view.suppression.silenced_by, std::vector<std::string>{id});
  EXPECT_EQ(view.alert.annotations.at("summary"), "it is down");
  EXPECT_EQ(view.incident, "");
  Open();  // a restart changes nothing
  Pass(minutes(4));
  EXPECT_EQ(Incidents(), 0U);
  Pass(minutes(2));
  ASSERT_EQ(Incidents(), 1U);
  EXPECT_EQ(mailbox_.Pages(), 1);
  EXPECT_EQ(controller_->FiringAlerts().front().incident, controller_->OpenIncidents().front().id);
}

TEST_F(ControllerTest, AnIncidentWhoseAlertsAreSilencedPagesNoFurther) {
  Open();
  Set("up", 0);
  Pass(minutes(1));
  EXPECT_EQ(mailbox_.Pages(), 1);
  const std::string incident = controller_->OpenIncidents().front().id;
  const std::string id = Silence("service=risk", hours(3));
  Pass(hours(1));
  EXPECT_EQ(mailbox_.Pages(), 1);
  EXPECT_TRUE(controller_->OpenIncidents().front().muted_at.has_value());
  ASSERT_TRUE(controller_->ExpireSilence(id).ok());
  Pass(minutes(1));
  EXPECT_EQ(mailbox_.Pages(), 2);  // the first level again, not all that would have been called meanwhile
  EXPECT_EQ(mailbox_.messages.back().level, "L1");
  Pass(minutes(15));
  EXPECT_EQ(mailbox_.messages.back().level, "L2");
  const auto kinds = Kinds(incident);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "muted"), 1);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "unmuted"), 1);
  EXPECT_EQ(controller_->ExpireSilence(id).error().code(), Code::kFailedPrecondition);
  EXPECT_EQ(controller_->ExpireSilence("nobody").error().code(), Code::kNotFound);
}

TEST_F(ControllerTest, AcknowledgedStaysAcknowledgedAfterASilence) {
  Open();
  Set("up", 0);
  Pass(minutes(1));
  PersonCommand command;
  command.incident = controller_->OpenIncidents().front().id;
  command.person = "ana";
  ASSERT_TRUE(controller_->Apply(command).ok());
  Silence("service=risk", minutes(10));
  Pass(hours(1));
  EXPECT_EQ(mailbox_.Pages(), 1);
}

TEST_F(ControllerTest, WindowsSilenceWhileTheyAreOpen) {
  settings_.alerting.silences = {{"nightly", {Matcher::Parse("service=risk").value()}, "dumps"}};
  people_.windows = {"nightly"};
  Open();
  Set("up", 0);
  Pass(minutes(10));
  EXPECT_EQ(Incidents(), 0U);
  EXPECT_EQ(controller_->FiringAlerts().front().suppression.windows, std::vector<std::string>{"nightly"});
  people_.windows.clear();
  Pass(seconds(5));
  EXPECT_EQ(Incidents(), 1U);
}

TEST_F(ControllerTest, AnInhibitedAlertIsNotHeardWhileItsSourceFires) {
  settings_.alerting.inhibit_rules = {
      {{Matcher::Parse("alertname=down").value()}, {Matcher::Parse("alertname=slow").value()}, {"service"}}};
  Open();
  Set("up", 0);
  Set("p95", 900);
  Set("p95", 900, "faces");
  Pass(minutes(1));
  ASSERT_EQ(Incidents(), 2U);  // down of risk, slow of faces; both began in the same tick
  Set("up", 1);
  Pass(minutes(1));
  std::vector<std::string> titles;
  for (const incidents::Incident& one : controller_->OpenIncidents()) titles.push_back(one.title + " " + one.key);
  EXPECT_THAT(titles, testing::UnorderedElementsAre(HasSubstr("slow alertname=slow,service=faces"),
                                                    HasSubstr("slow alertname=slow,service=risk")));
}

TEST_F(ControllerTest, ManyAlertsOfAGroupAreOnePage) {
  settings_.alerting.group_by = {"alertname"};
  Open();
  for (const char* service : {"a", "b", "c"}) Set("p95", 900, service);
  Pass(minutes(1));
  Set("p95", 900, "d");
  Pass(minutes(1));
  ASSERT_EQ(Incidents(), 1U);
  EXPECT_EQ(controller_->OpenIncidents().front().alerts.size(), 4U);
  EXPECT_EQ(mailbox_.Pages(), 1);
  // A worse one that joins is told.
  settings_.alerting.group_by = {"alertname"};
  checks::Alert worse = Foreign({{"alertname", "slow"}, {"severity", "critical"}}, minutes(5));
  ASSERT_TRUE(controller_->TakeForeign({worse}).ok());
  Pass(minutes(1));
  EXPECT_EQ(Incidents(), 1U);
  EXPECT_EQ(controller_->OpenIncidents().front().severity, checks::Severity::kP1);
  EXPECT_EQ(mailbox_.Pages(), 2);
}

TEST_F(ControllerTest, SentAlertsStartRunbooksAndSurviveRestarts) {
  Load(R"(name: errors
title: Too many errors
trigger: [{alert: ['alertname="HighErrors"']}]
key: [job]
diagnose: [{id: look, run: [vigia, status, --json]}]
escalate: {policy: sre}
)");
  Open();
  const LabelSet labels{{"alertname", "HighErrors"}, {"job", "shop"}, {"severity", "page"}};
  ASSERT_TRUE(controller_->TakeForeign({Foreign(labels, minutes(4))}).ok());
  ASSERT_EQ(Incidents(), 1U);
  Pass(seconds(2));
  EXPECT_EQ(actions_.started.size(), 1U);
  // Sent again and again it stays one incident, and its end moves on.
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(controller_->TakeForeign({Foreign(labels, minutes(4))}).ok());
    Pass(minutes(1));
  }
  EXPECT_EQ(Incidents(), 1U);
  Open();
  Pass(seconds(2));
  ASSERT_EQ(controller_->FiringAlerts().size(), 1U);
  EXPECT_EQ(controller_->FiringAlerts().front().alert.annotations.at("summary"), "sent");
  EXPECT_EQ(controller_->FiringAlerts().front().incident, "INC-000001");
  // Nobody sends it any more.
  Pass(minutes(5));
  EXPECT_EQ(controller_->FiringAlerts().size(), 0U);
  EXPECT_FALSE(Incidents() > 0 && controller_->OpenIncidents().front().firing);
}

TEST_F(ControllerTest, ASentAlertEndsWhenItsSenderSaysSo) {
  Open();
  const LabelSet labels{{"alertname", "X"}};
  ASSERT_TRUE(controller_->TakeForeign({Foreign(labels, minutes(4))}).ok());
  Pass(seconds(5));
  EXPECT_EQ(Incidents(), 1U);
  ASSERT_TRUE(controller_->TakeForeign({Foreign(labels, seconds(0))}).ok());
  Pass(seconds(2));
  EXPECT_EQ(Incidents(), 0U);
  EXPECT_EQ(mailbox_.messages.back().kind, notify::MessageKind::kResolved);
  // What ended before anybody heard of it is nothing.
  ASSERT_TRUE(controller_->TakeForeign({Foreign({{"alertname", "Y"}}, seconds(0))}).ok());
  EXPECT_EQ(controller_->FiringAlerts().size(), 0U);
}

TEST_F(ControllerTest, TooManySentAlertsAreRefused) {
  settings_.alerting.max_alerts = 2;
  Open();
  std::vector<checks::Alert> alerts;
  for (const char* name : {"a", "b", "c"}) alerts.push_back(Foreign({{"alertname", name}}, minutes(4)));
  EXPECT_EQ(controller_->TakeForeign(alerts).error().code(), Code::kResourceExhausted);
  EXPECT_EQ(controller_->FiringAlerts().size(), 2U);
  EXPECT_TRUE(controller_->TakeForeign({alerts[0], alerts[1]}).ok());
}

TEST_F(ControllerTest, ExpiredSilencesAreForgotten) {
  settings_.alerting.silence_retention = minutes(10);
  Open();
  const std::string id = Silence("a=b", minutes(1));
  Pass(minutes(5));
  EXPECT_EQ(controller_->Silences().size(), 1U);
  Pass(minutes(10));
  EXPECT_EQ(controller_->Silences().size(), 0U);
  Open();
  EXPECT_EQ(controller_->Silences().count(id), 0U);
}

TEST_F(ControllerTest, ASchedulesRunbookRunsOnceEachTime) {
  Load(R"(name: nightly
title: Nightly
trigger: [{schedule: "0 3 * * *", time_zone: America/Sao_Paulo}]
diagnose: [{id: look, run: [vigia, status, --json]}]
escalate: {policy: sre}
)");
  Open();
  const auto runs = [&] { return ledger_.List("run").value().size(); };
  const auto resolve = [&] {
    for (const incidents::Incident& one : controller_->OpenIncidents()) {
      PersonCommand command;
      command.kind = PersonCommand::Kind::kResolve;
      command.incident = one.id;
      command.person = "ana";
      ASSERT_TRUE(controller_->Apply(command).ok());
    }
  };
  Pass(seconds(2));
  EXPECT_EQ(runs(), 0U);  // a schedule that is new begins now
  clock_.Advance(hours(18));
  Pass(seconds(2));
  EXPECT_EQ(runs(), 1U);  // 03:00 in São Paulo is 06:00
  resolve();
  Open();
  Pass(minutes(5));
  EXPECT_EQ(runs(), 1U);
  // Three nights without a control plane are one run.
  controller_.reset();
  clock_.Advance(hours(72));
  Open();
  Pass(minutes(1));
  EXPECT_EQ(runs(), 2U);
}

TEST_F(ControllerTest, AScheduleThatComesAgainWhileItsIncidentIsOpenStartsNothing) {
  Load(R"(name: often
title: Often
trigger: [{schedule: "* * * * *"}]
diagnose: [{id: look, run: [vigia, status, --json], timeout: 30m}]
escalate: {policy: sre}
)");
  Open();
  Pass(minutes(5));
  ASSERT_EQ(Incidents(), 1U);
  EXPECT_EQ(ledger_.List("run").value().size(), 1U);
  const auto kinds = Kinds("INC-000001");
  EXPECT_GE(std::count(kinds.begin(), kinds.end(), "note"), 4);
}

TEST_F(ControllerTest, AFlappingAlertIsOneIncident) {
  Open();
  Set("up", 1);
  Pass(seconds(30));
  for (int i = 0; i < 30; ++i) {
    Set("up", i % 2);
    Pass(seconds(1));
  }
  const int pages = mailbox_.Pages();
  ASSERT_EQ(controller_->FiringAlerts().size(), 1U);
  EXPECT_TRUE(controller_->FiringAlerts().front().alert.flapping);
  for (int i = 0; i < 60; ++i) {
    Set("up", i % 2);
    Pass(seconds(1));
  }
  EXPECT_EQ(mailbox_.Pages(), pages);  // held while it flaps
  EXPECT_EQ(Incidents(), 1U);
  Set("up", 1);
  Pass(minutes(1));
  EXPECT_EQ(Incidents(), 0U);
}

TEST_F(ControllerTest, MissingDataIsWhatTheCheckSays) {
  for (const auto no_data : {checks::NoData::kOk, checks::NoData::kUnknown, checks::NoData::kAlert}) {
    SCOPED_TRACE(static_cast<int>(no_data));
    settings_.checks[0].no_data = no_data;
    Open();
    Set("up", 1);
    Pass(seconds(5));
    signals_.Clear("up", {{"service", "risk"}});
    Pass(seconds(5));
    EXPECT_EQ(Incidents(), no_data == checks::NoData::kAlert ? 1U : 0U);
    Set("up", 0);
    Pass(seconds(5));
    EXPECT_EQ(Incidents(), 1U);
    signals_.Clear("up", {{"service", "risk"}});
    Pass(seconds(5));
    // What fired is held while nobody knows, and over when no data is good.
    EXPECT_EQ(Incidents(), no_data == checks::NoData::kOk ? 0U : 1U);
    Set("up", 1);
    Pass(seconds(5));
    EXPECT_EQ(Incidents(), 0U);
  }
}

// An alert of a check that is gone, or is labelled otherwise, does not fire for ever.
TEST_F(ControllerTest, AlertsFollowTheConfiguration) {
  Open();
  Set("up", 0);
  Set("p95", 900);
  Pass(seconds(5));
  EXPECT_EQ(Incidents(), 2U);
  settings_.checks.pop_back();
  settings_.checks[0].labels = {{"team", "ml"}};
  Open();
  Pass(seconds(5));
  ASSERT_EQ(controller_->FiringAlerts().size(), 1U);
  EXPECT_EQ(controller_->FiringAlerts().front().alert.labels.Get("team"), "ml");
  ASSERT_EQ(Incidents(), 1U);
  Set("up", 1);
  Pass(seconds(5));
  EXPECT_EQ(Incidents(), 0U);
}

}  // namespace
}  // namespace vigia::controller
