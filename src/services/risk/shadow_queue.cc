#include "risk/shadow_queue.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vigia::risk {

namespace {
constexpr size_t kMostKeptValues = 8192;  // a slot that held more gives its memory back
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

std::vector<double> CodesOf(const features::RawFeature& champion, const features::RawFeature& challenger) {
  std::vector<double> codes;
  for (const std::string& level : champion.levels) {
    const auto found = std::find(challenger.levels.begin(), challenger.levels.end(), level);
    codes.push_back(found == challenger.levels.end() ? features::kUnseenLevel
                                                     : static_cast<double>(found - challenger.levels.begin()));
  }
  return codes;
}

}  // namespace

ShadowPlan::ShadowPlan(const ServedModel& champion, std::shared_ptr<const ServedModel> to, uint64_t generation_of_to)
    : challenger(std::move(to)),
      generation(generation_of_to),
      champion_threshold(champion.threshold().value),
      champion_width(champion.spec().raw.size()) {
  for (const features::RawFeature& raw : challenger->spec().raw) {
    const int found = champion.spec().FindRaw(raw.name);
    const bool category = raw.type == features::FeatureType::kCategory;
    const features::RawFeature* same = found >= 0 ? &champion.spec().raw[static_cast<size_t>(found)] : nullptr;
    const bool usable = same != nullptr && (same->type == features::FeatureType::kCategory) == category;
    from.push_back(usable ? static_cast<size_t>(found) : kAbsent);
    codes.push_back(usable && category ? CodesOf(*same, raw) : std::vector<double>());
  }
}

void ShadowPlan::Translate(std::span<const double> row, std::span<double> out, std::span<uint64_t> missing) const {
  std::fill(missing.begin(), missing.end(), 0);
  for (size_t i = 0; i < from.size(); ++i) {
    double value = from[i] == kAbsent ? kUnknown : row[from[i]];
    if (!codes[i].empty() && value >= 0) value = codes[i][std::min(static_cast<size_t>(value), codes[i].size() - 1)];
    out[i] = value;
    if (std::isnan(value)) missing[i / 64] |= uint64_t{1} << (i % 64);
  }
}

void ShadowItem::SetRequestId(std::string_view id) {
  id_length_ = static_cast<uint8_t>(std::min(id.size(), kLongestId));
  std::copy_n(id.begin(), id_length_, id_.begin());
}

void ShadowItem::SetRows(size_t count, std::span<const double> values, std::span<const int> years,
                         std::span<const double> scores) {
  rows = count;
  width_ = count == 0 ? 0 : values.size() / count;
  numbers_.resize(values.size() + 2 * count);
  auto at = std::copy(values.begin(), values.end(), numbers_.begin());
  at = std::copy_n(scores.begin(), count, at);
  std::copy_n(years.begin(), count, at);
}

void ShadowItem::LetGo() {
  plan.reset();
  if (numbers_.capacity() > kMostKeptValues) std::vector<double>().swap(numbers_);
}

ShadowItem* ShadowQueue::Room(size_t rows) {
  const bool full = pushed_ - popped_ == kItems || (pushed_ != popped_ && rows_ + rows > kMostRows);
  return full ? nullptr : &items_[pushed_ % kItems];
}

void ShadowQueue::Push(ShadowItem& item) {
  rows_ += item.rows;
  ++pushed_;
}

const ShadowItem* ShadowQueue::Waiting(size_t ahead) const {
  return popped_ + ahead >= pushed_ ? nullptr : &items_[(popped_ + ahead) % kItems];
}

void ShadowQueue::Pop() {
  ShadowItem& item = items_[popped_++ % kItems];
  rows_ -= item.rows;
  item.LetGo();
}

}  // namespace vigia::risk
