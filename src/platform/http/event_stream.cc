#include "http/event_stream.h"

#include <unistd.h>

#include <cstdint>
#include <utility>

#include "base/result.h"

namespace vigia::http {

std::string FormatEvent(const Event& event) {
  CHECK(event.id.find_first_of("\r\n") == std::string_view::npos, "an event's id has no line breaks");
  CHECK(event.name.find_first_of("\r\n") == std::string_view::npos, "an event's name has no line breaks");
  std::string text;
  text.reserve(event.id.size() + event.name.size() + event.data.size() + 32);
  if (!event.id.empty()) text.append("id: ").append(event.id).append("\n");
  if (!event.name.empty()) text.append("event: ").append(event.name).append("\n");
  std::string_view rest = event.data;
  while (true) {
    const size_t end = rest.find_first_of("\r\n");
    text.append("data: ").append(rest.substr(0, end)).append("\n");
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + (rest.substr(end, 2) == "\r\n" ? 2 : 1));
  }
  return text += "\n";
}

bool EventStream::Publish(std::string_view formatted) {
  const std::lock_guard lock(mutex_);
  if (ended_) return false;
  if (waiting_.size() + formatted.size() > most_waiting_) {
    ended_ = too_slow_ = true;
    told_ = false;  // also when it has been told of what waits and had no room for it
  } else {
    waiting_ += formatted;
  }
  Tell();
  return !too_slow_;
}

void EventStream::End() {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  ended_ = true;
  Tell();
}

bool EventStream::open() const {
  const std::lock_guard lock(mutex_);
  return !ended_;
}

bool EventStream::too_slow() const {
  const std::lock_guard lock(mutex_);
  return too_slow_;
}

void EventStream::TellAgain() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(told_, false)) Tell();
}

void EventStream::Tell() {
  if (told_ || inbox_ == nullptr) return;
  told_ = true;
  inbox_->Put(shared_from_this());
}

void EventStream::Attach(std::shared_ptr<StreamInbox> inbox, void* connection) {
  connection_ = connection;
  const std::lock_guard lock(mutex_);
  CHECK(inbox_ == nullptr, "an event stream has one client");
  inbox_ = std::move(inbox);
  if (ended_ || !waiting_.empty()) Tell();
}

void EventStream::Detach() {
  connection_ = nullptr;
  const std::lock_guard lock(mutex_);
  ended_ = true;
  inbox_.reset();
  std::string().swap(waiting_);
}

EventStream::After EventStream::Take(std::string& out) {
  const std::lock_guard lock(mutex_);
  told_ = false;
  if (too_slow_) return After::kTooSlow;
  out += waiting_;
  // A burst's memory is not kept.
  if (waiting_.capacity() > 4096) {
    std::string().swap(waiting_);
  } else {
    waiting_.clear();
  }
  return ended_ ? After::kEnd : After::kMore;
}

void StreamInbox::Put(std::shared_ptr<EventStream> stream) {
  const std::lock_guard lock(mutex_);
  if (wake_ < 0) return;
  streams_.push_back(std::move(stream));
  const uint64_t one = 1;
  // Fails only when the counter is full, and then the loop will wake anyway.
  if (streams_.size() == 1) [[maybe_unused]]
    const ssize_t written = ::write(wake_, &one, sizeof(one));
}

std::vector<std::shared_ptr<EventStream>> StreamInbox::TakeAll() {
  const std::lock_guard lock(mutex_);
  return std::exchange(streams_, {});
}

void StreamInbox::Close() {
  const std::lock_guard lock(mutex_);
  wake_ = -1;
  streams_.clear();
}

}  // namespace vigia::http
