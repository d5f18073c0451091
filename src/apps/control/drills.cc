#include "control/drills.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "runbooks/system_runner.h"

namespace vigia::control {
namespace {

using State = DrillRecord::State;

constexpr size_t kKeptDrills = 50;
constexpr std::string_view kPrefix = "DRILL-";
constexpr Duration kLongestDrill = std::chrono::minutes(10);
constexpr Duration kGrace = std::chrono::seconds(30);  // it ends a service and a control plane
constexpr std::pair<State, const char*> kStates[] = {{State::kRunning, "running"},
                                                     {State::kPassed, "passed"},
                                                     {State::kFailed, "failed"},
                                                     {State::kSkipped, "skipped"},
                                                     {State::kStopped, "stopped"}};

const char* NameOf(State state) {
  for (const auto& [one, name] : kStates) {
    if (one == state) return name;
  }
  return "failed";
}

State StateNamed(const std::string& text) {
  for (const auto& [one, name] : kStates) {
    if (text == name) return one;
  }
  return State::kFailed;
}

std::string TextIn(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// One that was at work when its control plane died has been ended with it.
Result<DrillRecord> FromJson(const Json& json) {
  DrillRecord record;
  record.id = TRY(GetString(json, "id"));
  record.drill = TRY(GetString(json, "drill"));
  record.who = TextIn(json, "who");
  record.state = StateNamed(TRY(GetString(json, "state")));
  record.started_at = TRY(ParseTime(TRY(GetString(json, "started_at"))));
  if (const std::string at = TextIn(json, "finished_at"); !at.empty()) record.finished_at = TRY(ParseTime(at));
  record.why = TextIn(json, "why");
  record.report = json.value("report", Json());
  if (record.state == State::kRunning) {
    record.state = State::kFailed;
    record.why = "the control plane ended while it ran";
    record.finished_at = record.started_at;
  }
  return record;
}

// What its process said.
void TakeEnd(const Result<ProcessResult>& ended, DrillRecord& record) {
  record.state = State::kFailed;
  if (!ended.ok()) {
    record.why = ended.error().message();
    return;
  }
  const auto reports = ParseJson(ended->out);
  if (reports.ok() && reports->is_array() && !reports->empty() && reports->front().is_object()) {
    record.report = reports->front();
    record.state = StateNamed(TextIn(record.report, "end"));
    record.why = TextIn(record.report, "why");
    return;
  }
  record.why = ended->end == ProcessResult::End::kTimedOut ? "it took longer than ten minutes"
                                                           : ended->err.substr(0, ended->err.find('\n'));
}

}  // namespace

std::vector<std::string> DrillRecord::Command() const { return {"vigia", "drill", "run", drill}; }

Json ToJson(const DrillRecord& record) {
  return {{"id", record.id},
          {"drill", record.drill},
          {"who", record.who},
          {"state", NameOf(record.state)},
          {"command", Join(record.Command(), " ")},
          {"started_at", FormatTime(record.started_at)},
          {"finished_at", record.finished_at ? Json(FormatTime(*record.finished_at)) : Json(nullptr)},
          {"why", record.why.empty() ? Json(nullptr) : Json(record.why)},
          {"report", record.report}};
}

Drills::Drills(Json offers, const World& world)
    : offers_(std::move(offers)), world_(world), root_(JoinPath(world.home, "drills")) {
  Load();
}

Drills::~Drills() = default;  // the thread is asked to stop, and waited for

void Drills::Load() {
  const std::lock_guard lock(mutex_);
  const auto listed = world_.files.List(root_);
  if (!listed.ok()) return;  // none yet
  for (const FileInfo& folder : *listed) {
    if (!folder.is_directory || !folder.name.starts_with(kPrefix)) continue;
    const auto text = world_.files.Read(JoinPath(FolderOf(folder.name), "drill.json"));
    const auto json = text.ok() ? ParseJson(*text) : Result<Json>(text.error());
    auto record = json.ok() ? FromJson(*json) : Result<DrillRecord>(json.error());
    if (record.ok() && record->id == folder.name) {
      records_.insert_or_assign(folder.name, *std::move(record));
    } else {
      world_.log.Warning("a drill's record cannot be read", {{"drill", folder.name}});
    }
  }
}

Result<std::string> Drills::Start(const std::string& drill, const std::string& who) {
  const bool known = std::any_of(offers_.begin(), offers_.end(), [&](const Json& one) { return one["name"] == drill; });
  if (!known) return Error(Code::kNotFound, "there is no drill of this name");
  const std::lock_guard lock(mutex_);
  int64_t number = 0;
  for (const auto& [id, record] : records_) {
    if (record.state == State::kRunning) return Error(Code::kFailedPrecondition, "drill " + id + " is at work");
    number = std::max(number, ParseInteger(id.substr(kPrefix.size())).value_or(0));
  }
  DrillRecord record;
  record.id = fmt::format("{}{:06}", kPrefix, number + 1);
  record.drill = drill;
  record.who = who;
  record.started_at = world_.clock.Now();
  TRY(world_.files.MakeFolders(FolderOf(record.id)));
  Prune();
  Keep(record);
  // The one before has ended, or is about to return.
  thread_ = std::jthread([this, record](const std::stop_token& stop) { Work(record, stop); });
  return record.id;
}

void Drills::Work(DrillRecord record, const std::stop_token& stop) {
  ProcessRequest request;
  request.arguments = record.Command();
  for (const char* word : {"--json", "--keep"}) request.arguments.emplace_back(word);
  request.arguments.push_back(FolderOf(record.id));
  request.environment = {{runbooks::kActionVariable, record.id}, {"VIGIA_HOME", world_.home}};
  request.timeout = kLongestDrill;
  request.grace = kGrace;
  request.stop = stop;
  request.at_our_death = ProcessRequest::AtOurDeath::kTerm;
  TakeEnd(world_.programs.Run(request), record);
  const std::lock_guard lock(mutex_);
  if (stop.stop_requested() && record.state != State::kPassed) {
    record.state = State::kStopped;
    record.why = stopping_.empty() ? "the control plane ended" : "stopped by " + stopping_;
  }
  stopping_.clear();
  record.finished_at = world_.clock.Now();
  Keep(record);
}

Status Drills::Stop(const std::string& id, const std::string& who) {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(id);
  if (found == records_.end()) return Error(Code::kNotFound, "there is no drill of this id");
  if (found->second.state != State::kRunning) return Error(Code::kFailedPrecondition, "drill " + id + " has ended");
  stopping_ = who;
  thread_.request_stop();
  return {};
}

void Drills::Keep(const DrillRecord& record) {
  records_.insert_or_assign(record.id, record);
  const Status written = world_.files.Write(JoinPath(FolderOf(record.id), "drill.json"), PrettyJson(ToJson(record)));
  if (!written.ok()) world_.log.Error("a drill cannot be recorded", {{"reason", written.error().message()}});
}

void Drills::Prune() {
  while (records_.size() >= kKeptDrills) {
    const Status removed = world_.files.RemoveTree(FolderOf(records_.begin()->first));
    if (!removed.ok()) world_.log.Error("an old drill cannot be removed", {{"reason", removed.error().message()}});
    records_.erase(records_.begin());
  }
}

std::vector<DrillRecord> Drills::Recent() const {
  const std::lock_guard lock(mutex_);
  std::vector<DrillRecord> recent;
  for (auto record = records_.rbegin(); record != records_.rend(); ++record) recent.push_back(record->second);
  return recent;
}

Result<Json> Drills::Show(const std::string& id) const {
  DrillRecord record;
  {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(id);
    if (found == records_.end()) return Error(Code::kNotFound, "there is no drill of this id");
    record = found->second;
  }
  Json view = ToJson(record);
  const std::string folder = JoinPath(FolderOf(id), record.drill);
  for (const char* part : {"incident", "run", "timeline"}) {
    const auto text = world_.files.Read(JoinPath(folder, std::string(part) + ".json"));
    auto json = text.ok() ? ParseJson(*text) : Result<Json>(text.error());
    view[part] = json.ok() ? *std::move(json) : Json(nullptr);
  }
  const auto postmortem = world_.files.Read(JoinPath(folder, "postmortem.md"));
  view["postmortem"] = postmortem.ok() ? Json(*postmortem) : Json(nullptr);
  return view;
}

}  // namespace vigia::control
