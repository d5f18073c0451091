#include "notify/thread_messenger.h"

namespace vigia::notify {
namespace {

Receipt Later(const Message& message, std::string why, Duration wait) {
  Receipt receipt;
  receipt.message = message.id;
  receipt.error = std::move(why);
  receipt.retry_after = wait;
  return receipt;
}

}  // namespace

ThreadMessenger::ThreadMessenger(std::vector<ConfiguredChannel> channels, const Clock& clock) : clock_(clock) {
  for (ConfiguredChannel& configured : channels) {
    auto lane = std::make_unique<Lane>();
    lane->channel = std::move(configured.channel);
    lane->throttle = configured.throttle;
    const std::string name = lane->channel->name();
    lanes_[name] = std::move(lane);
  }
  for (auto& [name, lane] : lanes_) {
    lane->thread = std::thread([this, work = lane.get()] { Work(*work); });
  }
}

ThreadMessenger::~ThreadMessenger() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  for (auto& [name, lane] : lanes_) {
    lane->wake.notify_one();
    lane->thread.join();
  }
}

void ThreadMessenger::Start(const Message& message) {
  const std::lock_guard lock(mutex_);
  const auto at = lanes_.find(message.channel);
  if (at == lanes_.end()) {
    receipts_.push_back({message.id, false, true, "there is no channel '" + message.channel + "'", {}});
    return;
  }
  if (active_.count(message.id) > 0) return;
  Lane& lane = *at->second;
  const WallTime now = clock_.Now();
  if (lane.waiting.size() >= kLongestQueue) {
    receipts_.push_back(Later(message, "the channel is busy", std::chrono::seconds(1)));
    return;
  }
  if (const auto wait = MustWait(lane.sent, message, lane.throttle, now)) {
    receipts_.push_back(Later(message, "the channel is throttled", *wait));
    return;
  }
  lane.sent.push_back(now);
  while (lane.sent.front() <= now - lane.throttle.per) lane.sent.pop_front();
  active_.insert(message.id);
  lane.waiting.push_back(message);
  lane.wake.notify_one();
}

std::vector<Receipt> ThreadMessenger::Poll() {
  const std::lock_guard lock(mutex_);
  return std::exchange(receipts_, {});
}

void ThreadMessenger::Work(Lane& lane) {
  std::unique_lock lock(mutex_);
  while (true) {
    lane.wake.wait(lock, [&] { return stop_ || !lane.waiting.empty(); });
    if (stop_) return;
    const Message message = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    lock.unlock();
    Receipt receipt = lane.channel->Send(message);
    lock.lock();
    active_.erase(message.id);
    receipts_.push_back(std::move(receipt));
  }
}

}  // namespace vigia::notify
