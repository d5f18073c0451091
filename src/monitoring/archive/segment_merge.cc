#include "archive/segment_merge.h"

namespace vigia::archive {

using inference::RecordSchema;
using inference::SegmentReader;
using inference::StoredRecord;

Result<LoadedSegment> ScanSegment(std::string path, std::string bytes, RecordColumns& columns) {
  LoadedSegment segment{std::move(path), {}, std::move(bytes), {}, {}};
  SegmentReader reader = TRY(SegmentReader::Open(segment.bytes));
  segment.id = reader.header().id.Hex();
  const RecordSchema* known = nullptr;
  while (const StoredRecord* record = reader.Next()) {
    ++segment.records_by_day[DayOf(record->time)];
    if (record->schema == nullptr || record->schema == known) continue;
    known = record->schema;
    columns.AddSchema(*known);
  }
  segment.summary = reader.summary();
  return segment;
}

SegmentMerge::SegmentMerge(const std::vector<LoadedSegment>& segments, RecordColumns& columns, RecordFilter wanted)
    : columns_(columns), wanted_(std::move(wanted)) {
  for (const LoadedSegment& segment : segments) {
    auto reader = SegmentReader::Open(segment.bytes);
    CHECK(reader.ok(), "a scanned segment does not open");
    cursors_.push_back(std::make_unique<Cursor>(Cursor{&segment, std::move(reader).value(), nullptr, nullptr, {}}));
    Advance(*cursors_.back());
  }
}

void SegmentMerge::Advance(Cursor& cursor) {
  do {
    cursor.current = cursor.reader.Next();
  } while (cursor.current != nullptr && !wanted_(*cursor.segment, *cursor.current));
  if (cursor.current == nullptr || cursor.current->schema == nullptr) return;
  if (cursor.current->schema == cursor.slots_of) return;
  cursor.slots_of = cursor.current->schema;
  cursor.slots = columns_.SlotsOf(*cursor.slots_of);
}

SegmentMerge::Cursor* SegmentMerge::Oldest() {
  Cursor* oldest = nullptr;
  for (const auto& cursor : cursors_) {
    if (cursor->current == nullptr) continue;
    if (oldest == nullptr || cursor->current->time < oldest->current->time) oldest = cursor.get();
  }
  return oldest;
}

std::optional<columnar::Frame> SegmentMerge::Next(size_t most_rows) {
  columnar::Frame frame = columns_.EmptyFrame();
  Cursor* oldest = nullptr;
  while (frame.rows() < most_rows && (oldest = Oldest()) != nullptr) {
    columns_.Append(*oldest->current, oldest->slots, frame);
    Advance(*oldest);
  }
  rows_ += frame.rows();
  if (frame.rows() == 0) return std::nullopt;
  return frame;
}

}  // namespace vigia::archive
