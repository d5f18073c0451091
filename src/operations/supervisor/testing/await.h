// For tests: waits for what another process does.
#pragma once

#include <chrono>
#include <thread>

namespace vigia::supervisor {

template <typename Condition>
bool Await(const Condition& condition) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace vigia::supervisor
