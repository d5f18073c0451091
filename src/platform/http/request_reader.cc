#include "http/request_reader.h"

#include <http_parser.h>

#include <algorithm>
#include <cstring>

namespace vigia::http {

namespace {

struct Piece {
  const char* at = nullptr;
  size_t length = 0;
  // False when the pieces do not touch, which only a folded header does.
  bool Extend(const char* more, size_t more_length) {
    if (at == nullptr) at = more;
    if (at + length != more) return false;
    length += more_length;
    return true;
  }
  std::string_view view() const { return {at, length}; }
};

Method ToMethod(unsigned method) {
  switch (method) {
    case HTTP_GET: return Method::kGet;
    case HTTP_HEAD: return Method::kHead;
    case HTTP_POST: return Method::kPost;
    case HTTP_PUT: return Method::kPut;
    case HTTP_DELETE: return Method::kDelete;
    case HTTP_PATCH: return Method::kPatch;
    case HTTP_OPTIONS: return Method::kOptions;
    default: return Method::kOther;
  }
}

// Where the head ends: the number of bytes up to and with the blank line.
struct HeadEnd {
  enum class Found { kNo, kYes, kMalformed } found = Found::kNo;
  size_t length = 0;
};

// Looks at lines from `from` on, which is the start of a line. Lines end in CRLF and do not begin
// with white space.
HeadEnd FindHeadEnd(const char* bytes, size_t size, size_t& from) {
  while (from < size) {
    const char* newline = static_cast<const char*>(std::memchr(bytes + from, '\n', size - from));
    if (newline == nullptr) return {};
    const size_t end = static_cast<size_t>(newline - bytes);
    if (end == from || bytes[end - 1] != '\r') return {HeadEnd::Found::kMalformed, 0};
    if (end == from + 1) return {HeadEnd::Found::kYes, end + 1};
    if (bytes[from] == ' ' || bytes[from] == '\t') return {HeadEnd::Found::kMalformed, 0};
    from = end + 1;
  }
  return {};
}

}  // namespace

struct HeadTable::State {
  Piece target;
  struct Raw {
    Piece name, value;
  };
  std::vector<Raw> raw;
  std::vector<HeaderField> fields;
  size_t max_headers = 0;
  bool in_value = false;
  bool too_many = false;
  http_parser parser{};

  static int OnUrl(http_parser* parser, const char* at, size_t length) {
    return static_cast<State*>(parser->data)->target.Extend(at, length) ? 0 : 1;
  }
  static int OnField(http_parser* parser, const char* at, size_t length) {
    auto& state = *static_cast<State*>(parser->data);
    if (state.raw.empty() || state.in_value) {
      if (state.raw.size() == state.max_headers) {
        state.too_many = true;
        return 1;
      }
      state.raw.emplace_back();
      state.in_value = false;
    }
    return state.raw.back().name.Extend(at, length) ? 0 : 1;
  }
  static int OnValue(http_parser* parser, const char* at, size_t length) {
    auto& state = *static_cast<State*>(parser->data);
    state.in_value = true;
    return state.raw.back().value.Extend(at, length) ? 0 : 1;
  }
  // 1: the body is not the parser's business.
  static int OnHeadersComplete(http_parser*) { return 1; }

  Fault Parse(const char* head, size_t length, size_t header_count);
  Fault Check() const;
  std::string_view Find(std::string_view name, size_t* count = nullptr) const;
  Fault Fill(Request& request) const;
};

Fault HeadTable::State::Parse(const char* head, size_t length, size_t header_count) {
  static const http_parser_settings kSettings = [] {
    http_parser_settings settings;
    http_parser_settings_init(&settings);
    settings.on_url = OnUrl;
    settings.on_header_field = OnField;
    settings.on_header_value = OnValue;
    settings.on_headers_complete = OnHeadersComplete;
    return settings;
  }();
  http_parser_init(&parser, HTTP_REQUEST);
  parser.data = this;
  target = {};
  raw.clear();
  fields.clear();
  max_headers = header_count;
  in_value = too_many = false;
  const size_t parsed = http_parser_execute(&parser, &kSettings, head, length);
  if (too_many) return Fault::kHeadTooLarge;
  if (HTTP_PARSER_ERRNO(&parser) == HPE_INVALID_TRANSFER_ENCODING) return Fault::kUnsupported;
  if (HTTP_PARSER_ERRNO(&parser) != HPE_OK || parsed != length) return Fault::kMalformed;
  // One space, no more: the parser would take several.
  if (target.at != head + std::strlen(http_method_str(static_cast<http_method>(parser.method))) + 1) {
    return Fault::kMalformed;
  }
  for (const Raw& header : raw) fields.push_back({header.name.view(), header.value.view()});
  return Check();
}

std::string_view HeadTable::State::Find(std::string_view name, size_t* count) const {
  std::string_view found;
  for (const HeaderField& field : fields) {
    if (!EqualsIgnoreCase(field.name, name)) continue;
    if (count != nullptr && (*count)++ > 0) continue;
    if (found.empty()) found = field.value;
  }
  return found;
}

Fault HeadTable::State::Check() const {
  if (parser.http_major != 1 || parser.http_minor > 1) return Fault::kVersion;
  for (const HeaderField& field : fields) {
    if (field.name.empty() || field.name.back() == ' ') return Fault::kMalformed;
    // RFC 9110, section 5.5. The parser refuses the others.
    if (std::memchr(field.value.data(), 0, field.value.size()) != nullptr) return Fault::kMalformed;
  }
  size_t hosts = 0, codings = 0;
  Find("host", &hosts);
  if (hosts > 1 || (hosts == 0 && parser.http_minor == 1)) return Fault::kMalformed;
  const std::string_view coding = Find("transfer-encoding", &codings);
  if (codings == 0) return Fault::kNone;
  if (parser.http_minor == 0 || codings > 1) return Fault::kMalformed;
  return EqualsIgnoreCase(coding, "chunked") ? Fault::kNone : Fault::kUnsupported;
}

Fault HeadTable::State::Fill(Request& request) const {
  request.method = ToMethod(parser.method);
  request.headers = fields;
  request.keep_alive = http_should_keep_alive(&parser) != 0;
  std::string_view text = target.view();
  if (text.empty()) return Fault::kMalformed;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.size() < scheme.size() || !EqualsIgnoreCase(text.substr(0, scheme.size()), scheme)) continue;
    const size_t slash = text.find_first_of("/?", scheme.size());
    text = slash == std::string_view::npos ? std::string_view("/") : text.substr(slash);
  }
  text = text.substr(0, text.find('#'));
  const size_t question = text.find('?');
  request.path = text.substr(0, question);
  request.query = question == std::string_view::npos ? std::string_view() : text.substr(question + 1);
  return Fault::kNone;
}

HeadTable::HeadTable() : state_(std::make_unique<State>()) {}
HeadTable::~HeadTable() = default;

RequestReader::RequestReader() = default;
RequestReader::~RequestReader() = default;

bool RequestReader::TakeContinue() { return std::exchange(continue_wanted_, false); }

RequestReader::Next RequestReader::Fail(Fault fault, Request& request) {
  request.fault = fault;
  request.keep_alive = false;
  return Next::kFault;
}

RequestReader::Next RequestReader::Finish(size_t consumed, Request& request) {
  consumed_ = consumed;
  phase_ = Phase::kHead;
  scanned_ = head_ = wanted_ = 0;
  continue_wanted_ = false;
  chunked_.reset();
  request.fault = Fault::kNone;
  return Next::kRequest;
}

RequestReader::Next RequestReader::Read(char* bytes, size_t& size, const ReadLimits& limits, HeadTable& table,
                                        Request& request) {
  switch (phase_) {
    case Phase::kHead: return ReadHead(bytes, size, limits, table, request);
    case Phase::kFixedBody: return ReadFixed(bytes, size, limits, table, request);
    case Phase::kChunkedBody: return ReadChunked(bytes, size, limits, table, request);
  }
  return Fail(Fault::kMalformed, request);
}

RequestReader::Next RequestReader::ReadHead(char* bytes, size_t& size, const ReadLimits& limits, HeadTable& table,
                                            Request& request) {
  if (size > 0 && (bytes[0] < 'A' || bytes[0] > 'Z')) return Fail(Fault::kMalformed, request);
  // No further than the limit, so that the fault does not depend on how the bytes arrived.
  const HeadEnd end = FindHeadEnd(bytes, std::min(size, limits.head_bytes), scanned_);
  if (end.found == HeadEnd::Found::kMalformed) return Fail(Fault::kMalformed, request);
  if (end.found == HeadEnd::Found::kNo) {
    if (size <= limits.head_bytes) return Next::kNeedMore;
    return Fail(scanned_ == 0 ? Fault::kTargetTooLong : Fault::kHeadTooLarge, request);
  }
  head_ = end.length;

  HeadTable::State& head = *table.state_;
  const Fault fault = head.Parse(bytes, head_, limits.header_count);
  if (fault != Fault::kNone) return Fail(fault, request);
  const Fault target_fault = head.Fill(request);
  if (target_fault != Fault::kNone) return Fail(target_fault, request);

  const std::string_view expect = head.Find("expect");
  const bool waits = EqualsIgnoreCase(expect, "100-continue");
  if (!expect.empty() && !waits) return Fail(Fault::kExpectation, request);
  const bool chunked = (head.parser.flags & F_CHUNKED) != 0;
  const uint64_t length = (head.parser.flags & F_CONTENTLENGTH) != 0 ? head.parser.content_length : 0;
  if (!chunked && length == 0) {
    request.body = {};
    return Finish(head_, request);
  }
  if (!chunked && length > limits.body_bytes) return Fail(Fault::kBodyTooLarge, request);
  continue_wanted_ = waits && size == head_ && head.parser.http_minor == 1;
  if (!chunked) {
    phase_ = Phase::kFixedBody;
    wanted_ = head_ + static_cast<size_t>(length);
    if (size < wanted_) return Next::kNeedMore;
    request.body = {bytes + head_, static_cast<size_t>(length)};
    return Finish(wanted_, request);
  }
  phase_ = Phase::kChunkedBody;
  chunked_ = std::make_unique<ChunkedBody>(head_, limits.body_bytes, limits.head_bytes);
  return ReadChunked(bytes, size, limits, table, request);
}

RequestReader::Next RequestReader::ReadFixed(char* bytes, size_t size, const ReadLimits& limits, HeadTable& table,
                                             Request& request) {
  if (size < wanted_) return Next::kNeedMore;
  HeadTable::State& head = *table.state_;
  Fault fault = head.Parse(bytes, head_, limits.header_count);
  if (fault == Fault::kNone) fault = head.Fill(request);
  if (fault != Fault::kNone) return Fail(fault, request);
  request.body = {bytes + head_, wanted_ - head_};
  return Finish(wanted_, request);
}

RequestReader::Next RequestReader::ReadChunked(char* bytes, size_t& size, const ReadLimits& limits, HeadTable& table,
                                               Request& request) {
  const size_t raw_begin = chunked_->end();  // what came earlier has been joined
  const ChunkedBody::Next next = chunked_->Read(bytes, size);
  const size_t body_end = chunked_->end();
  if (next == ChunkedBody::Next::kTooLarge) return Fail(Fault::kBodyTooLarge, request);
  if (next == ChunkedBody::Next::kMalformed) return Fail(Fault::kMalformed, request);
  if (next == ChunkedBody::Next::kNeedMore) {
    size = body_end;
    return Next::kNeedMore;
  }
  const size_t consumed = raw_begin + chunked_->raw_taken();
  HeadTable::State& head = *table.state_;
  Fault fault = head.Parse(bytes, head_, limits.header_count);
  if (fault == Fault::kNone) fault = head.Fill(request);
  if (fault != Fault::kNone) return Fail(fault, request);
  request.body = {bytes + head_, body_end - head_};
  return Finish(consumed, request);
}

}  // namespace vigia::http
