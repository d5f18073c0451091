#include "net/dial.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace vigia::net {
namespace {

using Steady = std::chrono::steady_clock;

struct AddressFree {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

Result<UniqueFd> ConnectTo(const addrinfo& address, Steady::time_point deadline) {
  UniqueFd fd(::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol));
  if (!fd.valid()) return Error(Code::kResourceExhausted, std::string("cannot make a socket: ") + std::strerror(errno));
  if (::connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0) return fd;
  if (errno != EINPROGRESS) return Error(Code::kUnavailable, std::string("cannot connect: ") + std::strerror(errno));
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count() + 1;
    pollfd waiting{fd.get(), POLLOUT, 0};
    const int ready = left <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(std::min<int64_t>(left, 600'000)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return Error(Code::kDeadlineExceeded, "cannot connect: no answer in time");
    break;
  }
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return Error(Code::kUnavailable, std::string("cannot connect: ") + std::strerror(error));
  return fd;
}

}  // namespace

Result<UniqueFd> Dial(const std::string& host, uint16_t port, Duration timeout) {
  const auto deadline = Steady::now() + timeout;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) return Error(Code::kUnavailable, "cannot find '" + host + "': " + ::gai_strerror(code));
  const std::unique_ptr<addrinfo, AddressFree> addresses(found);
  Error last(Code::kUnavailable, "cannot find '" + host + "'");
  for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
    auto connected = ConnectTo(*address, deadline);
    if (connected.ok()) return connected;
    last = connected.error();
  }
  return last;
}

}  // namespace vigia::net
