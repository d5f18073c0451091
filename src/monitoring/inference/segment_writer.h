// Appends the records of one event loop to a segment file, before the responses leave.
//
//   loop turn:  Add(record) …  Add(record)  →  Commit(now)  →  send the responses
//
// A committed record is in the kernel: it survives the death of the process, not of the machine
// (InferenceStore's flush_ms bounds what a power cut takes). Nothing here waits for a disk flush,
// opens, closes or syncs a file; the store's helper thread does that in Maintain.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "inference/record.h"
#include "inference/segment_file.h"
#include "inference/segment_format.h"

namespace vigia::inference {

struct WriterSettings {
  size_t buffer_bytes = 256 << 10;                        // records of a turn; a fuller turn takes another write
  uint64_t rotate_bytes = 64ULL << 20;                    // a segment is closed at this size …
  Duration rotate_age = std::chrono::seconds(20);         // … or this long after its first record
  Duration retry_first = std::chrono::milliseconds(100);  // after a failed write, doubled up to …
  Duration retry_most = std::chrono::seconds(2);
  std::optional<Duration> flush_every;  // durability: unset survives a killed process; set also a power
                                        // cut, but for what was stored in the last flush_every
};

// What became of the records added since the last Commit.
struct CommitResult {
  uint64_t stored = 0;
  uint64_t lost = 0;
};

// One writer's numbers. Written by its loop, readable from any thread.
struct WriterCounters {
  Counter stored;   // records of any kind
  Counter refused;  // requests counted by the kRejected records among them
  std::array<Counter, kLossCauses> lost;
  Counter bytes;
  Counter segments;                           // begun
  std::atomic<int64_t> degraded_since_us{0};  // wall clock; 0: storing
};

class SegmentWriter {
 public:
  // What is passed in must outlive the writer. The first segment is made by Maintain.
  SegmentWriter(const WriterSettings& settings, SegmentFolder& folder, const Clock& clock, Entropy& entropy);
  ~SegmentWriter();  // closes the segment; removes it if it holds nothing
  SegmentWriter(const SegmentWriter&) = delete;
  SegmentWriter& operator=(const SegmentWriter&) = delete;

  // ---- The loop's thread only.
  // Once per loaded model: the same schema gives the same handle. kInvalidArgument (CheckSchema),
  // kResourceExhausted (too many schemas, or one too large for the buffer).
  Result<SchemaHandle> UseSchema(const RecordSchema& schema);
  // REQUIRES: record.schema came from UseSchema, and record.features is empty or as long as it says.
  void Add(const Record& record);
  // One write for all records since the last Commit. When it fails, or while it is known to fail, the
  // records are lost, counted by cause, and nothing of them is half-stored; it is tried again after a pause.
  CommitResult Commit(MonoTime now);

  // ---- One helper thread only.
  // Prepares the next segment, rotates an idle loop's segment by age, closes retired ones, flushes.
  void Maintain(MonoTime now);
  void RequestRotation() { rotation_requested_.store(true, std::memory_order_release); }

  // ---- Any thread.
  const WriterCounters& counters() const { return counters_; }
  uint64_t sync_failures() const { return sync_failures_.value(); }

 private:
  struct Segment {
    std::string name;
    std::unique_ptr<SegmentFile> file;
    uint32_t seed = 0;
    uint64_t size = kHeaderBytes;
    std::vector<uint8_t> has_schema;  // by handle
    bool has_records = false;
    MonoTime first_record{};
  };
  struct UsedSchema {
    RecordSchema schema;
    std::string payload;
  };

  const UsedSchema* SchemaOf(SchemaHandle handle) const;
  bool NeedsSchema(SchemaHandle handle) const;
  bool MakeRoom(const Record& record, size_t payload_bytes);  // false: the record was counted as lost
  void AppendFrame(size_t payload_bytes);                     // REQUIRES: the payload is in place
  void AppendSchema(SchemaHandle handle);
  void WriteOut(MonoTime now);
  void TakeWhatWasWritten(size_t written);
  void Lose(LossCause cause, uint64_t records);
  bool IsDue(MonoTime now) const;             // REQUIRES: turn_mutex_ held
  enum class WithoutNext { kKeep, kRetire };  // what to do with the segment when the next is not ready
  void Rotate(WithoutNext without_next);      // REQUIRES: turn_mutex_ held, buffer empty
  std::shared_ptr<Segment> MakeSegment();
  void PrepareNext(MonoTime now);
  void CloseRetired();
  void Close(Segment& segment);
  void SyncActive(MonoTime now);
  void Probe(MonoTime now);

  const WriterSettings settings_;
  SegmentFolder& folder_;
  const Clock& clock_;
  Entropy& entropy_;

  // Held by the loop from its first Add to Commit, and by Maintain while it rotates an idle writer.
  std::mutex turn_mutex_;
  std::unique_lock<std::mutex> turn_;
  // Guards active_ (for writing), next_ and retired_; held for a few instructions. Order: turn, handoff.
  std::mutex handoff_mutex_;
  std::shared_ptr<Segment> active_;
  std::shared_ptr<Segment> next_;
  std::vector<std::shared_ptr<Segment>> retired_;

  // The loop's.
  std::vector<UsedSchema> schemas_;  // handle − 1
  std::unique_ptr<char[]> buffer_;
  size_t used_ = 0;
  uint64_t pending_ = 0;  // records in the buffer
  uint64_t pending_refused_ = 0;
  CommitResult turn_result_;
  MonoTime last_now_{};
  MonoTime retry_at_{};
  Duration retry_pause_{};
  std::optional<LossCause> failing_;  // the last write's

  // The helper's.
  MonoTime next_attempt_{};
  MonoTime next_sync_{};
  MonoTime next_probe_{};
  uint64_t synced_bytes_ = 0;

  std::atomic<bool> rotation_requested_{false};
  std::atomic<bool> room_again_{false};
  WriterCounters counters_;
  Counter sync_failures_;
};

}  // namespace vigia::inference
