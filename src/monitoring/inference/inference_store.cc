#include "inference/inference_store.h"

#include <algorithm>

namespace vigia::inference {

namespace {

constexpr Duration kUsageEvery = std::chrono::seconds(2);

}  // namespace

InferenceStore::InferenceStore(const StoreSettings& settings, std::unique_ptr<SegmentFolder> folder, const Clock& clock,
                               Entropy& entropy)
    : settings_(settings), folder_(std::move(folder)), clock_(clock), entropy_(entropy) {
  rotation_stamp_ = folder_->RotationStamp();
  if (settings_.maintenance_every > Duration::zero()) helper_ = std::thread([this] { Run(); });
}

InferenceStore::~InferenceStore() {
  {
    const std::lock_guard lock(stop_mutex_);
    stopping_ = true;
  }
  stop_changed_.notify_all();
  if (helper_.joinable()) helper_.join();
  CHECK(writers_.empty(), "a segment writer outlives its store");
}

InferenceStore::WriterPtr InferenceStore::NewWriter() {
  auto writer = std::make_unique<SegmentWriter>(settings_.writer, *folder_, clock_, entropy_);
  SegmentWriter* raw = writer.get();
  const std::lock_guard lock(writers_mutex_);
  raw->Maintain(clock_.Mono());
  writers_.push_back(std::move(writer));
  const std::lock_guard status_lock(status_mutex_);
  counted_.push_back(raw);
  return WriterPtr(raw, Release{this});
}

void InferenceStore::Retire(SegmentWriter* writer) {
  const std::lock_guard lock(writers_mutex_);
  {
    const std::lock_guard status_lock(status_mutex_);
    std::erase(counted_, writer);
    AddCounters(*writer, past_);
    past_.degraded_since.reset();
  }
  std::erase_if(writers_, [&](const auto& owned) { return owned.get() == writer; });
}

void InferenceStore::AddCounters(const SegmentWriter& writer, InferenceStatus& status) {
  const WriterCounters& counters = writer.counters();
  status.stored_records += counters.stored.value();
  status.refused_requests += counters.refused.value();
  for (size_t i = 0; i < kLossCauses; ++i) {
    status.lost_by_cause[i] += counters.lost[i].value();
    status.lost_records += counters.lost[i].value();
  }
  status.written_bytes += counters.bytes.value();
  status.segments_begun += counters.segments.value();
  status.sync_failures += writer.sync_failures();
  const int64_t since = counters.degraded_since_us.load();
  if (since == 0) return;
  const WallTime time{Duration(since)};
  status.degraded_since = std::min(status.degraded_since.value_or(time), time);
}

InferenceStatus InferenceStore::Status() const {
  const std::lock_guard lock(status_mutex_);
  InferenceStatus status = past_;
  for (const SegmentWriter* writer : counted_) AddCounters(*writer, status);
  status.folder = usage_;
  return status;
}

void InferenceStore::Maintain() {
  const std::lock_guard lock(writers_mutex_);
  const uint64_t stamp = folder_->RotationStamp();
  const bool rotate = stamp != rotation_stamp_;
  rotation_stamp_ = stamp;
  const MonoTime now = clock_.Mono();
  for (const auto& writer : writers_) {
    if (rotate) writer->RequestRotation();
    writer->Maintain(now);
  }
  if (now < next_usage_) return;
  next_usage_ = now + kUsageEvery;
  const FolderUsage usage = folder_->Usage();
  const std::lock_guard status_lock(status_mutex_);
  usage_ = usage;
}

void InferenceStore::Run() {
  const Duration pause =
      std::min(settings_.maintenance_every, settings_.writer.flush_every.value_or(settings_.maintenance_every));
  std::unique_lock lock(stop_mutex_);
  while (!stopping_) {
    lock.unlock();
    Maintain();
    lock.lock();
    stop_changed_.wait_for(lock, pause, [this] { return stopping_; });
  }
}

}  // namespace vigia::inference
