#include "base/line_log.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/redact.h"

namespace vigia {

namespace {

// While lines come, often and little: a loop that shares its core with this thread waits while it writes, and a ring
// holds no more than some milliseconds of a loop at its limit.
constexpr auto kDrainEvery = std::chrono::milliseconds(4);
constexpr auto kLookEvery = std::chrono::milliseconds(20);  // when none came
constexpr size_t kPipeChunk = 4096;  // a writable pipe takes this much without blocking (PIPE_BUF)
constexpr size_t kFileChunk = 1 << 20;

size_t PowerOfTwo(size_t wanted) {
  size_t size = 1024;
  while (size < wanted) size *= 2;
  return size;
}

// How much stderr takes at once without making us wait.
size_t StderrChunk() {
  struct stat info {};
  const bool known = ::fstat(STDERR_FILENO, &info) == 0;
  const bool null = known && S_ISCHR(info.st_mode) && ::isatty(STDERR_FILENO) == 0;
  return known && (null || S_ISREG(info.st_mode)) ? kFileChunk : kPipeChunk;
}

uint64_t CountLines(std::string_view text) { return static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n')); }

}  // namespace

LineRing::LineRing(size_t bytes) : mask_(PowerOfTwo(bytes) - 1), bytes_(new char[mask_ + 1]) {}

bool LineRing::Write(std::string_view line) {
  const uint64_t written = written_.load(std::memory_order_relaxed);
  const uint64_t read = read_.load(std::memory_order_acquire);
  if (line.size() > mask_ + 1 - (written - read)) {
    dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return false;
  }
  const size_t at = written & mask_;
  const size_t first = std::min(line.size(), mask_ + 1 - at);
  std::memcpy(bytes_.get() + at, line.data(), first);
  std::memcpy(bytes_.get(), line.data() + first, line.size() - first);
  written_.store(written + line.size(), std::memory_order_release);
  return true;
}

void LineRing::Drain(std::string& out) {
  const uint64_t read = read_.load(std::memory_order_relaxed);
  const uint64_t written = written_.load(std::memory_order_acquire);
  const size_t count = written - read;
  const size_t at = read & mask_;
  const size_t first = std::min(count, mask_ + 1 - at);
  out.append(bytes_.get() + at, first);
  out.append(bytes_.get(), count - first);
  read_.store(written, std::memory_order_release);
}

Result<std::unique_ptr<LineLog>> LineLog::Open(const LogSettings& settings, size_t rings, const Clock& clock) {
  std::unique_ptr<LineLog> log(new LineLog(settings, rings, clock));
  if (!settings.file.empty() && !log->OpenFile()) {
    return vigia::Error(Code::kUnavailable, settings.file + ": " + std::strerror(errno));
  }
  log->thread_ = std::thread([raw = log.get()] { raw->Run(); });
  return log;
}

LineLog::LineLog(const LogSettings& settings, size_t rings, const Clock& clock) : settings_(settings), clock_(clock) {
  for (size_t i = 0; i < rings; ++i) rings_.push_back(std::make_unique<LineRing>());
}

LineLog::~LineLog() {
  {
    const std::scoped_lock lock(stop_mutex_);
    stopping_ = true;
  }
  stop_changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LineLog::Write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (level < settings_.level) return;
  const std::string line = FormatLogLine(clock_.Now(), level, settings_.logger, message, fields);
  const std::scoped_lock lock(own_mutex_);
  own_ring_.Write(line);
}

uint64_t LineLog::dropped() const {
  uint64_t dropped = own_ring_.dropped() + lost_.load(std::memory_order_relaxed);
  for (const auto& ring : rings_) dropped += ring->dropped();
  return dropped;
}

void LineLog::Run() {
  std::string lines, redacted;
  bool last = false;
  while (!last) {
    {
      std::unique_lock lock(stop_mutex_);
      stop_changed_.wait_for(lock, lines.empty() ? kLookEvery : kDrainEvery, [&] { return stopping_; });
      last = stopping_;
    }
    lines.clear();
    own_ring_.Drain(lines);
    for (const auto& ring : rings_) ring->Drain(lines);
    if (!lines.empty()) WriteOut(RedactLines(lines, redacted) ? redacted : lines);
    for (std::string* buffer : {&lines, &redacted}) {
      if (buffer->capacity() > (1U << 20)) std::string().swap(*buffer);
    }
  }
}

void LineLog::WriteOut(std::string_view lines) {
  if (settings_.to_stderr) WriteToStderr(lines);
  if (settings_.file.empty()) return;
  struct stat ours {
  }, named{};
  const bool gone = !file_.valid() || ::fstat(file_.get(), &ours) != 0 || ::stat(settings_.file.c_str(), &named) != 0 ||
                    ours.st_ino != named.st_ino || ours.st_dev != named.st_dev;
  if (gone && !OpenFile()) {
    lost_ += CountLines(lines);
    return;
  }
  if (file_size_ + lines.size() > settings_.rotate_bytes) Rotate();
  while (!lines.empty()) {
    const ssize_t count = ::write(file_.get(), lines.data(), lines.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      lost_ += CountLines(lines);
      return;
    }
    file_size_ += static_cast<uint64_t>(count);
    lines.remove_prefix(static_cast<size_t>(count));
  }
}

// Lines that stderr does not take at once are left out there: whoever reads it has the file too.
void LineLog::WriteToStderr(std::string_view lines) {
  const size_t most = StderrChunk();
  while (!lines.empty()) {
    pollfd ready{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return;
    std::string_view chunk = lines.substr(0, most);
    if (const size_t end = chunk.rfind('\n'); end != std::string_view::npos) chunk = chunk.substr(0, end + 1);
    const ssize_t count = ::write(STDERR_FILENO, chunk.data(), chunk.size());
    if (count <= 0) return;
    lines.remove_prefix(static_cast<size_t>(count));
  }
}

bool LineLog::OpenFile() {
  file_ = UniqueFd(::open(settings_.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
  struct stat info {};
  file_size_ = file_.valid() && ::fstat(file_.get(), &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
  return file_.valid();
}

std::string LineLog::RotatedName(int number) const {
  const std::string& file = settings_.file;
  const size_t dot = file.rfind('.');
  const size_t slash = file.rfind('/');
  const bool suffixed = dot != std::string::npos && (slash == std::string::npos || dot > slash + 1);
  const std::string stem = suffixed ? file.substr(0, dot) : file;
  return stem + "." + std::to_string(number) + (suffixed ? file.substr(dot) : "");
}

void LineLog::Rotate() {
  for (int number = settings_.keep_files; number > 0; --number) {
    const std::string from = number == 1 ? settings_.file : RotatedName(number - 1);
    std::rename(from.c_str(), RotatedName(number).c_str());  // a missing one is no error
  }
  OpenFile();
}

}  // namespace vigia
