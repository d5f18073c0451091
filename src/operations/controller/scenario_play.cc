#include <algorithm>
#include <set>

#include "base/log.h"
#include "base/text.h"
#include "config/map_reader.h"
#include "controller/controller.h"
#include "controller/scenario.h"
#include "incidents/kinds.h"
#include "signals/fake_signals.h"
#include "storage/mem_ledger.h"

namespace vigia::controller::scenario {
namespace {

using runbooks::ActionResult;

std::string CommandWords(const runbooks::ActionRequest& request) { return runbooks::TypedCommand(request.command); }

// The world of a scenario: it keeps what happened as events.
class Stage {
 public:
  explicit Stage(const Scenario& scenario) : scenario_(scenario), clock_(scenario.start) {}

  Duration now() const { return std::chrono::duration_cast<Duration>(clock_.Now() - scenario_.start); }
  void Say(std::string text) { events_.push_back({now(), std::move(text)}); }
  void Apply(const SetSignal& set) {
    if (set.value) {
      signals_.Set(set.series.name, set.series.labels, *set.value);
    } else {
      signals_.Clear(set.series.name, set.series.labels);
    }
  }
  // The next answer for this command.
  const Answer* AnswerTo(const std::string& command) {
    const Answer* found = nullptr;
    for (const Answer& answer : scenario_.answers) {
      if (!command.starts_with(answer.prefix)) continue;
      if (found != nullptr && found->prefix != answer.prefix) {  // the longest prefix decides
        if (answer.prefix.size() < found->prefix.size()) continue;
        found = nullptr;
      }
      if (found == nullptr || used_.count(found->line) > 0) found = &answer;
    }
    if (found != nullptr) used_.insert(found->line);
    return found;
  }

  const Scenario& scenario_;
  FakeClock clock_;
  signals::FakeSignals signals_;
  storage::MemLedger ledger_;
  std::set<std::string> dead_channels_;
  std::vector<Event> events_;

 private:
  std::set<int> used_;  // answers, by line
};

class Actions final : public runbooks::ActionRunner {
 public:
  explicit Actions(Stage& stage) : stage_(stage) {}
  void Start(const runbooks::ActionRequest& request) override {
    const std::string command = CommandWords(request);
    stage_.Say("step " + command);
    Work work;
    work.result.key = request.key;
    work.ends = stage_.now() + std::chrono::milliseconds(200);
    work.result.out = Json::object();
    if (const Answer* answer = stage_.AnswerTo(command)) {
      work.result.end = answer->end;
      work.result.exit = answer->end == ActionResult::End::kDone ? 0 : 1;
      work.result.out = answer->out;
      work.ends = stage_.now() + (answer->end == ActionResult::End::kLost ? request.timeout : answer->takes);
      work.effects = answer->effects;
    }
    works_.push_back(std::move(work));
  }
  std::vector<ActionResult> Poll() override {
    std::vector<ActionResult> ended;
    for (auto work = works_.begin(); work != works_.end();) {
      if (work->ends > stage_.now()) {
        ++work;
        continue;
      }
      for (const SetSignal& effect : work->effects) stage_.Apply(effect);
      ended.push_back(std::move(work->result));
      work = works_.erase(work);
    }
    return ended;
  }
  bool IsRunning(const std::string&) override { return false; }
  void Kill(const std::string& key) override {
    for (Work& work : works_) {
      if (work.result.key == key) work.ends = stage_.now();
    }
  }

 private:
  struct Work {
    ActionResult result;
    Duration ends{};
    std::vector<SetSignal> effects;
  };
  Stage& stage_;
  std::vector<Work> works_;
};

std::string KindWord(notify::MessageKind kind) {
  switch (kind) {
    case notify::MessageKind::kPage: return "page";
    case notify::MessageKind::kApproval: return "asked";
    case notify::MessageKind::kResolved: return "told-resolved";
    default: return "told";
  }
}

class Messages final : public notify::Messenger {
 public:
  explicit Messages(Stage& stage) : stage_(stage) {}
  void Start(const notify::Message& message) override {
    const bool dead = stage_.dead_channels_.count(message.channel) > 0;
    const std::string level = message.kind == notify::MessageKind::kPage ? message.level + " " : "";
    const std::string who = message.person.empty() ? message.address : message.person;
    if (!dead) stage_.Say(KindWord(message.kind) + " " + level + who + " by " + message.channel);
    receipts_.push_back({message.id, !dead, false, dead ? "no answer" : "", std::nullopt});
  }
  std::vector<notify::Receipt> Poll() override { return std::exchange(receipts_, {}); }

 private:
  Stage& stage_;
  std::vector<notify::Receipt> receipts_;
};

class DirectoryOnStage final : public People {
 public:
  explicit DirectoryOnStage(const escalation::Directory& directory) : directory_(directory) {}
  std::optional<escalation::Policy> FindPolicy(const std::string& name) const override {
    const auto found = directory_.policies.find(name);
    return found == directory_.policies.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<escalation::Reached> Resolve(const escalation::Call& call, const escalation::Policy& policy,
                                           checks::Severity severity, WallTime now) const override {
    return escalation::Resolve(directory_, call, policy, severity, now);
  }
  std::vector<std::string> RolesOf(const std::string& person) const override {
    const auto found = directory_.people.find(person);
    return found == directory_.people.end() ? std::vector<std::string>() : found->second.roles;
  }
  std::set<std::string> OpenWindows(WallTime now) const override {
    std::set<std::string> open;
    for (const auto& [name, window] : directory_.windows) {
      if (escalation::Inside(window, now)) open.insert(name);
    }
    return open;
  }

 private:
  const escalation::Directory& directory_;
};

class Performance {
 public:
  Performance(const Scenario& scenario, const std::vector<runbooks::Runbook>& runbooks,
              const escalation::Directory& directory)
      : stage_(scenario), actions_(stage_), messages_(stage_), people_(directory) {
    ControllerSettings settings;
    settings.owner = "scenario";
    settings.default_policy = "sre";
    for (const runbooks::Runbook& runbook : runbooks) {
      const auto& wanted = scenario.runbooks;
      if (std::find(wanted.begin(), wanted.end(), runbook.name) == wanted.end()) continue;
      settings.runbooks.push_back(runbook);
      const auto policy = scenario.policies.find(runbook.name);
      if (policy != scenario.policies.end()) settings.runbooks.back().escalate.policy = policy->second;
    }
    CHECK(settings.runbooks.size() == scenario.runbooks.size(), "a scenario names a runbook that is not there");
    auto opened = Controller::Open(
        std::move(settings), World{stage_.clock_, stage_.ledger_, stage_.signals_, actions_, messages_, people_, log_});
    CHECK(opened.ok(), "the controller does not open");
    controller_ = *std::move(opened);
  }

  std::vector<Event> Play() && {
    size_t next = 0;
    const std::vector<Happening>& happenings = stage_.scenario_.happenings;
    while (stage_.now() <= stage_.scenario_.end) {
      for (; next < happenings.size() && happenings[next].at <= stage_.now(); ++next) Happen(happenings[next]);
      CHECK(controller_->Tick().ok(), "a tick failed");
      Look();
      stage_.clock_.Advance(stage_.scenario_.tick);
    }
    return std::move(stage_.events_);
  }

 private:
  void Happen(const Happening& happening) {
    if (const auto* set = std::get_if<SetSignal>(&happening.what)) return stage_.Apply(*set);
    if (const auto* channel = std::get_if<Channel>(&happening.what)) {
      if (channel->dead) {
        stage_.dead_channels_.insert(channel->name);
      } else {
        stage_.dead_channels_.erase(channel->name);
      }
      return;
    }
    const auto& acts = std::get<PersonActs>(happening.what);
    using Kind = PersonCommand::Kind;
    PersonCommand command;
    command.kind = acts.what == "acknowledges" ? Kind::kAcknowledge
                   : acts.what == "resolves"   ? Kind::kResolve
                   : acts.what == "approves"   ? Kind::kApprove
                                               : Kind::kRefuse;
    command.person = acts.person;
    for (const incidents::Incident& incident : controller_->OpenIncidents()) {
      if (incident.runbook == acts.runbook) command.incident = incident.id;
    }
    for (const runbooks::Run& run : controller_->ActiveRuns()) {
      if (run.runbook == acts.runbook && run.waiting) command.scope = run.waiting->scope;
    }
    const Status done = controller_->Apply(command);
    stage_.Say(acts.person + " " + acts.what + " " + acts.runbook + (done.ok() ? "" : " in vain"));
  }

  // What has changed becomes events.
  void Look() {
    std::map<std::string, std::string> alerts;
    for (const checks::Alert& alert : controller_->ActiveAlerts()) {
      alerts[alert.check + "{" + alert.instance.ToString() + "}"] =
          "alert " + alert.check + " " + std::string(checks::AlertStateName(alert.state));
    }
    for (const auto& [instance, text] : alerts) {
      if (alerts_[instance] != text) stage_.Say(text);
    }
    for (const auto& [instance, text] : alerts_) {
      if (!text.empty() && alerts.count(instance) == 0)
        stage_.Say("alert " + instance.substr(0, instance.find('{')) + " over");
    }
    alerts_ = std::move(alerts);
    const auto incidents = stage_.ledger_.List("incident").value();
    for (const storage::Document& document : incidents) LookAt(incidents::Incident::FromJson(document.value).value());
    const auto runs = stage_.ledger_.List("run").value();
    for (const storage::Document& document : runs) {
      const runbooks::Run run = runbooks::Run::FromJson(document.value).value();
      std::string text = "run " + run.runbook + " " + std::string(RunStateName(run.state));
      if (run.state == runbooks::RunState::kEscalated && run.reason) text += " " + std::string(ReasonName(*run.reason));
      std::string& before = runs_[run.id];
      if (before != text) stage_.Say(text);
      before = text;
    }
  }

  void LookAt(const incidents::Incident& incident) {
    std::string text = "incident " + incident.runbook;
    text += incident.resolved_at       ? " resolved by " + incident.resolved_by
            : incident.acknowledged_at ? " acknowledged by " + incident.acknowledged_by
            : incident.mitigated_at    ? " mitigated"
                                       : " open";
    std::string& before = incidents_[incident.id];
    if (before != text) stage_.Say(text);
    before = text;
    const auto timeline = stage_.ledger_.Read("incident/" + incident.id, seen_[incident.id], SIZE_MAX).value();
    for (const storage::StreamEntry& entry : timeline) {
      const auto read = incidents::TimelineEntry::FromJson(entry.value).value();
      stage_.Say("timeline " + read.kind + " " + read.text);
      seen_[incident.id] = entry.seq;
    }
  }

  Stage stage_;
  Actions actions_;
  Messages messages_;
  DirectoryOnStage people_;
  NoLog log_;
  std::unique_ptr<Controller> controller_;
  std::map<std::string, std::string> alerts_, incidents_, runs_;
  std::map<std::string, int64_t> seen_;
};

bool Fits(const Want& want, const Event& event) {
  if (event.at < want.from || event.at > want.to || !event.text.starts_with(want.event)) return false;
  return event.text.size() == want.event.size() || event.text[want.event.size()] == ' ';
}

std::string Near(const Want& want, const std::vector<Event>& events) {
  std::string near;
  const std::string first = want.event.substr(0, want.event.find(' '));
  for (const Event& event : events) {
    if (event.text.starts_with(first)) near += "\n    " + config::FormatDuration(event.at) + " " + event.text;
  }
  return near.empty() ? "\n    nothing of that kind" : near;
}

}  // namespace

Outcome Play(const Scenario& scenario, const std::vector<runbooks::Runbook>& runbooks,
             const escalation::Directory& directory) {
  Outcome outcome;
  outcome.events = Performance(scenario, runbooks, directory).Play();
  for (const Want& want : scenario.wants) {
    const auto found = std::find_if(outcome.events.begin(), outcome.events.end(),
                                    [&](const Event& event) { return Fits(want, event); });
    if ((found != outcome.events.end()) != want.never) continue;
    const std::string window = config::FormatDuration(want.from) + ".." + config::FormatDuration(want.to);
    outcome.mismatch = scenario.file + ":" + std::to_string(want.line) + ": ";
    outcome.mismatch += want.never
                            ? "never wanted '" + want.event + "', but it was at " + config::FormatDuration(found->at)
                            : "wanted '" + want.event + "' in " + window + "; there was" + Near(want, outcome.events);
    return outcome;
  }
  return outcome;
}

}  // namespace vigia::controller::scenario
