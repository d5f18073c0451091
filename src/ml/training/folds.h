// Which rows train and which validate. A pupil's rows are never on both sides.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"

namespace vigia::training {

struct Fold {
  std::vector<size_t> train, validate;  // rows, rising
};

// `count` folds that together validate every row once. Stratified: pupils with the same rows and
// labels are dealt out evenly. Empty when there are fewer pupils than folds.
std::vector<Fold> GroupedFolds(std::span<const uint8_t> labels, std::span<const int32_t> pupils, size_t count, Rng rng);

// For every year but the first: train on earlier years, validate on it, pupils apart as in
// GroupedFolds. Leaves out folds that would train or validate on one class. Empty with one year.
std::vector<Fold> TemporalFolds(std::span<const uint8_t> labels, std::span<const int32_t> pupils,
                                std::span<const int> years, size_t count, Rng rng);

}  // namespace vigia::training
