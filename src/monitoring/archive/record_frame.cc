#include "archive/record_frame.h"

#include <cmath>

#include "base/text.h"

namespace vigia::archive {

namespace {

using columnar::Column;
using columnar::Field;
using columnar::Type;
using inference::FeatureColumn;
using inference::RecordKind;
using inference::StoredRecord;
using inference::ValueType;

const std::vector<Field>& Head() {
  static const std::vector<Field> kHead = {
      {"schema_version", Type::kText}, {"timestamp", Type::kTimestamp},  {"date", Type::kText},
      {"request_id", Type::kText},     {"instance_index", Type::kInt64}, {"kind", Type::kText},
      {"model_version", Type::kText}};
  return kHead;
}

const std::vector<Field>& Tail() {
  static const std::vector<Field> kTail = {{"risk_score", Type::kNumber}, {"risk_label", Type::kInt64},
                                           {"latency_ms", Type::kNumber}, {"imputed", Type::kText},
                                           {"status", Type::kInt64},      {"error_code", Type::kText},
                                           {"occurrences", Type::kInt64}};
  return kTail;
}

bool IsOurs(std::string_view lower_name) {
  for (const auto* fields : {&Head(), &Tail()}) {
    for (const Field& field : *fields) {
      if (field.name == lower_name) return true;
    }
  }
  return false;
}

std::string LevelText(const FeatureColumn& feature, double code) {
  if (code < 0 || code >= static_cast<double>(feature.levels.size())) return std::string(kUnseenText);
  return feature.levels[static_cast<size_t>(code)];
}

void AppendValue(const FeatureColumn& feature, double value, Column& column) {
  if (std::isnan(value)) {
    column.AppendNull();
  } else if (column.type == Type::kNumber) {
    column.AppendNumber(value);
  } else {
    column.AppendText(feature.type == ValueType::kNumber ? FormatNumber(value) : LevelText(feature, value));
  }
}

void AppendTextOrNull(std::string_view text, Column& column) {
  if (text.empty()) {
    column.AppendNull();
  } else {
    column.AppendText(text);
  }
}

// Parquet text is UTF-8; a request id is whatever bytes the client sent.
std::string Utf8(std::string_view bytes) {
  if (IsUtf8(bytes)) return std::string(bytes);
  std::string text;
  for (const char c : bytes) text.push_back(static_cast<unsigned char>(c) < 0x80 ? c : '?');
  return text;
}

std::string ImputedNames(const StoredRecord& record) {
  std::string names;
  for (size_t i = 0; i < record.imputed.size(); ++i) {
    if (!record.imputed[i]) continue;
    if (!names.empty()) names += ',';
    names += record.schema->features[i].name;
  }
  return names;
}

void AppendTail(const StoredRecord& record, Column* column) {
  column++->AppendNumber(record.score);
  if (record.kind == RecordKind::kRejected) {
    column++->AppendNull();
  } else {
    column++->AppendInteger(record.label ? 1 : 0);
  }
  column++->AppendNumber(static_cast<double>(record.latency.count()) / 1000.0);
  AppendTextOrNull(ImputedNames(record), *column++);
  column++->AppendInteger(record.status);
  AppendTextOrNull(Utf8(record.error_code), *column++);
  column++->AppendInteger(record.occurrences);
}

}  // namespace

int64_t DayOf(WallTime time) { return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count(); }

std::string_view KindName(RecordKind kind) {
  switch (kind) {
    case RecordKind::kPrediction: return "prediction";
    case RecordKind::kRejected: return "rejected";
    case RecordKind::kShadow: return "shadow";
  }
  return "unknown";
}

RecordColumns::RecordColumns() {
  fields_ = Head();
  fields_.insert(fields_.end(), Tail().begin(), Tail().end());
}

void RecordColumns::AddSchema(const inference::RecordSchema& schema) {
  for (const FeatureColumn& feature : schema.features) {
    const std::string lower = ToLowerAscii(feature.name);
    const Type type = feature.type == ValueType::kNumber ? Type::kNumber : Type::kText;
    const auto [known, added] = by_name_.emplace(lower, by_name_.size());
    const size_t position = Head().size() + known->second;
    if (added) {
      const std::string name = IsOurs(lower) ? "feature_" + feature.name : feature.name;
      fields_.insert(fields_.begin() + static_cast<ptrdiff_t>(position), Field{name, type});
    } else if (fields_[position].type != type) {
      fields_[position].type = Type::kText;
    }
  }
}

columnar::Frame RecordColumns::EmptyFrame() const {
  columnar::Frame frame;
  for (const Field& field : fields_) frame.Add(field.name, field.type);
  return frame;
}

RecordColumns::Slots RecordColumns::SlotsOf(const inference::RecordSchema& schema) const {
  Slots slots;
  for (const FeatureColumn& feature : schema.features) slots.push_back(by_name_.at(ToLowerAscii(feature.name)));
  return slots;
}

void RecordColumns::AppendHead(const StoredRecord& record, Column* column) {
  if (const int64_t day = DayOf(record.time); day != last_day_) {
    last_day_ = day;
    last_date_ = FormatDate(record.time);
  }
  const bool binned = record.schema != nullptr && record.schema->detail == inference::ValueDetail::kBins;
  column++->AppendText(binned ? kBinnedRowVersion : kRowVersion);
  column++->AppendTimestamp(record.time);
  column++->AppendText(last_date_);
  AppendTextOrNull(Utf8(record.request_id), *column++);
  column++->AppendInteger(record.instance_index);
  column++->AppendText(KindName(record.kind));
  AppendTextOrNull(record.schema == nullptr ? "" : record.schema->model_version, *column++);
}

void RecordColumns::Append(const StoredRecord& record, const Slots& slots, columnar::Frame& frame) {
  const size_t rows = frame.rows();
  Column* const columns = frame.columns.data();
  Column* const features = columns + Head().size();
  AppendHead(record, columns);
  for (size_t i = 0; i < record.features.size(); ++i) {
    Column& column = features[slots[i]];
    if (column.size() == rows) AppendValue(record.schema->features[i], record.features[i], column);
  }
  for (size_t i = 0; i < by_name_.size(); ++i) {
    if (features[i].size() == rows) features[i].AppendNull();
  }
  AppendTail(record, features + by_name_.size());
}

std::string SelectList(const std::vector<Field>& fields) {
  std::vector<std::string> names;
  const auto take_ours = [&](const std::vector<Field>& ours) {
    for (const Field& known : ours) {
      for (const Field& field : fields) {
        if (field.name == known.name) names.push_back(columnar::QuoteName(field.name));
      }
    }
  };
  take_ours(Head());
  for (const Field& field : fields) {
    if (!IsOurs(field.name)) names.push_back(columnar::QuoteName(field.name));
  }
  take_ours(Tail());
  return Join(names, ", ");
}

}  // namespace vigia::archive
