// Sends one request over and over at a fixed rate, whatever the answers do, and tells their latencies: each counted
// from when the request was due, not from when a slow server let it be sent (no coordinated omission).
//
//   paced_load PORT REQUESTS-PER-SECOND SECONDS CONNECTIONS FILE     FILE holds the request, byte for byte
//
// Prints "RESULT requests/s p50-ms p99-ms max-ms errors". Spins on its core. Answers need a Content-Length. Latencies
// of the first 0.1 s are not counted: the connections are new, and the server's core comes from its rest.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <deque>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/unique_fd.h"

namespace {

using Time = std::chrono::steady_clock::time_point;
using std::chrono::steady_clock;

constexpr auto kWarmUp = std::chrono::milliseconds(100);

struct Connection {
  vigia::UniqueFd fd;
  std::string answer;
  Time due{};
};

vigia::UniqueFd Connect(int port) {
  vigia::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int yes = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return {};
  return fd;
}

// Whether `answer` is whole.
bool IsWhole(const std::string& answer) {
  const size_t end = answer.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const size_t at = answer.find("Content-Length: ");
  if (at == std::string::npos || at > end) return true;
  const auto length = vigia::ParseInteger(answer.substr(at + 16, answer.find("\r\n", at) - at - 16));
  return answer.size() >= end + 4 + static_cast<size_t>(length.value_or(0));
}

class Load {
 public:
  Load(std::string request, double rate, double seconds)
      : request_(std::move(request)), rate_(rate), seconds_(seconds) {}

  bool Open(int port, int count) {
    connections_.resize(static_cast<size_t>(count));
    for (Connection& connection : connections_) {
      connection.fd = Connect(port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &connection;
      if (!connection.fd.valid() || ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.fd.get(), &event) != 0) {
        return false;
      }
      free_.push_back(&connection);
    }
    return true;
  }

  void Run() {
    const Time begin = steady_clock::now();
    counts_from_ = begin + kWarmUp;
    const auto total = static_cast<size_t>(rate_ * seconds_);
    size_t due = 0;
    while (answers_ + errors_ < total) {
      const Time now = steady_clock::now();
      if (now - begin > std::chrono::duration<double>(2 * seconds_ + 5)) break;  // what is missing counts as errors
      for (; due < total && begin + At(due) <= now; ++due) waiting_.push_back(begin + At(due));
      while (!waiting_.empty() && !free_.empty()) Send();
      Receive();
    }
    errors_ += total - std::min(total, answers_ + errors_);
    Print(std::chrono::duration<double>(steady_clock::now() - begin).count());
  }

 private:
  steady_clock::duration At(size_t number) const {
    return std::chrono::duration_cast<steady_clock::duration>(
        std::chrono::duration<double>(static_cast<double>(number) / rate_));
  }

  void Send() {
    Connection& connection = *free_.back();
    free_.pop_back();
    connection.due = waiting_.front();
    waiting_.pop_front();
    connection.answer.clear();
    if (::send(connection.fd.get(), request_.data(), request_.size(), MSG_NOSIGNAL) < 0) ++errors_;
  }

  void Receive() {
    std::array<epoll_event, 64> events;
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
      auto& connection = *static_cast<Connection*>(events[static_cast<size_t>(i)].data.ptr);
      char bytes[65536];
      const ssize_t got = ::recv(connection.fd.get(), bytes, sizeof(bytes), 0);
      if (got <= 0) {
        ++errors_;
        connection.fd.Reset(-1);
        continue;
      }
      connection.answer.append(bytes, static_cast<size_t>(got));
      if (!IsWhole(connection.answer)) continue;
      if (connection.answer.compare(0, 13, "HTTP/1.1 200 ") == 0) {
        ++answers_;
        if (connection.due >= counts_from_) {
          seconds_of_.push_back(std::chrono::duration<double>(steady_clock::now() - connection.due).count());
        }
      } else {
        ++errors_;
      }
      free_.push_back(&connection);
    }
  }

  void Print(double took) {
    std::sort(seconds_of_.begin(), seconds_of_.end());
    const auto at = [&](double share) {
      return seconds_of_.empty()
                 ? 0.0
                 : 1000 * seconds_of_[static_cast<size_t>(share * static_cast<double>(seconds_of_.size() - 1))];
    };
    std::printf("RESULT %.0f %.3f %.3f %.3f %zu\n", static_cast<double>(answers_) / took, at(0.5), at(0.99), at(1),
                errors_);
  }

  const std::string request_;
  const double rate_, seconds_;
  vigia::UniqueFd epoll_{::epoll_create1(EPOLL_CLOEXEC)};
  std::vector<Connection> connections_;
  std::vector<Connection*> free_;
  std::deque<Time> waiting_;  // due, and no connection was free
  Time counts_from_{};
  std::vector<double> seconds_of_;
  size_t answers_ = 0, errors_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const auto port = argc == 6 ? vigia::ParseInteger(argv[1]) : std::nullopt;
  const auto rate = argc == 6 ? vigia::ParseNumber(argv[2]) : std::nullopt;
  const auto seconds = argc == 6 ? vigia::ParseNumber(argv[3]) : std::nullopt;
  const auto connections = argc == 6 ? vigia::ParseInteger(argv[4]) : std::nullopt;
  if (!port || !rate || !seconds || !connections || *rate <= 0) {
    std::fprintf(stderr, "usage: paced_load PORT REQUESTS-PER-SECOND SECONDS CONNECTIONS FILE\n");
    return 2;
  }
  std::ifstream file(argv[5], std::ios::binary);
  Load load(std::string(std::istreambuf_iterator<char>(file), {}), *rate, *seconds);
  if (!load.Open(static_cast<int>(*port), static_cast<int>(*connections))) {
    std::fprintf(stderr, "paced_load: cannot connect\n");
    return 1;
  }
  load.Run();
  return 0;
}
