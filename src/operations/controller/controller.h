// The loop: signals -> checks -> incidents -> runs -> escalation -> outbox, one tick at a time, in one
// thread. A tick decides everything from what it has read, commits it in one batch, and only then
// starts actions and messages. It holds no logic of its own beyond that order.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "alerting/alertmanager.h"
#include "alerting/foreign.h"
#include "alerting/silence.h"
#include "alerting/suppression.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "calendar/time_zone.h"
#include "checks/check_set.h"
#include "escalation/directory.h"
#include "escalation/policy.h"
#include "incidents/incident.h"
#include "notify/messenger.h"
#include "runbooks/action.h"
#include "runbooks/catalogue.h"
#include "runbooks/engine.h"
#include "runbooks/runbook.h"
#include "signals/signal.h"
#include "storage/ledger.h"

namespace vigia::controller {

struct ControllerSettings {
  std::string owner;  // host and process, for the journal
  std::vector<checks::Check> checks;
  std::vector<runbooks::Runbook> runbooks;  // linted
  std::string default_policy;
  alerting::AlertingSettings alerting;
  runbooks::Catalogue catalogue = runbooks::Catalogue::BuiltIn();  // for runs that began with an older text
  notify::RetrySettings retry;
  // Journal unwritable for so long: people are told without it.
  Duration tell_unwritable_after = std::chrono::minutes(1);
};

// Those configured by themselves, then those of the runbooks.
std::vector<checks::Check> AllChecks(const ControllerSettings& settings);

// Who is reached by a call, and which windows are open: escalation::Directory in the program.
class People {
 public:
  virtual ~People() = default;
  virtual std::optional<escalation::Policy> FindPolicy(const std::string& name) const = 0;
  virtual std::vector<escalation::Reached> Resolve(const escalation::Call& call, const escalation::Policy& policy,
                                                   checks::Severity severity, WallTime now) const = 0;
  virtual std::vector<std::string> RolesOf(const std::string& person) const = 0;
  virtual std::set<std::string> OpenWindows(WallTime now) const = 0;
};

// Writes the post-mortem of a resolved incident. The same incident gives the same file.
class Postmortems {
 public:
  virtual ~Postmortems() = default;
  virtual Result<std::string> Write(const incidents::Incident& incident,
                                    const std::vector<incidents::TimelineEntry>& timeline) = 0;  // the file's path
};

// The world. All outlive the controller.
struct World {
  const Clock& clock;
  storage::Ledger& ledger;
  signals::SignalView& signals;
  runbooks::ActionRunner& actions;
  notify::Messenger& messenger;
  const People& people;
  Log& log;
  Postmortems* postmortems = nullptr;          // none are written without it
  const calendar::TimeZones* zones = nullptr;  // of schedules; without it they are in UTC
};

// What a person does. Refusals come back as errors at once; what is accepted is durable.
struct PersonCommand {
  enum class Kind { kAcknowledge, kNote, kAssign, kResolve, kRaise, kApprove, kRefuse, kTakeOver };
  Kind kind = Kind::kAcknowledge;
  std::string incident;
  std::string person;
  std::string text;   // note, reason, assignee
  std::string scope;  // of an approval
  checks::Severity severity = checks::Severity::kP3;
};

// Not thread-safe.
class Controller {
 public:
  struct State;  // see state.h

  // Takes the ledger over, reads the state, and recovers runs. Fails when the ledger cannot be read.
  static Result<std::unique_ptr<Controller>> Open(ControllerSettings settings, World world);
  ~Controller();

  // kFailedPrecondition: another owner has taken over; stop, for nothing may be done any more.
  // Other errors are passing (the journal cannot be written): call it again.
  Status Tick();
  Status Apply(const PersonCommand& command);
  // Starts a runbook by hand for these labels; the incident's id.
  Result<std::string> StartByHand(const std::string& runbook, const signals::LabelSet& labels,
                                  const std::string& person, runbooks::Mode mode);

  // What a run by hand for these labels would do: its commands as a person would type them.
  Result<std::vector<std::string>> PlanByHand(const std::string& runbook, const signals::LabelSet& labels) const;
  // For runs that begin from now on; durable. It counts before what the runbook's text says.
  Status SetMode(const std::string& runbook, runbooks::Mode mode);

  // The controller's clock, moved on to now: it never goes back and never jumps.
  WallTime Now();

  std::vector<std::shared_ptr<const runbooks::Runbook>> Runbooks() const;  // today's
  // By the hash of its text, also older texts that runs go on with; null when it is not known.
  std::shared_ptr<const runbooks::Runbook> RunbookOf(const std::string& hash) const;
  runbooks::Mode ModeOf(const runbooks::Runbook& runbook) const;
  const checks::CheckSet& Checks() const;
  // Alerts that others sent: once this returns, they survive a crash. What fires and is not suppressed
  // opens its incident at once. kResourceExhausted: there are too many; the rest is kept.
  Status TakeForeign(const std::vector<checks::Alert>& alerts);
  // Its id from now on; see alerting::SetSilence.
  Result<std::string> SetSilence(alerting::Silence silence);
  // kNotFound; kFailedPrecondition: it has expired already.
  Status ExpireSilence(const std::string& id);

  const alerting::AlertingSettings& alerting() const;
  const alerting::Silences& Silences() const;
  // What fires, ours and foreign, with why it is not heard and what became of it.
  std::vector<alerting::AlertView> FiringAlerts() const;
  std::vector<incidents::Incident> OpenIncidents() const;
  std::vector<runbooks::Run> ActiveRuns() const;
  std::vector<checks::Alert> ActiveAlerts() const;  // of our own checks: pending and firing

 private:
  explicit Controller(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vigia::controller
