#include "http/server.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <vector>

#include "http/rest_allowance.h"
#include "http/test_client.h"

namespace vigia::http {
namespace {

using std::chrono::seconds;

// Says what it got; counts turns.
class EchoHandler final : public Handler {
 public:
  void Handle(const Request& request, Response& response, const LoopState&) override {
    if (request.fault != Fault::kNone) {
      response.status = request.fault == Fault::kTimeout ? 408 : request.fault == Fault::kBodyTooLarge ? 413 : 400;
      if (request.fault == Fault::kTooManyConnections) response.status = 503;
      return;
    }
    if (request.path == "/big")
      response.body.assign(100'000, 'x');
    else
      response.body.append(MethodName(request.method)).append(" ").append(request.body);
  }
};

class ServerTest : public testing::Test {
 protected:
  void Start(ServerSettings settings = {}) {
    if (settings.loops == 0) settings.loops = 1;
    auto started = Server::Start(
        settings, [](unsigned) { return std::make_unique<EchoHandler>(); }, clock_);
    ASSERT_TRUE(started.ok()) << started.error().message();
    server_ = std::move(started).value();
  }
  void Pass(Duration time) {
    clock_.Advance(time);
    server_->Wake();
  }

  FakeClock clock_{WallTime(seconds(1'800'000'000))};
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersOnOneConnectionAgainAndAgain) {
  Start({.loops = 2});
  TestClient client(server_->port());
  for (int i = 0; i < 3; ++i) {
    const TestResponse response = client.Post("/", "body");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "POST body");
    EXPECT_EQ(response.Header("Date"), "Fri, 15 Jan 2027 08:00:00 GMT");
  }
}

// Has always more to do in its rest, at once or after a while.
class RestlessHandler final : public Handler {
 public:
  explicit RestlessHandler(Duration again) : again_(again) {}
  void Handle(const Request&, Response& response, const LoopState&) override { response.body = std::to_string(rests_); }
  std::optional<Duration> Rest() override {
    ++rests_;
    return again_;
  }

 private:
  const Duration again_;
  int rests_ = 0;
};

TEST_F(ServerTest, RestsOnlyWhileNothingArrives) {
  for (const Duration again : {Duration(0), Duration(1000)}) {
    server_ = Server::Start(
                  {.loops = 1}, [&](unsigned) { return std::make_unique<RestlessHandler>(again); }, clock_)
                  .value();
    TestClient client(server_->port());
    int rests = 0;
    for (int i = 0; i < 100'000 && rests < 50; ++i) rests = std::stoi(client.Get("/").body);
    EXPECT_GE(rests, 50);
  }  // and it stops
}

// Each rest takes a millisecond of a clock that stands still otherwise: so there is no time that was waited for.
class TiringHandler final : public Handler {
 public:
  explicit TiringHandler(FakeClock& clock) : clock_(clock) {}
  void Handle(const Request&, Response& response, const LoopState&) override { response.body = std::to_string(rests_); }
  std::optional<Duration> Rest() override {
    ++rests_;
    clock_.Advance(std::chrono::milliseconds(1));
    return Duration(0);
  }

 private:
  FakeClock& clock_;
  int rests_ = 0;
};

TEST_F(ServerTest, RestsNoLongerThanItHasWaited) {
  server_ = Server::Start(
                {.loops = 1}, [this](unsigned) { return std::make_unique<TiringHandler>(clock_); }, clock_)
                .value();
  TestClient client(server_->port());
  const auto until_rests = [&](int wanted) {
    int rests = 0;
    for (int i = 0; i < 100'000 && rests < wanted; ++i) rests = std::stoi(client.Get("/").body);
    return rests;
  };
  EXPECT_EQ(until_rests(10), 10);  // as after a long wait
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.Get("/").body, "10");
}

TEST(RestAllowance, IsWhatWasWaitedAndNotTooMuch) {
  constexpr RestAllowance::Time kMillisecond = std::chrono::milliseconds(1);
  RestAllowance rest;
  rest.Waited(1000 * kMillisecond);
  rest.Rested(10 * kMillisecond);
  EXPECT_FALSE(rest.left());
  rest.Waited(kMillisecond);
  EXPECT_TRUE(rest.left());
  rest.Rested(3 * kMillisecond);
  rest.Waited(2 * kMillisecond);
  EXPECT_FALSE(rest.left());
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  Start();
  TestClient client(server_->port());
  std::string many;
  for (int i = 0; i < 500; ++i) {
    many += "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\n" + std::to_string(100 + i % 900);
  }
  client.Send(many);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(client.Receive().body, "POST " + std::to_string(100 + i % 900));
}

TEST_F(ServerTest, AClientThatDoesNotReadIsNotAnsweredWithoutEnd) {
  Start();
  TestClient client(server_->port());
  std::string many;
  for (int i = 0; i < 400; ++i) many += "GET /big HTTP/1.1\r\nHost: t\r\n\r\n";
  client.Send(many);  // 40 MB of answers
  for (int i = 0; i < 400; ++i) ASSERT_EQ(client.Receive().body.size(), 100'000U) << i;
}

TEST_F(ServerTest, HeadHasALengthAndNoBody) {
  Start();
  TestClient client(server_->port());
  client.Send("HEAD /big HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_EQ(client.Receive(true).Header("Content-Length"), "100000");
  EXPECT_EQ(client.Get("/").body, "GET ");
}

TEST_F(ServerTest, ConnectionCloseAndOldVersionsClose) {
  Start();
  for (const char* request : {"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    TestClient client(server_->port());
    client.Send(request);
    EXPECT_EQ(client.Receive().Header("Connection"), "close");
    EXPECT_TRUE(client.AtEnd());
  }
}

TEST_F(ServerTest, ContinuesWhenAsked) {
  Start();
  TestClient client(server_->port());
  client.Send("POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 100);
  client.Send("hi");
  EXPECT_EQ(client.Receive().body, "POST hi");
}

TEST_F(ServerTest, TooLargeIsSaidBeforeItIsSent) {
  ServerSettings settings;
  settings.limits.body_bytes = 10;
  Start(settings);
  TestClient client(server_->port());
  client.Send("POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 413);
  EXPECT_TRUE(client.AtEnd());
  TestClient chunked(server_->port());
  chunked.Send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.Receive().status, 413);
}

TEST_F(ServerTest, AnIdleConnectionEnds) {
  Start();
  TestClient client(server_->port());
  EXPECT_EQ(client.Get("/").status, 200);
  Pass(seconds(74));
  EXPECT_EQ(client.Get("/").status, 200);
  Pass(seconds(76));
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(ServerTest, ASilentConnectionEnds) {
  Start();
  TestClient client(server_->port());
  TestClient other(server_->port());
  EXPECT_EQ(other.Get("/").status, 200);  // so the first has been accepted
  Pass(seconds(6));
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(ServerTest, ASlowHeadOrBodyIsTimedOut) {
  Start();
  for (const char* part : {"GET / HT", "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nab",
                           "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    TestClient slow(server_->port());
    TestClient other(server_->port());
    slow.Send(part);
    // The first connection's bytes have been read when a later one is answered twice.
    EXPECT_EQ(other.Get("/").status, 200);
    EXPECT_EQ(other.Get("/").status, 200);
    Pass(seconds(6));
    EXPECT_EQ(slow.Receive().status, 408) << part;
    EXPECT_TRUE(slow.AtEnd());
  }
}

TEST_F(ServerTest, AFullServerEvictsTheIdleAndRefusesOtherwise) {
  ServerSettings settings;
  settings.max_connections = 2;
  Start(settings);
  TestClient first(server_->port());
  EXPECT_EQ(first.Get("/").status, 200);
  TestClient second(server_->port());
  EXPECT_EQ(second.Get("/").status, 200);
  TestClient third(server_->port());
  EXPECT_EQ(third.Get("/").status, 200);
  EXPECT_TRUE(first.AtEnd());
  second.Send("GET / HTTP/1.1\r\n");
  third.Send("GET / HTTP/1.1\r\n");
  // Both have begun a request now, or will be evicted; then the next one takes a place or is refused.
  TestClient fourth(server_->port());
  const int status = fourth.Get("/").status;
  EXPECT_TRUE(status == 200 || status == 503) << status;
}

TEST_F(ServerTest, AFullServerEvictsTheSilentBeforeTheServed) {
  ServerSettings settings;
  settings.max_connections = 2;
  Start(settings);
  TestClient served(server_->port());
  EXPECT_EQ(served.Get("/").status, 200);
  TestClient silent(server_->port());
  TestClient third(server_->port());
  EXPECT_EQ(third.Get("/").status, 200);
  EXPECT_TRUE(silent.AtEnd());
  EXPECT_EQ(served.Get("/").status, 200);
}

TEST_F(ServerTest, DrainFinishesWhatHasBegun) {
  Start();
  TestClient idle(server_->port());
  EXPECT_EQ(idle.Get("/").status, 200);
  TestClient busy(server_->port());
  busy.Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nab");
  EXPECT_EQ(idle.Get("/").status, 200);
  EXPECT_EQ(idle.Get("/").status, 200);
  server_->Drain();
  EXPECT_TRUE(idle.AtEnd());
  busy.Send("cd");
  const TestResponse last = busy.Receive();
  EXPECT_EQ(last.body, "POST abcd");
  EXPECT_EQ(last.Header("Connection"), "close");
  server_->Join();
}

TEST_F(ServerTest, DrainDoesNotWaitForEver) {
  Start();
  TestClient stuck(server_->port());
  TestClient other(server_->port());
  stuck.Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nab");
  EXPECT_EQ(other.Get("/").status, 200);
  EXPECT_EQ(other.Get("/").status, 200);
  server_->Drain();
  EXPECT_TRUE(other.AtEnd());
  Pass(seconds(11));
  server_->Join();
}

// A child that was forked and has not executed its program yet holds them, too.
std::vector<UniqueFd> HoldConnectionsOf(uint16_t port) {
  std::vector<UniqueFd> held;
  for (int fd = 3; fd < 1024; ++fd) {
    sockaddr_in own{}, peer{};
    socklen_t own_size = sizeof(own), peer_size = sizeof(peer);
    const bool ours = ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_size) == 0 &&
                      own.sin_family == AF_INET && ntohs(own.sin_port) == port &&
                      ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0;
    if (ours) held.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 1024));
  }
  return held;
}

TEST_F(ServerTest, AConnectionThatAChildStillHoldsIsGone) {
  Start();
  std::vector<UniqueFd> held;
  {
    TestClient client(server_->port());
    EXPECT_EQ(client.Get("/").status, 200);
    held = HoldConnectionsOf(server_->port());
  }
  ASSERT_EQ(held.size(), 1U);
  TestClient other(server_->port());
  while (server_->stats(0).open > 1) EXPECT_EQ(other.Get("/").status, 200);
  const uint64_t before = server_->stats(0).turns.value();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(other.Get("/").status, 200);
  EXPECT_LE(server_->stats(0).turns.value() - before, 300U);  // no events of the one that has gone
}

TEST_F(ServerTest, TwoServersCannotShareAPort) {
  Start();
  ServerSettings settings;
  settings.port = server_->port();
  const auto second = Server::Start(
      settings, [](unsigned) { return std::make_unique<EchoHandler>(); }, clock_);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().message().find("cannot listen on 127.0.0.1:"), std::string::npos);
}

// Each look takes its time.
class SlowClock final : public Clock {
 public:
  WallTime Now() const override { return WallTime(seconds(1'800'000'000)); }
  MonoTime Mono() const override { return MonoTime(std::chrono::microseconds(20) * looks_++); }

 private:
  mutable std::atomic<int> looks_{1};
};

// Notes in which turn it was asked for what. "/wait" holds the loop until Release; "/wrong" is an error.
class OrderHandler final : public Handler {
 public:
  void Handle(const Request& request, Response& response, const LoopState& loop) override {
    const std::string path(request.path);
    if (path == "/wait") {
      waits_.set_value();
      released_.get_future().wait();
    }
    if (path == "/wrong") response.status = 422;
    seen.emplace_back(loop.turn_began, path);
  }
  void AwaitWaiting() { waits_.get_future().wait(); }
  void Release() { released_.set_value(); }

  std::vector<std::pair<MonoTime, std::string>> seen;  // to be read when the server has ended

 private:
  std::promise<void> waits_, released_;
};

class OrderTest : public testing::Test {
 protected:
  void Start(const Clock& clock) {
    const auto make = [this](unsigned) {
      auto made = std::make_unique<OrderHandler>();
      handler_ = made.get();
      return made;
    };
    server_ = Server::Start({.loops = 1}, make, clock).value();
  }
  // What was asked for since "/wait", when the server has answered all of it.
  std::vector<std::pair<MonoTime, std::string>> SeenAfterWait() {
    server_->Stop();
    server_->Join();
    auto at = std::find_if(handler_->seen.begin(), handler_->seen.end(), [](auto& s) { return s.second == "/wait"; });
    return {at + 1, handler_->seen.end()};
  }
  static void Ask(TestClient& client, const std::string& path) {
    ASSERT_TRUE(client.Send("GET " + path + " HTTP/1.1\r\nHost: t\r\n\r\n"));
  }

  OrderHandler* handler_ = nullptr;
  std::unique_ptr<Server> server_;
};

TEST_F(OrderTest, WhoWasServedBeforeComesBeforeNewcomers) {
  const FakeClock clock{WallTime(seconds(1'800'000'000))};
  Start(clock);
  TestClient holder(server_->port()), served(server_->port()), wrong(server_->port()), stranger(server_->port());
  EXPECT_EQ(served.Get("/").status, 200);
  EXPECT_EQ(wrong.Get("/").status, 200);
  EXPECT_EQ(wrong.Get("/wrong").status, 422);
  Ask(holder, "/wait");
  handler_->AwaitWaiting();
  Ask(stranger, "/stranger");
  Ask(wrong, "/again");
  Ask(served, "/served");
  handler_->Release();
  for (TestClient* client : {&holder, &served, &wrong, &stranger}) EXPECT_EQ(client->Receive().status, 200);
  EXPECT_EQ(SeenAfterWait().front().second, "/served");
}

TEST_F(OrderTest, NewcomersShareASliceOfEachTurn) {
  const SlowClock clock;
  Start(clock);
  TestClient holder(server_->port());
  std::vector<std::unique_ptr<TestClient>> crowd;
  for (int i = 0; i < 100; ++i) crowd.push_back(std::make_unique<TestClient>(server_->port()));
  Ask(holder, "/wait");
  handler_->AwaitWaiting();
  for (const auto& client : crowd) Ask(*client, "/");
  handler_->Release();
  EXPECT_EQ(holder.Receive().status, 200);
  for (const auto& client : crowd) EXPECT_EQ(client->Receive().status, 200);
  std::map<MonoTime, int> per_turn;
  for (const auto& [turn, path] : SeenAfterWait()) ++per_turn[turn];
  for (const auto& [turn, count] : per_turn) EXPECT_LT(count, 10);
  EXPECT_GT(per_turn.size(), 10U);
}

}  // namespace
}  // namespace vigia::http
