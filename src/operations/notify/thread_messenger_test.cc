#include "notify/thread_messenger.h"

#include <gtest/gtest.h>

#include <latch>

namespace vigia::notify {
namespace {

using std::chrono::seconds;

// Delivers everything; the first send waits until it is let go.
class SlowChannel final : public Channel {
 public:
  explicit SlowChannel(std::string name) : name_(std::move(name)) {}
  const std::string& name() const override { return name_; }
  Receipt Send(const Message& message) override {
    if (++sends == 1) {
      entered.count_down();
      go.wait();
    }
    return {message.id, true, false, "", {}};
  }
  std::latch entered{1};
  std::latch go{1};
  std::atomic<int> sends = 0;

 private:
  const std::string name_;
};

Message To(const std::string& channel, const std::string& id) {
  Message message;
  message.id = id;
  message.channel = channel;
  message.severity = checks::Severity::kP2;
  return message;
}

// Polls until so many receipts have come.
std::vector<Receipt> Collect(ThreadMessenger& messenger, size_t wanted) {
  std::vector<Receipt> receipts;
  while (receipts.size() < wanted) {
    for (Receipt& receipt : messenger.Poll()) receipts.push_back(std::move(receipt));
    std::this_thread::yield();
  }
  return receipts;
}

class ThreadMessengerTest : public ::testing::Test {
 protected:
  ThreadMessengerTest() {
    auto slow = std::make_unique<SlowChannel>("slow");
    auto fast = std::make_unique<SlowChannel>("fast");
    slow_ = slow.get();
    fast_ = fast.get();
    std::vector<ConfiguredChannel> channels;
    channels.push_back({std::move(slow), {}, 0});
    channels.push_back({std::move(fast), {2, seconds(60)}, 0});
    messenger_ = std::make_unique<ThreadMessenger>(std::move(channels), clock_);
    fast_->go.count_down();
  }

  FakeClock clock_{WallTime(std::chrono::hours(24 * 20'000))};
  SlowChannel* slow_ = nullptr;
  SlowChannel* fast_ = nullptr;
  std::unique_ptr<ThreadMessenger> messenger_;

  // A thread that a test left waiting would keep the messenger from ending.
  void TearDown() override {
    if (!slow_->go.try_wait()) slow_->go.count_down();
  }
};

TEST_F(ThreadMessengerTest, ASlowChannelHoldsUpNoOther) {
  messenger_->Start(To("slow", "a"));
  slow_->entered.wait();
  messenger_->Start(To("fast", "b"));
  EXPECT_EQ(Collect(*messenger_, 1).at(0).message, "b");
  slow_->go.count_down();
  EXPECT_EQ(Collect(*messenger_, 1).at(0).message, "a");
}

TEST_F(ThreadMessengerTest, WhatIsBeingSentIsNotSentAgain) {
  messenger_->Start(To("slow", "a"));
  slow_->entered.wait();
  messenger_->Start(To("slow", "a"));
  messenger_->Start(To("slow", "b"));
  slow_->go.count_down();
  EXPECT_EQ(Collect(*messenger_, 2).size(), 2U);
  EXPECT_EQ(slow_->sends, 2);
}

TEST_F(ThreadMessengerTest, WhatMustWaitIsGivenBackToTheOutbox) {
  messenger_->Start(To("fast", "a"));
  messenger_->Start(To("fast", "b"));
  messenger_->Start(To("fast", "c"));
  const std::vector<Receipt> receipts = Collect(*messenger_, 3);
  EXPECT_EQ(fast_->sends, 2);
  for (const Receipt& receipt : receipts) {
    EXPECT_EQ(receipt.delivered, receipt.message != "c");
    EXPECT_EQ(receipt.retry_after.has_value(), receipt.message == "c");
    EXPECT_FALSE(receipt.final);
  }
  clock_.Advance(seconds(60));
  messenger_->Start(To("fast", "c"));
  EXPECT_TRUE(Collect(*messenger_, 1).at(0).delivered);
}

TEST_F(ThreadMessengerTest, ABusyChannelKeepsAFewOnly) {
  messenger_->Start(To("slow", "0"));
  slow_->entered.wait();
  for (const char* id : {"1", "2", "3", "4", "5"}) messenger_->Start(To("slow", id));
  const Receipt busy = Collect(*messenger_, 1).at(0);
  EXPECT_EQ(busy.message, "5");
  EXPECT_FALSE(busy.delivered || busy.final);
  slow_->go.count_down();
  EXPECT_EQ(Collect(*messenger_, 5).size(), 5U);
}

TEST_F(ThreadMessengerTest, UnknownChannelsAreFinal) {
  messenger_->Start(To("fax", "a"));
  const Receipt receipt = Collect(*messenger_, 1).at(0);
  EXPECT_TRUE(receipt.final);
  EXPECT_EQ(receipt.error, "there is no channel 'fax'");
}

}  // namespace
}  // namespace vigia::notify
