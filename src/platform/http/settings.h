// Limits of the server. Every limit is per server unless it says per connection.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "http/request_reader.h"
#include "http/tls.h"

namespace vigia::http {

struct ServerSettings {
  std::string host = "127.0.0.1";  // an IPv4 or IPv6 address; "0.0.0.0" for all
  uint16_t port = 0;               // 0: any free one
  unsigned loops = 0;              // 0: one per core
  TlsFiles tls = {};               // empty: plain HTTP; otherwise TLS 1.2 and 1.3 only
  ReadLimits limits = {};
  size_t max_connections = 10'000;
  // Per connection. A request's time runs from its first byte to its last.
  Duration idle_timeout = std::chrono::seconds(75);
  Duration head_timeout = std::chrono::seconds(5);
  Duration request_timeout = std::chrono::seconds(3);  // from the head's end to the body's
  Duration write_timeout = std::chrono::seconds(10);   // without a byte taken by the client
  Duration linger_timeout = std::chrono::seconds(1);   // reading on after a refusal, so that it arrives
  // Event streams: how many, and the silence after which a comment shows that the connection lives.
  size_t max_streams = 256;
  Duration stream_keep_alive = std::chrono::seconds(15);
  // After Drain: how long requests that have begun may take to end.
  Duration drain_timeout = std::chrono::seconds(10);
};

}  // namespace vigia::http
