// E-mail as a client.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace vigia::net {

struct MailServer {
  enum class Tls { kRequired, kIfOffered };
  std::string url;  // smtp://host:587 (STARTTLS) or smtps://host:465
  Tls tls = Tls::kRequired;
  std::string username;  // empty: no sign-in
  Secret password;
  std::string ca_file;  // empty: the system's
  Duration timeout = std::chrono::seconds(20);
};

struct Mail {
  std::string from;  // an address
  std::string to;
  std::string subject;
  std::string body;        // plain text, UTF-8
  std::string message_id;  // without <>; the same mail sent again has the same
  WallTime date{};
  std::vector<std::pair<std::string, std::string>> headers;
};

// RFC 5322 with CR LF. Line breaks in header values become blanks, so a value cannot add a header.
std::string ComposeMail(const Mail& mail);

// Thread-safe.
class MailClient {
 public:
  virtual ~MailClient() = default;
  // OK: the server has taken it. Errors:
  //   kInvalidArgument   the server refuses it for good (5xx), or the URL is wrong
  //   kPermissionDenied  it refuses the sign-in
  //   kUnavailable       it cannot be reached, or says to try later (4xx)
  //   kDeadlineExceeded  timeout: it may have been taken
  virtual Status Send(const MailServer& server, const Mail& mail) = 0;
};

// Over libcurl.
std::unique_ptr<MailClient> MakeMailClient();

// Answers by a function that the test gives, and remembers what was sent. Thread-safe.
class FakeMailClient final : public MailClient {
 public:
  using Answer = std::function<Status(const Mail&)>;
  explicit FakeMailClient(Answer answer) : answer_(std::move(answer)) {}
  Status Send(const MailServer&, const Mail& mail) override {
    const std::lock_guard lock(mutex_);
    mails_.push_back(mail);
    return answer_(mail);
  }
  std::vector<Mail> Mails() const {
    const std::lock_guard lock(mutex_);
    return mails_;
  }

 private:
  Answer answer_;
  mutable std::mutex mutex_;
  std::vector<Mail> mails_;
};

}  // namespace vigia::net
