// Log lines from event loops: each loop has a ring of its own, and one thread writes them all out.
// A blocked disk or pipe fills the rings, lines are dropped and counted, and no request ever waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace vigia {

// Bytes from one thread to another. Lines are whole or not there.
class LineRing {
 public:
  explicit LineRing(size_t bytes = 1 << 18);  // rounded up to a power of two
  // The writing thread. False: no room; the line is counted as dropped.
  bool Write(std::string_view line);
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  // The reading thread. Appends what is there to `out`.
  void Drain(std::string& out);

 private:
  const size_t mask_;
  const std::unique_ptr<char[]> bytes_;
  alignas(64) std::atomic<uint64_t> written_{0};
  alignas(64) std::atomic<uint64_t> read_{0};
  std::atomic<uint64_t> dropped_{0};
};

// A log whose request lines come through rings and whose other lines through Write, in one file with
// rotation (app.log, app.1.log, …) and on stderr. A file that was moved or removed is made again.
class LineLog final : public Log {
 public:
  // `rings` is how many loops will write.
  static Result<std::unique_ptr<LineLog>> Open(const LogSettings& settings, size_t rings, const Clock& clock);
  ~LineLog() override;  // writes out what is queued, as far as nothing blocks

  // Thread-safe; takes a lock, for lines that are not of requests.
  void Write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) override;
  LineRing& ring(size_t index) { return *rings_[index]; }
  uint64_t dropped() const;
  const LogSettings& settings() const { return settings_; }

 private:
  LineLog(const LogSettings& settings, size_t rings, const Clock& clock);
  void Run();
  void WriteOut(std::string_view lines);
  void WriteToStderr(std::string_view lines);
  void Rotate();
  bool OpenFile();
  std::string RotatedName(int number) const;

  const LogSettings settings_;
  const Clock& clock_;
  std::vector<std::unique_ptr<LineRing>> rings_;
  std::mutex own_mutex_;
  LineRing own_ring_;  // guarded by own_mutex_ for writing

  UniqueFd file_;
  uint64_t file_size_ = 0;
  std::atomic<uint64_t> lost_{0};  // lines that left a ring and reached neither file nor stderr

  std::mutex stop_mutex_;
  std::condition_variable stop_changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vigia
