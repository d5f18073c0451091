#include "inference/segment_format.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/digest.h"

namespace vigia::inference {

static_assert(std::endian::native == std::endian::little, "segments are little-endian; swap here on other machines");

namespace {

constexpr std::string_view kMagic = "VIGIASEG";

// Offsets in a record's payload.
constexpr size_t kKind = 0, kFlags = 1, kSchema = 2, kIndex = 4, kTime = 8, kLatency = 16, kStatus = 20;
constexpr size_t kIdLength = 22, kErrorLength = 23, kOccurrences = 24, kFeatureCount = 28, kImputedBytes = 30;
constexpr size_t kScore = 32;

template <typename T>
void Put(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

template <typename T>
T Get(std::string_view bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

Error Damaged(std::string_view what) { return Error(Code::kDataLoss, "segment: " + std::string(what)); }

bool Binned(const RecordSchema* schema) { return schema != nullptr && schema->detail == ValueDetail::kBins; }

// The set bits are cut to the features that there are.
size_t ImputedBytes(const Record& record) {
  if (record.imputed.empty()) return 0;
  return std::min((record.features.size() + 7) / 8, record.imputed.size() * 8);
}

int16_t StoredBin(double value, const FeatureColumn& feature) {
  if (feature.type == ValueType::kNumber) return BinOf(value, feature.bin_edges);
  // A category's bin: 0 unseen, code + 1 otherwise, so that −1 stays "missing".
  if (std::isnan(value)) return kMissingBin;
  return value < 0 ? int16_t{0} : static_cast<int16_t>(std::min(value, 32766.0) + 1);
}

Result<double> ValueOfBin(int16_t bin, const FeatureColumn& feature) {
  if (bin == kMissingBin) return std::numeric_limits<double>::quiet_NaN();
  if (feature.type == ValueType::kNumber) {
    if (bin < 0 || static_cast<size_t>(bin) > feature.bin_edges.size()) return Damaged("a bin that is not there");
    return BinMiddle(bin, feature.bin_edges);
  }
  if (bin < 0) return Damaged("a bin that is not there");
  return bin == 0 ? kUnseenCode : static_cast<double>(bin - 1);
}

uint32_t SaturatedMicroseconds(Duration latency) {
  return static_cast<uint32_t>(std::clamp<int64_t>(latency.count(), 0, UINT32_MAX));
}

}  // namespace

SegmentId SegmentId::Make(Entropy& entropy) {
  SegmentId id;
  entropy.Fill(id.bytes);
  return id;
}

std::string SegmentId::Hex() const { return ToHex(bytes); }

std::string SegmentName(const SegmentHeader& header) {
  // FormatTime is 2026-11-20T10:56:53.123456Z: drop the punctuation.
  std::string name;
  for (const char c : FormatTime(header.created)) {
    if (c != '-' && c != ':' && c != '.') name.push_back(c);
  }
  return name + "-" + header.id.Hex() + std::string(kSegmentSuffix);
}

Result<WallTime> SegmentNameTime(std::string_view name) {
  constexpr size_t kTimeLength = 22;  // 20261120T105653123456Z
  if (name.size() != kTimeLength + 1 + 32 + kSegmentSuffix.size() || !name.ends_with(kSegmentSuffix)) {
    return Error(Code::kInvalidArgument, "not the name of a segment");
  }
  const auto part = [&](size_t from, size_t length) { return std::string(name.substr(from, length)); };
  return ParseTime(part(0, 4) + "-" + part(4, 2) + "-" + part(6, 5) + ":" + part(11, 2) + ":" + part(13, 2) + "." +
                   part(15, 7));
}

std::string EncodeHeader(const SegmentHeader& header) {
  std::string bytes(kHeaderBytes, '\0');
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  Put(bytes.data() + 8, kFormatVersion);
  Put(bytes.data() + 12, static_cast<uint32_t>(kHeaderBytes));
  std::memcpy(bytes.data() + 16, header.id.bytes.data(), header.id.bytes.size());
  Put(bytes.data() + 32, int64_t{header.created.time_since_epoch().count()});
  Put(bytes.data() + 44, Crc32c(std::string_view(bytes).substr(0, 44)));
  return bytes;
}

Result<SegmentHeader> DecodeHeader(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return Damaged("the header is cut short");
  if (!bytes.starts_with(kMagic)) return Damaged("this is not a segment");
  if (Get<uint32_t>(bytes, 44) != Crc32c(bytes.substr(0, 44))) return Damaged("the header's checksum is wrong");
  if (Get<uint32_t>(bytes, 8) != kFormatVersion || Get<uint32_t>(bytes, 12) != kHeaderBytes) {
    return Error(Code::kFailedPrecondition, "segment: written by a newer version of this program");
  }
  SegmentHeader header;
  std::memcpy(header.id.bytes.data(), bytes.data() + 16, header.id.bytes.size());
  header.created = WallTime(Duration(Get<int64_t>(bytes, 32)));
  return header;
}

uint32_t SegmentSeed(const SegmentId& id) {
  return Crc32c(std::string_view(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()));
}

uint32_t FrameChecksum(uint32_t seed, uint64_t offset, std::string_view payload) {
  char place[16];
  Put(place, offset);
  Put(place + 8, static_cast<uint64_t>(payload.size()));
  return Crc32c(payload, Crc32c(std::string_view(place, sizeof place), seed));
}

void SealFrame(char* frame, uint32_t seed, uint64_t offset, size_t payload_bytes) {
  Put(frame, kFrameMarker);
  Put(frame + 4, static_cast<uint32_t>(payload_bytes));
  Put(frame + 8, FrameChecksum(seed, offset, std::string_view(frame + kFrameBytes, payload_bytes)));
}

size_t RecordPayloadBytes(const Record& record, const RecordSchema* schema) {
  return kRecordBytes + std::min(record.request_id.size(), kMaxRequestId) +
         std::min(record.error_code.size(), kMaxErrorCode) + ImputedBytes(record) +
         record.features.size() * (Binned(schema) ? sizeof(int16_t) : sizeof(double));
}

void EncodeRecord(const Record& record, const RecordSchema* schema, char* out) {
  const std::string_view id = record.request_id.substr(0, kMaxRequestId);
  const std::string_view error = record.error_code.substr(0, kMaxErrorCode);
  const size_t imputed = ImputedBytes(record);
  const bool binned = Binned(schema);
  Put(out + kKind, static_cast<uint8_t>(record.kind));
  Put(out + kFlags, static_cast<uint8_t>((record.label ? kFlagLabel : 0) | (binned ? kFlagBins : 0)));
  Put(out + kSchema, record.schema);
  Put(out + kIndex, record.instance_index);
  Put(out + kTime, int64_t{record.time.time_since_epoch().count()});
  Put(out + kLatency, SaturatedMicroseconds(record.latency));
  Put(out + kStatus, record.status);
  Put(out + kIdLength, static_cast<uint8_t>(id.size()));
  Put(out + kErrorLength, static_cast<uint8_t>(error.size()));
  Put(out + kOccurrences, record.occurrences);
  Put(out + kFeatureCount, static_cast<uint16_t>(record.features.size()));
  Put(out + kImputedBytes, static_cast<uint16_t>(imputed));
  Put(out + kScore, record.score);
  char* at = out + kRecordBytes;
  at = std::copy(id.begin(), id.end(), at);
  at = std::copy(error.begin(), error.end(), at);
  if (imputed > 0) std::memcpy(at, record.imputed.data(), imputed);
  at += imputed;
  if (!binned) {
    if (!record.features.empty()) std::memcpy(at, record.features.data(), record.features.size_bytes());
    return;
  }
  for (size_t i = 0; i < record.features.size(); ++i, at += sizeof(int16_t)) {
    Put(at, StoredBin(record.features[i], schema->features[i]));
  }
}

Result<SchemaHandle> RecordSchemaNumber(std::string_view payload) {
  if (payload.size() < kRecordBytes) return Damaged("a record is cut short");
  return Get<SchemaHandle>(payload, kSchema);
}

Status DecodeRecord(std::string_view payload, const RecordSchema* schema, StoredRecord& record) {
  if (payload.size() < kRecordBytes) return Damaged("a record is cut short");
  const auto kind = Get<uint8_t>(payload, kKind);
  if (kind < static_cast<uint8_t>(RecordKind::kPrediction) || kind > static_cast<uint8_t>(RecordKind::kShadow)) {
    return Damaged("a record of unknown kind");
  }
  const auto flags = Get<uint8_t>(payload, kFlags);
  const size_t id_length = Get<uint8_t>(payload, kIdLength), error_length = Get<uint8_t>(payload, kErrorLength);
  const size_t count = Get<uint16_t>(payload, kFeatureCount), imputed = Get<uint16_t>(payload, kImputedBytes);
  const bool binned = (flags & kFlagBins) != 0;
  const size_t value_bytes = binned ? sizeof(int16_t) : sizeof(double);
  if (payload.size() != kRecordBytes + id_length + error_length + imputed + count * value_bytes) {
    return Damaged("a record's parts do not add up");
  }
  if (count != 0 && (schema == nullptr || schema->features.size() != count || Binned(schema) != binned)) {
    return Damaged("a record does not fit its schema");
  }
  record.kind = static_cast<RecordKind>(kind);
  record.schema = schema;
  record.instance_index = Get<uint32_t>(payload, kIndex);
  record.time = WallTime(Duration(Get<int64_t>(payload, kTime)));
  record.latency = Duration(Get<uint32_t>(payload, kLatency));
  record.status = Get<uint16_t>(payload, kStatus);
  record.occurrences = Get<uint32_t>(payload, kOccurrences);
  record.label = (flags & kFlagLabel) != 0;
  record.score = Get<double>(payload, kScore);
  size_t at = kRecordBytes;
  record.request_id = payload.substr(at, id_length);
  record.error_code = payload.substr(at + id_length, error_length);
  at += id_length + error_length;
  record.imputed.assign(count, false);
  for (size_t i = 0; i < std::min(count, imputed * 8); ++i) {
    record.imputed[i] = ((static_cast<uint8_t>(payload[at + i / 8]) >> (i % 8)) & 1) != 0;
  }
  at += imputed;
  record.features.resize(count);
  if (!binned) {
    if (count > 0) std::memcpy(record.features.data(), payload.data() + at, count * sizeof(double));
    return {};
  }
  for (size_t i = 0; i < count; ++i, at += sizeof(int16_t)) {
    record.features[i] = TRY(ValueOfBin(Get<int16_t>(payload, at), schema->features[i]));
  }
  return {};
}

}  // namespace vigia::inference
