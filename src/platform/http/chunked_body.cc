#include "http/chunked_body.h"

#include <algorithm>
#include <cstring>

namespace vigia::http {

namespace {

constexpr int kMostDigits = 15;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// RFC 9110, section 5.6.2: what names of headers are made of.
bool IsToken(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
}

bool IsControl(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

}  // namespace

ChunkedBody::Next ChunkedBody::Read(char* bytes, size_t size) {
  const size_t begin = end_;
  size_t at = begin;
  Next next = Next::kNeedMore;
  while (at < size && next == Next::kNeedMore) {
    if (phase_ == Phase::kData) {
      const auto count = static_cast<size_t>(std::min<uint64_t>(left_, size - at));
      std::memmove(bytes + end_, bytes + at, count);
      end_ += count;
      at += count;
      left_ -= count;
      if (left_ == 0) phase_ = Phase::kDataCr;
    } else {
      next = Framing(bytes[at++]);
    }
  }
  raw_taken_ = at - begin;
  return next;
}

ChunkedBody::Next ChunkedBody::Framing(char byte) {
  if (framing_left_-- == 0) return Next::kTooLarge;  // whoever sends more framing than that sends no body
  const auto expect = [&](char wanted, Phase then) {
    phase_ = then;
    return byte == wanted ? Next::kNeedMore : Next::kMalformed;
  };
  switch (phase_) {
    case Phase::kSize: return Size(byte);
    case Phase::kExtension:
      if (byte == '\r') phase_ = Phase::kSizeEnd;
      return byte != '\r' && IsControl(byte) ? Next::kMalformed : Next::kNeedMore;
    case Phase::kSizeEnd: digits_ = 0; return expect('\n', left_ == 0 ? Phase::kTrailer : Phase::kData);
    case Phase::kDataCr: return expect('\r', Phase::kDataLf);
    case Phase::kDataLf: return expect('\n', Phase::kSize);
    case Phase::kTrailer:  // the start of a line
      if (byte == '\r') return expect('\r', Phase::kLast);
      phase_ = Phase::kTrailerName;
      return IsToken(byte) ? Next::kNeedMore : Next::kMalformed;
    case Phase::kTrailerName:
      if (byte == ':') phase_ = Phase::kTrailerValue;
      return byte == ':' || IsToken(byte) ? Next::kNeedMore : Next::kMalformed;
    case Phase::kTrailerValue:
      if (byte == '\r') phase_ = Phase::kTrailerEnd;
      return byte != '\r' && IsControl(byte) ? Next::kMalformed : Next::kNeedMore;
    case Phase::kTrailerEnd: return expect('\n', Phase::kTrailer);
    case Phase::kLast: return byte == '\n' ? Next::kComplete : Next::kMalformed;
    case Phase::kData: break;
  }
  return Next::kMalformed;
}

ChunkedBody::Next ChunkedBody::Size(char byte) {
  if (const int digit = HexDigit(byte); digit >= 0) {
    if (++digits_ > kMostDigits) return Next::kMalformed;
    left_ = left_ * 16 + static_cast<uint64_t>(digit);
    return Next::kNeedMore;
  }
  if (digits_ == 0 || (byte != '\r' && byte != ';')) return Next::kMalformed;
  phase_ = byte == '\r' ? Phase::kSizeEnd : Phase::kExtension;
  // A chunk that cannot fit is refused before it is sent.
  return left_ > limit_ - end_ ? Next::kTooLarge : Next::kNeedMore;
}

}  // namespace vigia::http
