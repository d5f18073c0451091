#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cmath>

#include "base/files.h"
#include "base/redact.h"
#include "base/text.h"

namespace vigia {

std::string_view LogLevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "DEBUG";
    case LogLevel::kInfo: return "INFO";
    case LogLevel::kWarning: return "WARNING";
    case LogLevel::kError: return "ERROR";
  }
  return "INFO";
}

Result<LogLevel> ParseLogLevel(std::string_view name) {
  const std::string upper = ToUpperAscii(name);
  if (upper == "DEBUG") return LogLevel::kDebug;
  if (upper == "INFO") return LogLevel::kInfo;
  if (upper == "WARNING" || upper == "WARN") return LogLevel::kWarning;
  if (upper == "ERROR" || upper == "CRITICAL") return LogLevel::kError;
  return Error(Code::kInvalidArgument, "unknown log level (want DEBUG, INFO, WARNING or ERROR)");
}

namespace {

void AppendValue(std::string& line, const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    AppendJsonString(line, *text);
  } else if (const auto* integer = std::get_if<int64_t>(&field.value)) {
    fmt::format_to(std::back_inserter(line), "{}", *integer);
  } else if (const auto* number = std::get_if<double>(&field.value)) {
    if (std::isfinite(*number)) {
      fmt::format_to(std::back_inserter(line), "{}", *number);
    } else {
      line += "null";
    }
  } else {
    line += std::get<bool>(field.value) ? "true" : "false";
  }
}

}  // namespace

std::string FormatLogLine(WallTime now, LogLevel level, std::string_view logger, std::string_view message,
                          std::initializer_list<LogField> fields) {
  std::string line = fmt::format(R"({{"timestamp": "{}", "level": "{}", "logger": "{}", "message": )", FormatTime(now),
                                 LogLevelName(level), logger);
  AppendJsonString(line, message);
  for (const LogField& field : fields) {
    line += ", ";
    AppendJsonString(line, field.key);
    line += ": ";
    AppendValue(line, field);
  }
  line += "}\n";
  return line;
}

namespace {

class AsyncLog final : public Log {
 public:
  AsyncLog(const LogSettings& settings, const Clock& clock, std::vector<spdlog::sink_ptr> sinks)
      : settings_(settings), clock_(clock), pool_(std::make_shared<spdlog::details::thread_pool>(8192, 1)) {
    logger_ = std::make_shared<spdlog::async_logger>(settings.logger, sinks.begin(), sinks.end(), pool_,
                                                     spdlog::async_overflow_policy::overrun_oldest);
    logger_->set_pattern("%v", spdlog::pattern_time_type::utc);
    logger_->set_level(spdlog::level::trace);
    logger_->flush_on(spdlog::level::trace);
    // A full disk must not end the process or flood stderr: the line is lost, the service goes on.
    logger_->set_error_handler([](const std::string&) {});
  }

  void Write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) override {
    if (level < settings_.level) return;
    std::string line = FormatLogLine(clock_.Now(), level, settings_.logger, message, fields);
    if (std::string redacted; RedactLines(line, redacted)) line.swap(redacted);
    line.pop_back();  // spdlog ends the line
    logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }

 private:
  const LogSettings settings_;
  const Clock& clock_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;  // its destructor drains the queue
  std::shared_ptr<spdlog::async_logger> logger_;
};

}  // namespace

Result<std::unique_ptr<Log>> OpenLog(const LogSettings& settings, const Clock& clock) {
  try {
    std::vector<spdlog::sink_ptr> sinks;
    if (settings.to_stderr) sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    if (!settings.file.empty()) {
      sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(settings.file, settings.rotate_bytes,
                                                                             static_cast<size_t>(settings.keep_files)));
    }
    return std::unique_ptr<Log>(std::make_unique<AsyncLog>(settings, clock, std::move(sinks)));
  } catch (const spdlog::spdlog_ex&) {
    return Error(Code::kUnavailable, settings.file + ": cannot open the log file");
  }
}

void FakeLog::Write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  const std::scoped_lock lock(mutex_);
  lines_.push_back(FormatLogLine(WallTime{}, level, "test", message, fields));
}

std::vector<std::string> FakeLog::Lines() const {
  const std::scoped_lock lock(mutex_);
  return lines_;
}

}  // namespace vigia
