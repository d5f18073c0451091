// One instance that was answered, or one request that was refused.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "inference/schema.h"

namespace vigia::inference {

// Persisted: never change or reuse a number.
enum class RecordKind : uint8_t {
  kPrediction = 1,  // an answered instance
  kRejected = 2,    // a request that was refused: status and error code, no features
  kShadow = 3,      // what a challenger said about an instance that the champion answered
};

// Names a schema of one SegmentWriter. 0: none (a refused request while no model was loaded).
using SchemaHandle = uint16_t;
inline constexpr SchemaHandle kNoSchema = 0;

// Longer texts are cut at these bounds when written.
inline constexpr size_t kMaxRequestId = 255;
inline constexpr size_t kMaxErrorCode = 255;

// What a caller hands to SegmentWriter::Add; the views need to live only during the call.
struct Record {
  RecordKind kind = RecordKind::kPrediction;
  SchemaHandle schema = kNoSchema;
  std::string_view request_id;
  uint32_t instance_index = 0;
  WallTime time{};
  std::span<const double> features;   // one per feature of the schema, NaN missing, categories as codes; or empty
  std::span<const uint64_t> imputed;  // bit i of word i / 64: feature i was imputed; may be short or empty
  double score = std::numeric_limits<double>::quiet_NaN();
  bool label = false;
  Duration latency{};
  uint16_t status = 200;
  std::string_view error_code;
  uint32_t occurrences = 1;  // above 1: a flood of equal refusals, counted in one record
};

// What a reader gives back.
struct StoredRecord {
  RecordKind kind = RecordKind::kPrediction;
  const RecordSchema* schema = nullptr;  // null: none
  std::string_view request_id;
  uint32_t instance_index = 0;
  WallTime time{};
  std::vector<double> features;  // empty, or one per feature; under ValueDetail::kBins the bin's middle
  std::vector<bool> imputed;     // as long as features
  double score = 0;
  bool label = false;
  Duration latency{};
  uint16_t status = 0;
  std::string_view error_code;
  uint32_t occurrences = 1;
};

}  // namespace vigia::inference
