#include "notify/channels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/testing/sinks.h"
#include "notify/heartbeat.h"
#include "notify/http_receipt.h"
#include "notify/pagerduty.h"
#include "notify/slack.h"
#include "notify/sms.h"
#include "notify/webhook.h"

namespace vigia::notify {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

Message Page() {
  Message message;
  message.id = "INC-000001/0/0/ana/x@1";
  message.incident = "INC-000001";
  message.severity = checks::Severity::kP1;
  message.person = "ana";
  message.level = "L1";
  message.subject = "[P1] INC-000001 O serviço caiu: <exhausted>";
  message.body = "a & b";
  message.created_at = ParseTime("2026-11-20T03:00:00Z").value();
  return message;
}

class ChannelsTest : public ::testing::Test {
 protected:
  std::vector<ConfiguredChannel> Load(const std::string& yaml) {
    problems_.clear();
    const auto node = config::ParseYaml(yaml, "oncall.yaml");
    CHECK(node.ok(), "yaml");
    return LoadChannels(*node, "oncall.yaml", world_, problems_);
  }
  // The one channel that the text describes.
  Receipt Send(const std::string& yaml, Message message) {
    const std::vector<ConfiguredChannel> channels = Load(yaml);
    CHECK(channels.size() == 1, problems_.empty() ? "channel" : problems_[0].ToString());
    return channels[0].channel->Send(message);
  }

  std::unique_ptr<net::HttpClient> http_ = net::MakeHttpClient();
  std::unique_ptr<net::MailClient> mail_ = net::MakeMailClient();
  FakeClock clock_{ParseTime("2026-11-20T03:00:00Z").value()};
  SystemFiles files_;
  ChannelWorld world_{*http_, *mail_, clock_, files_, [](const std::string& name) -> std::optional<std::string> {
                        if (name == "KEY") return "k3y";
                        return std::nullopt;
                      }};
  std::vector<config::Problem> problems_;
};

TEST_F(ChannelsTest, EmailArrives) {
  const net::testing::SmtpSink sink;
  Message message = Page();
  message.address = "ana@example.org";
  const Receipt receipt = Send("mail: {kind: email, server: " + sink.Url() +
                                   ", tls: if_offered, from: vigia@example.org, username: v, password: {env: KEY}}",
                               message);
  EXPECT_TRUE(receipt.delivered) << receipt.error;
  EXPECT_EQ(receipt.message, message.id);
  ASSERT_EQ(sink.Mails().size(), 1U);
  EXPECT_EQ(sink.Mails()[0].to, "<ana@example.org>");
  EXPECT_THAT(sink.Mails()[0].text, HasSubstr("Message-ID: <INC-000001.0.0.ana.x.1@vigia.invalid>\r\n"));
  EXPECT_THAT(sink.Mails()[0].text, HasSubstr("X-Vigia-Incident: INC-000001\r\n"));

  message.address = "ana";
  EXPECT_TRUE(Send("mail: {kind: email, server: " + sink.Url() + ", from: v@x}", message).final);
}

TEST_F(ChannelsTest, HttpChannelsArrive) {
  const net::testing::HttpSink sink;
  Message message = Page();
  message.address = "+55 11";
  struct Case {
    std::string yaml;
    const char* request_line;
    const char* body;
  };
  const Case cases[] = {
      {"c: {kind: slack, url: '" + sink.Url("/hook") + "'}", "POST /hook ", "&lt;exhausted&gt;*\\na &amp; b"},
      {"c: {kind: sms, url: '" + sink.Url("/sms") +
           "', to: To, text: Body, fields: {From: '+1'}, username: u, password: {env: KEY}}",
       "POST /sms ", "To=%2B55%2011&Body=%5BP1%5D%20INC-000001%20O%20servi%C3%A7o"},
      {"c: {kind: sms, format: json, url: '" + sink.Url("/sms") + "', password: t}", "POST /sms ",
       "{\"to\":\"+55 11\",\"text\":\"[P1]"},
      {"c: {kind: webhook, url: '" + sink.Url("/w") + "', token: t}", "POST /w ", "\"version\":\"4\""},
      {"c: {kind: pagerduty, url: '" + sink.Url("/v2/enqueue") + "', routing_key: {env: KEY}}", "POST /v2/enqueue ",
       "{\"routing_key\":\"k3y\",\"event_action\":\"trigger\",\"dedup_key\":\"INC-000001\""},
  };
  size_t calls = 0;
  for (const Case& c : cases) {
    const Receipt receipt = Send(c.yaml, message);
    EXPECT_TRUE(receipt.delivered) << c.yaml << receipt.error;
    ASSERT_EQ(sink.Calls().size(), ++calls);
    const net::testing::HttpCall call = sink.Calls().back();
    EXPECT_EQ(call.head.find(c.request_line), 0U) << call.head;
    EXPECT_THAT(call.head, HasSubstr("Idempotency-Key: " + message.id + "\r\n"));
    EXPECT_THAT(call.body, HasSubstr(c.body));
  }
  EXPECT_THAT(sink.Calls()[1].head, HasSubstr("Authorization: Basic dTprM3k=\r\n"));
  EXPECT_THAT(sink.Calls()[2].head, HasSubstr("Authorization: Bearer t\r\n"));
}

TEST_F(ChannelsTest, RefusalsAreFinalAndTroublesAreTriedAgain) {
  struct Case {
    const char* answer;
    bool final;
    std::optional<Duration> retry_after;
  };
  const Case cases[] = {{"404 Gone", true, {}},
                        {"400 Bad", true, {}},
                        {"302 Elsewhere\r\nLocation: http://127.0.0.1:1/", true, {}},
                        {"500 Oops", false, {}},
                        {"429 Slow down\r\nRetry-After: 7", false, seconds(7)}};
  for (const Case& c : cases) {
    const net::testing::HttpSink sink({c.answer});
    const Receipt receipt = Send("c: {kind: slack, url: '" + sink.Url("/s3cret") + "'}", Page());
    EXPECT_FALSE(receipt.delivered);
    EXPECT_EQ(receipt.final, c.final) << c.answer;
    EXPECT_EQ(receipt.retry_after, c.retry_after) << c.answer;
    EXPECT_EQ(receipt.error, "answered " + std::string(c.answer).substr(0, 3));
  }
  net::testing::HttpSink gone;
  gone.Stop();
  const Receipt receipt = Send("c: {kind: slack, url: '" + gone.Url("/s3cret") + "'}", Page());
  EXPECT_FALSE(receipt.delivered || receipt.final);
  EXPECT_THAT(receipt.error, Not(HasSubstr("s3cret")));
}

TEST_F(ChannelsTest, RefusesWithFileLineAndASentence) {
  struct Case {
    const char* yaml;
    const char* problem;
  };
  constexpr Case kCases[] = {
      {"a: {kind: fax}", "oncall.yaml:1: channel 'a': 'kind' must be one of email, slack, sms, webhook, pagerduty"},
      {"a: {}", "oncall.yaml:1: channel 'a': 'kind' is missing"},
      {"a: {kind: slack}", "oncall.yaml:1: channel 'a': 'url' is missing"},
      {"a: {kind: slack, url: x, hurl: y}", "hurl"},
      {"a:\n  kind: slack\n  url: {env: NOT_SET}",
       "oncall.yaml:3: channel 'a': the environment variable NOT_SET is not set"},
      {"a: {kind: slack, url: {}}", "must be a text, {env: NAME} or {file: PATH}"},
      {"a: {kind: slack, url: {file: /nowhere/at/all}}", "/nowhere/at/all"},
      {"a: {kind: email, server: mail.example.org, from: x}", "'server' must be smtp://HOST:PORT"},
      {"a: {kind: sms, url: x, longest: 3}", "'longest' must be at least 40 bytes"},
      {"a: {kind: slack, url: x, throttle: {most: 0}}", "'most' must be from 1 to 10000"},
  };
  for (const Case& c : kCases) {
    EXPECT_TRUE(Load(c.yaml).empty()) << c.yaml;
    ASSERT_FALSE(problems_.empty()) << c.yaml;
    EXPECT_THAT(problems_[0].ToString(), HasSubstr(c.problem));
  }
}

TEST(SlackTest, RoomsAndPeople) {
  Message message = Page();
  message.address = "U024BE7LH";
  EXPECT_THAT(SlackBody(message)["text"].get<std::string>(), ::testing::StartsWith("<@U024BE7LH> *[P1]"));
  EXPECT_FALSE(SlackBody(message).contains("channel"));
  message.person = "";
  message.address = "#ops-alerts";
  EXPECT_EQ(SlackBody(message)["channel"], "#ops-alerts");
}

TEST(SmsTest, KeepsTheWayToAcknowledgeAndWholeCharacters) {
  SmsSettings settings;
  settings.format = SmsSettings::Format::kJson;
  settings.longest = 70;
  Message message = Page();
  message.subject = std::string(39, 'a') + "éé";
  const std::string text = ParseJson(SmsRequest(settings, message).body).value()["text"];
  EXPECT_EQ(text, std::string(39, 'a') + "\nvigia incident ack INC-000001");
}

// Alertmanager's webhook, version 4: the keys that its readers rely on.
TEST(WebhookTest, HasAlertmanagersShape) {
  Message message = Page();
  const Json firing = WebhookBody("ops", {}, message);
  for (const char* key : {"version", "groupKey", "truncatedAlerts", "status", "receiver", "groupLabels", "commonLabels",
                          "commonAnnotations", "externalURL", "alerts"}) {
    EXPECT_TRUE(firing.contains(key)) << key;
  }
  const Json& alert = firing["alerts"][0];
  EXPECT_EQ(alert["startsAt"], "2026-11-20T03:00:00.000000Z");
  EXPECT_EQ(alert["endsAt"], "0001-01-01T00:00:00Z");
  EXPECT_EQ(alert["labels"]["severity"], "critical");
  EXPECT_EQ(alert["fingerprint"].get<std::string>().size(), 16U);
  message.kind = MessageKind::kResolved;
  const Json resolved = WebhookBody("ops", {}, message);
  EXPECT_EQ(resolved["status"], "resolved");
  EXPECT_EQ(resolved["groupKey"], firing["groupKey"]);
  EXPECT_EQ(resolved["alerts"][0]["fingerprint"], alert["fingerprint"]);
}

TEST(PagerDutyTest, AResolvedIncidentResolvesItsEvent) {
  Message message = Page();
  const PagerDutySettings settings{"http://x", Secret("k")};
  EXPECT_EQ(PagerDutyEvent(settings, message)["payload"]["severity"], "critical");
  message.kind = MessageKind::kResolved;
  const Json event = PagerDutyEvent(settings, message);
  EXPECT_EQ(event["event_action"], "resolve");
  EXPECT_EQ(event["dedup_key"], "INC-000001");
}

TEST_F(ChannelsTest, HeartbeatsAreDueAndArrive) {
  const net::testing::HttpSink sink;
  const auto node = config::ParseYaml("{url: '" + sink.Url("/ping") + "', every: 30s}", "oncall.yaml");
  const HeartbeatSettings settings = LoadHeartbeat(*node, "oncall.yaml", world_, problems_);
  ASSERT_TRUE(problems_.empty());
  const WallTime now = clock_.Now();
  const auto first = DueHeartbeat(settings, std::nullopt, now);
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(MakeHeartbeat(settings, world_)->Send(*first).delivered);
  EXPECT_EQ(sink.Calls().at(0).body, "{\"status\":\"up\",\"at\":\"2026-11-20T03:00:00.000000Z\"}");
  EXPECT_FALSE(DueHeartbeat(settings, now, now + seconds(29)).has_value());
  EXPECT_TRUE(DueHeartbeat(settings, now, now + seconds(30)).has_value());
  EXPECT_TRUE(DueHeartbeat(settings, now, now - seconds(3600)).has_value());  // the clock went back
}

}  // namespace
}  // namespace vigia::notify
