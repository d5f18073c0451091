// The rows of one request, whatever protocol they come in: names resolved, values validated.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "risk/served_model.h"
#include "risk/settings.h"

namespace vigia::risk {

// Rows of one request. Reused from request to request; grows to the largest one.
struct Rows {
  size_t count = 0;
  size_t width = 0;
  std::vector<double> values;     // count × width; NaN is missing, categories are codes
  std::vector<int> years;         // one per row; 0: the model's reference year
  std::vector<uint64_t> missing;  // count × words; bit i of a row: feature i was not given
  size_t words = 0;               // (width + 63) / 64
  bool explain = false;
  std::vector<std::string> ignored;  // names of unknown features that were dropped, each once

  std::span<const double> row(size_t i) const { return {values.data() + i * width, width}; }
  std::span<const uint64_t> missing_of(size_t i) const { return {missing.data() + i * words, words}; }
  bool AnyLacks(size_t feature) const;
  void Begin(size_t row_width);
  void AddRow();
};

// One value as a protocol hands it over.
struct Cell {
  enum class Kind {
    kMissing,
    kNumber,   // NaN and infinities are missing
    kText,     // for a category
    kUntyped,  // text that stands for whatever the feature is, as in CSV
    kOrdinal,  // a number that for a category is its code: the level's place in the signature, from 0
    kOther     // a boolean, a list, an object: right for nothing
  };
  Kind kind = Kind::kMissing;
  double number = 0;
  std::string_view text = {};

  static Cell Missing() { return {}; }
  static Cell Number(double value) { return {Kind::kNumber, value}; }
  static Cell Text(std::string_view value) { return {Kind::kText, 0, value}; }
  static Cell Untyped(std::string_view value) { return {Kind::kUntyped, 0, value}; }
  static Cell Ordinal(double value) { return {Kind::kOrdinal, value}; }
  static Cell Other() { return {Kind::kOther}; }
};

// A name as an error may show it, in quotes: a client's mistake, not its data.
std::string ShownName(std::string_view name);

// Not thread-safe. Errors are kInvalidArgument; they name the instance (from 1) and the feature, never
// a value.
class RowBuilder {
 public:
  // Starts a request; what it is given outlives it. The model must be the one of the last request,
  // unless Forget came between.
  void Begin(const ServedModel& model, const PredictSettings& settings, Rows& rows);

  // Instance by instance: a row, then its values. `place` is the key's place in the instance: what the
  // key meant there last time is tried first.
  Status BeginRow();
  Status Put(size_t place, std::string_view key, const Cell& cell);
  // The value of raw feature `feature`.
  Status PutAt(size_t feature, const Cell& cell);

  // Column by column: all rows (at least one), then each column's values.
  Status BeginRows(size_t count);
  Result<FeatureName> BeginColumn(std::string_view key);
  Status PutInColumn(size_t row, std::string_view key, const FeatureName& name, const Cell& cell);

  // The model has changed: what was learnt of keys is no longer true.
  void Forget() { hints_.clear(); }

  size_t count() const { return rows_->count; }
  const ServedModel& model() const { return *model_; }
  const PredictSettings& settings() const { return *settings_; }

 private:
  // Clients send the same keys in the same order: what the key at each place meant last time.
  struct Hint {
    std::string key;
    FeatureName name;
  };
  FeatureName Resolve(size_t place, std::string_view key);
  bool IsFirst(size_t feature);  // of the instance, or of all columns
  Status NoteUnknown(std::string_view key);
  Status SetYear(size_t row, std::string_view key, const Cell& cell);
  Status Agree(size_t row, int year);
  Status Store(size_t row, std::string_view key, size_t feature, const Cell& cell);
  Result<double> NumberOf(size_t row, std::string_view key, const features::RawFeature& raw, const Cell& cell) const;
  Result<double> CodeOf(size_t row, std::string_view key, size_t feature, const Cell& cell) const;

  const ServedModel* model_ = nullptr;
  const PredictSettings* settings_ = nullptr;
  Rows* rows_ = nullptr;
  std::vector<Hint> hints_;
  std::vector<uint64_t> seen_;  // of one instance, or of all columns: which features came, null or not
};

}  // namespace vigia::risk
