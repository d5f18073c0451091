// People: escalations, the outbox, and what people command.
#include <fmt/format.h>

#include <algorithm>

#include "controller/state.h"
#include "incidents/kinds.h"
#include "runbooks/document.h"

namespace vigia::controller {
namespace {

namespace kinds = incidents::kinds;
using notify::MessageKind;
using notify::MessageState;

std::string Subject(const Incident& incident, const std::string& what) {
  return "[" + std::string(checks::SeverityName(incident.severity)) + "] " + incident.id + " " + incident.title +
         (incident.key.empty() ? "" : " (" + incident.key + ")") + (what.empty() ? "" : ": " + what);
}

std::string Body(const Incident& incident, const std::string& what) {
  std::string body = incident.title + "\n\n" + what + "\n\nOpened: " + FormatTime(incident.opened_at) + "\n";
  if (!incident.labels.empty()) body += "Labels: " + incident.labels.ToString() + "\n";
  if (!incident.runbook.empty()) body += "Runbook: " + incident.runbook + " (" + incident.run + ")\n";
  return body + "Acknowledge: vigia incident ack " + incident.id + "\nStory: vigia incident show " + incident.id + "\n";
}

bool IsPage(const Message& message) {
  return message.kind == MessageKind::kPage || message.kind == MessageKind::kApproval;
}

}  // namespace

void Transaction::StartEscalation(const std::string& id, runbooks::Reason reason, const std::string& detail) {
  const std::string why = std::string(runbooks::ReasonName(reason)) + ": " + detail;
  Incident& incident = EditIncident(id);
  Say(id, kinds::kEscalated, "people are called, " + why);
  if (!incident.escalated_at) incident.escalated_at = now_;
  incident = incidents::Mark(std::move(incident), incidents::Item::kEscalated, now_);
  if (incident.acknowledged_at) {  // somebody is on it: tell that person, wake nobody else
    const escalation::Call call{0, 0, "", {{escalation::Recipient::Kind::kPerson, incident.acknowledged_by}}, {}};
    for (const escalation::Reached& reached : state_.world.people.Resolve(call, {}, incident.severity, now_)) {
      Inform(incident, reached, std::string(runbooks::ReasonName(reason)), why);
    }
    auto policy = state_.world.people.FindPolicy(incident.policy);
    if (policy && escalations_.count(id) == 0 && state_.escalations.count(id) == 0) {  // for its acknowledge_timeout
      escalations_.insert_or_assign(
          id, escalation::Acknowledged(escalation::Begin(id, *policy, why, incident.severity, now_), now_));
    }
    return;
  }
  const bool known = escalations_.count(id) > 0 || state_.escalations.count(id) > 0;
  if (known && !EditEscalation(id).stopped) {
    EditEscalation(id).reason = why;
    return;
  }
  const auto policy = PolicyOf(incident);
  if (!policy) {
    Say(id, kinds::kEscalated, "there is no escalation policy '" + incident.policy + "': nobody can be called");
    return;
  }
  escalations_.insert_or_assign(id, escalation::Begin(id, *policy, why, incident.severity, now_));
}

std::optional<escalation::Policy> Transaction::PolicyOf(const Incident& incident) const {
  auto policy = state_.world.people.FindPolicy(incident.policy);
  return policy ? policy : state_.world.people.FindPolicy(state_.settings.default_policy);
}

std::vector<std::string> Transaction::TrueFacts(const Run& run, const LoadedRunbook& loaded) const {
  const Json document = runbooks::RunDocument(*loaded.runbook, run, DocumentFor(run, loaded), now_);
  std::vector<std::string> facts;
  for (const auto& [fact, condition] : loaded.runbook->escalate.facts) {
    if (condition->Test(document) == jq::Verdict::kTrue) facts.push_back(fact);
  }
  return facts;
}

void Transaction::Inform(const Incident& incident, const escalation::Reached& reached, const std::string& about,
                         const std::string& text) {
  Message message;
  message.id = incident.id + "/inform/" + about + "/" + reached.person + "/" + reached.address.channel;
  message.kind = MessageKind::kInform;
  message.incident = incident.id;
  message.severity = incident.severity;
  message.person = reached.person;
  message.channel = reached.address.channel;
  message.address = reached.address.address;
  message.subject = Subject(incident, text);
  message.body = Body(incident, text);
  Enqueue(std::move(message));
}

// A run that healed without calling anybody may have done what a level wants to hear of, such as a rollback: the levels
// that its facts name are told, not paged.
void Transaction::TellHealed(const Run& run) {
  const LoadedRunbook& loaded = state_.by_hash.at(run.runbook_hash);
  const Incident incident = *FindIncident(run.incident);
  if (incident.muted_at || escalations_.count(incident.id) > 0 || state_.escalations.count(incident.id) > 0) return;
  const auto policy = PolicyOf(incident);
  if (!policy) return;
  for (const std::string& fact : TrueFacts(run, loaded)) {
    const std::string text = "healed by " + incident.runbook + ": " + fact;
    escalation::Escalation unused = escalation::Begin(incident.id, *policy, text, incident.severity, now_);
    const escalation::Decision named = escalation::Jump(std::move(unused), fact, now_);
    if (named.calls.empty()) continue;  // no level wants to hear of it
    for (const escalation::Reached& reached :
         state_.world.people.Resolve(named.calls.back(), *policy, incident.severity, now_)) {
      Inform(incident, reached, fact, text);
      Say(incident.id, kinds::kPage, reached.person + " is told by " + reached.address.channel + ": " + fact);
    }
  }
}

void Transaction::JumpByFacts(const Run& run) {
  const LoadedRunbook& loaded = state_.by_hash.at(run.runbook_hash);
  const std::string id = run.incident;
  if (FindIncident(id)->muted_at) return;
  if (escalations_.count(id) == 0 && state_.escalations.count(id) == 0) return;
  std::vector<std::string> facts = TrueFacts(run, loaded);
  facts.emplace_back(checks::SeverityWord(FindIncident(id)->severity));  // seed 004's "P1"
  for (const std::string& fact : facts) {
    escalation::Decision decision = escalation::Jump(EditEscalation(id), fact, now_);
    if (decision.calls.empty()) continue;
    Say(id, kinds::kEscalated, "higher levels are called at once: " + fact);
    for (const escalation::Call& call : decision.calls) Call(id, call, decision.escalation);
    escalations_.insert_or_assign(id, std::move(decision.escalation));
  }
}

void Transaction::AdvanceEscalations() {
  for (const std::string& id : OpenIncidentIds()) {
    const auto changed = escalations_.find(id);
    const auto stored = state_.escalations.find(id);
    if (changed == escalations_.end() && stored == state_.escalations.end()) continue;
    if (FindIncident(id)->muted_at) continue;
    const escalation::Escalation& before = changed != escalations_.end() ? changed->second : stored->second;
    escalation::Escalation current = before;
    // The rounds are over only when somebody was reached.
    if (current.round >= current.policy.repeat && !WasReached(id)) current.policy.repeat = current.round + 1;
    escalation::Decision decision = escalation::Advance(std::move(current), now_);
    if (decision.calls.empty() && decision.escalation.round == before.round &&
        decision.escalation.stopped == before.stopped) {
      continue;
    }
    if (before.acknowledged_at && !decision.escalation.acknowledged_at) {
      EditIncident(id).acknowledged_at.reset();  // the acknowledgement has expired
    }
    for (const escalation::Call& call : decision.calls) Call(id, call, decision.escalation);
    escalations_.insert_or_assign(id, std::move(decision.escalation));
  }
}

void Transaction::Call(const std::string& id, const escalation::Call& call, escalation::Escalation& escalation) {
  const std::vector<escalation::Reached> reached =
      state_.world.people.Resolve(call, escalation.policy, escalation.severity, now_);
  const Incident incident = *FindIncident(id);
  if (reached.empty()) {
    Say(id, kinds::kPage, "level " + call.level_name + " reaches nobody");
    escalation::Decision next = escalation::Skip(std::move(escalation), now_);
    escalation = std::move(next.escalation);
    for (const escalation::Call& further : next.calls) Call(id, further, escalation);
    return;
  }
  for (const escalation::Reached& one : reached) {
    Message message;
    message.id = fmt::format("{}/{}/{}/{}/{}@{}", id, call.round, call.level, one.person, one.address.channel,
                             escalation.started_at.time_since_epoch().count());
    message.kind = MessageKind::kPage;
    message.incident = id;
    message.severity = escalation.severity;
    message.person = one.person;
    message.channel = one.address.channel;
    message.address = one.address.address;
    message.level = call.level_name;
    message.subject = Subject(incident, escalation.reason);
    message.body = Body(incident, escalation.reason);
    Say(id, kinds::kPage, call.level_name + ": " + one.person + " by " + one.address.channel, message.id,
        {{"person", one.person}, {"channel", one.address.channel}, {"level", call.level_name}, {"round", call.round}});
    Enqueue(std::move(message));
  }
}

void Transaction::Enqueue(Message message) {
  if (messages_.count(message.id) > 0 || state_.outbox.count(message.id) > 0) return;  // said already
  message.created_at = now_;
  message.next_at = now_;
  messages_.emplace(message.id, std::move(message));
}

void Transaction::TakeReceipts() {
  for (const notify::Receipt& receipt : state_.receipts) TakeReceipt(receipt);
}

void Transaction::TakeReceipt(const notify::Receipt& receipt) {
  const auto stored = state_.outbox.find(receipt.message);
  if (stored == state_.outbox.end()) return;
  const Message& before = FindMessage(receipt.message);
  Message after = notify::AfterAttempt(before, receipt, state_.settings.retry, now_);
  const std::string id = after.incident;
  const bool arrived = receipt.delivered;
  const bool dead = after.state == MessageState::kGaveUp;
  messages_.insert_or_assign(after.id, after);
  if (FindIncident(id) == nullptr) return;
  if (arrived) {
    Say(id, kinds::kReceipt, after.person + " was reached by " + after.channel, after.id);
    Incident& incident = EditIncident(id);
    incident = incidents::Mark(std::move(incident), incidents::Item::kFirstCommunication, now_);
  } else if (dead) {
    Say(id, kinds::kReceipt, after.person + " could not be reached by " + after.channel + ": " + receipt.error,
        after.id);
    const bool pages = FindIncident(id)->open() && !FindIncident(id)->muted_at;
    if (after.kind == MessageKind::kPage && pages && LevelIsDead(after)) {
      escalation::Escalation& escalation = EditEscalation(id);
      escalation::Decision next = escalation::Skip(escalation, now_);
      escalation = next.escalation;
      for (const escalation::Call& call : next.calls) Call(id, call, escalation);
    }
  }
}

// No page of the same level was delivered or may still be.
bool Transaction::LevelIsDead(const Message& message) const {
  if (escalations_.count(message.incident) == 0 && state_.escalations.count(message.incident) == 0) return false;
  const std::vector<std::string> ids = MessageIds(message.incident);
  return std::all_of(ids.begin(), ids.end(), [&](const std::string& id) {
    const Message& other = FindMessage(id);
    return other.kind != MessageKind::kPage || other.level != message.level || other.state == MessageState::kGaveUp ||
           other.state == MessageState::kCancelled;
  });
}

void Transaction::SendDue() {
  const auto consider = [&](const Message& message) {
    if (notify::IsDue(message, now_) && state_.sending.count(message.id) == 0) send_.push_back(message);
  };
  for (const auto& [id, message] : state_.outbox) {
    if (messages_.count(id) == 0) consider(message);
  }
  for (const auto& [id, message] : messages_) consider(message);
}

void Transaction::StopPaging(const std::string& incident) {
  if (escalations_.count(incident) > 0 || state_.escalations.count(incident) > 0) {
    escalation::Escalation& escalation = EditEscalation(incident);
    escalation = escalation::Stopped(std::move(escalation));
  }
  CancelPages(incident);
}

void Transaction::CancelPages(const std::string& incident) {
  for (const std::string& id : MessageIds(incident)) {
    const Message& message = FindMessage(id);
    if (IsPage(message) && message.state == MessageState::kPending)
      messages_.insert_or_assign(id, notify::Cancel(message));
  }
}

// From the first level on, when people were being called and nobody has acknowledged.
void Transaction::RestartEscalation(const std::string& id) {
  if (escalations_.count(id) == 0 && state_.escalations.count(id) == 0) return;
  escalation::Escalation& escalation = EditEscalation(id);
  if (escalation.stopped || escalation.acknowledged_at) return;
  CancelPages(id);
  escalation = escalation::Begin(id, escalation.policy, escalation.reason, FindIncident(id)->severity, now_);
  if (const Run* run = FindRun(FindIncident(id)->run)) JumpByFacts(*run);
}

// Whoever was woken hears that it is over.
void Transaction::TellResolved(const Incident& incident) {
  for (const std::string& id : MessageIds(incident.id)) {
    const Message paged = FindMessage(id);
    if (paged.kind != MessageKind::kPage || paged.attempts == 0) continue;
    Message message = paged;
    message.id = incident.id + "/resolved/" + paged.person + "/" + paged.channel;
    message.kind = MessageKind::kResolved;
    message.state = MessageState::kPending;
    message.attempts = 0;
    message.subject = Subject(incident, "resolved by " + incident.resolved_by);
    message.body = Body(incident, "resolved by " + incident.resolved_by);
    Enqueue(std::move(message));
  }
}

void Transaction::AskApproval(const Run& run, const runbooks::ApprovalAsked& asked) {
  const Incident& incident = *FindIncident(run.incident);
  if (incident.muted_at) return;  // the approval's timeout then speaks
  const auto policy = PolicyOf(incident);
  if (!policy || policy->levels.empty()) return;  // the approval's timeout then speaks
  const escalation::Level& level = policy->levels.front();
  const std::string text = "approval of " + asked.scope + " is asked: " + asked.command +
                           "\nApprove: vigia runbook approve " + incident.id + " " + asked.scope;
  for (const escalation::Reached& one :
       state_.world.people.Resolve({0, 0, level.name, level.notify, level.via}, *policy, incident.severity, now_)) {
    Message message;
    message.id = run.id + "/approval/" + asked.scope + "/" + one.person + "/" + one.address.channel;
    message.kind = MessageKind::kApproval;
    message.incident = incident.id;
    message.severity = incident.severity;
    message.person = one.person;
    message.channel = one.address.channel;
    message.address = one.address.address;
    message.level = level.name;
    message.subject = Subject(incident, "approval asked");
    message.body = Body(incident, text);
    Enqueue(std::move(message));
  }
}

Status Transaction::Apply(const PersonCommand& command) {
  using Kind = PersonCommand::Kind;
  const Incident* incident = FindIncident(command.incident);
  if (incident == nullptr) return Error(Code::kNotFound, "there is no open incident '" + command.incident + "'");
  const std::string id = incident->id;
  switch (command.kind) {
    case Kind::kAcknowledge: {
      Take(TRY(incidents::Acknowledge(*incident, command.person, now_)));
      StopPaging(id);
      if (escalations_.count(id) > 0) {
        escalation::Escalation& escalation = EditEscalation(id);
        escalation = escalation::Acknowledged(std::move(escalation), now_);
      }
      return {};
    }
    case Kind::kNote: Take(TRY(incidents::Note(*incident, command.person, command.text, now_))); return {};
    case Kind::kAssign: Take(TRY(incidents::Assign(*incident, command.person, command.text, now_))); return {};
    case Kind::kRaise: Take(TRY(incidents::Raise(*incident, command.person, command.severity, now_))); return {};
    case Kind::kResolve:
      if (!incident->open()) return Error(Code::kFailedPrecondition, "incident " + id + " is already resolved");
      CloseRun(incident->run, "resolved by " + command.person);
      ResolveIncident(id, command.person, incidents::Actor::kHuman,
                      command.text.empty() ? "resolved by " + command.person : command.text);
      return {};
    case Kind::kTakeOver: return TakeOver(*incident, command);
    case Kind::kApprove:
    case Kind::kRefuse: {
      const Run* run = FindRun(incident->run);
      if (run == nullptr || !run->waiting || run->waiting->scope != command.scope) {
        return Error(Code::kFailedPrecondition, "incident " + id + " does not wait for this approval");
      }
      const size_t entries = entries_.size();
      DecideRun(run->id, {{command.scope, command.person, state_.world.people.RolesOf(command.person),
                           command.kind == Kind::kApprove}});
      if (entries_.size() == entries) {
        return Error(Code::kPermissionDenied, command.person + " may not decide about " + command.scope);
      }
      if (!command.text.empty()) {  // why
        Take(TRY(incidents::Note(*FindIncident(id), command.person, command.text, now_)));
      }
      return {};
    }
  }
  return {};
}

escalation::Escalation& Transaction::EditEscalation(const std::string& incident) {
  const auto changed = escalations_.find(incident);
  if (changed != escalations_.end()) return changed->second;
  return escalations_.emplace(incident, state_.escalations.at(incident)).first->second;
}

std::vector<std::string> Transaction::MessageIds(const std::string& incident) const {
  std::vector<std::string> ids;
  for (const auto& [id, message] : state_.outbox) {
    if (message.incident == incident) ids.push_back(id);
  }
  for (const auto& [id, message] : messages_) {
    if (message.incident == incident && state_.outbox.count(id) == 0) ids.push_back(id);
  }
  return ids;
}

bool Transaction::WasReached(const std::string& incident) const {
  const std::vector<std::string> ids = MessageIds(incident);
  return std::any_of(ids.begin(), ids.end(), [&](const std::string& id) {
    const Message& message = FindMessage(id);
    return message.kind == MessageKind::kPage && message.state == MessageState::kSent;
  });
}

bool Transaction::HasPendingMessages(const std::string& incident) const {
  const std::vector<std::string> ids = MessageIds(incident);
  return std::any_of(ids.begin(), ids.end(),
                     [&](const std::string& id) { return FindMessage(id).state == MessageState::kPending; });
}

const Message& Transaction::FindMessage(const std::string& id) const {
  const auto changed = messages_.find(id);
  return changed != messages_.end() ? changed->second : state_.outbox.at(id);
}

}  // namespace vigia::controller
