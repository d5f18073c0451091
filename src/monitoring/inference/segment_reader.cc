#include "inference/segment_reader.h"

#include <cstring>

namespace vigia::inference {

namespace {

uint32_t Word(std::string_view bytes, uint64_t offset) {
  uint32_t word = 0;
  std::memcpy(&word, bytes.data() + offset, sizeof word);
  return word;
}

}  // namespace

Result<SegmentReader> SegmentReader::Open(std::string_view bytes) {
  return SegmentReader(bytes, TRY(DecodeHeader(bytes)));
}

std::string_view SegmentReader::FrameAt(uint64_t offset) const {
  if (offset + kFrameBytes > bytes_.size() || Word(bytes_, offset) != kFrameMarker) return {};
  const uint32_t length = Word(bytes_, offset + 4);
  if (length == 0 || length > kMaxPayload || length > bytes_.size() - offset - kFrameBytes) return {};
  const std::string_view payload = bytes_.substr(offset + kFrameBytes, length);
  if (Word(bytes_, offset + 8) != FrameChecksum(seed_, offset, payload)) return {};
  return payload;
}

std::string_view SegmentReader::NextFrame() {
  std::string_view payload = FrameAt(offset_);
  if (payload.data() == nullptr && offset_ < bytes_.size()) {
    // Look for the next whole frame. The marker is searched first: it costs one pass over the bytes.
    constexpr char kMarkerText[] = {'V', 'G', 'R', '1'};
    const std::string_view marker(kMarkerText, sizeof kMarkerText);
    uint64_t at = offset_;
    while (payload.data() == nullptr) {
      const size_t found = bytes_.find(marker, at + 1);
      if (found == std::string_view::npos) {
        summary_.torn_bytes += bytes_.size() - offset_;
        offset_ = bytes_.size();
        return {};
      }
      at = found;
      payload = FrameAt(at);
    }
    summary_.damaged_bytes += at - offset_;
    offset_ = at;
  }
  if (payload.data() != nullptr) offset_ += kFrameBytes + payload.size();
  return payload;
}

void SegmentReader::TakeSchema(std::string_view payload) {
  // kind, a zero byte, the number, the text
  if (payload.size() < 4) {
    ++summary_.unreadable;
    return;
  }
  SchemaHandle number = 0;
  std::memcpy(&number, payload.data() + 2, sizeof number);
  auto schema = SchemaFromText(payload.substr(4));
  if (!schema.ok() || number == kNoSchema) {
    ++summary_.unreadable;
    return;
  }
  // A number keeps its meaning throughout a segment.
  if (schemas_.contains(number)) return;
  owned_.push_back(std::make_unique<const RecordSchema>(std::move(schema).value()));
  schemas_[number] = owned_.back().get();
}

const StoredRecord* SegmentReader::Next() {
  while (true) {
    const std::string_view payload = NextFrame();
    if (payload.data() == nullptr) return nullptr;
    if (static_cast<uint8_t>(payload[0]) == kSchemaKind) {
      TakeSchema(payload);
      continue;
    }
    const auto number = RecordSchemaNumber(payload);
    const auto schema = number.ok() ? schemas_.find(*number) : schemas_.end();
    const bool known = number.ok() && (*number == kNoSchema || schema != schemas_.end());
    if (!known || !DecodeRecord(payload, schema == schemas_.end() ? nullptr : schema->second, record_).ok()) {
      ++summary_.unreadable;
      continue;
    }
    ++summary_.records;
    return &record_;
  }
}

}  // namespace vigia::inference
