// Sends messages with one thread for each channel, so that a slow one holds up no other.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "notify/channels.h"
#include "notify/messenger.h"

namespace vigia::notify {

// Start and Poll may be called from any thread. The destructor waits for what is being sent, at most
// the channels' timeouts; what has not begun stays pending in the outbox.
class ThreadMessenger final : public Messenger {
 public:
  // `clock` outlives it.
  ThreadMessenger(std::vector<ConfiguredChannel> channels, const Clock& clock);
  ~ThreadMessenger() override;

  // A message that is being sent is not sent again. One that must wait (throttled, or its channel is
  // busy) is given back by Poll as a receipt that asks for a later attempt: it stays in the outbox,
  // where an acknowledgement can still cancel it.
  void Start(const Message& message) override;
  std::vector<Receipt> Poll() override;

 private:
  static constexpr size_t kLongestQueue = 4;

  struct Lane {
    std::unique_ptr<Channel> channel;
    ThrottleSettings throttle;
    std::deque<Message> waiting;  // the rest is guarded by mutex_
    std::deque<WallTime> sent;
    std::condition_variable wake;
    std::thread thread;
  };

  void Work(Lane& lane);

  const Clock& clock_;
  std::map<std::string, std::unique_ptr<Lane>> lanes_;  // never changed after construction
  std::mutex mutex_;
  bool stop_ = false;             // guarded by mutex_, as all below
  std::set<std::string> active_;  // ids
  std::vector<Receipt> receipts_;
};

}  // namespace vigia::notify
