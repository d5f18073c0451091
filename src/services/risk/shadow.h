// A challenger that scores what the champion has answered: in the loop that answered it, when nothing has arrived
// there, a few rows at a time, so that no request waits for more than these. A thread of its own would cost each of
// them a change of threads. Nobody sees its scores but the inference store (records of kind shadow) and the metrics.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/live.h"
#include "base/metrics.h"
#include "risk/inference_sink.h"
#include "risk/shadow_queue.h"

namespace vigia::risk {

// What the shadows of one loop have counted since the service started. Written by that loop.
struct ShadowCounters {
  Counter rows;          // scored
  Counter dropped;       // there was no time for them
  Counter flagged;       // by the challenger
  Counter flips_up;      // flagged by the challenger only
  Counter flips_down;    // flagged by the champion only
  Histogram difference;  // |challenger's score − champion's|
  ShadowCounters();
};

// The challenger of all loops. Set from one thread; the rest from any. Outlives the loops' parts.
class Shadow {
 public:
  explicit Shadow(unsigned loops);
  // Null ends it. What was offered before is scored still.
  void Set(std::shared_ptr<const ServedModel> challenger) { challenger_.Set(std::move(challenger)); }
  const Live<ServedModel>& challenger() const { return challenger_; }
  ShadowCounters& counters(unsigned loop) { return *counters_[loop]; }
  void AddMetrics(MetricsText& text) const;

 private:
  Live<ServedModel> challenger_;
  std::vector<std::unique_ptr<ShadowCounters>> counters_;  // by loop
};

// One loop's part; that loop's thread only.
class LoopShadow {
 public:
  LoopShadow(const Shadow& shadow, ShadowCounters& counters, InferenceSink& sink, const Clock& clock);
  ~LoopShadow();  // once its loop has ended: scores and stores what waits still
  LoopShadow(const LoopShadow&) = delete;
  LoopShadow& operator=(const LoopShadow&) = delete;
  // Takes a copy of what the champion answered, when there is a shadow. `generation` tells champions apart.
  void Offer(const ServedModel& champion, uint64_t generation, const Rows& rows, const std::vector<double>& scores,
             std::string_view request_id);
  // Does a little of what waits, some microseconds' worth, and says when to ask again: at once (0), after a while, or,
  // nullopt, after the next offer. What is scored is stored with the answers of a later turn, or by itself before long.
  std::optional<Duration> Rest();

 private:
  // Rows of one item.
  struct Slice {
    const ShadowItem* item = nullptr;
    size_t first = 0, count = 0;
  };
  size_t Gather();  // rows, of one plan
  void ScoreSome();
  void Record(const Slice& slice, size_t at, Duration latency);

  const Live<ServedModel>& live_;
  ShadowCounters& counters_;
  InferenceSink& sink_;
  const Clock& clock_;
  uint64_t challenger_generation_ = 0, champion_generation_ = 0;
  std::shared_ptr<const ShadowPlan> plan_;  // null: no shadow
  ShadowQueue queue_;
  size_t begun_ = 0;                // rows of the first item that are done
  bool stepping_ = false;           // through all that waits
  std::optional<MonoTime> oldest_;  // when the first of what is not yet scored and stored was offered

  // Of a batch.
  std::vector<Slice> batch_;
  std::vector<double> values_, scores_;
  std::vector<int> years_;
  std::vector<uint64_t> missing_;
};

}  // namespace vigia::risk
