// Counts columns into bins as the database hands them over, chunk by chunk: several times as fast as its own
// histograms.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drift/cut_finder.h"
#include "drift/level_finder.h"

namespace vigia::drift {

// Several columns of numbers. Thread-safe.
class NumberCounter {
 public:
  struct Column {
    std::vector<uint64_t> counts;  // one more than there are cuts; NaN, and so null, is not counted
    double sum = 0;
  };

  explicit NumberCounter(const std::vector<std::vector<double>>& cuts);
  // A columnar::NumberFunction; its result means nothing.
  void Count(std::span<const std::span<const double>> columns, std::span<double> result);
  // Once the query has ended.
  const std::vector<Column>& columns() const { return columns_; }

 private:
  std::vector<CutFinder> finders_;
  std::mutex mutex_;  // of what follows
  std::vector<Column> columns_;
};

// Several columns of texts. Thread-safe.
class LevelCounter {
 public:
  explicit LevelCounter(const std::vector<std::vector<std::string>>& levels);
  // A columnar::TextFunction; its result means nothing.
  void Count(std::span<const std::span<const std::string_view>> columns, std::span<double> result);
  // By column, how many texts there were of each level, and, last, of none. Once the query has ended.
  const std::vector<std::vector<uint64_t>>& columns() const { return columns_; }

 private:
  std::vector<LevelFinder> finders_;
  std::mutex mutex_;  // of what follows
  std::vector<std::vector<uint64_t>> columns_;
};

}  // namespace vigia::drift
