#include "net/mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/testing/sinks.h"

namespace vigia::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Mail Sample() {
  Mail mail;
  mail.from = "vigia@example.org";
  mail.to = "ana@example.org";
  mail.subject = "[P1] O serviço caiu";
  mail.body = "Olá\n.\nfim\n";
  mail.message_id = "INC-1.0@vigia";
  mail.date = ParseTime("2026-11-20T12:00:00Z").value();
  return mail;
}

MailServer Server(const std::string& url) {
  MailServer server;
  server.url = url;
  server.tls = MailServer::Tls::kIfOffered;
  server.timeout = std::chrono::seconds(5);
  return server;
}

TEST(MailTest, ComposesHeadersThatCannotBeForged) {
  Mail mail = Sample();
  mail.headers = {{"X-Vigia-Incident", "INC-1\r\nBcc: everyone@example.org"}};
  const std::string text = ComposeMail(mail);
  EXPECT_THAT(text, HasSubstr("Date: Fri, 20 Nov 2026 12:00:00 +0000\r\n"));
  EXPECT_THAT(text, HasSubstr("Subject: =?UTF-8?B?W1AxXSBPIHNlcnZpw6dvIGNhaXU=?=\r\n"));
  EXPECT_THAT(text, HasSubstr("Message-ID: <INC-1.0@vigia>\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("\nBcc:")));
  EXPECT_THAT(text, HasSubstr("\r\n\r\nT2zDoQouCmZpbQo=\r\n"));
}

TEST(MailTest, LongSubjectsAreFoldedBetweenCharacters) {
  Mail mail = Sample();
  mail.subject.clear();
  for (int i = 0; i < 60; ++i) mail.subject += "é";
  const std::string text = ComposeMail(mail);
  size_t words = 0;
  for (size_t at = text.find("=?UTF-8?B?"); at != std::string::npos; at = text.find("=?UTF-8?B?", at + 1)) {
    EXPECT_LE(text.find("?=", at) + 2 - at, 75U);
    ++words;
  }
  EXPECT_EQ(words, 3U);
}

TEST(MailTest, AServerTakesIt) {
  const testing::SmtpSink sink;
  MailServer server = Server(sink.Url());
  server.username = "vigia";
  server.password = Secret("s3cret");
  const Status sent = MakeMailClient()->Send(server, Sample());
  ASSERT_TRUE(sent.ok()) << sent.error().message();
  ASSERT_EQ(sink.Mails().size(), 1U);
  EXPECT_EQ(sink.Mails()[0].from.substr(0, 19), "<vigia@example.org>");
  EXPECT_EQ(sink.Mails()[0].to, "<ana@example.org>");
  EXPECT_EQ(sink.Mails()[0].text, ComposeMail(Sample()));
}

TEST(MailTest, TellsRefusalsFromTroubles) {
  struct Case {
    const char* recipient;
    const char* sign_in;
    Code code;
  };
  constexpr Case kCases[] = {{"550 no such user", "235 ok", Code::kInvalidArgument},
                             {"451 try later", "235 ok", Code::kUnavailable},
                             {"250 fine", "535 wrong", Code::kPermissionDenied}};
  for (const Case& c : kCases) {
    const testing::SmtpSink sink(c.recipient, c.sign_in);
    MailServer server = Server(sink.Url());
    server.username = "vigia";
    server.password = Secret("s3cret");
    const Status sent = MakeMailClient()->Send(server, Sample());
    ASSERT_FALSE(sent.ok()) << c.recipient;
    EXPECT_EQ(sent.error().code(), c.code) << sent.error().message();
    EXPECT_THAT(sent.error().message(), Not(HasSubstr("s3cret")));
    EXPECT_TRUE(sink.Mails().empty());
  }
  std::string gone;
  {
    const testing::SmtpSink sink;
    gone = sink.Url();
  }
  EXPECT_EQ(MakeMailClient()->Send(Server(gone), Sample()).error().code(), Code::kUnavailable);
  EXPECT_EQ(MakeMailClient()->Send(Server("file:///etc/hostname"), Sample()).error().code(), Code::kInvalidArgument);
}

// A password must not go over an open line because somebody on the way hides STARTTLS.
TEST(MailTest, NothingIsSentWithoutTheTlsThatIsRequired) {
  const testing::SmtpSink sink;
  MailServer server = Server(sink.Url());
  server.tls = MailServer::Tls::kRequired;
  EXPECT_FALSE(MakeMailClient()->Send(server, Sample()).ok());
  EXPECT_TRUE(sink.Mails().empty());
}

}  // namespace
}  // namespace vigia::net
