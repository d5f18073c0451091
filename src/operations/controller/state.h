// The controller's memory, and a transaction over it: what a tick or a command changes, kept aside
// until it is durable. Used inside controller only.
#pragma once

#include <map>
#include <set>

#include "controller/collections.h"
#include "controller/controller.h"
#include "controller/steady_time.h"

namespace vigia::controller {

using incidents::Incident;
using incidents::TimelineEntry;
using notify::Message;
using runbooks::Run;
using runbooks::Runbook;

using RunbookKey = std::pair<std::string, std::string>;  // runbook and key

struct Counters {
  int64_t incident = 0;
  int64_t run = 0;
};

// A runbook's schedule trigger.
struct Schedule {
  std::shared_ptr<const Runbook> runbook;
  calendar::Cron cron;
  calendar::TimeZone zone;
  std::string text;              // for the timeline
  std::optional<WallTime> last;  // when it came last, or was first seen
  std::optional<WallTime> next;
};

struct LoadedRunbook {
  std::shared_ptr<const Runbook> runbook;
  struct Queries {
    signals::SignalView::Query part = 0;
    std::optional<signals::SignalView::Query> of;
  };
  std::vector<Queries> queries;  // of runbook->signals
};

struct Controller::State {
  State(ControllerSettings s, World w) : settings(std::move(s)), world(w), checks(AllChecks(settings), w.signals) {}

  const ControllerSettings settings;
  World world;
  storage::Epoch epoch = 0;
  bool fenced = false;  // another owner has taken over: never again act
  checks::CheckSet checks;
  std::optional<SteadyTime> time;

  std::map<std::string, LoadedRunbook> by_hash;  // also those of runs that began with an older text
  std::vector<std::string> current;              // hashes of today's runbooks, in order
  std::map<std::string, runbooks::Mode> modes;   // set by people, by runbook; they count before the text's

  std::map<std::string, Incident> incidents;  // open, or with a post-mortem to write
  std::map<RunbookKey, std::string> open_incident;
  std::map<RunbookKey, WallTime> resolved_at;  // of the newest one
  std::map<std::string, Run> runs;             // of those incidents
  std::set<std::string> recovering;            // runs whose action of an earlier life may still run
  std::map<RunbookKey, std::vector<runbooks::PastRun>> past;
  std::map<std::string, escalation::Escalation> escalations;
  std::map<std::string, Message> outbox;        // of those incidents
  std::map<std::string, checks::Alert> firing;  // by fingerprint, foreign ones (with a source) too
  alerting::Silences silences;
  std::map<std::string, Schedule> schedules;  // by "runbook/schedule/zone"
  Counters counters;

  // Read, but not yet durable: kept until a commit has taken them in.
  std::map<std::string, checks::Alert> alert_changes;
  std::vector<runbooks::ActionResult> results;
  std::vector<notify::Receipt> receipts;
  std::set<std::string> sending;  // messages in flight
  std::optional<WallTime> unwritable_since;
  std::optional<WallTime> told_unwritable_at;
  WallTime last_heartbeat{};
};

// Copies of what changes, and what is to be done once it is durable.
class Transaction {
 public:
  Transaction(Controller::State& state, WallTime now) : state_(state), now_(now) {}

  WallTime now() const { return now_; }

  // silences.cc
  void Store(const checks::Alert& alert);  // its state; TakeAlert then says what follows from it
  void TakeForeign(const checks::Alert& alert);
  void EndForeign();
  void MuteIncidents();
  Result<std::string> SetSilence(alerting::Silence silence);
  Status ExpireSilence(const std::string& id);
  void PruneSilences();
  alerting::Suppression SuppressionOf(const signals::LabelSet& labels);
  std::vector<alerting::AlertView> FiringAlerts();

  // schedules.cc
  void StartScheduled();

  // alerts.cc
  void TakeAlert(const checks::Alert& alert);
  void ReopenFiring();
  WallTime ResolvedAt(const checks::Alert& alert) const;
  void TickIncidents();
  std::string OpenIncident(const Runbook* runbook, const std::string& key, const std::string& title,
                           checks::Severity severity, const signals::LabelSet& labels);
  void Take(incidents::Transition transition);
  void ResolveIncident(const std::string& id, const std::string& who, incidents::Actor actor, const std::string& text);
  void TakePostmortems();

  // runs.cc
  void StartRun(const std::string& incident, const Runbook& runbook, std::optional<runbooks::Mode> mode, bool by_hand);
  void DecideRuns();
  void DecideRun(const std::string& id, std::vector<runbooks::ApprovalGiven> approvals);
  void CloseRun(const std::string& id, const std::string& why);
  Status TakeOver(const Incident& incident, const PersonCommand& command);
  runbooks::Mode ModeOf(const Runbook& runbook) const;

  // people.cc
  void StartEscalation(const std::string& incident, runbooks::Reason reason, const std::string& detail);
  std::optional<escalation::Policy> PolicyOf(const Incident& incident) const;  // its own, or the default
  std::vector<std::string> TrueFacts(const Run& run, const LoadedRunbook& loaded) const;
  void Inform(const Incident& incident, const escalation::Reached& reached, const std::string& about,
              const std::string& text);
  void TellHealed(const Run& run);
  void JumpByFacts(const Run& run);  // the facts of its runbook that are true call higher levels at once
  void AdvanceEscalations();
  void TakeReceipts();
  void SendDue();
  void StopPaging(const std::string& incident);
  void CancelPages(const std::string& incident);
  void TellResolved(const Incident& incident);
  void AskApproval(const Run& run, const runbooks::ApprovalAsked& asked);
  Status Apply(const PersonCommand& command);

  void Say(const std::string& incident, TimelineEntry entry);
  void Say(const std::string& incident, const char* kind, const std::string& text, const std::string& ref = "",
           Json evidence = nullptr);

  // Commits, adopts, and then acts.
  Status Commit();

  // The newest state of a thing: as changed here, or as it was. nullptr: not known.
  const Incident* FindIncident(const std::string& id) const;
  const Run* FindRun(const std::string& id) const;
  std::vector<std::string> OpenIncidentIds() const;

 private:
  const checks::Alert* FindFiring(const std::string& fingerprint) const;
  std::string KeyOf(const Runbook* runbook, const checks::Alert& alert) const;
  void Attach(const Runbook* runbook, const checks::Alert& alert);
  void Join(const std::string& incident, const checks::Alert& alert);
  void RestartEscalation(const std::string& incident);
  Incident& EditIncident(const std::string& id);
  escalation::Escalation& EditEscalation(const std::string& incident);
  void Call(const std::string& incident, const escalation::Call& call, escalation::Escalation& escalation);
  void Enqueue(Message message);
  bool WasReached(const std::string& incident) const;
  bool HasPendingMessages(const std::string& incident) const;
  std::vector<std::string> MessageIds(const std::string& incident) const;
  const Message& FindMessage(const std::string& id) const;
  void TakeReceipt(const notify::Receipt& receipt);
  bool LevelIsDead(const Message& message) const;
  Json DocumentFor(const Run& run, const LoadedRunbook& loaded) const;
  Json ReadSignals(const Run& run, const LoadedRunbook& loaded) const;
  std::vector<double> ReadMatching(const Run& run, const LoadedRunbook& loaded, const runbooks::NamedSelector& named,
                                   signals::SignalView::Query query) const;
  runbooks::GuardFacts FactsFor(const Run& run, const Runbook& runbook) const;
  std::vector<const Run*> AllRuns() const;
  storage::Batch ToBatch() const;
  void Adopt();
  void Act();

  Controller::State& state_;
  const WallTime now_;
  std::map<std::string, Incident> incidents_;
  std::map<std::string, Run> runs_;
  std::set<std::string> stored_runs_;  // those of runs_ that differ from what is stored
  std::map<std::string, std::shared_ptr<const Runbook>> new_texts_;
  std::map<std::string, escalation::Escalation> escalations_;
  std::map<std::string, Message> messages_;
  std::set<std::string> closed_;  // incidents that leave memory
  std::vector<std::pair<std::string, TimelineEntry>> entries_;
  std::map<std::string, checks::Alert> alerts_;
  std::optional<alerting::Suppressor> suppressor_;  // made when first asked
  alerting::Silences silences_;
  std::set<std::string> forgotten_silences_;
  std::map<std::string, Schedule> schedules_;
  std::optional<Counters> counters_;
  std::vector<runbooks::ActionRequest> start_;
  std::vector<std::string> kill_;
  std::vector<Message> send_;
};

}  // namespace vigia::controller
