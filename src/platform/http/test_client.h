// A blocking client for tests: sends bytes as they are, so that it can also be rude.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace vigia::http {

struct TestResponse {
  int status = 0;
  std::string head;  // status line and headers
  std::string body;
  bool Has(std::string_view text) const { return head.find(text) != std::string::npos; }
  // The value of a header, given as it is written; empty when there is none.
  std::string Header(std::string_view name) const {
    const size_t at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class TestClient {
 public:
  explicit TestClient(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval timeout{20, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0, "cannot connect");
  }

  // False when the server has closed.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // status 0: the server closed instead.
  TestResponse Receive(bool head_only = false) {
    TestResponse response;
    size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return response;
    }
    response.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    response.status = static_cast<int>(ParseInteger(response.head.substr(9, 3)).value_or(0));
    if (head_only || response.status == 204 || response.status == 100) return response;
    const auto length = static_cast<size_t>(ParseInteger(response.Header("Content-Length")).value_or(0));
    while (buffer_.size() < length) {
      if (!Fill()) return response;
    }
    response.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return response;
  }

  TestResponse Get(std::string_view target, std::string_view headers = {}) {
    Send("GET " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n" + std::string(headers) + "\r\n");
    return Receive();
  }

  TestResponse Post(std::string_view target, std::string_view body, std::string_view headers = {}) {
    Send("POST " + std::string(target) + " HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(headers) + "\r\n" + std::string(body));
    return Receive();
  }

  // What comes up to `end`, with it; what came when the server has closed before.
  std::string ReadThrough(std::string_view end) {
    size_t at = std::string::npos;
    while ((at = buffer_.find(end)) == std::string::npos) {
      if (!Fill()) return std::exchange(buffer_, {});
    }
    std::string text = buffer_.substr(0, at + end.size());
    buffer_.erase(0, at + end.size());
    return text;
  }

  int descriptor() const { return fd_.get(); }
  void FinishSending() { ::shutdown(fd_.get(), SHUT_WR); }
  // True when the server has closed and nothing is left to read.
  bool AtEnd() { return buffer_.empty() && !Fill(); }

 private:
  bool Fill() {
    char bytes[65536];
    const ssize_t count = ::recv(fd_.get(), bytes, sizeof(bytes), 0);
    if (count <= 0) return false;
    buffer_.append(bytes, static_cast<size_t>(count));
    return true;
  }

  UniqueFd fd_;
  std::string buffer_;
};

}  // namespace vigia::http
