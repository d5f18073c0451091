#include "drift/column_counter.h"

#include <algorithm>
#include <functional>

namespace vigia::drift {

namespace {

void Add(std::span<const uint64_t> counts, std::vector<uint64_t>& to) {
  std::transform(counts.begin(), counts.end(), to.begin(), to.begin(), std::plus<>());
}

}  // namespace

NumberCounter::NumberCounter(const std::vector<std::vector<double>>& cuts) {
  for (const auto& column : cuts) {
    finders_.emplace_back(column);
    columns_.push_back({std::vector<uint64_t>(column.size() + 1, 0), 0});
  }
}

void NumberCounter::Count(std::span<const std::span<const double>> columns, std::span<double> result) {
  std::fill(result.begin(), result.end(), 0.0);
  for (size_t c = 0; c < finders_.size(); ++c) {
    std::vector<uint64_t> counts(finders_[c].cuts() + 1, 0);
    const double sum = finders_[c].Count(columns[c], counts);
    const std::lock_guard lock(mutex_);
    Add(counts, columns_[c].counts);
    columns_[c].sum += sum;
  }
}

LevelCounter::LevelCounter(const std::vector<std::vector<std::string>>& levels) {
  for (const auto& column : levels) {
    finders_.emplace_back(column);
    columns_.emplace_back(column.size() + 1, 0);
  }
}

void LevelCounter::Count(std::span<const std::span<const std::string_view>> columns, std::span<double> result) {
  std::fill(result.begin(), result.end(), 0.0);
  for (size_t c = 0; c < finders_.size(); ++c) {
    std::vector<uint64_t> counts(finders_[c].levels() + 1, 0);
    for (const std::string_view text : columns[c]) {
      if (text.data() != nullptr) ++counts[finders_[c].Find(text)];
    }
    const std::lock_guard lock(mutex_);
    Add(counts, columns_[c]);
  }
}

}  // namespace vigia::drift
