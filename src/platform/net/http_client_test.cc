#include "net/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "base/unique_fd.h"

namespace vigia::net {
namespace {

// A listener on a free port of the loopback that gives one scripted answer for each connection.
class Peer {
 public:
  explicit Peer(std::string answer, bool hang_up_late = false) : answer_(std::move(answer)) {
    fd_.Reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CHECK(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
    CHECK(::listen(fd_.get(), 8) == 0, "listen");
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, hang_up_late] { Serve(hang_up_late); });
  }
  ~Peer() {
    ::shutdown(fd_.get(), SHUT_RDWR);
    thread_.join();
  }
  std::string Url(const std::string& path = "/") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  std::string received() const { return received_; }  // after Send returned

 private:
  void Serve(bool hang_up_late) {
    while (true) {
      UniqueFd connection(::accept(fd_.get(), nullptr, nullptr));
      if (!connection.valid()) return;
      char buffer[65536];
      const ssize_t count = ::recv(connection.get(), buffer, sizeof buffer, 0);
      if (count > 0) received_.assign(buffer, static_cast<size_t>(count));
      ::send(connection.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
      if (hang_up_late) ::recv(connection.get(), buffer, sizeof buffer, 0);  // until the client gives up
    }
  }
  std::string answer_;
  UniqueFd fd_;
  uint16_t port_ = 0;
  std::string received_;
  std::thread thread_;
};

TEST(HttpClientTest, SendsAndReceives) {
  Peer peer("HTTP/1.1 503 Busy\r\nX-Thing: a\r\nContent-Length: 2\r\n\r\nno");
  HttpRequest request;
  request.method = "POST";
  request.url = peer.Url("/predict?x=1");
  request.headers = {{"Idempotency-Key", "k1"}};
  request.body = "{}";
  const auto response = MakeHttpClient()->Send(request);
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->body, "no");
  EXPECT_EQ(response->headers.front(), (std::pair<std::string, std::string>("x-thing", "a")));
  EXPECT_EQ(peer.received().find("POST /predict?x=1 HTTP/1.1\r\n"), 0U);
  EXPECT_NE(peer.received().find("Idempotency-Key: k1\r\n"), std::string::npos);
  EXPECT_FALSE(response->certificate_expires.has_value());
}

TEST(HttpClientTest, CutsALongBody) {
  Peer peer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'));
  HttpRequest request;
  request.url = peer.Url();
  request.max_body = 10;
  const auto response = MakeHttpClient()->Send(request);
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response->body, "xxxxxxxxxx");
  EXPECT_TRUE(response->truncated);
}

TEST(HttpClientTest, TellsSurelyNotSentFromPerhapsArrived) {
  const auto client = MakeHttpClient();
  HttpRequest request;
  {
    Peer gone("");
    request.url = gone.Url();
  }
  EXPECT_EQ(client->Send(request).error().code(), Code::kUnavailable);

  Peer broken("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  request.url = broken.Url();
  EXPECT_EQ(client->Send(request).error().code(), Code::kDataLoss);

  Peer silent("", true);
  request.url = silent.Url();
  request.timeout = std::chrono::milliseconds(100);
  EXPECT_EQ(client->Send(request).error().code(), Code::kDeadlineExceeded);

  request.url = "file:///etc/hostname";
  EXPECT_EQ(client->Send(request).error().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace vigia::net
