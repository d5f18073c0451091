#include "drill/leaky.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "base/files.h"
#include "http/server.h"
#include "supervisor/use.h"

namespace vigia::drill {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);

class Server final : public LeakyService {
 public:
  Server(int64_t limit, const Clock& clock) : limit_(limit), clock_(clock) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() override {
    ending_ = true;
    if (leak_.joinable()) leak_.join();
    if (server_ == nullptr) return;
    server_->Stop();
    server_->Join();
  }

  Status Begin(uint16_t port);
  void Leak() { leaking_ = true; }

 private:
  void Run();

  const int64_t limit_;
  const Clock& clock_;
  const SystemFiles files_;
  std::atomic<bool> leaking_{false}, ending_{false};
  std::vector<std::vector<char>> kept_;  // of the thread below
  std::thread leak_;
  std::unique_ptr<http::Server> server_;
};

class Answerer final : public http::Handler {
 public:
  explicit Answerer(Server& server) : server_(server) {}
  void Handle(const http::Request& request, http::Response& response, const http::LoopState&) override {
    if (request.fault == http::Fault::kNone && request.path == "/leak") server_.Leak();
    response.body = "{}";
  }

 private:
  Server& server_;
};

Status Server::Begin(uint16_t port) {
  http::ServerSettings settings;
  settings.port = port;
  settings.loops = 1;
  server_ = TRY(http::Server::Start(
      settings, [this](unsigned) { return std::make_unique<Answerer>(*this); }, clock_));
  leak_ = std::thread([this] { Run(); });
  return {};
}

void Server::Run() {
  while (!ending_) {
    if (leaking_) {
      const auto resident = static_cast<int64_t>(supervisor::ResidentBytes(files_, ::getsid(0)));
      kept_.emplace_back(static_cast<size_t>(NextLeak(resident, limit_)), 'x');
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

int64_t NextLeak(int64_t resident, int64_t limit) { return resident < limit ? (limit - resident) / 10 : 0; }

Result<std::unique_ptr<LeakyService>> LeakyService::Start(uint16_t port, int64_t megabytes, const Clock& clock) {
  auto server = std::make_unique<Server>(megabytes << 20, clock);
  TRY(server->Begin(port));
  return std::unique_ptr<LeakyService>(std::move(server));
}

}  // namespace vigia::drill
