#include "control/programs.h"

#include <algorithm>
#include <filesystem>

#include "runbooks/system_runner.h"

namespace vigia::control {
namespace {

constexpr size_t kKeptPrograms = 100;

std::string ActionOf(const ProcessRequest& request) {
  for (const auto& [name, value] : request.environment) {
    if (name == runbooks::kActionVariable) return value;
  }
  return "";
}

}  // namespace

std::string OwnProgram() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "vigia" : self.string();
}

Result<ProcessResult> OwnPrograms::Run(const ProcessRequest& request) {
  if (request.arguments.front() != "vigia") return processes_.Run(request);
  const uint64_t number = Begin(request);
  ProcessRequest ours = request;
  ours.arguments.front() = program_;
  ours.environment.emplace_back(kProgressVariable, "json");
  ours.take_error_line = [this, number, &request](std::string_view line) {
    auto mark = ParseProgressLine(line);
    if (!mark) return request.take_error_line && request.take_error_line(line);
    Tell(number, *std::move(mark));
    return true;
  };
  auto ended = processes_.Run(ours);
  End(number, ended);
  return ended;
}

bool OwnPrograms::IsRunning(const std::string& name, const std::string& value) const {
  return processes_.IsRunning(name, value);
}

uint64_t OwnPrograms::Begin(const ProcessRequest& request) {
  const std::lock_guard lock(mutex_);
  CommandRecord record;
  record.number = ++last_;
  record.command = request.arguments;
  record.action = ActionOf(request);
  record.started_at = clock_.Now();
  records_.push_front(std::move(record));
  return last_;
}

void OwnPrograms::Tell(uint64_t number, ProgressMark mark) {
  const std::lock_guard lock(mutex_);
  for (CommandRecord& record : records_) {
    if (record.number == number) record.progress = std::move(mark);
  }
}

void OwnPrograms::End(uint64_t number, const Result<ProcessResult>& ended) {
  const std::lock_guard lock(mutex_);
  const auto record =
      std::find_if(records_.begin(), records_.end(), [number](const auto& one) { return one.number == number; });
  if (!record->action.empty()) {  // told by whoever wanted it
    records_.erase(record);
    return;
  }
  record->finished_at = clock_.Now();
  record->progress.reset();
  record->succeeded = ended.ok() && ended->succeeded();
  if (ended.ok() && ended->end == ProcessResult::End::kExited) record->exit = ended->code;
  if (!record->succeeded) {
    const std::string text = ended.ok() ? ended->err : ended.error().message();
    record->text = text.substr(0, text.find('\n'));
  }
  // Only the last end of each command is kept, and of as many commands as are worth showing.
  const std::vector<std::string> command = record->command;
  std::erase_if(records_, [&](const CommandRecord& one) {
    return one.number != number && one.finished_at && one.command == command;
  });
  const auto oldest = std::find_if(records_.rbegin(), records_.rend(), [](const auto& one) { return one.finished_at; });
  if (records_.size() > kKeptPrograms && oldest != records_.rend()) records_.erase(std::next(oldest).base());
}

std::vector<CommandRecord> OwnPrograms::Recent() const {
  const std::lock_guard lock(mutex_);
  return {records_.begin(), records_.end()};
}

std::optional<ProgressMark> OwnPrograms::ProgressOf(const std::string& action) const {
  const std::lock_guard lock(mutex_);
  for (const CommandRecord& record : records_) {
    if (!action.empty() && record.action == action) return record.progress;
  }
  return std::nullopt;
}

}  // namespace vigia::control
