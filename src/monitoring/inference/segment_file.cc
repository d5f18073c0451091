#include "inference/segment_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/files.h"
#include "base/unique_fd.h"
#include "inference/segment_format.h"

namespace vigia::inference {

namespace {

constexpr std::string_view kRequestName = "rotate.request";

class SystemSegmentFile final : public SegmentFile {
 public:
  explicit SystemSegmentFile(UniqueFd fd) : fd_(std::move(fd)) {}

  WriteOutcome WriteAt(uint64_t offset, std::string_view bytes) override {
    WriteOutcome outcome;
    while (outcome.written < bytes.size()) {
      const ssize_t got = ::pwrite(fd_.get(), bytes.data() + outcome.written, bytes.size() - outcome.written,
                                   static_cast<off_t>(offset + outcome.written));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        outcome.error = got < 0 ? errno : EIO;
        return outcome;
      }
      outcome.written += static_cast<size_t>(got);
    }
    return outcome;
  }

  bool Truncate(uint64_t size) override { return ::ftruncate(fd_.get(), static_cast<off_t>(size)) == 0; }
  bool SyncData() override { return ::fdatasync(fd_.get()) == 0; }
  bool Linked() const override {
    struct stat info {};
    return ::fstat(fd_.get(), &info) != 0 || info.st_nlink > 0;
  }

 private:
  UniqueFd fd_;  // closing it releases the lock
};

}  // namespace

std::string_view LossCauseName(LossCause cause) {
  switch (cause) {
    case LossCause::kDiskFull: return "disk_full";
    case LossCause::kIoError: return "io_error";
    case LossCause::kNoSegment: return "no_segment";
    case LossCause::kTooLarge: return "too_large";
  }
  return "unknown";
}

LossCause CauseOfErrno(int error_number) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
  return full ? LossCause::kDiskFull : LossCause::kIoError;
}

Result<std::unique_ptr<SegmentFile>> SystemSegmentFolder::Create(const std::string& name) {
  const std::string path = JoinPath(path_, name);
  const auto open = [&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644); };
  UniqueFd fd(open());
  if (!fd.valid() && errno == ENOENT) {
    std::error_code ignored;
    std::filesystem::create_directories(path_, ignored);
    fd.Reset(open());
  }
  if (!fd.valid()) {
    const Code code = CauseOfErrno(errno) == LossCause::kDiskFull ? Code::kResourceExhausted : Code::kInternal;
    return Error(code, path + ": " + std::strerror(errno));
  }
  // A compactor may look at the file before it is locked: then it finds it empty, removes it, and
  // Linked() says so.
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return Error(Code::kUnavailable, path + ": cannot be locked");
  return std::unique_ptr<SegmentFile>(std::make_unique<SystemSegmentFile>(std::move(fd)));
}

void SystemSegmentFolder::Remove(const std::string& name) { ::unlink(JoinPath(path_, name).c_str()); }

FolderUsage SystemSegmentFolder::Usage() const {
  FolderUsage usage;
  std::error_code error;
  for (std::filesystem::directory_iterator it(path_, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().ends_with(kSegmentSuffix)) continue;
    std::error_code gone;
    const uint64_t bytes = it->file_size(gone);
    if (gone) continue;
    ++usage.segments;
    usage.bytes += bytes;
  }
  return usage;
}

uint64_t SystemSegmentFolder::RotationStamp() const {
  struct stat info {};
  if (::stat(JoinPath(path_, kRequestName).c_str(), &info) != 0) return 0;
  // A new file per request, so the inode changes even when the clock does not.
  return static_cast<uint64_t>(info.st_mtim.tv_sec) * 1'000'000'000U + static_cast<uint64_t>(info.st_mtim.tv_nsec) +
         info.st_ino;
}

Status RequestRotation(const std::string& folder) {
  SystemFiles files;
  return files.Write(JoinPath(folder, kRequestName), "rotate\n");
}

std::string WalFolder(const std::string& store_folder) { return JoinPath(store_folder, "wal"); }

}  // namespace vigia::inference
