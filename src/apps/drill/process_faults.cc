#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <csignal>

#include "base/unique_fd.h"
#include "drill/faults.h"

namespace vigia::drill {
namespace {

Status Signal(Arena& arena, int signal) {
  if (::kill(TRY(arena.ServicePid()), signal) == 0) return {};
  return Error(Code::kInternal, "the service cannot be signalled");
}

// Listens where the service would, and never answers.
Result<UniqueFd> TakePort(uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool taken =
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(fd.get(), 1) == 0;
  if (!taken) return Error(Code::kUnavailable, "the port cannot be taken");
  return fd;
}

}  // namespace

Status KillService(Arena& arena) { return Signal(arena, SIGKILL); }

Status HangService(Arena& arena) { return Signal(arena, SIGSTOP); }

Status KillAndTakePort(Arena& arena) {
  TRY(Signal(arena, SIGKILL));
  const auto holder = std::make_shared<UniqueFd>();
  const bool taken = arena.WaitFor(
      [&] {
        auto fd = TakePort(arena.port());
        if (fd.ok()) *holder = *std::move(fd);
        return holder->valid();
      },
      std::chrono::seconds(2));
  if (!taken) return Error(Code::kUnavailable, "the port cannot be taken");
  arena.WhenMended([holder] { *holder = UniqueFd(); });
  return {};
}

}  // namespace vigia::drill
