// A challenger that scores what the champion has answered, beside it and after it: in a thread of its
// own with the system's lowest priority, so that answers never wait for it, and many rows at once, which
// costs a fraction of scoring them one by one. Nobody sees its scores but the inference store (records of
// kind shadow) and the metrics.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/live.h"
#include "base/metrics.h"
#include "http/stage.h"
#include "inference/inference_store.h"
#include "risk/shadow_queue.h"

namespace vigia::risk {

// What the shadow's thread has counted since the service started, of every challenger.
struct ShadowCounters {
  Counter rows;          // scored
  Counter flagged;       // by the challenger
  Counter flips_up;      // flagged by the challenger only
  Counter flips_down;    // flagged by the champion only
  Histogram difference;  // |challenger's score − champion's|
  ShadowCounters();
};

class Shadow;

// One loop's end of it; that loop's thread only.
class ShadowTap {
 public:
  ShadowTap(const Shadow& shadow, ShadowQueue& queue, const Clock& clock);
  // Takes a copy of what the champion answered, when there is a shadow. `generation` tells champions apart.
  void Offer(const ServedModel& champion, uint64_t generation, const Rows& rows, const std::vector<double>& scores,
             std::string_view request_id);

 private:
  const Live<ServedModel>& live_;
  uint64_t challenger_generation_ = 0, champion_generation_ = 0;
  ShadowQueue& queue_;
  const Clock& clock_;
  std::shared_ptr<const ShadowPlan> plan_;  // null: no shadow
};

// Set from one thread; counters from any. Outlives its taps.
class Shadow {
 public:
  // `store` may be null: nothing is stored.
  Shadow(unsigned loops, inference::InferenceStore* store, inference::ValueDetail detail, const Clock& clock);
  ~Shadow();
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;

  // Null ends it. What was offered before is scored first.
  void Set(std::shared_ptr<const ServedModel> challenger);
  std::unique_ptr<ShadowTap> NewTap(unsigned loop);
  const Live<ServedModel>& challenger() const { return challenger_; }
  const ShadowCounters& counters() const { return counters_; }
  uint64_t dropped_rows() const;
  void AddMetrics(MetricsText& text) const;

 private:
  void Start();
  void Stop();
  void Run();
  size_t DrainAll(inference::SegmentWriter* writer);  // the sum of what Drain says
  size_t Drain(inference::SegmentWriter* writer);  // about as many as one commit takes, of each queue; the most of one
  // Takes items of one plan from the queue; how many.
  size_t ScoreSome(ShadowQueue& queue, inference::SegmentWriter* writer);
  size_t GatherBatch(const ShadowQueue& queue);  // rows
  void UseSchemaOf(const std::shared_ptr<const ServedModel>& challenger, inference::SegmentWriter& writer);
  void Record(const ShadowItem& item, size_t first_row, Duration latency, inference::SegmentWriter* writer);

  inference::InferenceStore* const store_;
  const inference::ValueDetail detail_;
  const Clock& clock_;
  std::vector<std::unique_ptr<ShadowQueue>> queues_;  // by loop
  Live<ServedModel> challenger_;
  ShadowCounters counters_;

  // Of the thread.
  std::shared_ptr<const ServedModel> schema_of_;
  inference::SchemaHandle schema_ = inference::kNoSchema;
  bool has_schema_ = false;
  std::vector<const ShadowItem*> batch_;
  std::vector<double> values_, scores_;  // of the batch's rows, one item after another
  std::vector<int> years_;
  std::vector<uint64_t> missing_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vigia::risk
