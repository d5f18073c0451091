// Records as columns: what an archive file, a scan and an export show.
//   schema_version, timestamp, date, request_id, instance_index, kind, model_version,
//   one column per feature, risk_score, risk_label, latency_ms, imputed, status, error_code, occurrences
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "columnar/database.h"
#include "inference/record.h"

namespace vigia::archive {

// "2.0.0": exact values; "2.0.0+bins": the middles of bins (privacy mode).
inline constexpr std::string_view kRowVersion = "2.0.0";
inline constexpr std::string_view kBinnedRowVersion = "2.0.0+bins";
// What a category column holds for a value that training never saw; the value itself is not kept.
inline constexpr std::string_view kUnseenText = "__unseen__";

std::string_view KindName(inference::RecordKind kind);  // "prediction", "rejected", "shadow"

int64_t DayOf(WallTime time);  // days since 1970, UTC

// The union of the schemas that were added. A feature's column is named as the feature, or
// feature_<name> when that is a column of ours; names are compared without case, as SQL does.
// A feature that is a number here and a category there becomes text.
class RecordColumns {
 public:
  void AddSchema(const inference::RecordSchema& schema);
  const std::vector<columnar::Field>& fields() const { return fields_; }
  columnar::Frame EmptyFrame() const;
  // Where the values of an added schema go; valid once the last schema was added.
  using Slots = std::vector<size_t>;
  Slots SlotsOf(const inference::RecordSchema& schema) const;
  // `frame` came from EmptyFrame, `slots` from the record's schema (any, when it has none).
  void Append(const inference::StoredRecord& record, const Slots& slots, columnar::Frame& frame);

  RecordColumns();

 private:
  void AppendHead(const inference::StoredRecord& record, columnar::Column* column);

  std::vector<columnar::Field> fields_;
  std::map<std::string, size_t> by_name_;  // lower-case feature name → position among the features
  int64_t last_day_ = INT64_MIN;           // the date of the last record, as records come in runs of one day
  std::string last_date_;
};

// A select list of these columns: ours first and last, features between.
std::string SelectList(const std::vector<columnar::Field>& fields);

}  // namespace vigia::archive
