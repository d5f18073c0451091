#include "notify/email.h"

namespace vigia::notify {
namespace {

class Email final : public Channel {
 public:
  Email(std::string name, EmailSettings settings, net::MailClient& client)
      : name_(std::move(name)), settings_(std::move(settings)), client_(client) {}

  const std::string& name() const override { return name_; }
  Receipt Send(const Message& message) override {
    Receipt receipt;
    receipt.message = message.id;
    if (message.address.find('@') == std::string::npos) {
      receipt.final = true;
      receipt.error = "the address is no e-mail address";
      return receipt;
    }
    const Status sent = client_.Send(settings_.server, ToMail(settings_, message));
    receipt.delivered = sent.ok();
    if (sent.ok()) return receipt;
    receipt.error = sent.error().message();
    receipt.final = sent.error().code() == Code::kInvalidArgument || sent.error().code() == Code::kPermissionDenied;
    return receipt;
  }

 private:
  const std::string name_;
  const EmailSettings settings_;
  net::MailClient& client_;
};

}  // namespace

EmailSettings LoadEmail(config::MapReader& reader, const ChannelWorld& world) {
  using Tls = net::MailServer::Tls;
  EmailSettings settings;
  settings.server.url = reader.RequiredText("server");
  if (!settings.server.url.starts_with("smtp://") && !settings.server.url.starts_with("smtps://")) {
    reader.Add(reader.Line("server"), "'server' must be smtp://HOST:PORT or smtps://HOST:PORT");
  }
  settings.server.tls =
      reader.Choice<Tls>("tls", {{"required", Tls::kRequired}, {"if_offered", Tls::kIfOffered}}, settings.server.tls);
  settings.server.username = reader.Text("username");
  settings.server.password = ReadSecret(reader, "password", world);
  settings.server.ca_file = reader.Text("ca_file");
  settings.server.timeout = reader.Time("timeout", settings.server.timeout);
  settings.from = reader.RequiredText("from");
  return settings;
}

net::Mail ToMail(const EmailSettings& settings, const Message& message) {
  net::Mail mail;
  mail.from = settings.from;
  mail.to = message.address;
  mail.subject = message.subject;
  mail.body = message.body;
  mail.date = message.created_at;
  // The same for every attempt, so that a second copy can be dropped; only characters that it allows.
  for (const char c : message.id) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    mail.message_id += plain ? c : '.';
  }
  mail.message_id += "@vigia.invalid";
  if (!message.incident.empty()) mail.headers.emplace_back("X-Vigia-Incident", message.incident);
  if (message.severity == checks::Severity::kP1) mail.headers.emplace_back("Importance", "high");
  return mail;
}

std::unique_ptr<Channel> MakeEmail(std::string name, EmailSettings settings, const ChannelWorld& world) {
  return std::make_unique<Email>(std::move(name), std::move(settings), world.mail);
}

}  // namespace vigia::notify
