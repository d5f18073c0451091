// Clients of the service: each a thread with a connection that it keeps.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace vigia::drill {

struct ClientPlan {
  uint16_t port = 0;
  std::string address = "127.0.0.1";  // its own, any of 127.0.0.0/8
  std::vector<std::string> bodies;    // sent to POST /predict in turn; REQUIRES: not empty
  Duration pause{};                   // after each answer
};

// Sends until it is destroyed. A connection that fails is made again.
class Client {
 public:
  explicit Client(ClientPlan plan);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

 private:
  void Run();
  const ClientPlan plan_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

// A port of this machine that is free now.
uint16_t FreePort();

}  // namespace vigia::drill
