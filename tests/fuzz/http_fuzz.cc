// HTTP/1.1 requests: the same bytes whole and in pieces must be the same requests. The input's first
// byte is the size of the pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http/connection.h"
#include "http/request_reader.h"

namespace {

using namespace vigia::http;  // NOLINT: a fuzz target is a program of its own

struct Seen {
  std::vector<std::string> requests;
  Fault fault = Fault::kNone;
  bool operator==(const Seen&) const = default;
};

std::string Describe(const Request& request) {
  std::string text = std::string(MethodName(request.method)) + " " + std::string(request.path) + "?" +
                     std::string(request.query) + (request.keep_alive ? "" : " close");
  for (const HeaderField& field : request.headers) {
    text += "\n" + std::string(field.name) + ": " + std::string(field.value);
  }
  static_cast<void>(request.Header("content-type"));
  static_cast<void>(request.QueryParameter("format"));
  return text + "\n\n" + std::string(request.body);
}

Seen Feed(std::string_view bytes, size_t piece) {
  const ReadLimits limits{.head_bytes = 1024, .body_bytes = 4096, .header_count = 16};
  RequestReader reader;
  HeadTable table;
  InputBuffer input;
  Seen seen;
  for (size_t from = 0; from < bytes.size(); from += piece) {
    input.Append(bytes.substr(from, piece));
    while (!input.empty()) {
      Request request;
      size_t size = input.size();
      const RequestReader::Next next = reader.Read(input.data(), size, limits, table, request);
      if (next == RequestReader::Next::kFault) {
        if (request.fault == Fault::kNone) std::abort();
        seen.fault = request.fault;
        return seen;
      }
      if (next == RequestReader::Next::kNeedMore) {
        input.Shrink(size);
        break;
      }
      if (request.body.size() > limits.body_bytes || request.headers.size() > limits.header_count) std::abort();
      if (reader.consumed() == 0 || reader.consumed() > size) std::abort();
      seen.requests.push_back(Describe(request));
      input.DropFront(reader.consumed());
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Seen whole = Feed(bytes, std::max<size_t>(bytes.size(), 1));
  const Seen pieces = Feed(bytes, data[0] % 64 + size_t{1});
  if (whole != pieces) std::abort();
  return 0;
}
