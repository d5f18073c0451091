// The running control plane: the parts of operations tied to one home, and the one lock between the thread
// that ticks and the handlers that ask. It decides nothing itself: the controller does.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "control/configuration.h"
#include "control/error_budgets.h"
#include "control/jobs.h"
#include "control/people.h"
#include "control/postmortems.h"
#include "control/programs.h"
#include "controller/controller.h"
#include "notify/thread_messenger.h"
#include "runbooks/system_runner.h"
#include "signals/collector.h"
#include "signals/series_store.h"
#include "storage/ledger.h"
#include "supervisor/watch.h"

namespace vigia::control {

// What it is given; outlives it.
struct PlaneWorld {
  Files& files;
  Processes& processes;
  net::HttpClient& http;
  const Clock& clock;
  Log& log;
  config::Environment environment;
  std::string home;     // absolute
  std::string program;  // what `vigia` means in steps, probes and jobs
};

class Plane {
 public:
  // What only one thread at a time may touch. Hold it for as short as it takes to copy an answer.
  class Locked {
   public:
    controller::Controller& controller;
    signals::SeriesStore& series;
    const signals::Collector& collector;

   private:
    friend class Plane;
    Locked(std::mutex& mutex, controller::Controller& c, signals::SeriesStore& s, const signals::Collector& l)
        : controller(c), series(s), collector(l), lock_(mutex) {}
    std::unique_lock<std::mutex> lock_;
  };

  // Takes the home's lock, the services (running ones are adopted) and the ledger. kUnavailable: another
  // control plane has this home.
  static Result<std::unique_ptr<Plane>> Start(Configuration configuration, const PlaneWorld& world);
  ~Plane();

  // From one thread. kFailedPrecondition: another owner has taken over; stop. Other errors are passing.
  Status Tick();
  // Ends what is at work; no tick and no handler may come after it.
  void Stop(supervisor::Watch::AtEnd at_end);

  // From any thread.
  Locked Lock() { return {mutex_, *controller_, *series_, *collector_}; }

  // Immutable or thread-safe themselves.
  const Configuration& configuration() const { return configuration_; }
  const PlaneWorld& world() const { return world_; }
  const storage::Ledger& ledger() const { return *ledger_; }
  const supervisor::Watch& watch() const { return *watch_; }
  const DirectoryPeople& people() const { return *people_; }
  const FilePostmortems& postmortems() const { return *postmortems_; }
  OwnPrograms& programs() { return *programs_; }
  const OwnPrograms& programs() const { return *programs_; }
  const ErrorBudgets& budgets() const { return *budgets_; }
  const std::string& owner() const { return owner_; }
  WallTime started_at() const { return started_at_; }
  // Of the newest whole tick: silence here is what /-/healthy notices.
  Duration SinceTick() const;

 private:
  Plane(Configuration configuration, const PlaneWorld& world);
  Status StartWatch();
  Status StartPeople();
  Status StartController();
  std::vector<std::unique_ptr<signals::SignalSource>> MakeSources(const std::vector<checks::Check>& checks);
  void Enrich(const incidents::Incident& incident, incidents::PostmortemFacts& facts) const;  // with mutex_ held
  void StartJobs();
  Status TickLocked(WallTime& now);
  void Beat(WallTime now);

  Configuration configuration_;
  const PlaneWorld world_;
  const std::string owner_;
  const WallTime started_at_;
  const calendar::TimeZones zones_;
  std::unique_ptr<FileLock> home_lock_;
  std::unique_ptr<OwnPrograms> programs_;
  std::unique_ptr<storage::Ledger> ledger_;
  std::unique_ptr<supervisor::Watch> watch_;
  std::unique_ptr<DirectoryPeople> people_;
  std::unique_ptr<FilePostmortems> postmortems_;
  std::unique_ptr<notify::ThreadMessenger> messenger_;
  std::unique_ptr<runbooks::ActionRunner> runner_;
  std::unique_ptr<Jobs> jobs_;
  std::unique_ptr<ErrorBudgets> budgets_;
  std::vector<std::string> services_;     // their names
  std::atomic<int64_t> ticked_at_ns_{0};  // monotonic

  std::mutex mutex_;
  std::unique_ptr<signals::SeriesStore> series_;  // guarded by mutex_, as all below
  std::unique_ptr<signals::Collector> collector_;
  std::unique_ptr<controller::Controller> controller_;
  WallTime forgot_at_{};
  std::optional<WallTime> beat_at_;
  std::string told_;  // the last passing error, said once
};

}  // namespace vigia::control
