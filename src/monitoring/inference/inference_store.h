// The inference store of one serving process: its folder, its helper thread, its writers.
#pragma once

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "inference/segment_writer.h"

namespace vigia::inference {

struct StoreSettings {
  WriterSettings writer;
  // How often the helper thread looks after the writers. 0: no thread; the owner calls Maintain.
  Duration maintenance_every = std::chrono::milliseconds(100);
};

// Sums over the process. For /health, /metrics and `inference status`.
struct InferenceStatus {
  uint64_t stored_records = 0;
  uint64_t refused_requests = 0;  // among the stored
  uint64_t lost_records = 0;
  std::array<uint64_t, kLossCauses> lost_by_cause{};  // by LossCause
  std::optional<WallTime> degraded_since;             // records are being lost now, and since when
  uint64_t written_bytes = 0;
  uint64_t segments_begun = 0;
  uint64_t sync_failures = 0;
  FolderUsage folder;  // segments not yet in parquet, of every process; a few seconds old
};

// Thread-safe, except that it must outlive its writers.
class InferenceStore {
 public:
  // Does not fail: on a full disk it starts degraded, and recovers.
  InferenceStore(const StoreSettings& settings, std::unique_ptr<SegmentFolder> folder, const Clock& clock,
                 Entropy& entropy);
  ~InferenceStore();
  InferenceStore(const InferenceStore&) = delete;
  InferenceStore& operator=(const InferenceStore&) = delete;

  // Ends the helper's care of the writer, and adds its counters to the store's, then destroys it.
  struct Release {
    InferenceStore* store;
    void operator()(SegmentWriter* writer) const { store->Retire(writer); }
  };
  using WriterPtr = std::unique_ptr<SegmentWriter, Release>;
  // One per event loop.
  WriterPtr NewWriter();

  InferenceStatus Status() const;
  // What the helper thread does each time.
  void Maintain();

 private:
  void Retire(SegmentWriter* writer);
  static void AddCounters(const SegmentWriter& writer, InferenceStatus& status);
  void Run();

  const StoreSettings settings_;
  const std::unique_ptr<SegmentFolder> folder_;
  const Clock& clock_;
  Entropy& entropy_;

  // Held by the helper while it works: NewWriter and Retire wait for it, a loop's Add and Commit never do.
  mutable std::mutex writers_mutex_;
  std::vector<std::unique_ptr<SegmentWriter>> writers_;

  mutable std::mutex status_mutex_;
  std::vector<const SegmentWriter*> counted_;
  InferenceStatus past_;  // of writers that are gone
  FolderUsage usage_;

  uint64_t rotation_stamp_ = 0;
  MonoTime next_usage_{};

  std::mutex stop_mutex_;
  std::condition_variable stop_changed_;
  bool stopping_ = false;
  std::thread helper_;
};

}  // namespace vigia::inference
