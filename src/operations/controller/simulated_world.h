// What the controller lives in during a simulation: services that fall ill, programs, channels, people.
// It outlives crashes of the controller, as the real world does.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "controller/controller.h"
#include "controller/simulation.h"
#include "storage/mem_ledger.h"

namespace vigia::controller::simulation {

enum class Illness { kNone, kCrashed, kBadModel, kStubborn };  // healed by restart, rollback, people

struct Service {
  Illness illness = Illness::kNone;
  bool slow = false;
  bool limited = false;
};

// A command at work. Its effect comes at `effect_at`, its end at `end_at`, unless it is killed before.
struct Work {
  runbooks::ActionRequest request;
  int owner = 0;  // the life of the controller that started it
  WallTime effect_at{};
  std::optional<WallTime> end_at;  // nullopt: hangs
  WallTime timeout_at{};
  bool fails = false;
  bool effect_done = false;
};

struct Sending {
  notify::Message message;
  int owner = 0;
  WallTime end_at{};
  bool arrives = false;
};

class SimulatedWorld {
 public:
  SimulatedWorld(uint64_t seed, const Options& options);

  // Moves time on by `step` and does what falls due.
  void Advance(Duration step);
  // A life ends: what it had running is killed, or goes on for a while.
  void KillLife(int life);

  // For the lives.
  void Start(int life, const runbooks::ActionRequest& request);
  std::vector<runbooks::ActionResult> TakeResults(int life);
  bool IsRunning(const std::string& key) const;
  void Kill(const std::string& key);
  void Send(int life, const notify::Message& message);
  std::vector<notify::Receipt> TakeReceipts(int life);

  void Tell(const std::string& line);
  void Violation(const std::string& what);
  bool Chance(double probability) { return rng.Uniform() < probability; }

  Rng rng;
  const Options options;
  Outcome outcome;
  WallTime now;       // true time
  Duration off{};     // of the machine's wall clock
  bool calm = false;  // no more trouble: things must come to rest
  bool disk_full = false;
  std::set<std::string> dead_channels;
  std::map<std::string, Service> services;
  storage::MemLedger ledger;
  int owner = 0;                                              // the life that took over last
  std::set<std::string> acknowledged;                         // incidents
  std::map<std::string, std::vector<std::string>> delivered;  // incident -> pages
  std::map<std::string, int> effects;                         // RUN/step -> times

 private:
  void Trouble(Duration step);
  void DoWork();
  void ApplyEffect(Work& work);
  Json Answer(const runbooks::ActionRequest& request) const;

  std::vector<Work> works_;
  std::vector<Sending> sendings_;
  std::map<int, std::vector<runbooks::ActionResult>> results_;
  std::map<int, std::vector<notify::Receipt>> receipts_;
  std::set<std::string> rollbacks_;  // by reason
  std::set<std::string> started_;    // keys
};

const std::vector<runbooks::Runbook>& SimulatedRunbooks();
escalation::Policy SimulatedPolicy();

}  // namespace vigia::controller::simulation
