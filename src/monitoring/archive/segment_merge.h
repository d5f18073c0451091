// The records of several segments as frames, merged by time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/record_frame.h"
#include "inference/segment_reader.h"

namespace vigia::archive {

// A segment's bytes and what one pass over them found.
struct LoadedSegment {
  std::string path;
  std::string id;  // 32 digits
  std::string bytes;
  std::map<int64_t, uint64_t> records_by_day;  // DayOf → records
  inference::SegmentSummary summary;
};

// Reads the segment once; its schemas are added to `columns`. Errors as SegmentReader::Open.
Result<LoadedSegment> ScanSegment(std::string path, std::string bytes, RecordColumns& columns);

// Which records of a segment are wanted.
using RecordFilter = std::function<bool(const LoadedSegment&, const inference::StoredRecord&)>;

// Yields the wanted records as frames, oldest first as far as each segment is in order. Single use.
// `segments` and `columns` must outlive it, and no schema may be added meanwhile.
class SegmentMerge {
 public:
  SegmentMerge(const std::vector<LoadedSegment>& segments, RecordColumns& columns, RecordFilter wanted);

  // At most `most_rows` rows; nullopt at the end.
  std::optional<columnar::Frame> Next(size_t most_rows = 16384);
  uint64_t rows() const { return rows_; }  // yielded so far

 private:
  struct Cursor {
    const LoadedSegment* segment;
    inference::SegmentReader reader;
    const inference::StoredRecord* current = nullptr;
    const inference::RecordSchema* slots_of = nullptr;
    RecordColumns::Slots slots;
  };

  void Advance(Cursor& cursor);
  Cursor* Oldest();

  RecordColumns& columns_;
  RecordFilter wanted_;
  std::vector<std::unique_ptr<Cursor>> cursors_;
  uint64_t rows_ = 0;
};

}  // namespace vigia::archive
