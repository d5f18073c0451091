// A request as the server read it, and the response that a handler fills. Views into a request
// live until the handler returns.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace vigia::http {

class EventStream;

enum class Method { kGet, kHead, kPost, kPut, kDelete, kPatch, kOptions, kOther };
std::string_view MethodName(Method method);

// Why a request cannot be handed on as it is. The handler still sees it, so that it is answered,
// counted and logged like any other; the connection closes after the answer.
enum class Fault {
  kNone,
  kMalformed,          // 400: not HTTP/1.1, or framed ambiguously
  kTimeout,            // 408: did not arrive in time
  kBodyTooLarge,       // 413
  kTargetTooLong,      // 414
  kExpectation,        // 417: an Expect other than 100-continue
  kHeadTooLarge,       // 431
  kUnsupported,        // 501: a transfer coding other than chunked
  kVersion,            // 505
  kTooManyConnections  // 503
};

struct HeaderField {
  std::string_view name;
  std::string_view value;
};

// The client's address; IPv4 is kept as ::ffff:a.b.c.d.
struct Peer {
  std::array<uint8_t, 16> bytes{};
  bool IsLoopback() const;
  std::string ToString() const;
  bool operator==(const Peer&) const = default;
};
// "10.0.0.1" or "::1".
std::optional<Peer> ParsePeer(std::string_view text);

// This many readable bytes follow a request's body (what simdjson needs).
inline constexpr size_t kBodyPadding = 64;

struct Request {
  Method method = Method::kOther;
  std::string_view path;   // as sent, without the query
  std::string_view query;  // after '?'
  std::span<const HeaderField> headers;
  std::string_view body;
  Peer peer;
  Fault fault = Fault::kNone;
  MonoTime arrived{};  // when the loop began the turn that completed the request
  bool keep_alive = true;

  // The first header of this name (any case); empty when there is none.
  std::string_view Header(std::string_view name) const;
  // One parameter of the query, percent-decoded.
  std::optional<std::string> QueryParameter(std::string_view name) const;
};

// REQUIRES of the handler: header names and values hold no line breaks.
struct Response {
  int status = 200;
  std::string_view content_type = "application/json";  // static storage
  std::string headers;                                 // complete lines, "Name: value\r\n"
  std::string body;
  bool close = false;                        // close the connection after this response
  std::shared_ptr<EventStream> stream = {};  // server-sent events instead of a body: event_stream.h

  void AddHeader(std::string_view name, std::string_view value);
  void Clear();  // keeps the buffers
};

std::string_view ReasonPhrase(int status);

// Appends the response as HTTP/1.1. With `head_only` (HEAD) the body's length is said, the body left out.
struct Framing {
  bool head_only = false;
  bool keep_alive = true;
  std::string_view date;  // RFC 9110 IMF-fixdate
};
void AppendResponse(std::string& out, const Response& response, const Framing& framing);

// The head of a response that goes on with events until its connection closes.
void AppendStreamHead(std::string& out, const Response& response, std::string_view date);

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string FormatHttpDate(WallTime time);

// Percent-decoding; '+' becomes a space only in queries.
std::string PercentDecode(std::string_view text, bool plus_is_space);

bool EqualsIgnoreCase(std::string_view a, std::string_view b);

}  // namespace vigia::http
