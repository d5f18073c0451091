#include "cli/stop_signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include "base/result.h"

namespace vigia::cli {

namespace {

// A handler can only reach what is static. Other threads may take the signal: the descriptor wakes the waiting one.
std::atomic<int> stop_descriptor{-1};
constexpr std::array<int, 2> kSignals = {SIGTERM, SIGINT};

void OnSignal(int) {
  const int before = errno;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(stop_descriptor.load(), &one, sizeof(one));
  errno = before;
}

}  // namespace

StopSignals::StopSignals() {
  const int descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK(descriptor >= 0, "waiting for signals needs a descriptor");
  CHECK(stop_descriptor.exchange(descriptor) == -1, "one StopSignals at a time");
  for (const int signal : kSignals) std::signal(signal, OnSignal);
}

StopSignals::~StopSignals() {
  for (const int signal : kSignals) std::signal(signal, SIG_DFL);
  ::close(stop_descriptor.exchange(-1));
}

bool StopSignals::Wait(Duration most) const {
  pollfd stop{stop_descriptor.load(), POLLIN, 0};
  const auto until = std::chrono::steady_clock::now() + most;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    const int ready = ::poll(&stop, 1, static_cast<int>(std::clamp<int64_t>(left, 0, 60'000)));
    if (ready > 0) return true;
    if (ready == 0 && left <= 60'000) return false;
  }
}

}  // namespace vigia::cli
