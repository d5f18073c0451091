#include "inference/segment_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vigia::inference {

namespace {

constexpr Duration kCreateRetry = std::chrono::milliseconds(500);
constexpr Duration kProbeEvery = std::chrono::milliseconds(500);
constexpr size_t kProbeBytes = 64 << 10;

uint32_t PayloadLength(const char* frame) {
  uint32_t length = 0;
  std::memcpy(&length, frame + 4, sizeof length);
  return length;
}

}  // namespace

SegmentWriter::SegmentWriter(const WriterSettings& settings, SegmentFolder& folder, const Clock& clock,
                             Entropy& entropy)
    : settings_(settings),
      folder_(folder),
      clock_(clock),
      entropy_(entropy),
      turn_(turn_mutex_, std::defer_lock),
      buffer_(std::make_unique<char[]>(settings.buffer_bytes)),
      retry_pause_(settings.retry_first) {
  retired_.reserve(8);
}

SegmentWriter::~SegmentWriter() {
  if (turn_.owns_lock()) turn_.unlock();
  CloseRetired();
  if (active_) Close(*active_);
  if (next_) Close(*next_);
}

Result<SchemaHandle> SegmentWriter::UseSchema(const RecordSchema& schema) {
  for (size_t i = 0; i < schemas_.size(); ++i) {
    if (schemas_[i].schema == schema) return static_cast<SchemaHandle>(i + 1);
  }
  TRY(CheckSchema(schema));
  if (schemas_.size() >= 1000) return Error(Code::kResourceExhausted, "too many record schemas in one process");
  const auto handle = static_cast<SchemaHandle>(schemas_.size() + 1);
  std::string payload(4, '\0');
  payload[0] = static_cast<char>(kSchemaKind);
  std::memcpy(payload.data() + 2, &handle, sizeof handle);
  payload += SchemaToText(schema);
  if (payload.size() + kFrameBytes > settings_.buffer_bytes / 2 || payload.size() > kMaxPayload) {
    return Error(Code::kResourceExhausted, "a record schema is too large for the writer's buffer");
  }
  schemas_.push_back({schema, std::move(payload)});
  return handle;
}

const SegmentWriter::UsedSchema* SegmentWriter::SchemaOf(SchemaHandle handle) const {
  if (handle == kNoSchema) return nullptr;
  CHECK(handle <= schemas_.size(), "a record's schema is not this writer's");
  return &schemas_[handle - 1U];
}

bool SegmentWriter::NeedsSchema(SchemaHandle handle) const {
  return handle != kNoSchema && (active_->has_schema.size() <= handle || active_->has_schema[handle] == 0);
}

void SegmentWriter::AppendFrame(size_t payload_bytes) {
  SealFrame(buffer_.get() + used_, active_->seed, active_->size + used_, payload_bytes);
  used_ += kFrameBytes + payload_bytes;
}

void SegmentWriter::AppendSchema(SchemaHandle handle) {
  const std::string& payload = schemas_[handle - 1U].payload;
  std::memcpy(buffer_.get() + used_ + kFrameBytes, payload.data(), payload.size());
  AppendFrame(payload.size());
  if (active_->has_schema.size() <= handle) active_->has_schema.resize(handle + 1U, 0);
  active_->has_schema[handle] = 1;
}

bool SegmentWriter::MakeRoom(const Record& record, size_t payload_bytes) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!active_) Rotate(WithoutNext::kKeep);
    if (!active_) {
      Lose(LossCause::kNoSegment, 1);
      return false;
    }
    size_t wanted = kFrameBytes + payload_bytes;
    if (NeedsSchema(record.schema)) wanted += kFrameBytes + schemas_[record.schema - 1U].payload.size();
    if (used_ + wanted <= settings_.buffer_bytes) return true;
    WriteOut(last_now_);
  }
  Lose(LossCause::kTooLarge, 1);
  return false;
}

void SegmentWriter::Add(const Record& record) {
  if (!turn_.owns_lock()) turn_.lock();
  const UsedSchema* used = SchemaOf(record.schema);
  const RecordSchema* schema = used != nullptr ? &used->schema : nullptr;
  CHECK(record.features.empty() || (schema != nullptr && record.features.size() == schema->features.size()),
        "a record has other features than its schema");
  const size_t payload_bytes = RecordPayloadBytes(record, schema);
  if (!MakeRoom(record, payload_bytes)) return;
  if (NeedsSchema(record.schema)) AppendSchema(record.schema);
  EncodeRecord(record, schema, buffer_.get() + used_ + kFrameBytes);
  AppendFrame(payload_bytes);
  ++pending_;
  if (record.kind == RecordKind::kRejected) pending_refused_ += record.occurrences;
}

CommitResult SegmentWriter::Commit(MonoTime now) {
  last_now_ = now;
  if (!turn_.owns_lock()) return {};
  WriteOut(now);
  if (active_ && IsDue(now)) Rotate(WithoutNext::kKeep);
  turn_.unlock();
  return std::exchange(turn_result_, {});
}

void SegmentWriter::WriteOut(MonoTime now) {
  if (used_ == 0) return;
  const bool probed = room_again_.load(std::memory_order_relaxed) && room_again_.exchange(false);
  const bool waiting = failing_.has_value() && now < retry_at_ && !probed;
  WriteOutcome outcome;
  if (!waiting) outcome = active_->file->WriteAt(active_->size, std::string_view(buffer_.get(), used_));
  if (!waiting && outcome.error == 0) {
    active_->size += used_;
    if (!active_->has_records) {
      active_->has_records = true;
      active_->first_record = now;
    }
    counters_.bytes.Add(used_);
    counters_.stored.Add(pending_);
    counters_.refused.Add(pending_refused_);
    turn_result_.stored += pending_;
    failing_.reset();
    retry_pause_ = settings_.retry_first;
    if (counters_.degraded_since_us.load(std::memory_order_relaxed) != 0) counters_.degraded_since_us.store(0);
  } else {
    if (!waiting) {
      failing_ = CauseOfErrno(outcome.error);
      retry_at_ = now + retry_pause_;
      retry_pause_ = std::min(retry_pause_ * 2, settings_.retry_most);
    }
    TakeWhatWasWritten(outcome.written);
  }
  used_ = 0;
  pending_ = pending_refused_ = 0;
  // Only want of space leaves the file usable; one that is at its size limit, or ill, is left behind.
  if (outcome.error != 0 && outcome.error != ENOSPC && outcome.error != EDQUOT) Rotate(WithoutNext::kKeep);
}

// A write that stopped half-way: whole records are stored, and the file is cut after the last of them,
// so that what is lost is counted once and never read.
void SegmentWriter::TakeWhatWasWritten(size_t written) {
  size_t kept = 0;
  uint64_t lost = 0;
  for (size_t at = 0; at < used_;) {
    const char* frame = buffer_.get() + at;
    const size_t end = at + kFrameBytes + PayloadLength(frame);
    const auto kind = static_cast<uint8_t>(frame[kFrameBytes]);
    const bool whole = end <= written;
    if (whole) kept = end;
    if (kind == kSchemaKind) {
      SchemaHandle handle = 0;
      std::memcpy(&handle, frame + kFrameBytes + 2, sizeof handle);
      active_->has_schema[handle] = whole ? 1 : 0;
    } else if (whole) {
      active_->has_records = true;
      active_->first_record = last_now_;
      counters_.stored.Add();
      ++turn_result_.stored;
      if (kind == static_cast<uint8_t>(RecordKind::kRejected)) {
        uint32_t occurrences = 0;
        std::memcpy(&occurrences, frame + kFrameBytes + 24, sizeof occurrences);
        counters_.refused.Add(occurrences);
      }
    } else {
      ++lost;
    }
    at = end;
  }
  active_->size += kept;
  counters_.bytes.Add(kept);
  Lose(*failing_, lost);
  // A tail that cannot be cut off must not be written over piecemeal: this segment ends here.
  if (written > kept && !active_->file->Truncate(active_->size)) Rotate(WithoutNext::kRetire);
}

void SegmentWriter::Lose(LossCause cause, uint64_t records) {
  if (records == 0) return;
  counters_.lost[static_cast<size_t>(cause)].Add(records);
  turn_result_.lost += records;
  // One oversized record says nothing about the next one.
  if (cause == LossCause::kTooLarge || counters_.degraded_since_us.load(std::memory_order_relaxed) != 0) return;
  counters_.degraded_since_us.store(clock_.Now().time_since_epoch().count());
}

bool SegmentWriter::IsDue(MonoTime now) const {
  if (!active_->has_records) return false;
  return rotation_requested_.load(std::memory_order_acquire) || active_->size >= settings_.rotate_bytes ||
         now - active_->first_record >= settings_.rotate_age;
}

void SegmentWriter::Rotate(WithoutNext without_next) {
  const std::lock_guard handoff(handoff_mutex_);
  if (!next_ && without_next == WithoutNext::kKeep) return;
  if (active_) retired_.push_back(std::move(active_));
  active_ = std::move(next_);
  next_ = nullptr;
  rotation_requested_.store(false, std::memory_order_release);
}

void SegmentWriter::Maintain(MonoTime now) {
  PrepareNext(now);
  if (const std::unique_lock idle(turn_mutex_, std::try_to_lock); idle.owns_lock()) {
    if (!active_ || IsDue(now)) {
      Rotate(WithoutNext::kKeep);
    } else if (!active_->has_records) {
      rotation_requested_.store(false, std::memory_order_release);  // nothing to close
    }
  }
  CloseRetired();
  PrepareNext(now);
  SyncActive(now);
  Probe(now);
}

// Finds out that there is room again when no traffic would.
void SegmentWriter::Probe(MonoTime now) {
  if (counters_.degraded_since_us.load() == 0 || now < next_probe_) return;
  next_probe_ = now + kProbeEvery;
  const std::shared_ptr<Segment> probe = MakeSegment();
  if (!probe) return;
  const bool room = probe->file->WriteAt(kHeaderBytes, std::string(kProbeBytes, '\0')).error == 0;
  folder_.Remove(probe->name);
  if (!room) return;
  room_again_.store(true);
  counters_.degraded_since_us.store(0);  // the loop sets it again if it loses a record after all
}

void SegmentWriter::PrepareNext(MonoTime now) {
  {
    const std::lock_guard handoff(handoff_mutex_);
    if (next_ && next_->file->Linked()) return;
    next_ = nullptr;
  }
  if (now < next_attempt_) return;
  std::shared_ptr<Segment> made = MakeSegment();
  if (!made) {
    next_attempt_ = now + kCreateRetry;
    return;
  }
  counters_.segments.Add();
  const std::lock_guard handoff(handoff_mutex_);
  next_ = std::move(made);
}

std::shared_ptr<SegmentWriter::Segment> SegmentWriter::MakeSegment() {
  const SegmentHeader header{SegmentId::Make(entropy_), clock_.Now()};
  auto segment = std::make_shared<Segment>();
  segment->name = SegmentName(header);
  segment->seed = SegmentSeed(header.id);
  segment->has_schema.reserve(16);
  auto file = folder_.Create(segment->name);
  if (!file.ok()) return nullptr;
  segment->file = std::move(file).value();
  const bool written = segment->file->WriteAt(0, EncodeHeader(header)).error == 0;
  if (written && segment->file->Linked()) return segment;
  folder_.Remove(segment->name);
  return nullptr;
}

void SegmentWriter::CloseRetired() {
  std::vector<std::shared_ptr<Segment>> closing;
  {
    const std::lock_guard handoff(handoff_mutex_);
    if (retired_.empty()) return;
    closing.reserve(8);
    closing.swap(retired_);
  }
  for (const auto& segment : closing) Close(*segment);
}

void SegmentWriter::Close(Segment& segment) {
  if (!segment.has_records) {
    folder_.Remove(segment.name);
  } else if (settings_.flush_every.has_value() && !segment.file->SyncData()) {
    sync_failures_.Add();
  }
  segment.file.reset();  // releases the lock: from here on a compactor may take it
}

void SegmentWriter::SyncActive(MonoTime now) {
  std::shared_ptr<Segment> segment;
  {
    const std::lock_guard handoff(handoff_mutex_);
    segment = active_;
  }
  if (!segment) return;
  if (!segment->file->Linked()) RequestRotation();  // somebody removed the file: go on in a new one
  if (!settings_.flush_every.has_value() || now < next_sync_) return;
  next_sync_ = now + *settings_.flush_every;
  const uint64_t bytes = counters_.bytes.value();
  if (bytes == synced_bytes_) return;
  if (segment->file->SyncData()) {
    synced_bytes_ = bytes;
  } else {
    sync_failures_.Add();
  }
}

}  // namespace vigia::inference
