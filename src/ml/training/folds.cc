#include "training/folds.h"

#include <algorithm>
#include <map>
#include <set>

namespace vigia::training {
namespace {

// The fold of each row, dealt out by pupil.
std::vector<size_t> Deal(std::span<const uint8_t> labels, std::span<const int32_t> pupils, size_t count, Rng& rng) {
  struct Pupil {
    std::vector<size_t> rows;
    size_t positives = 0;
  };
  // In order of first appearance: a pupil's number is drawn anew with every dataset, and means nothing.
  std::vector<Pupil> in_order;
  std::map<int32_t, size_t> positions;
  for (size_t row = 0; row < labels.size(); ++row) {
    const auto [position, is_new] = positions.emplace(pupils[row], in_order.size());
    if (is_new) in_order.emplace_back();
    Pupil& pupil = in_order[position->second];
    pupil.rows.push_back(row);
    pupil.positives += labels[row];
  }
  std::map<std::pair<size_t, size_t>, std::vector<const Pupil*>> strata;
  for (const Pupil& pupil : in_order) strata[{pupil.rows.size(), pupil.positives}].push_back(&pupil);
  std::vector<size_t> fold_of(labels.size());
  size_t next = 0;  // goes on over the strata, so that the remainders spread
  for (auto& [key, members] : strata) {
    rng.Shuffle(members);
    for (const Pupil* pupil : members) {
      for (const size_t row : pupil->rows) fold_of[row] = next;
      next = (next + 1) % count;
    }
  }
  return fold_of;
}

bool HasBothClasses(const std::vector<size_t>& rows, std::span<const uint8_t> labels) {
  const auto positives = std::count_if(rows.begin(), rows.end(), [&](size_t row) { return labels[row] == 1; });
  return positives > 0 && positives < static_cast<std::ptrdiff_t>(rows.size());
}

}  // namespace

std::vector<Fold> GroupedFolds(std::span<const uint8_t> labels, std::span<const int32_t> pupils, size_t count,
                               Rng rng) {
  if (std::set<int32_t>(pupils.begin(), pupils.end()).size() < count) return {};
  const std::vector<size_t> fold_of = Deal(labels, pupils, count, rng);
  std::vector<Fold> folds(count);
  for (size_t row = 0; row < fold_of.size(); ++row) {
    for (size_t fold = 0; fold < count; ++fold) {
      (fold_of[row] == fold ? folds[fold].validate : folds[fold].train).push_back(row);
    }
  }
  return folds;
}

std::vector<Fold> TemporalFolds(std::span<const uint8_t> labels, std::span<const int32_t> pupils,
                                std::span<const int> years, size_t count, Rng rng) {
  const std::set<int> distinct(years.begin(), years.end());
  std::vector<Fold> folds;
  if (distinct.size() < 2) return folds;
  const std::vector<size_t> fold_of = Deal(labels, pupils, count, rng);
  for (const int year : distinct) {
    if (year == *distinct.begin()) continue;
    for (size_t part = 0; part < count; ++part) {
      Fold fold;
      for (size_t row = 0; row < labels.size(); ++row) {
        if (years[row] == year && fold_of[row] == part) fold.validate.push_back(row);
        if (years[row] < year && fold_of[row] != part) fold.train.push_back(row);
      }
      if (HasBothClasses(fold.train, labels) && HasBothClasses(fold.validate, labels)) folds.push_back(std::move(fold));
    }
  }
  return folds;
}

}  // namespace vigia::training
