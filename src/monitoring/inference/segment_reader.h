// Reads the records of a segment, also of one that is being written or was cut off by a kill.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "inference/segment_format.h"

namespace vigia::inference {

struct SegmentSummary {
  uint64_t records = 0;
  uint64_t torn_bytes = 0;     // at the end, with nothing whole after them: what a kill or a full disk leaves
  uint64_t damaged_bytes = 0;  // in between: bytes that changed after they were written
  uint64_t unreadable = 0;     // whole frames that make no sense, or whose schema was damaged
};

// Not thread-safe. `bytes` must outlive the reader.
class SegmentReader {
 public:
  // Errors: kDataLoss (no header), kFailedPrecondition (a newer format).
  static Result<SegmentReader> Open(std::string_view bytes);

  const SegmentHeader& header() const { return header_; }
  // Null at the end. The record is valid until the next call, its schema as long as the reader.
  const StoredRecord* Next();
  // Complete once Next has returned null.
  const SegmentSummary& summary() const { return summary_; }

 private:
  SegmentReader(std::string_view bytes, const SegmentHeader& header)
      : bytes_(bytes), header_(header), seed_(SegmentSeed(header.id)) {}

  // The payload of the whole frame at `offset`; null data when there is none.
  std::string_view FrameAt(uint64_t offset) const;
  // The payload of the next whole frame, skipping what is damaged; null data at the end.
  std::string_view NextFrame();
  void TakeSchema(std::string_view payload);

  std::string_view bytes_;
  SegmentHeader header_;
  uint32_t seed_;
  uint64_t offset_ = kHeaderBytes;
  std::vector<std::unique_ptr<const RecordSchema>> owned_;
  std::map<SchemaHandle, const RecordSchema*> schemas_;
  StoredRecord record_;
  SegmentSummary summary_;
};

}  // namespace vigia::inference
