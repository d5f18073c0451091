#include "drill/traffic.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdlib>

#include "base/text.h"
#include "base/unique_fd.h"

namespace vigia::drill {
namespace {

constexpr int kTimeoutSeconds = 5;

sockaddr_in AddressOf(const std::string& address, uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &at.sin_addr);
  return at;
}

const sockaddr* Plain(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

UniqueFd Connect(const std::string& from, uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval limit{kTimeoutSeconds, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const sockaddr_in own = AddressOf(from, 0), theirs = AddressOf("127.0.0.1", port);
  if (::bind(fd.get(), Plain(own), sizeof own) != 0) return UniqueFd();
  if (::connect(fd.get(), Plain(theirs), sizeof theirs) != 0) return UniqueFd();
  return fd;
}

bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

// Reads one answer; false when the connection is of no more use.
bool ReadAnswer(int fd) {
  std::string answer;
  size_t wanted = 0;
  char buffer[16 * 1024];
  while (wanted == 0 || answer.size() < wanted) {
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    answer.append(buffer, static_cast<size_t>(got));
    const size_t head = answer.find("\r\n\r\n");
    if (wanted != 0 || head == std::string::npos) continue;
    const std::string low = ToLowerAscii(answer.substr(0, head));
    const size_t length = low.find("content-length: ");
    if (length == std::string::npos) return false;
    wanted = head + 4 + static_cast<size_t>(std::atoll(low.c_str() + length + 16));
  }
  return ToLowerAscii(answer.substr(0, answer.find("\r\n\r\n"))).find("connection: close") == std::string::npos;
}

}  // namespace

Client::Client(ClientPlan plan) : plan_(std::move(plan)), thread_([this] { Run(); }) {}

Client::~Client() {
  ending_ = true;
  thread_.join();
}

void Client::Run() {
  UniqueFd connection;
  size_t next = 0;
  while (!ending_) {
    if (!connection.valid()) connection = Connect(plan_.address, plan_.port);
    const std::string& body = plan_.bodies[next++ % plan_.bodies.size()];
    const std::string head =
        "POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n";
    const bool good = connection.valid() && SendAll(connection.get(), head + body) && ReadAnswer(connection.get());
    if (!good) connection = UniqueFd();
    const Duration pause = good ? plan_.pause : std::max<Duration>(plan_.pause, std::chrono::milliseconds(20));
    if (pause > Duration::zero()) std::this_thread::sleep_for(pause);
  }
}

uint16_t FreePort() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in any = AddressOf("127.0.0.1", 0);
  socklen_t size = sizeof any;
  ::bind(fd.get(), Plain(any), sizeof any);
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&any), &size);
  return ntohs(any.sin_port);
}

}  // namespace vigia::drill
