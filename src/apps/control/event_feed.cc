#include "control/event_feed.h"

#include <algorithm>

#include "control/status.h"
#include "control/stream_end.h"
#include "control/views.h"
#include "controller/collections.h"

namespace vigia::control {
namespace {

constexpr Duration kPause = std::chrono::milliseconds(250), kAskEvery = std::chrono::seconds(1);
constexpr Duration kStatusAtMost = std::chrono::seconds(1), kStatusAtLeast = std::chrono::seconds(15);
constexpr size_t kEventsKept = 1'000;
constexpr size_t kListeners = 200;

}  // namespace

EventFeed::EventFeed(Plane& plane) : plane_(plane), thread_([this] { Work(); }) {}

EventFeed::~EventFeed() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
  for (const Listener& listener : listeners_) listener.stream->End();
}

std::shared_ptr<http::EventStream> EventFeed::Subscribe(int64_t last_id, std::function<bool()> may_listen) {
  auto stream = std::make_shared<http::EventStream>();
  const std::lock_guard lock(mutex_);
  std::erase_if(listeners_, [](const Listener& listener) { return !listener.stream->open(); });
  if (listeners_.size() >= kListeners) {
    listeners_.front().stream->End();  // it connects again, if it still listens
    listeners_.erase(listeners_.begin());
  }
  const bool known = last_id <= last_id_ && (kept_.empty() ? last_id == last_id_ : last_id >= kept_.front().id - 1);
  if (last_id > 0 && !known) {
    stream->Publish(http::FormatEvent({.id = std::to_string(last_id_), .name = "reset", .data = "{}"}));
  } else if (last_id > 0) {
    for (const Kept& event : kept_) {
      if (event.id > last_id) stream->Publish(event.formatted);
    }
  }
  if (!newest_status_.empty()) stream->Publish(newest_status_);
  listeners_.push_back({stream, std::move(may_listen)});
  wake_.notify_all();
  return stream;
}

void EventFeed::Work() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    DropListeners();
    if (listeners_.empty()) {
      first_ = true;  // what happens unheard is not told later: who comes back is told to ask again
      kept_.clear();
      ++last_id_;
      newest_status_.clear();
      incidents_.clear();
      told_.clear();
      runs_.clear();
      wake_.wait(lock, [this] { return ending_ || !listeners_.empty(); });
      continue;
    }
    lock.unlock();
    Look();
    lock.lock();
    wake_.wait_for(lock, kPause, [this] { return ending_; });
  }
}

// Those that have gone, and those who are not let in any more.
void EventFeed::DropListeners() {
  std::erase_if(listeners_, [](const Listener& listener) { return !listener.stream->open(); });
  const MonoTime now = plane_.world().clock.Mono();
  if (now - asked_at_ < kAskEvery) return;
  asked_at_ = now;
  std::erase_if(listeners_, [](const Listener& listener) {
    if (listener.may_listen()) return false;
    listener.stream->End();
    return true;
  });
}

void EventFeed::Publish(std::string_view name, const Json& data) {
  const std::lock_guard lock(mutex_);
  const std::string id = std::to_string(++last_id_);
  std::string formatted = http::FormatEvent({.id = id, .name = name, .data = CompactJson(data)});
  if (name == "status") newest_status_ = formatted;
  std::erase_if(listeners_, [&](const Listener& listener) { return !listener.stream->Publish(formatted); });
  kept_.push_back({last_id_, std::move(formatted)});
  if (kept_.size() > kEventsKept) kept_.pop_front();
}

void EventFeed::Look() {
  LookAtIncidents();
  LookAtRuns();
  LookAtStatus(plane_.world().clock.Now());
  first_ = false;
}

void EventFeed::LookAtStatus(WallTime now) {
  if (!first_ && now - status_at_ < kStatusAtMost && now >= status_at_) return;
  Json status = StatusJson(plane_);
  Json timeless = status;
  timeless.erase("now");
  std::string text = CompactJson(timeless);
  if (!first_ && text == status_ && now - status_at_ < kStatusAtLeast) return;
  status_ = std::move(text);
  status_at_ = now;
  Publish("status", status);
}

void EventFeed::LookAtIncidents() {
  std::map<std::string, std::string> open;
  for (const incidents::Incident& incident : plane_.Lock().controller.OpenIncidents()) {
    open[incident.id] = CompactJson(ViewOf(incident));
  }
  // One that is not open any more is told a last time, as it was resolved.
  for (const auto& [id, text] : incidents_) {
    if (open.contains(id)) continue;
    const auto document = plane_.ledger().Get(controller::kIncidents, id);
    if (!document.ok() || !*document) continue;
    const auto incident = incidents::Incident::FromJson(**document);
    LookAtTimeline(id);
    told_.erase(id);
    if (incident.ok()) Publish("incident", ViewOf(*incident));
  }
  for (const auto& [id, text] : open) {
    const auto known = incidents_.find(id);
    if (!first_ && (known == incidents_.end() || known->second != text)) {
      const auto view = ParseJson(text);
      if (view.ok()) Publish("incident", *view);
    }
    LookAtTimeline(id);
  }
  incidents_ = std::move(open);
}

void EventFeed::LookAtTimeline(const std::string& incident) {
  const std::string stream = controller::TimelineOf(incident);
  const auto known = told_.find(incident);
  if (first_ || known == told_.end()) {
    // A new incident's timeline is news from its first entry; of one that was there before, only what comes.
    int64_t from = 0;
    if (first_) {
      const auto last = LastSequence(plane_.ledger(), stream);
      if (!last.ok()) return;
      from = *last;
    }
    told_[incident] = from;
  }
  int64_t& told = told_[incident];
  const auto entries = plane_.ledger().Read(stream, told, 200);
  if (!entries.ok()) return;
  for (const storage::StreamEntry& entry : *entries) {
    Publish("timeline", {{"incident", incident}, {"entry", ViewOf(entry)}});
    told = entry.seq;
  }
}

void EventFeed::LookAtRuns() {
  std::map<std::string, std::string> active;
  for (const runbooks::Run& run : plane_.Lock().controller.ActiveRuns()) {
    const Json told = {{"id", run.id}, {"incident", run.incident}, {"state", runbooks::RunStateName(run.state)}};
    std::string text = CompactJson(run.ToJson());
    const auto known = runs_.find(run.id);
    if (!first_ && (known == runs_.end() || known->second != text)) Publish("run", told);
    active[run.id] = std::move(text);
  }
  for (const auto& [id, text] : runs_) {
    if (active.contains(id)) continue;
    const auto document = plane_.ledger().Get(controller::kRuns, id);
    if (!document.ok() || !*document) continue;
    const auto run = runbooks::Run::FromJson(**document);
    if (!run.ok()) continue;
    Publish("run", {{"id", id}, {"incident", run->incident}, {"state", runbooks::RunStateName(run->state)}});
  }
  runs_ = std::move(active);
}

}  // namespace vigia::control
