// Turns a connection's bytes into requests. No sockets, no clock: what it does is a function of the
// bytes. The grammar is libhttp-parser's; what it tolerates and a proxy might read otherwise (bare
// LF, folded headers, both lengths, codings other than chunked) is refused here, because requests
// that two parties frame differently are how requests are smuggled (RFC 9112, section 11.2).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "http/chunked_body.h"
#include "http/message.h"

namespace vigia::http {

struct ReadLimits {
  size_t head_bytes = 16 * 1024;
  size_t body_bytes = 1024 * 1024;
  size_t header_count = 64;
};

// The headers of the request being handled. One per loop: a head is parsed again when its body
// arrives in a later turn, so that a waiting connection keeps no table.
class HeadTable {
 public:
  HeadTable();
  ~HeadTable();
  HeadTable(const HeadTable&) = delete;
  HeadTable& operator=(const HeadTable&) = delete;

 private:
  friend class RequestReader;
  struct State;
  std::unique_ptr<State> state_;
};

// Not thread-safe. One per connection.
class RequestReader {
 public:
  enum class Next {
    kNeedMore,  // keep the bytes, add more, call again
    kRequest,   // `request` is complete; drop consumed() bytes before the next call
    kFault      // `request.fault` says why; nothing more can be read from this connection
  };

  RequestReader();
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // bytes[0, size) begins where the current request begins. A chunked body is joined in place, which
  // may make `size` smaller. `request` points into bytes and table.
  // REQUIRES: kBodyPadding readable bytes after bytes[size).
  Next Read(char* bytes, size_t& size, const ReadLimits& limits, HeadTable& table, Request& request);

  size_t consumed() const { return consumed_; }
  // How many bytes the request will have, as far as it is known; 0 when it is not.
  size_t wanted() const { return wanted_; }
  bool in_body() const { return phase_ != Phase::kHead; }
  // True once per request: the client waits for "100 Continue" before it sends the body.
  bool TakeContinue();

 private:
  enum class Phase { kHead, kFixedBody, kChunkedBody };

  Next ReadHead(char* bytes, size_t& size, const ReadLimits& limits, HeadTable& table, Request& request);
  Next ReadFixed(char* bytes, size_t size, const ReadLimits& limits, HeadTable& table, Request& request);
  Next ReadChunked(char* bytes, size_t& size, const ReadLimits& limits, HeadTable& table, Request& request);
  Next Finish(size_t consumed, Request& request);
  static Next Fail(Fault fault, Request& request);

  Phase phase_ = Phase::kHead;
  bool continue_wanted_ = false;
  size_t scanned_ = 0;  // bytes of the head already searched for its end
  size_t head_ = 0;     // length of the head, with the blank line
  size_t wanted_ = 0;
  size_t consumed_ = 0;
  std::unique_ptr<ChunkedBody> chunked_;  // only while a chunked body arrives
};

}  // namespace vigia::http
