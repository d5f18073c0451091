// What changed, as server-sent events: `status` (the whole document, on change at most once a second, and every 15 s),
// `incident` (an incident as /api/v1/incidents/{id} gives it), `timeline` ({"incident", "entry"}) and `run`
// ({"id", "incident", "state"}: to be asked for). Ids grow by one; a client that comes back with the last id it saw
// gets what it missed, or `reset` when that is forgotten: ask for everything again.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "control/plane.h"
#include "http/event_stream.h"

namespace vigia::control {

// Looks four times a second, on a thread of its own, and only while somebody listens. Thread-safe.
class EventFeed {
 public:
  explicit EventFeed(Plane& plane);  // outlives it
  ~EventFeed();

  // `last_id`: what the client has seen; 0: nothing, it gets the status document at once. The stream ends when
  // `may_listen` says no: it is asked about once a second, and outlives nothing that it refers to.
  std::shared_ptr<http::EventStream> Subscribe(int64_t last_id, std::function<bool()> may_listen);

 private:
  struct Kept {
    int64_t id;
    std::string formatted;
  };
  struct Listener {
    std::shared_ptr<http::EventStream> stream;
    std::function<bool()> may_listen;
  };
  void Work();
  void DropListeners();  // with mutex_ held
  void Look();
  void LookAtStatus(WallTime now);
  void LookAtIncidents();
  void LookAtTimeline(const std::string& incident);
  void LookAtRuns();
  void Publish(std::string_view name, const Json& data);

  Plane& plane_;
  // Of the thread only.
  std::string status_;  // without its time
  WallTime status_at_{};
  std::map<std::string, std::string> incidents_;  // those that are open, as they were told
  std::map<std::string, int64_t> told_;           // last entry of each one's timeline
  std::map<std::string, std::string> runs_;
  bool first_ = true;  // what was there before is not news
  MonoTime asked_at_{};

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;  // guarded by mutex_, as all below
  int64_t last_id_ = 0;
  std::deque<Kept> kept_;
  std::string newest_status_;  // formatted
  std::vector<Listener> listeners_;
  std::thread thread_;
};

}  // namespace vigia::control
