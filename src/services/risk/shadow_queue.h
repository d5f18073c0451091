// Answered requests that wait for a shadow, in bounded memory: what finds no room is dropped.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "risk/row_builder.h"
#include "risk/served_model.h"

namespace vigia::risk {

// Where each raw feature of the challenger stands in a row of the champion.
struct ShadowPlan {
  static constexpr size_t kAbsent = ~size_t{0};
  std::shared_ptr<const ServedModel> challenger;
  uint64_t generation = 0;  // tells challengers apart
  double champion_threshold = 0;
  size_t champion_width = 0;
  std::vector<size_t> from;                // by the challenger's feature: the champion's, or kAbsent
  std::vector<std::vector<double>> codes;  // of a category: the champion's code → the challenger's

  ShadowPlan(const ServedModel& champion, std::shared_ptr<const ServedModel> to, uint64_t generation_of_to);
  // A champion's row as the challenger reads it. `missing` has a bit per feature that has no value.
  void Translate(std::span<const double> row, std::span<double> out, std::span<uint64_t> missing) const;
};

// One request that the champion has answered: two stretches of memory, which a loop that has rested writes as if it had
// not.
struct ShadowItem {
  static constexpr size_t kLongestId = 64;  // what request ids may have
  std::shared_ptr<const ShadowPlan> plan;
  WallTime time{};
  size_t rows = 0;

  void SetRequestId(std::string_view id);
  std::string_view request_id() const { return {id_.data(), id_length_}; }
  // `values` and `scores` are the champion's: rows × champion_width, and rows.
  void SetRows(size_t count, std::span<const double> values, std::span<const int> years,
               std::span<const double> scores);
  std::span<const double> Row(size_t row) const { return std::span(numbers_).subspan(row * width_, width_); }
  double score(size_t row) const { return numbers_[rows * width_ + row]; }
  int year(size_t row) const { return static_cast<int>(numbers_[rows * width_ + rows + row]); }
  void LetGo();  // of the plan, and of memory beyond the usual

 private:
  size_t width_ = 0;
  std::vector<double> numbers_;  // values, scores, years
  std::array<char, kLongestId> id_{};
  uint8_t id_length_ = 0;
};

// A ring. Not thread-safe.
class ShadowQueue {
 public:
  static constexpr size_t kItems = 2048;       // power of two
  static constexpr uint64_t kMostRows = 8192;  // of all items together

  ShadowQueue() : items_(kItems) {}

  // Null: there is no room for so many rows. Else to be filled, then given to Push.
  ShadowItem* Room(size_t rows);
  void Push(ShadowItem& item);
  uint64_t rows() const { return rows_; }  // of all that wait
  // The item with `ahead` others before it; null: there are not so many. Stays until Pop.
  const ShadowItem* Waiting(size_t ahead) const;
  void Pop();  // the first

 private:
  std::vector<ShadowItem> items_;
  uint64_t pushed_ = 0, popped_ = 0, rows_ = 0;
};

}  // namespace vigia::risk
