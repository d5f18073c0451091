#include "risk/row_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace vigia::risk {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr int kFirstYear = 1990, kLastYear = 2100;

// `row` counts from 0, people from 1.
Error Wrong(size_t row, std::string_view key, std::string_view what) {
  return Error(Code::kInvalidArgument, fmt::format("instance {}: feature {} {}", row + 1, ShownName(key), what));
}

Error TooMany(size_t most) {
  return Error(Code::kInvalidArgument, fmt::format("there are more than {} instances", most));
}

bool Fits(const features::RawFeature& raw, double number) {
  if (raw.type == features::FeatureType::kCategory) return false;
  const bool whole = raw.type != features::FeatureType::kInteger || number == std::floor(number);
  return whole && number >= raw.min && number <= raw.max;
}

}  // namespace

std::string ShownName(std::string_view name) {
  const bool plain = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == ' ';
  });
  return plain ? "'" + std::string(name) + "'" : "with an unprintable name";
}

void Rows::Begin(size_t row_width) {
  count = 0;
  width = row_width;
  words = (row_width + 63) / 64;
  values.clear();
  years.clear();
  missing.clear();
  ignored.clear();
  explain = false;
}

void Rows::AddRow() {
  ++count;
  values.resize(count * width, kMissing);
  years.push_back(0);
  missing.resize(count * words, ~uint64_t{0});
  if (width % 64 != 0) missing.back() = (uint64_t{1} << (width % 64)) - 1;
}

bool Rows::AnyLacks(size_t feature) const {
  for (size_t row = 0; row < count; ++row) {
    if (((missing[row * words + feature / 64] >> (feature % 64)) & 1) != 0) return true;
  }
  return false;
}

void RowBuilder::Begin(const ServedModel& model, const PredictSettings& settings, Rows& rows) {
  model_ = &model;
  settings_ = &settings;
  rows_ = &rows;
  rows.Begin(model.spec().raw.size());
}

Status RowBuilder::BeginRow() {
  if (rows_->count == settings_->max_instances) return TooMany(settings_->max_instances);
  rows_->AddRow();
  seen_.assign(rows_->words, 0);
  return {};
}

Status RowBuilder::BeginRows(size_t count) {
  if (count == 0) return Error(Code::kInvalidArgument, "there are no instances");
  if (count > settings_->max_instances) return TooMany(settings_->max_instances);
  for (size_t i = 0; i < count; ++i) rows_->AddRow();
  seen_.assign(rows_->words, 0);
  return {};
}

FeatureName RowBuilder::Resolve(size_t place, std::string_view key) {
  if (place < hints_.size() && hints_[place].key == key) return hints_[place].name;
  const FeatureName name = model_->Resolve(key);
  if (place < 128 && key.size() <= 64) {
    if (place >= hints_.size()) hints_.resize(place + 1);
    hints_[place] = {std::string(key), name};
  }
  return name;
}

bool RowBuilder::IsFirst(size_t feature) {
  const uint64_t bit = uint64_t{1} << (feature % 64);
  uint64_t& word = seen_[feature / 64];
  const bool first = (word & bit) == 0;
  word |= bit;
  return first;
}

Status RowBuilder::NoteUnknown(std::string_view key) {
  if (settings_->extra_features == ExtraFeatures::kReject) {
    return Wrong(rows_->count - 1, key, "is not one of the model's");
  }
  std::vector<std::string>& ignored = rows_->ignored;
  const std::string shown = ShownName(key);
  const bool known = std::find(ignored.begin(), ignored.end(), shown) != ignored.end();
  if (ignored.size() < 32 && !known) ignored.push_back(shown);
  return {};
}

Status RowBuilder::Put(size_t place, std::string_view key, const Cell& cell) {
  const FeatureName name = Resolve(place, key);
  const size_t row = rows_->count - 1;
  switch (name.kind) {
    case FeatureName::Kind::kTolerated: return {};
    case FeatureName::Kind::kYear: return SetYear(row, key, cell);
    case FeatureName::Kind::kUnknown: return NoteUnknown(key);
    case FeatureName::Kind::kFeature: break;
  }
  if (name.year != rows_->years[row]) TRY(Agree(row, name.year));
  if (!IsFirst(name.feature)) return Wrong(row, key, "comes twice");
  return Store(row, key, name.feature, cell);
}

Status RowBuilder::PutAt(size_t feature, const Cell& cell) {
  return Store(rows_->count - 1, model_->spec().raw[feature].name, feature, cell);
}

Result<FeatureName> RowBuilder::BeginColumn(std::string_view key) {
  const FeatureName name = model_->Resolve(key);
  if (name.kind == FeatureName::Kind::kUnknown) {
    if (settings_->extra_features == ExtraFeatures::kReject) {
      return Error(Code::kInvalidArgument, fmt::format("feature {} is not one of the model's", ShownName(key)));
    }
    TRY(NoteUnknown(key));
  }
  if (name.kind == FeatureName::Kind::kFeature && !IsFirst(name.feature)) {
    return Error(Code::kInvalidArgument, fmt::format("feature {} comes twice", ShownName(key)));
  }
  return name;
}

Status RowBuilder::PutInColumn(size_t row, std::string_view key, const FeatureName& name, const Cell& cell) {
  switch (name.kind) {
    case FeatureName::Kind::kTolerated:
    case FeatureName::Kind::kUnknown: return {};
    case FeatureName::Kind::kYear: return SetYear(row, key, cell);
    case FeatureName::Kind::kFeature: break;
  }
  TRY(Agree(row, name.year));
  return Store(row, key, name.feature, cell);
}

// Keys with a year must all speak of the same one.
Status RowBuilder::Agree(size_t row, int year) {
  if (year == 0) return {};
  int& known = rows_->years[row];
  if (known != 0 && known != year) {
    return Error(Code::kInvalidArgument, fmt::format("instance {}: its features speak of different years", row + 1));
  }
  known = year;
  return {};
}

Status RowBuilder::SetYear(size_t row, std::string_view key, const Cell& cell) {
  std::optional<double> year;
  switch (cell.kind) {
    case Cell::Kind::kMissing: return {};
    case Cell::Kind::kNumber:
    case Cell::Kind::kOrdinal: year = cell.number; break;
    case Cell::Kind::kUntyped: year = ParseNumber(cell.text); break;
    case Cell::Kind::kText:
    case Cell::Kind::kOther: break;
  }
  if (year && !std::isfinite(*year)) return {};
  if (!year || *year != std::floor(*year)) return Wrong(row, key, "must be a whole number");
  if (*year < kFirstYear || *year > kLastYear) {
    return Wrong(row, key, fmt::format("must be between {} and {}", kFirstYear, kLastYear));
  }
  return Agree(row, static_cast<int>(*year));
}

Status RowBuilder::Store(size_t row, std::string_view key, size_t feature, const Cell& cell) {
  if (cell.kind == Cell::Kind::kMissing) return {};
  const features::RawFeature& raw = model_->spec().raw[feature];
  double read = cell.number;
  // Nearly all cells are numbers that fit: what follows is for the others.
  if (cell.kind != Cell::Kind::kNumber || !Fits(raw, read)) {
    const bool category = raw.type == features::FeatureType::kCategory;
    read = category ? TRY(CodeOf(row, key, feature, cell)) : TRY(NumberOf(row, key, raw, cell));
    if (std::isnan(read)) return {};
  }
  rows_->values[row * rows_->width + feature] = read;
  rows_->missing[row * rows_->words + feature / 64] &= ~(uint64_t{1} << (feature % 64));
  return {};
}

// NaN for a missing value.
Result<double> RowBuilder::NumberOf(size_t row, std::string_view key, const features::RawFeature& raw,
                                    const Cell& cell) const {
  double number = cell.number;
  if (cell.kind == Cell::Kind::kUntyped) {
    const std::optional<double> parsed = ParseNumber(cell.text);
    if (!parsed) return Wrong(row, key, "must be a number");
    number = *parsed;
  } else if (cell.kind != Cell::Kind::kNumber && cell.kind != Cell::Kind::kOrdinal) {
    return Wrong(row, key, "must be a number or null");
  }
  if (!std::isfinite(number)) return kMissing;
  if (raw.type == features::FeatureType::kInteger && number != std::floor(number)) {
    return Wrong(row, key, "must be a whole number");
  }
  if (number < raw.min || number > raw.max) {
    return Wrong(row, key, fmt::format("must be between {} and {}", raw.min, raw.max));
  }
  return number;
}

Result<double> RowBuilder::CodeOf(size_t row, std::string_view key, size_t feature, const Cell& cell) const {
  const std::vector<std::string>& levels = model_->spec().raw[feature].levels;
  if (cell.kind == Cell::Kind::kOrdinal) {
    if (!std::isfinite(cell.number)) return kMissing;
    const bool whole = cell.number == std::floor(cell.number);
    if (whole && cell.number >= 0 && cell.number < static_cast<double>(levels.size())) return cell.number;
    return Wrong(row, key, "is none of the categories' codes");
  }
  if (cell.kind != Cell::Kind::kText && cell.kind != Cell::Kind::kUntyped) {
    return Wrong(row, key, "must be a text or null");
  }
  const double code = model_->LevelCode(feature, cell.text);
  if (!std::isnan(code)) return code;
  return Wrong(row, key, "is none of the categories: " + Join(levels, ", "));
}

}  // namespace vigia::risk
