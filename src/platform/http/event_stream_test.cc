#include "http/event_stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "http/server.h"
#include "http/test_client.h"

namespace vigia::http {
namespace {

using std::chrono::seconds;

TEST(FormatEventTest, IsWhatTheStandardSays) {
  struct Case {
    Event event;
    std::string_view text;
  };
  const Case cases[] = {
      {{.data = "one"}, "data: one\n\n"},
      {{.id = "7", .name = "status", .data = "{}"}, "id: 7\nevent: status\ndata: {}\n\n"},
      {{.data = "a\nb\r\nc\rd"}, "data: a\ndata: b\ndata: c\ndata: d\n\n"},
      {{.data = "end\n"}, "data: end\ndata: \n\n"},
      {{.name = "reset"}, "event: reset\ndata: \n\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(FormatEvent(c.event), c.text);
}

TEST(EventStreamTest, HoldsNoMoreThanItMayBeforeItHasAClient) {
  auto stream = std::make_shared<EventStream>(10);
  EXPECT_TRUE(stream->Publish("123456789\n"));
  EXPECT_TRUE(stream->open());
  EXPECT_FALSE(stream->Publish("x"));
  EXPECT_FALSE(stream->open());
  EXPECT_FALSE(stream->Publish(""));
}

constexpr size_t kMostWaiting = 64 * 1024;

// Answers /events with a stream that the test holds, and everything else with a word.
class EventHandler final : public Handler {
 public:
  explicit EventHandler(std::vector<std::shared_ptr<EventStream>>& streams) : streams_(streams) {}
  void Handle(const Request& request, Response& response, const LoopState&) override {
    response.body = "word";
    if (request.path != "/events") return;
    response.stream = std::make_shared<EventStream>(kMostWaiting);
    response.AddHeader("X-Extra", "1");
    response.stream->Publish(FormatEvent({.name = "hello", .data = request.Header("Last-Event-ID")}));
    streams_.push_back(response.stream);
  }

 private:
  std::vector<std::shared_ptr<EventStream>>& streams_;
};

class EventStreamServerTest : public testing::Test {
 protected:
  void Start(ServerSettings settings = {}) {
    settings.loops = 1;
    auto started = Server::Start(
        settings, [this](unsigned) { return std::make_unique<EventHandler>(streams_); }, clock_);
    ASSERT_TRUE(started.ok()) << started.error().message();
    server_ = std::move(started).value();
  }
  // The head and the first event of a client that has asked for them. streams_ may be read afterwards: the loop
  // wrote to it before it answered.
  static std::string Open(TestClient& client, std::string_view headers = {}) {
    client.Send("GET /events HTTP/1.1\r\nHost: t\r\n" + std::string(headers) + "\r\n");
    const std::string head = client.ReadThrough("\r\n\r\n");
    return head + client.ReadThrough("\n\n");
  }
  void Pass(Duration time) {
    clock_.Advance(time);
    server_->Wake();
  }

  FakeClock clock_{WallTime(seconds(1'800'000'000))};
  std::vector<std::shared_ptr<EventStream>> streams_;
  std::unique_ptr<Server> server_;
};

TEST_F(EventStreamServerTest, EventsArriveAsTheyArePublished) {
  Start();
  TestClient client(server_->port());
  const std::string opening = Open(client, "Last-Event-ID: 41\r\n");
  EXPECT_EQ(opening.substr(0, 17), "HTTP/1.1 200 OK\r\n");
  EXPECT_NE(opening.find("\r\nContent-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(opening.find("\r\nX-Extra: 1\r\n"), std::string::npos);
  EXPECT_EQ(opening.find("Content-Length"), std::string::npos);
  EXPECT_NE(opening.find("\r\n\r\nevent: hello\ndata: 41\n\n"), std::string::npos);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(streams_[0]->Publish(FormatEvent({.data = std::to_string(i)})));
    ASSERT_EQ(client.ReadThrough("\n\n"), "data: " + std::to_string(i) + "\n\n");
  }
  EXPECT_EQ(server_->stats(0).streams.load(), 1);
}

TEST_F(EventStreamServerTest, ManyThreadsPublishToManyClients) {
  Start();
  constexpr int kClients = 8, kThreads = 4, kEvents = 200;
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<TestClient>(server_->port()));
    Open(*clients.back());
  }
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEvents; ++i) {
        for (const auto& stream : streams_) stream->Publish("data: x\n\n");
      }
    });
  }
  TestClient other(server_->port());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(other.Get("/").body, "word");
  for (std::thread& thread : threads) thread.join();
  for (const auto& client : clients) {
    for (int i = 0; i < kThreads * kEvents; ++i) ASSERT_EQ(client->ReadThrough("\n\n"), "data: x\n\n");
  }
}

TEST_F(EventStreamServerTest, EndSendsWhatWaitsAndCloses) {
  Start();
  TestClient client(server_->port());
  Open(client);
  streams_[0]->Publish("data: last\n\n");
  streams_[0]->End();
  EXPECT_FALSE(streams_[0]->Publish("data: later\n\n"));
  EXPECT_EQ(client.ReadThrough("\n\n"), "data: last\n\n");
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(EventStreamServerTest, AClientThatDoesNotReadIsSentAway) {
  Start();
  TestClient slow(server_->port()), quick(server_->port());
  Open(slow);
  Open(quick);
  // More than every buffer of the way holds; the quick one is read as fast as it is written.
  const std::string event = FormatEvent({.data = std::string(8'000, 'x')});
  bool listening = true;
  for (int i = 0; listening && i < 10'000; ++i) {
    listening = streams_[0]->Publish(event);
    ASSERT_TRUE(streams_[1]->Publish(event)) << i;
    ASSERT_EQ(quick.ReadThrough("\n\n").size(), event.size());
  }
  EXPECT_FALSE(listening);
  EXPECT_FALSE(streams_[0]->open());
  quick.Send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");  // a stream's connection answers nothing else
  EXPECT_TRUE(streams_[1]->Publish("data: last\n\n"));
  EXPECT_EQ(quick.ReadThrough("\n\n"), "data: last\n\n");
  TestClient other(server_->port());
  EXPECT_EQ(other.Get("/").body, "word");
  EXPECT_EQ(server_->stats(0).too_slow.value(), 1U);
  EXPECT_EQ(server_->stats(0).streams.load(), 1);
}

TEST_F(EventStreamServerTest, ACommentShowsThatASilentStreamLives) {
  Start();
  TestClient client(server_->port());
  Open(client);
  for (int i = 0; i < 10; ++i) {
    TestClient other(server_->port());
    EXPECT_EQ(other.Get("/").body, "word");
    Pass(seconds(16));
    EXPECT_EQ(client.ReadThrough("\n\n"), ":\n\n");
  }
  EXPECT_TRUE(streams_[0]->Publish("data: x\n\n"));
  EXPECT_EQ(client.ReadThrough("\n\n"), "data: x\n\n");
}

TEST_F(EventStreamServerTest, AStreamEndsWhenItsClientLeaves) {
  Start();
  {
    TestClient client(server_->port());
    Open(client);
  }
  TestClient other(server_->port());
  while (streams_[0]->Publish("data: x\n\n")) EXPECT_EQ(other.Get("/").status, 200);
  EXPECT_EQ(other.Get("/").status, 200);
  EXPECT_EQ(server_->stats(0).streams.load(), 0);
}

TEST_F(EventStreamServerTest, StreamsTakeNoMorePlacesThanTheyMay) {
  ServerSettings settings;
  settings.max_streams = 2;
  Start(settings);
  TestClient first(server_->port()), second(server_->port()), third(server_->port());
  Open(first);
  Open(second);
  const TestResponse refused = third.Get("/events");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.Header("Retry-After"), "5");
  EXPECT_TRUE(third.AtEnd());
  EXPECT_FALSE(streams_[2]->open());
  streams_[0]->End();
  EXPECT_TRUE(first.AtEnd());
  TestClient fourth(server_->port());
  EXPECT_NE(Open(fourth).find("event: hello"), std::string::npos);
}

TEST_F(EventStreamServerTest, HeadHasNoEvents) {
  Start();
  TestClient client(server_->port());
  client.Send("HEAD /events HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_EQ(client.Receive(true).Header("Content-Type"), "text/event-stream");
  EXPECT_TRUE(client.AtEnd());
  EXPECT_FALSE(streams_[0]->open());
}

TEST_F(EventStreamServerTest, DrainSendsWhatWaitsAndEndsTheStreams) {
  Start();
  TestClient client(server_->port());
  Open(client);
  streams_[0]->Publish("data: last\n\n");
  server_->Drain();
  EXPECT_EQ(client.ReadThrough("\n\n"), "data: last\n\n");
  EXPECT_TRUE(client.AtEnd());
  server_->Join();
  EXPECT_FALSE(streams_[0]->Publish("data: x\n\n"));
}

TEST_F(EventStreamServerTest, AStreamOutlivesItsServer) {
  Start();
  TestClient client(server_->port());
  Open(client);
  std::atomic<bool> stop{false};
  std::thread publisher([&] {
    while (!stop.load()) streams_[0]->Publish("data: x\n\n");
  });
  server_.reset();
  EXPECT_FALSE(streams_[0]->open());
  stop.store(true);
  publisher.join();
  EXPECT_FALSE(streams_[0]->Publish("data: x\n\n"));
}

}  // namespace
}  // namespace vigia::http
