#include "risk/shadow.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace vigia::risk {

namespace {
constexpr std::array<double, 9> kDifferences = {0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1};
// A request may have to wait for one step. Steps begin when this many rows wait: the caches stay with more of the
// requests than if each were followed by a step. Fewer rows wait for others, not for long.
constexpr size_t kRowsPerStep = 4, kRowsToBegin = 16;
constexpr Duration kPatience = std::chrono::milliseconds(20);
}  // namespace

ShadowCounters::ShadowCounters() : difference(kDifferences) {}

Shadow::Shadow(unsigned loops) {
  for (unsigned i = 0; i < loops; ++i) counters_.push_back(std::make_unique<ShadowCounters>());
}

LoopShadow::LoopShadow(const Shadow& shadow, ShadowCounters& counters, InferenceSink& sink, const Clock& clock)
    : live_(shadow.challenger()), counters_(counters), sink_(sink), clock_(clock) {}

LoopShadow::~LoopShadow() {
  while (queue_.rows() > begun_) ScoreSome();
  sink_.Commit();
}

void LoopShadow::Offer(const ServedModel& champion, uint64_t generation, const Rows& rows,
                       const std::vector<double>& scores, std::string_view request_id) {
  if (const uint64_t seen = live_.generation(); seen != challenger_generation_ || generation != champion_generation_) {
    std::shared_ptr<const ServedModel> challenger = live_.Get();
    plan_ = challenger != nullptr ? std::make_shared<const ShadowPlan>(champion, std::move(challenger), seen) : nullptr;
    challenger_generation_ = seen;
    champion_generation_ = generation;
  }
  if (plan_ == nullptr || rows.count == 0) return;
  ShadowItem* item = queue_.Room(rows.count);
  if (item == nullptr) {
    counters_.dropped.Add(rows.count);
    return;
  }
  item->plan = plan_;
  item->SetRequestId(request_id);
  item->time = clock_.Now();
  item->SetRows(rows.count, std::span(rows.values).first(rows.count * rows.width), rows.years, scores);
  queue_.Push(*item);
  if (!oldest_) oldest_ = clock_.Mono();
}

std::optional<Duration> LoopShadow::Rest() {
  if (!oldest_) return std::nullopt;
  const size_t waiting = queue_.rows() - begun_;
  stepping_ = waiting >= kRowsToBegin || (stepping_ && waiting > 0);
  if (!stepping_) {
    const Duration left = std::chrono::duration_cast<Duration>(*oldest_ + kPatience - clock_.Mono());
    if (left > Duration(0)) return left;
    if (waiting == 0) {
      sink_.Commit();
      oldest_.reset();
      return std::nullopt;
    }
    stepping_ = true;
  }
  ScoreSome();
  return Duration(0);
}

size_t LoopShadow::Gather() {
  batch_.clear();
  size_t rows = 0;
  for (size_t first = begun_; rows < kRowsPerStep; first = 0) {
    const ShadowItem* item = queue_.Waiting(batch_.size());
    if (item == nullptr || (!batch_.empty() && item->plan != batch_[0].item->plan)) break;
    batch_.push_back({item, first, std::min(item->rows - first, kRowsPerStep - rows)});
    rows += batch_.back().count;
  }
  return rows;
}

void LoopShadow::ScoreSome() {
  const size_t rows = Gather();
  const ShadowPlan& plan = *batch_[0].item->plan;
  const ServedModel& challenger = *plan.challenger;
  const size_t width = challenger.spec().raw.size(), words = (width + 63) / 64;
  values_.resize(rows * width);
  missing_.resize(rows * words);
  scores_.resize(rows);
  years_.clear();
  const MonoTime begun = clock_.Mono();
  for (const Slice& slice : batch_) {
    for (size_t i = slice.first; i < slice.first + slice.count; ++i) {
      const size_t row = years_.size();
      plan.Translate(slice.item->Row(i), std::span(values_).subspan(row * width, width),
                     std::span(missing_).subspan(row * words, words));
      years_.push_back(slice.item->year(i));
    }
  }
  challenger.model().ScoreBatch(values_, years_, scores_);
  const Duration latency = std::chrono::duration_cast<Duration>(clock_.Mono() - begun) / static_cast<int64_t>(rows);
  size_t at = 0;
  for (const Slice& slice : batch_) {
    Record(slice, at, latency * static_cast<int64_t>(slice.item->rows));
    at += slice.count;
  }
  for (const Slice slice : batch_) {
    begun_ = slice.first + slice.count;
    if (begun_ < slice.item->rows) break;
    queue_.Pop();
    begun_ = 0;
  }
}

void LoopShadow::Record(const Slice& slice, size_t at, Duration latency) {
  const ShadowPlan& plan = *slice.item->plan;
  const ServedModel& challenger = *plan.challenger;
  const size_t width = challenger.spec().raw.size(), words = (width + 63) / 64;
  inference::Record record;
  record.request_id = slice.item->request_id();
  record.time = slice.item->time;
  record.latency = latency;
  for (size_t i = 0; i < slice.count; ++i) {
    const double theirs = slice.item->score(slice.first + i);
    record.instance_index = static_cast<uint32_t>(slice.first + i);
    record.score = scores_[at + i];
    record.label = record.score >= challenger.threshold().value;
    const bool champion = theirs >= plan.champion_threshold;
    counters_.rows.Add();
    if (record.label) counters_.flagged.Add();
    if (record.label && !champion) counters_.flips_up.Add();
    if (!record.label && champion) counters_.flips_down.Add();
    counters_.difference.Observe(std::abs(record.score - theirs));
    record.features = std::span<const double>(values_).subspan((at + i) * width, width);
    record.imputed = std::span<const uint64_t>(missing_).subspan((at + i) * words, words);
    sink_.AddShadow(challenger, plan.generation, record);
  }
}

void Shadow::AddMetrics(MetricsText& text) const {
  using Type = MetricsText::Type;
  const auto sum = [this](Counter ShadowCounters::*counter) {
    uint64_t all = 0;
    for (const auto& counters : counters_) all += ((*counters).*counter).value();
    return static_cast<double>(all);
  };
  HistogramSnapshot difference = counters_[0]->difference.Snapshot();
  for (size_t loop = 1; loop < counters_.size(); ++loop) difference.Merge(counters_[loop]->difference.Snapshot());
  const std::shared_ptr<const ServedModel> challenger = challenger_.Get();
  text.Family("model_shadow_info", Type::kGauge, "The challenger that scores beside the champion.");
  if (challenger != nullptr) text.Sample({{"version", challenger->version()}}, 1);
  text.Family("model_shadow_rows", Type::kCounter, "Instances that shadows have scored.");
  text.Sample({}, sum(&ShadowCounters::rows));
  text.Family("model_shadow_rows_dropped", Type::kCounter, "Instances that a shadow had no time for.");
  text.Sample({}, sum(&ShadowCounters::dropped));
  text.Family("model_shadow_flagged", Type::kCounter, "Instances that shadows flagged as at risk.");
  text.Sample({}, sum(&ShadowCounters::flagged));
  text.Family("model_shadow_flips", Type::kCounter, "Instances that only the shadow, or only the champion, flagged.");
  text.Sample({{"flagged_by", "shadow"}}, sum(&ShadowCounters::flips_up));
  text.Sample({{"flagged_by", "champion"}}, sum(&ShadowCounters::flips_down));
  text.Family("model_shadow_score_difference", Type::kHistogram, "Distance between the two scores of an instance.");
  text.Sample({}, difference);
}

}  // namespace vigia::risk
