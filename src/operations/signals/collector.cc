#include "signals/collector.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <thread>

namespace vigia::signals {
namespace {

constexpr Duration kHangGrace = std::chrono::seconds(1);  // beyond its own timeout

}  // namespace

// Shared with the worker threads, so that one which hangs for ever harms nobody.
struct Collector::State {
  struct Entry {
    std::unique_ptr<SignalSource> source;
    WallTime due{};
    WallTime started{};
    bool running = false;  // queued, or on a thread
    bool begun = false;    // on a thread
    bool hanging = false;
  };

  CollectorSettings settings;
  std::vector<Entry> entries;

  std::mutex mutex;
  std::condition_variable work;   // a queued entry, or the end
  std::condition_variable ended;  // a thread has ended
  std::deque<size_t> queue;
  std::vector<Sample> collected;
  WallTime now{};      // of the newest Poll
  size_t threads = 0;  // alive
  size_t idle = 0;
  size_t hanging = 0;
  bool stopping = false;

  static void Work(const std::shared_ptr<State>& state) {
    std::unique_lock lock(state->mutex);
    while (true) {
      ++state->idle;
      state->work.wait(lock, [&] { return state->stopping || !state->queue.empty(); });
      --state->idle;
      if (state->stopping) break;
      Entry& entry = state->entries[state->queue.front()];
      state->queue.pop_front();
      const WallTime started = entry.started = state->now;
      entry.begun = true;
      lock.unlock();
      std::vector<Sample> samples = entry.source->Collect(started);
      lock.lock();
      state->Finish(entry, std::move(samples));
    }
    --state->threads;
    state->ended.notify_all();
  }

  void Finish(Entry& entry, std::vector<Sample> samples) {
    if (entry.hanging) {
      --hanging;  // too late: something else was said in its place
    } else {
      collected.insert(collected.end(), std::make_move_iterator(samples.begin()),
                       std::make_move_iterator(samples.end()));
    }
    entry.running = entry.begun = entry.hanging = false;
  }

  void Say(const Entry& entry) {
    for (Sample& sample : entry.source->Hanging(now)) collected.push_back(std::move(sample));
  }

  // Keeps the beat, without making up for beats that were missed; a clock that went back is followed.
  bool TakeBeat(Entry& entry) const {
    const Duration every = entry.source->every();
    if (entry.due > now + every || entry.due == WallTime{}) entry.due = now;
    if (now < entry.due) return false;
    entry.due = std::max(entry.due + every, now + every / 2);
    return true;
  }

  void Consider(size_t index) {
    Entry& entry = entries[index];
    entry.started = std::min(entry.started, now);  // a clock that went back must not hide one that hangs
    const bool beat = TakeBeat(entry);
    if (!entry.running) {
      if (!beat) return;
      entry.running = true;
      queue.push_back(index);
    } else if (entry.begun && !entry.hanging && now - entry.started > entry.source->timeout() + kHangGrace) {
      entry.hanging = true;
      ++hanging;
      Say(entry);
    } else if (entry.hanging && beat) {
      Say(entry);
    }
  }
};

Collector::Collector(std::vector<std::unique_ptr<SignalSource>> sources, const CollectorSettings& settings)
    : state_(std::make_shared<State>()) {
  state_->settings = settings;
  for (auto& source : sources) {
    State::Entry entry;
    entry.source = std::move(source);
    state_->entries.push_back(std::move(entry));
  }
}

Collector::~Collector() {
  std::unique_lock lock(state_->mutex);
  state_->stopping = true;
  state_->work.notify_all();
  state_->ended.wait_for(lock, state_->settings.stop_grace, [&] { return state_->threads == 0; });
}

std::vector<Sample> Collector::Poll(WallTime now) {
  const std::lock_guard lock(state_->mutex);
  state_->now = now;
  for (size_t i = 0; i < state_->entries.size(); ++i) state_->Consider(i);
  for (size_t wanted = state_->queue.size(); wanted > state_->idle; --wanted) {
    if (state_->threads >= state_->settings.threads + state_->hanging) break;
    ++state_->threads;
    std::thread([state = state_] { State::Work(state); }).detach();
  }
  state_->work.notify_all();
  return std::exchange(state_->collected, {});
}

size_t Collector::hanging() const {
  const std::lock_guard lock(state_->mutex);
  return state_->hanging;
}

}  // namespace vigia::signals
