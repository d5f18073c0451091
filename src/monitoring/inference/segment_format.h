// The bytes of a segment file. docs/inference-format.md says the same for people.
// Persisted: never change a number, an offset or a meaning here; a new layout is a new format version.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "inference/record.h"

namespace vigia::inference {

// 128 random bits: unique wherever it was made.
struct SegmentId {
  std::array<uint8_t, 16> bytes{};

  static SegmentId Make(Entropy& entropy);
  std::string Hex() const;  // 32 digits
  bool operator==(const SegmentId&) const = default;
};

struct SegmentHeader {
  SegmentId id;
  WallTime created{};
};

inline constexpr uint32_t kFormatVersion = 1;
inline constexpr size_t kHeaderBytes = 48;
inline constexpr size_t kFrameBytes = 12;             // marker, payload length, checksum
inline constexpr uint32_t kFrameMarker = 0x31524756;  // "VGR1"
inline constexpr size_t kRecordBytes = 40;            // the fixed part of a record's payload
inline constexpr uint32_t kMaxPayload = 4U << 20;
inline constexpr uint8_t kSchemaKind = 16;  // first payload byte of a schema; records have RecordKind

inline constexpr uint8_t kFlagLabel = 1;
inline constexpr uint8_t kFlagBins = 2;

inline constexpr std::string_view kSegmentSuffix = ".seg";
// Name: creation time and id, so that names sort by time: 20261120T105653123456Z-<32 digits>.seg
std::string SegmentName(const SegmentHeader& header);
// The creation time in a segment's name; an error for any other name.
Result<WallTime> SegmentNameTime(std::string_view name);

std::string EncodeHeader(const SegmentHeader& header);
Result<SegmentHeader> DecodeHeader(std::string_view bytes);

// A checksum depends on the segment and on the frame's place in it, so that stale bytes never verify.
uint32_t SegmentSeed(const SegmentId& id);
uint32_t FrameChecksum(uint32_t seed, uint64_t offset, std::string_view payload);

// Writes marker, length and checksum before a payload that is in place.
// REQUIRES: frame has kFrameBytes before payload_bytes of payload.
void SealFrame(char* frame, uint32_t seed, uint64_t offset, size_t payload_bytes);

// Bytes that a record's payload needs. `schema` may be null.
size_t RecordPayloadBytes(const Record& record, const RecordSchema* schema);
// REQUIRES: `out` holds RecordPayloadBytes bytes; features, if any, are as many as the schema's.
void EncodeRecord(const Record& record, const RecordSchema* schema, char* out);

// The schema number of a record's payload, or kDataLoss when it is no record.
Result<SchemaHandle> RecordSchemaNumber(std::string_view payload);
// `schema` must be what RecordSchemaNumber names. kDataLoss when the payload is not whole and consistent.
Status DecodeRecord(std::string_view payload, const RecordSchema* schema, StoredRecord& record);

}  // namespace vigia::inference
