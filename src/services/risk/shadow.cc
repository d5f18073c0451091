#include "risk/shadow.h"

#include <sched.h>

#include <array>
#include <cmath>

#include "risk/inference_sink.h"

namespace vigia::risk {

namespace {
// How often the thread looks: loops do not wake it, which would cost them a system call an answer.
constexpr std::chrono::milliseconds kLookEvery{5};
constexpr std::array<double, 9> kDifferences = {0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1};
constexpr size_t kItemsPerCommit = 256;
}  // namespace

ShadowCounters::ShadowCounters() : difference(kDifferences) {}

ShadowTap::ShadowTap(const Shadow& shadow, ShadowQueue& queue, const Clock& clock)
    : live_(shadow.challenger()), queue_(queue), clock_(clock) {}

void ShadowTap::Offer(const ServedModel& champion, uint64_t generation, const Rows& rows,
                      const std::vector<double>& scores, std::string_view request_id) {
  if (const uint64_t seen = live_.generation(); seen != challenger_generation_ || generation != champion_generation_) {
    std::shared_ptr<const ServedModel> challenger = live_.Get();
    plan_ = challenger != nullptr ? std::make_shared<const ShadowPlan>(champion, std::move(challenger)) : nullptr;
    challenger_generation_ = seen;
    champion_generation_ = generation;
  }
  if (plan_ == nullptr) return;
  ShadowItem* item = queue_.Room(rows.count);
  if (item == nullptr) return;
  item->plan = plan_;
  item->request_id.assign(request_id);
  item->time = clock_.Now();
  item->rows = rows.count;
  item->values.assign(rows.values.begin(), rows.values.begin() + static_cast<std::ptrdiff_t>(rows.count * rows.width));
  item->years.assign(rows.years.begin(), rows.years.begin() + static_cast<std::ptrdiff_t>(rows.count));
  item->scores.assign(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(rows.count));
  queue_.Push(*item);
}

Shadow::Shadow(unsigned loops, inference::InferenceStore* store, inference::ValueDetail detail, const Clock& clock)
    : store_(store), detail_(detail), clock_(clock) {
  for (unsigned i = 0; i < loops; ++i) queues_.push_back(std::make_unique<ShadowQueue>());
}

Shadow::~Shadow() { Stop(); }

std::unique_ptr<ShadowTap> Shadow::NewTap(unsigned loop) {
  return std::make_unique<ShadowTap>(*this, *queues_[loop], clock_);
}

void Shadow::Set(std::shared_ptr<const ServedModel> challenger) {
  const bool wanted = challenger != nullptr;
  challenger_.Set(std::move(challenger));
  if (wanted) {
    Start();
  } else {
    Stop();
  }
}

void Shadow::Start() {
  if (thread_.joinable()) return;
  stopping_ = false;
  thread_ = std::thread([this] { Run(); });
}

void Shadow::Stop() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

uint64_t Shadow::dropped_rows() const {
  uint64_t dropped = 0;
  for (const auto& queue : queues_) dropped += queue->dropped_rows.value();
  return dropped;
}

void Shadow::Run() {
  // Runs when nobody else wants the processor. Where that is not allowed it shares like others.
  const sched_param parameters{};
  [[maybe_unused]] const int set = ::sched_setscheduler(0, SCHED_IDLE, &parameters);
  const auto writer =
      store_ != nullptr ? store_->NewWriter() : inference::InferenceStore::WriterPtr(nullptr, {nullptr});
  schema_of_ = nullptr;
  while (true) {
    while (Drain(writer.get())) {
    }
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, kLookEvery, [this] { return stopping_; })) break;
  }
  while (Drain(writer.get())) {
  }
}

bool Shadow::Drain(inference::SegmentWriter* writer) {
  size_t items = 0;
  for (const auto& queue : queues_) {
    ShadowItem* item = nullptr;
    for (size_t i = 0; i < kItemsPerCommit && (item = queue->Front()) != nullptr; ++i, ++items) {
      Score(*item, writer);
      queue->Pop();
    }
  }
  if (items > 0 && writer != nullptr) writer->Commit(clock_.Mono());
  return items > 0;
}

void Shadow::Score(const ShadowItem& item, inference::SegmentWriter* writer) {
  const ServedModel& challenger = *item.plan->challenger;
  const size_t width = challenger.spec().raw.size(), words = (width + 63) / 64;
  if (schema_of_ != item.plan->challenger && writer != nullptr) {
    schema_of_ = item.plan->challenger;
    const Result<inference::SchemaHandle> used = writer->UseSchema(SchemaOf(challenger, detail_));
    has_schema_ = used.ok();
    schema_ = used.ok() ? *used : inference::kNoSchema;
  }
  values_.resize(item.rows * width);
  missing_.resize(item.rows * words);
  scores_.resize(item.rows);
  const MonoTime begun = clock_.Mono();
  for (size_t i = 0; i < item.rows; ++i) {
    item.plan->Translate(std::span(item.values).subspan(i * item.plan->champion_width, item.plan->champion_width),
                         std::span(values_).subspan(i * width, width), std::span(missing_).subspan(i * words, words));
  }
  challenger.model().ScoreBatch(values_, item.years, scores_);
  inference::Record record;
  record.kind = inference::RecordKind::kShadow;
  record.schema = schema_;
  record.request_id = item.request_id;
  record.time = item.time;
  record.latency = std::chrono::duration_cast<Duration>(clock_.Mono() - begun);
  for (size_t i = 0; i < item.rows; ++i) {
    record.score = scores_[i];
    record.label = scores_[i] >= challenger.threshold().value;
    const bool champion = item.scores[i] >= item.plan->champion_threshold;
    counters_.rows.Add();
    if (record.label) counters_.flagged.Add();
    if (record.label && !champion) counters_.flips_up.Add();
    if (!record.label && champion) counters_.flips_down.Add();
    counters_.difference.Observe(std::abs(scores_[i] - item.scores[i]));
    if (writer == nullptr) continue;
    record.instance_index = static_cast<uint32_t>(i);
    if (has_schema_) {
      record.features = std::span<const double>(values_).subspan(i * width, width);
      record.imputed = std::span<const uint64_t>(missing_).subspan(i * words, words);
    }
    writer->Add(record);
  }
}

void Shadow::AddMetrics(MetricsText& text) const {
  using Type = MetricsText::Type;
  const std::shared_ptr<const ServedModel> challenger = challenger_.Get();
  text.Family("model_shadow_info", Type::kGauge, "The challenger that scores beside the champion.");
  if (challenger != nullptr) text.Sample({{"version", challenger->version()}}, 1);
  text.Family("model_shadow_rows", Type::kCounter, "Instances that shadows have scored.");
  text.Sample({}, static_cast<double>(counters_.rows.value()));
  text.Family("model_shadow_rows_dropped", Type::kCounter, "Instances that a shadow had no time for.");
  text.Sample({}, static_cast<double>(dropped_rows()));
  text.Family("model_shadow_flagged", Type::kCounter, "Instances that shadows flagged as at risk.");
  text.Sample({}, static_cast<double>(counters_.flagged.value()));
  text.Family("model_shadow_flips", Type::kCounter, "Instances that only the shadow, or only the champion, flagged.");
  text.Sample({{"flagged_by", "shadow"}}, static_cast<double>(counters_.flips_up.value()));
  text.Sample({{"flagged_by", "champion"}}, static_cast<double>(counters_.flips_down.value()));
  text.Family("model_shadow_score_difference", Type::kHistogram, "Distance between the two scores of an instance.");
  text.Sample({}, counters_.difference.Snapshot());
}

}  // namespace vigia::risk
