#include "http/connection.h"

#include <algorithm>
#include <cstring>

namespace vigia::http {

namespace {
constexpr size_t kKeptBuffers = 256;
constexpr size_t kKeptCapacity = 64 * 1024;
}  // namespace

void InputBuffer::Reserve(size_t capacity) {
  if (capacity <= capacity_) return;
  capacity = std::max(capacity, std::min<size_t>(2 * capacity_, capacity + (64 << 10)));
  std::unique_ptr<char[]> bytes(new char[capacity + kBodyPadding]);
  if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
  std::memset(bytes.get() + capacity, 0, kBodyPadding);
  bytes_ = std::move(bytes);
  capacity_ = capacity;
}

void InputBuffer::Append(std::string_view bytes) {
  if (bytes.empty()) return;
  Reserve(size_ + bytes.size());
  std::memcpy(tail(), bytes.data(), bytes.size());
  size_ += bytes.size();
}

void InputBuffer::DropFront(size_t count) {
  if (count > 0 && count < size_) std::memmove(data(), data() + count, size_ - count);
  size_ -= count;
}

std::string OutputPool::Take() {
  if (free_.empty()) return {};
  std::string buffer = std::move(free_.back());
  free_.pop_back();
  return buffer;
}

void OutputPool::Give(std::string&& buffer) {
  if (buffer.capacity() > kKeptCapacity || free_.size() >= kKeptBuffers) {
    std::string().swap(buffer);
    return;
  }
  buffer.clear();
  free_.push_back(std::move(buffer));
  buffer = std::string();
}

}  // namespace vigia::http
