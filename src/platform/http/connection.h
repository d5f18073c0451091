// One client: its socket, what it has sent and not been answered yet, what it has not taken yet.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "http/message.h"
#include "http/request_reader.h"
#include "http/timers.h"
#include "http/tls.h"

namespace vigia::http {

// Bytes with kBodyPadding readable ones behind them.
class InputBuffer {
 public:
  char* data() { return bytes_.get(); }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  char* tail() { return bytes_.get() + size_; }
  size_t room() const { return capacity_ - size_; }
  void Grow(size_t by) { size_ += by; }
  void Shrink(size_t size) { size_ = size; }
  void Reserve(size_t capacity);
  void Append(std::string_view bytes);
  void DropFront(size_t count);
  void Release() {
    bytes_.reset();
    size_ = capacity_ = 0;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;  // without the padding
};

// Buffers that loop turns reuse, so that an idle connection holds none.
class OutputPool {
 public:
  std::string Take();
  void Give(std::string&& buffer);

 private:
  std::vector<std::string> free_;
};

struct Connection {
  enum class State {
    kOpen,
    kFlushing,   // the last response is in `output`; nothing more is read
    kStreaming,  // events are sent; what comes is thrown away
    kLingering,  // all sent, our side shut; what still comes is thrown away
    kClosed
  };

  UniqueFd fd;
  std::unique_ptr<TlsSession> tls;  // null: plain HTTP
  Peer peer;
  State state = State::kOpen;
  bool dirty = false;                   // in the loop's list of connections with output
  bool waits_to_write = false;          // the socket was full
  bool stalled = false;                 // whole requests wait in `input` for room in `output`
  bool unread = false;                  // more may come that will not be read: a request was refused
  bool regular = false;                 // watched among those that have been served before
  bool served = false;                  // the last request was answered, and not with an error
  size_t slot = 0;                      // index in the loop's table
  std::shared_ptr<EventStream> stream;  // while kStreaming
  RequestReader reader;
  InputBuffer input;
  std::string output;
  size_t sent = 0;
  struct Timer : Deadline {
    Connection* owner = nullptr;
  } timer;
};

}  // namespace vigia::http
