#include "controller/simulated_world.h"

#include <algorithm>

#include "runbooks/load.h"

namespace vigia::controller::simulation {
namespace {

using runbooks::ActionResult;
using runbooks::RenderedProgram;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallTime kStart{std::chrono::hours(24 * 20'000)};

constexpr char kDown[] = R"(name: service-down
title: A service is down
severity: critical
checks: [{name: down, every: 1s, for: 2s, when: {signal: up, below: 1}}]
trigger: [{check: down}]
key: [service]
signals: {up: {signal: up}}
guards: {cooldown: 30s, max_runs: [{runs: 3, per: 15m}], lock: ["service/{{ .labels.service }}"], deadline: 4m}
diagnose: [{id: look, run: [vigia, status, --json], timeout: 5s}]
mitigate:
  - name: restart
    steps: [{id: restart, run: [vigia, service, restart, "{{ .labels.service }}"], timeout: 10s, retry: {max: 1}}]
  - name: rollback
    steps:
      - id: rollback
        run: [vigia, registry, rollback, --service, "{{ .labels.service }}", --reason, "{{ .run.id }}"]
        timeout: 10s
        retry: {max: 1}
        probe: {run: [vigia, registry, history], done_when: '.run.id as $id | .probe.out.reasons | any(. == $id)'}
  - name: retrain
    if: .labels.service == "b"
    steps:
      - {id: retrain, run: [vigia, retrain], timeout: 20s, undo: {run: [vigia, promote, old], timeout: 5s}}
verify: {when: .signals.up == 1, after: 1s, every: 2s, need: 2, timeout: 15s}
escalate: {policy: sre}
)";

constexpr char kSlow[] = R"(name: service-slow
title: A service is slow
severity: high
checks: [{name: slow, every: 1s, for: 3s, when: {signal: p95, above: 300}}]
trigger: [{check: slow}]
key: [service]
signals: {p95: {signal: p95}, main: {signal: main}}
guards: {cooldown: 30s, max_runs: [{runs: 3, per: 15m}], lock: ["service/{{ .labels.service }}"], deadline: 3m}
mitigate:
  - name: limit
    steps:
      - id: limit
        run: [vigia, set, rate-limit, "10", --service, "{{ .labels.service }}"]
        timeout: 10s
        undo: {run: [vigia, set, rate-limit, "60", --service, "{{ .labels.service }}"], timeout: 10s}
verify: {when: .signals.p95 < 300, every: 2s, need: 2, timeout: 20s}
revert: {when: .signals.main == 1, for: 20s, max_hold: 3m}
escalate: {policy: sre}
)";

std::string Words(const runbooks::ActionRequest& request) { return runbooks::TypedCommand(request.command); }

}  // namespace

const std::vector<runbooks::Runbook>& SimulatedRunbooks() {
  static const std::vector<runbooks::Runbook> kAll = [] {
    std::vector<config::Problem> problems;
    const auto catalogue = runbooks::Catalogue::BuiltIn();
    std::vector<runbooks::Runbook> all;
    all.push_back(runbooks::LoadRunbook(kDown, "down.yaml", catalogue, problems));
    all.push_back(runbooks::LoadRunbook(kSlow, "slow.yaml", catalogue, problems));
    runbooks::LintWorld world;
    world.policies = {{"sre", ""}};
    for (auto& problem : runbooks::LintRunbooks(all, world)) problems.push_back(problem);
    CHECK(problems.empty(), problems.empty() ? "" : problems.front().ToString());
    return all;
  }();
  return kAll;
}

escalation::Policy SimulatedPolicy() {
  using escalation::Recipient;
  escalation::Policy policy;
  policy.name = "sre";
  policy.levels = {{"L1", seconds(0), {{Recipient::Kind::kPerson, "ana"}}, {}},
                   {"L2", minutes(1), {{Recipient::Kind::kPerson, "bob"}}, {}},
                   {"L3", minutes(2), {{Recipient::Kind::kPerson, "eva"}}, {}}};
  policy.repeat = 3;
  policy.repeat_after = minutes(2);
  return policy;
}

SimulatedWorld::SimulatedWorld(uint64_t seed, const Options& o) : rng(seed), options(o), now(kStart) {
  services = {{"a", {}}, {"b", {}}};
  // Disks fill up under the ledger, too.
  ledger.SetFault([this](const storage::Batch&) -> Status {
    if (disk_full) return Error(Code::kResourceExhausted, "disk full");
    return {};
  });
}

void SimulatedWorld::Tell(const std::string& line) {
  for (const char c : line)
    outcome.fingerprint = (outcome.fingerprint ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  if (options.keep_story) outcome.story.push_back(FormatTime(now).substr(11, 12) + " " + line);
}

void SimulatedWorld::Violation(const std::string& what) {
  Tell("VIOLATION " + what);
  outcome.violations.push_back(what);
}

void SimulatedWorld::Advance(Duration step) {
  now += step;
  if (!calm) Trouble(step);
  DoWork();
}

// Each kind of trouble comes at its own rate, whatever the step.
void SimulatedWorld::Trouble(Duration step) {
  const double seconds_passed = static_cast<double>(step.count()) / 1e6;
  const auto happens = [&](double every_seconds) { return Chance(seconds_passed / every_seconds); };
  for (auto& [name, service] : services) {
    if (service.illness == Illness::kNone && happens(200)) {
      service.illness = static_cast<Illness>(1 + rng.Below(3));
      Tell("service " + name + " falls ill " + std::to_string(static_cast<int>(service.illness)));
    } else if (service.illness != Illness::kNone && happens(400)) {
      service.illness = Illness::kNone;
      Tell("service " + name + " heals by itself");
    }
    if (happens(300)) {
      service.slow = !service.slow;
      Tell("service " + name + (service.slow ? " slows down" : " is fast again"));
    }
  }
  if (happens(disk_full ? 20 : 300)) {
    disk_full = !disk_full;
    Tell(disk_full ? "the disk is full" : "the disk has room");
  }
  if (happens(300)) {
    off += seconds(static_cast<int64_t>(rng.Below(20'000)) - 10'000);
    Tell("the clock jumps");
  }
  for (const char* channel : {"sms", "email"}) {
    if (!happens(dead_channels.count(channel) > 0 ? 60 : 300)) continue;
    if (dead_channels.erase(channel) == 0) dead_channels.insert(channel);
    Tell(std::string(channel) + (dead_channels.count(channel) > 0 ? " is dead" : " works"));
  }
}

void SimulatedWorld::Start(int life, const runbooks::ActionRequest& request) {
  ++outcome.actions;
  Tell("start " + request.key + " " + Words(request));
  if (life != owner) Violation("a replaced owner acts: " + request.key);
  if (!started_.insert(request.key).second) Violation("the same action is started twice: " + request.key);
  Work work;
  work.request = request;
  work.owner = life;
  const auto length = milliseconds(50 + rng.Below(3'000));
  work.effect_at = now + milliseconds(rng.Below(static_cast<uint64_t>(length.count()) + 1));
  work.end_at = now + length;
  work.timeout_at = now + request.timeout;
  if (!calm && Chance(0.1)) work.end_at.reset();  // hangs
  if (!calm && Chance(0.2)) work.fails = true;
  if (!calm && Chance(0.1)) work.effect_at = now + std::chrono::hours(1);  // fails or hangs before it did anything
  works_.push_back(std::move(work));
}

void SimulatedWorld::DoWork() {
  for (auto work = works_.begin(); work != works_.end();) {
    if (!work->effect_done && work->effect_at <= now && work->effect_at < work->timeout_at) ApplyEffect(*work);
    const bool ended = work->end_at && *work->end_at <= now;
    const bool timed_out = work->timeout_at <= now;
    if (!ended && !timed_out) {
      ++work;
      continue;
    }
    ActionResult result;
    result.key = work->request.key;
    result.end = !ended                              ? ActionResult::End::kLost
                 : work->fails || !work->effect_done ? ActionResult::End::kFailed
                                                     : ActionResult::End::kDone;
    result.exit = result.end == ActionResult::End::kDone ? 0 : 1;
    if (result.end == ActionResult::End::kDone) result.out = Answer(work->request);
    results_[work->owner].push_back(result);
    work = works_.erase(work);
  }
  for (auto sending = sendings_.begin(); sending != sendings_.end();) {
    if (sending->end_at > now) {
      ++sending;
      continue;
    }
    const notify::Message& message = sending->message;
    if (sending->arrives && message.kind == notify::MessageKind::kPage) {
      ++outcome.pages;
      delivered[message.incident].push_back(message.id);
      Tell("page arrives " + message.id);
    }
    receipts_[sending->owner].push_back({message.id, sending->arrives, false, "no answer", std::nullopt});
    sending = sendings_.erase(sending);
  }
}

void SimulatedWorld::ApplyEffect(Work& work) {
  work.effect_done = true;
  const auto& words = std::get<RenderedProgram>(work.request.command).arguments;
  const std::string run_step = work.request.key.substr(0, work.request.key.rfind('/'));
  const auto argument = [&](const std::string& name) {
    const auto at = std::find(words.begin(), words.end(), name);
    return at == words.end() ? std::string() : *(at + 1);
  };
  if (words[1] == "service") {
    Service& service = services[words[3]];
    if (service.illness == Illness::kCrashed) service.illness = Illness::kNone;
  } else if (words[1] == "registry" && words[2] == "rollback") {
    Service& service = services[argument("--service")];
    if (service.illness == Illness::kBadModel) service.illness = Illness::kNone;
    rollbacks_.insert(argument("--reason"));
    if (++effects[run_step] > 1) Violation("a non-idempotent action took effect twice: " + run_step);
  } else if (words[1] == "retrain") {
    if (++effects[run_step] > 1) Violation("a non-idempotent action took effect twice: " + run_step);
  } else if (words[1] == "set") {
    services[argument("--service")].limited = words[3] == "10";
  }
}

Json SimulatedWorld::Answer(const runbooks::ActionRequest& request) const {
  const auto& words = std::get<RenderedProgram>(request.command).arguments;
  Json answer = Json::object();
  if (words[1] == "registry" && words[2] == "history") {
    answer["reasons"] = Json::array();
    for (const std::string& reason : rollbacks_) answer["reasons"].push_back(reason);
  }
  return answer;
}

// Programs of a dead life die with it, or (half of the time) live on until their own end.
void SimulatedWorld::KillLife(int life) {
  for (auto work = works_.begin(); work != works_.end();) {
    if (work->owner != life || Chance(0.5)) {
      ++work;
    } else {
      work = works_.erase(work);
    }
  }
  for (auto sending = sendings_.begin(); sending != sendings_.end();) {
    sending = sending->owner == life && Chance(0.5) ? sendings_.erase(sending) : std::next(sending);
  }
}

std::vector<ActionResult> SimulatedWorld::TakeResults(int life) { return std::exchange(results_[life], {}); }
std::vector<notify::Receipt> SimulatedWorld::TakeReceipts(int life) { return std::exchange(receipts_[life], {}); }

bool SimulatedWorld::IsRunning(const std::string& key) const {
  return std::any_of(works_.begin(), works_.end(), [&](const Work& work) { return work.request.key == key; });
}

void SimulatedWorld::Kill(const std::string& key) {
  Tell("kill " + key);
  for (Work& work : works_) {
    if (work.request.key == key) work.timeout_at = now;
  }
}

void SimulatedWorld::Send(int life, const notify::Message& message) {
  Tell("send " + message.id);
  if (life != owner) Violation("a replaced owner sends: " + message.id);
  if (message.kind == notify::MessageKind::kPage && acknowledged.count(message.incident) > 0) {
    Violation("a page after the acknowledgement: " + message.id);
  }
  Sending sending;
  sending.message = message;
  sending.owner = life;
  sending.end_at = now + milliseconds(100 + rng.Below(2'000));
  sending.arrives = dead_channels.count(message.channel) == 0 && (calm || !Chance(0.1));
  sendings_.push_back(std::move(sending));
}

}  // namespace vigia::controller::simulation
