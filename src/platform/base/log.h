// Structured logs: one JSON object a line, written `"level": "ERROR"` with that space, because the
// runbooks grep for it. A value never reaches the log unless a caller names it as a field.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace vigia {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
std::string_view LogLevelName(LogLevel level);  // "DEBUG", "INFO", "WARNING", "ERROR"
Result<LogLevel> ParseLogLevel(std::string_view name);

struct LogField {
  std::string_view key;
  std::variant<std::string_view, int64_t, double, bool> value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, int64_t v) : key(k), value(v) {}
  LogField(std::string_view k, int v) : key(k), value(int64_t{v}) {}
  LogField(std::string_view k, size_t v) : key(k), value(static_cast<int64_t>(v)) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
};

// Thread-safe.
class Log {
 public:
  virtual ~Log() = default;
  virtual void Write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) = 0;

  void Debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kDebug, message, fields);
  }
  void Info(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kInfo, message, fields);
  }
  void Warning(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kWarning, message, fields);
  }
  void Error(std::string_view message, std::initializer_list<LogField> fields = {}) {
    Write(LogLevel::kError, message, fields);
  }
};

// One line, with the final newline.
std::string FormatLogLine(WallTime now, LogLevel level, std::string_view logger, std::string_view message,
                          std::initializer_list<LogField> fields);

struct LogSettings {
  std::string logger = "vigia";      // the field "logger"
  LogLevel level = LogLevel::kInfo;  // what is below it is dropped
  std::string file;                  // empty: no file
  uint64_t rotate_bytes = 64ULL << 20;
  int keep_files = 10;
  bool to_stderr = true;
};

// Writes from a thread of its own: a blocked disk or pipe drops lines and counts them,
// and never blocks a caller. Ends after writing what is queued.
Result<std::unique_ptr<Log>> OpenLog(const LogSettings& settings, const Clock& clock);

class NoLog final : public Log {
 public:
  void Write(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

// Keeps what was written, for tests. Thread-safe.
class FakeLog final : public Log {
 public:
  void Write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) override;
  std::vector<std::string> Lines() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace vigia
