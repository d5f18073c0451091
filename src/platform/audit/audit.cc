#include "audit/audit.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "base/digest.h"
#include "base/text.h"

namespace vigia::audit {

namespace {

const std::string kGenesis(64, '0');
// Closes a torn line, so that it can never be read as an entry.
constexpr std::string_view kTornMark = "#torn";
constexpr int kMostPauses = 2000;
constexpr Duration kPause = std::chrono::milliseconds(1);

// Where the chain ends.
struct Head {
  uint64_t seq = 0;
  std::string hash = kGenesis;
  uint64_t bytes = 0;  // of the log
};

std::string HeadPath(const std::string& path) { return path + ".head"; }

std::string FormatHead(const Head& head) {
  return CompactJson(Json{{"seq", head.seq}, {"hash", head.hash}, {"bytes", head.bytes}}) + "\n";
}

Result<Head> ReadHead(const Files& files, const std::string& path) {
  const Json json = TRY(ParseJson(TRY(files.Read(HeadPath(path)))));
  Head head;
  head.seq = static_cast<uint64_t>(TRY(GetInteger(json, "seq")));
  head.hash = TRY(GetString(json, "hash"));
  head.bytes = static_cast<uint64_t>(TRY(GetInteger(json, "bytes")));
  return head;
}

struct Line {
  uint64_t seq = 0;
  std::string prev, hash;
};

// The entry in a line whose own hash is right.
Result<Line> ReadLine(std::string_view text) {
  constexpr std::string_view kMark = ",\"hash\":\"";
  const size_t mark = text.rfind(kMark);
  if (mark == std::string_view::npos) return Error(Code::kDataLoss, "has no hash");
  const Json json = TRY(ParseJson(text));
  Line line;
  line.seq = static_cast<uint64_t>(TRY(GetInteger(json, "seq")));
  line.prev = TRY(GetString(json, "prev"));
  line.hash = TRY(GetString(json, "hash"));
  if (Sha256Hex(text.substr(0, mark)) != line.hash) return Error(Code::kDataLoss, "does not match its hash");
  return line;
}

// Walks the whole log; `head` ends at its last good entry.
Verification Walk(std::string_view log, Head& head) {
  Verification result;
  uint64_t number = 0;
  while (!log.empty()) {
    ++number;
    const size_t end = log.find('\n');
    const std::string_view text = log.substr(0, end);
    head.bytes += end == std::string_view::npos ? text.size() : end + 1;
    log.remove_prefix(end == std::string_view::npos ? log.size() : end + 1);
    if (end == std::string_view::npos || text.ends_with(kTornMark)) {
      ++result.torn;
      continue;
    }
    const auto line = ReadLine(text);
    std::string problem;
    if (!line.ok()) {
      problem = line.error().message();
    } else if (line->prev != head.hash || line->seq != head.seq + 1) {
      problem = "does not follow the line before it";
    }
    if (!problem.empty()) {
      result.first_bad_line = number;
      result.problem = fmt::format("line {} {}", number, problem);
      return result;
    }
    head.seq = line->seq;
    head.hash = line->hash;
    ++result.entries;
  }
  result.intact = true;
  return result;
}

// The end of the chain: the head file when it agrees with the log's size, else the log itself.
Result<Head> FindEnd(const Files& files, const std::string& path) {
  const auto info = files.Info(path);
  if (!info.ok() && info.error().code() == Code::kNotFound) return Head{};
  if (!info.ok()) return info.error();
  if (auto head = ReadHead(files, path); head.ok() && head->bytes == info->size) return head;
  const std::string log = TRY(files.Read(path));
  Head head;
  const Verification walked = Walk(log, head);
  if (!walked.intact) return Error(Code::kDataLoss, path + ": " + walked.problem + "; vigia audit verify shows it");
  head.bytes = log.size();
  return head;
}

}  // namespace

void SystemPause(Duration time) { std::this_thread::sleep_for(time); }

Status Append(Files& files, const std::string& path, WallTime now, const Event& event, const Pause& pause) {
  TRY(files.MakeFolders(ParentPath(path)));
  Result<std::unique_ptr<FileLock>> lock = files.Lock(path + ".lock");
  // Appends are short: another holder is gone within moments.
  for (int attempt = 0; !lock.ok() && lock.error().code() == Code::kUnavailable && attempt < kMostPauses; ++attempt) {
    pause(kPause);
    lock = files.Lock(path + ".lock");
  }
  if (!lock.ok()) return lock.error();

  Head head = TRY(FindEnd(files, path));
  std::string bytes;
  if (head.bytes > 0 && !TRY(files.Read(path)).ends_with('\n')) bytes = std::string(kTornMark) + "\n";

  std::string line = fmt::format(R"({{"seq":{},"timestamp":"{}","action":)", head.seq + 1, FormatTime(now));
  AppendJsonString(line, event.action);
  line += ",\"who\":";
  AppendJsonString(line, event.who);
  line += fmt::format(R"(,"details":{},"prev":"{}")", CompactJson(event.details), head.hash);
  const std::string hash = Sha256Hex(line);
  bytes += line + fmt::format(R"(,"hash":"{}"}})", hash) + "\n";

  TRY(files.Append(path, bytes, Files::Sync::kYes));
  return files.Write(HeadPath(path), FormatHead(Head{head.seq + 1, hash, head.bytes + bytes.size()}));
}

Result<Verification> Verify(const Files& files, const std::string& path) {
  const auto log = files.Read(path);
  const auto head = ReadHead(files, path);
  Verification result;
  if (!log.ok()) {
    if (log.error().code() != Code::kNotFound) return log.error();
    result.intact = !head.ok() || head->seq == 0;
    if (!result.intact) result.problem = "the log is gone, but its head remembers entries";
    return result;
  }
  Head end;
  result = Walk(*log, end);
  if (!result.intact) return result;
  if (!head.ok() && result.entries > 1) {
    result.intact = false;
    result.problem = "the head file is missing or unreadable";
  } else if (head.ok() && head->seq > end.seq) {
    result.intact = false;
    result.problem = fmt::format("the log ends at entry {}, but its head remembers {}", end.seq, head->seq);
  }
  return result;
}

std::string CurrentUser(const Variables& environment) {
  for (const char* name : {"SUDO_USER", "USER", "LOGNAME"}) {
    const std::optional<std::string> value = environment(name);
    if (value && !value->empty()) return *value;
  }
  return fmt::format("uid:{}", ::getuid());
}

std::string CurrentUser() {
  return CurrentUser([](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  });
}

}  // namespace vigia::audit
