#include "risk/shadow.h"

#include <sched.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "risk/inference_sink.h"

namespace vigia::risk {

namespace {
// Loops do not wake the thread, which would cost them a system call an answer: it looks when a quarter of a queue
// should have come. Few long sprints stand in the way of fewer answers than many short ones.
constexpr Duration kSoonest = std::chrono::milliseconds(5), kLatest = std::chrono::milliseconds(40);
constexpr size_t kItemsPerSprint = ShadowQueue::kItems / 4;
constexpr std::array<double, 9> kDifferences = {0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1};
constexpr size_t kItemsPerCommit = 64;  // a loop may have to wait for the system to have written them
// Between two yields, for which a loop may have to wait. A larger request is a batch of its own.
constexpr size_t kRowsPerBatch = 4;

// After `items` came in the time `waited`.
Duration NextLook(size_t items, Duration waited) {
  if (items == 0) return kLatest;
  return std::clamp(waited * int64_t{kItemsPerSprint} / static_cast<int64_t>(items), kSoonest, kLatest);
}

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
  item->SetRequestId(request_id);
  item->time = clock_.Now();
  item->SetRows(rows.count, std::span(rows.values).first(rows.count * rows.width), rows.years, scores);
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
  for (Duration wait = kSoonest; true;) {
    wait = NextLook(DrainAll(writer.get()), wait);
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, wait, [this] { return stopping_; })) break;
  }
  DrainAll(writer.get());
}

// What comes meanwhile waits for the next look, or ever smaller batches would cost ever more.
size_t Shadow::DrainAll(inference::SegmentWriter* writer) {
  size_t all = 0;
  for (size_t some = kItemsPerCommit; some >= kItemsPerCommit;) {
    some = Drain(writer);
    all += some;
  }
  return all;
}

size_t Shadow::Drain(inference::SegmentWriter* writer) {
  size_t most = 0;
  for (const auto& queue : queues_) {
    size_t items = 0;
    while (items < kItemsPerCommit) {
      const size_t taken = ScoreSome(*queue, writer);
      if (taken == 0) break;
      items += taken;
      // Once it has the processor the system may leave it there for a whole tick, while a loop waits for it.
      ::sched_yield();
    }
    most = std::max(most, items);
  }
  if (most > 0 && writer != nullptr) writer->Commit(clock_.Mono());
  return most;
}

size_t Shadow::GatherBatch(const ShadowQueue& queue) {
  batch_.clear();
  size_t rows = 0;
  while (const ShadowItem* item = queue.Waiting(batch_.size())) {
    if (!batch_.empty() && (item->plan != batch_[0]->plan || rows + item->rows > kRowsPerBatch)) break;
    batch_.push_back(item);
    rows += item->rows;
  }
  return rows;
}

void Shadow::UseSchemaOf(const std::shared_ptr<const ServedModel>& challenger, inference::SegmentWriter& writer) {
  if (schema_of_ == challenger) return;
  schema_of_ = challenger;
  const Result<inference::SchemaHandle> used = writer.UseSchema(SchemaOf(*challenger, detail_));
  has_schema_ = used.ok();
  schema_ = used.ok() ? *used : inference::kNoSchema;
}

size_t Shadow::ScoreSome(ShadowQueue& queue, inference::SegmentWriter* writer) {
  const size_t rows = GatherBatch(queue);
  if (batch_.empty()) return 0;
  const ShadowPlan& plan = *batch_[0]->plan;
  const ServedModel& challenger = *plan.challenger;
  if (writer != nullptr) UseSchemaOf(plan.challenger, *writer);
  const size_t width = challenger.spec().raw.size(), words = (width + 63) / 64;
  values_.resize(rows * width);
  missing_.resize(rows * words);
  scores_.resize(rows);
  years_.clear();
  const MonoTime begun = clock_.Mono();
  for (const ShadowItem* item : batch_) {
    for (size_t i = 0; i < item->rows; ++i) {
      const size_t row = years_.size();
      plan.Translate(item->Row(i), std::span(values_).subspan(row * width, width),
                     std::span(missing_).subspan(row * words, words));
      years_.push_back(item->year(i));
    }
  }
  challenger.model().ScoreBatch(values_, years_, scores_);
  const auto took = std::chrono::duration_cast<Duration>(clock_.Mono() - begun);
  size_t first_row = 0;
  for (const ShadowItem* item : batch_) {
    Record(*item, first_row, took * static_cast<int64_t>(item->rows) / static_cast<int64_t>(rows), writer);
    first_row += item->rows;
  }
  for (size_t i = 0; i < batch_.size(); ++i) queue.Pop();
  return batch_.size();
}

void Shadow::Record(const ShadowItem& item, size_t first_row, Duration latency, inference::SegmentWriter* writer) {
  const ServedModel& challenger = *item.plan->challenger;
  const size_t width = challenger.spec().raw.size(), words = (width + 63) / 64;
  inference::Record record;
  record.kind = inference::RecordKind::kShadow;
  record.schema = schema_;
  record.request_id = item.request_id();
  record.time = item.time;
  record.latency = latency;
  for (size_t i = 0; i < item.rows; ++i) {
    const size_t row = first_row + i;
    record.score = scores_[row];
    record.label = scores_[row] >= challenger.threshold().value;
    const bool champion = item.score(i) >= item.plan->champion_threshold;
    counters_.rows.Add();
    if (record.label) counters_.flagged.Add();
    if (record.label && !champion) counters_.flips_up.Add();
    if (!record.label && champion) counters_.flips_down.Add();
    counters_.difference.Observe(std::abs(scores_[row] - item.score(i)));
    if (writer == nullptr) continue;
    record.instance_index = static_cast<uint32_t>(i);
    if (has_schema_) {
      record.features = std::span<const double>(values_).subspan(row * width, width);
      record.imputed = std::span<const uint64_t>(missing_).subspan(row * words, words);
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
