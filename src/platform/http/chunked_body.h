// A chunked body (RFC 9112, section 7.1), joined in place. Strict: the framing is what two readers of one
// connection could disagree about, so that nothing that the grammar does not have is let through.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vigia::http {

// Not thread-safe. One per body.
class ChunkedBody {
 public:
  enum class Next { kNeedMore, kComplete, kMalformed, kTooLarge };

  // The joined body begins at `begin` and may have `most` bytes. One-byte chunks cost five bytes of framing each:
  // the framing may have eight times `most`, and `framing` bytes for extensions and trailers.
  ChunkedBody(size_t begin, size_t most, size_t framing)
      : end_(begin), limit_(begin + most), framing_left_(8 * most + framing) {}

  // Reads raw bytes from bytes[end()] on, up to bytes[size). After kNeedMore all of them are taken, and the next
  // raw byte belongs at bytes[end()].
  Next Read(char* bytes, size_t size);
  size_t end() const { return end_; }              // of the joined body
  size_t raw_taken() const { return raw_taken_; }  // by the last Read

 private:
  enum class Phase {
    kSize,
    kExtension,
    kSizeEnd,
    kData,
    kDataCr,
    kDataLf,
    kTrailer,
    kTrailerName,
    kTrailerValue,
    kTrailerEnd,
    kLast
  };
  Next Framing(char byte);
  Next Size(char byte);

  size_t end_;
  const size_t limit_;
  size_t framing_left_;
  size_t raw_taken_ = 0;
  Phase phase_ = Phase::kSize;
  uint64_t left_ = 0;  // of the chunk's size or data
  int digits_ = 0;
};

}  // namespace vigia::http
