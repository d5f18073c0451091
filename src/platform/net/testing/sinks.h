// Servers of a test's own on free ports of the loopback: they keep what they are sent.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace vigia::net::testing {

// One thread, one connection at a time.
class Sink {
 public:
  using Serve = std::function<void(int connection)>;
  explicit Sink(Serve serve) : serve_(std::move(serve)), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CHECK(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
    CHECK(::listen(fd_.get(), 16) == 0, "listen");
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      while (true) {
        const UniqueFd connection(::accept(fd_.get(), nullptr, nullptr));
        if (!connection.valid()) return;
        serve_(connection.get());
      }
    });
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  ~Sink() { Stop(); }
  void Stop() {
    if (!thread_.joinable()) return;
    ::shutdown(fd_.get(), SHUT_RDWR);
    thread_.join();
  }
  std::string Address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  Serve serve_;
  UniqueFd fd_;
  uint16_t port_ = 0;
  std::thread thread_;
};

inline void SendAll(int connection, const std::string& text) {
  ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
}
// Reads on until `done` says enough; false when the peer hangs up.
inline bool ReadUntil(int connection, std::string& text, const std::function<bool(const std::string&)>& done) {
  while (!done(text)) {
    char buffer[4096];
    const ssize_t count = ::recv(connection, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    text.append(buffer, static_cast<size_t>(count));
  }
  return true;
}

struct HttpCall {
  std::string head;  // request line and headers
  std::string body;
};

// Answers every request with the next of `answers` ("200 OK", "429 Busy\r\nRetry-After: 7"); the last stays.
class HttpSink {
 public:
  explicit HttpSink(std::vector<std::string> answers = {"200 OK"})
      : answers_(std::move(answers)), sink_([this](int connection) { Serve(connection); }) {}
  std::string Url(const std::string& path = "/") const { return "http://" + sink_.Address() + path; }
  std::vector<HttpCall> Calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  void Stop() { sink_.Stop(); }

 private:
  void Serve(int connection) {
    std::string text;
    if (!ReadUntil(connection, text, [](const std::string& t) { return t.find("\r\n\r\n") != std::string::npos; }))
      return;
    const size_t head = text.find("\r\n\r\n") + 4;
    size_t length = 0;
    const std::string lower = ToLowerAscii(text.substr(0, head));
    const size_t at = lower.find("content-length: ");
    if (at != std::string::npos) length = static_cast<size_t>(std::stoul(lower.substr(at + 16)));
    if (!ReadUntil(connection, text, [&](const std::string& t) { return t.size() >= head + length; })) return;
    std::string answer;
    {
      const std::lock_guard lock(mutex_);
      answer = answers_[std::min(calls_.size(), answers_.size() - 1)];
      calls_.push_back({text.substr(0, head), text.substr(head)});
    }
    SendAll(connection, "HTTP/1.1 " + answer + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  }

  mutable std::mutex mutex_;
  std::vector<std::string> answers_;
  std::vector<HttpCall> calls_;
  Sink sink_;  // last: its thread uses the rest
};

struct ReceivedMail {
  std::string from;  // the envelope's
  std::string to;
  std::string text;
};

// A mail server that offers AUTH PLAIN, no TLS, and answers RCPT TO with `recipient_answer`.
class SmtpSink {
 public:
  explicit SmtpSink(std::string recipient_answer = "250 fine", std::string sign_in_answer = "235 welcome")
      : recipient_answer_(std::move(recipient_answer)),
        sign_in_answer_(std::move(sign_in_answer)),
        sink_([this](int connection) { Serve(connection); }) {}
  std::string Url() const { return "smtp://" + sink_.Address(); }
  std::vector<ReceivedMail> Mails() const {
    const std::lock_guard lock(mutex_);
    return mails_;
  }

 private:
  void Serve(int connection) {
    SendAll(connection, "220 sink\r\n");
    std::string text;
    ReceivedMail mail;
    const auto has_line = [](const std::string& t) { return t.find("\r\n") != std::string::npos; };
    while (ReadUntil(connection, text, has_line)) {
      const std::string line = text.substr(0, text.find("\r\n"));
      text.erase(0, line.size() + 2);
      const std::string verb = ToUpperAscii(line.substr(0, 4));
      if (verb == "EHLO") SendAll(connection, "250-sink\r\n250 AUTH PLAIN\r\n");
      if (verb == "HELO" || verb == "RSET") SendAll(connection, "250 sink\r\n");
      if (verb == "AUTH") SendAll(connection, line.size() > 11 ? sign_in_answer_ + "\r\n" : "334 \r\n");
      if (verb == "MAIL") mail.from = line.substr(10);
      if (verb == "MAIL") SendAll(connection, "250 fine\r\n");
      if (verb == "RCPT") mail.to = line.substr(8);
      if (verb == "RCPT") SendAll(connection, recipient_answer_ + "\r\n");
      if (verb == "QUIT") SendAll(connection, "221 bye\r\n");
      const bool other = std::string("EHLO HELO RSET AUTH MAIL RCPT QUIT DATA").find(verb) == std::string::npos;
      if (other) SendAll(connection, sign_in_answer_ + "\r\n");  // what follows AUTH's 334
      if (verb != "DATA") continue;
      SendAll(connection, "354 go on\r\n");
      const auto ended = [](const std::string& t) { return t.find("\r\n.\r\n") != std::string::npos; };
      if (!ReadUntil(connection, text, ended)) return;
      mail.text = text.substr(0, text.find("\r\n.\r\n") + 2);
      text.erase(0, mail.text.size() + 3);
      {
        const std::lock_guard lock(mutex_);
        mails_.push_back(mail);
      }
      SendAll(connection, "250 taken\r\n");
    }
  }

  mutable std::mutex mutex_;
  std::string recipient_answer_;
  std::string sign_in_answer_;
  std::vector<ReceivedMail> mails_;
  Sink sink_;
};

}  // namespace vigia::net::testing
