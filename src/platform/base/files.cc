#include "base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/unique_fd.h"

namespace vigia {

namespace {

namespace fs = std::filesystem;

Error SystemError(int error_number, const std::string& path) {
  const Code code = [&] {
    switch (error_number) {
      case ENOENT: return Code::kNotFound;
      case EEXIST: return Code::kAlreadyExists;
      case EACCES:
      case EPERM:
      case EROFS: return Code::kPermissionDenied;
      case ENOSPC:
      case EDQUOT:
      case EMFILE:
      case ENFILE: return Code::kResourceExhausted;
      case EISDIR:
      case ENOTDIR:
      case ENAMETOOLONG: return Code::kInvalidArgument;
      default: return Code::kInternal;
    }
  }();
  return Error(code, path + ": " + std::strerror(error_number));
}

Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return SystemError(errno, path);
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Status SyncFolder(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) return SystemError(errno, path);
  return {};
}

// Unique per process and call, so that two writers of one path never share the file they write aside.
std::string AsidePath(const std::string& path) {
  static std::atomic<uint64_t> counter{0};
  return path + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
}

WallTime FromTimespec(const timespec& time) {
  return WallTime(std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_nsec / 1000));
}

class SystemFileLock final : public FileLock {
 public:
  explicit SystemFileLock(UniqueFd fd) : fd_(std::move(fd)) {}

 private:
  UniqueFd fd_;  // closing it releases the lock
};

}  // namespace

Result<std::string> SystemFiles::Read(const std::string& path) const {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return SystemError(errno, path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return SystemError(errno, path);
  if (S_ISDIR(info.st_mode)) return SystemError(EISDIR, path);
  std::string bytes;
  bytes.reserve(static_cast<size_t>(info.st_size));
  char buffer[65536];
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(errno, path);
    if (got == 0) return bytes;
    bytes.append(buffer, static_cast<size_t>(got));
  }
}

Status SystemFiles::Write(const std::string& path, std::string_view bytes) {
  TRY(MakeFolders(ParentPath(path)));
  const std::string aside = AsidePath(path);
  const Status done = [&]() -> Status {
    UniqueFd fd(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!fd.valid()) return SystemError(errno, path);
    TRY(WriteAll(fd.get(), bytes, path));
    if (::fsync(fd.get()) != 0) return SystemError(errno, path);
    if (::close(fd.release()) != 0) return SystemError(errno, path);
    if (::rename(aside.c_str(), path.c_str()) != 0) return SystemError(errno, path);
    return {};
  }();
  if (!done.ok()) {
    ::unlink(aside.c_str());
    return done;
  }
  return SyncFolder(ParentPath(path));
}

Status SystemFiles::Append(const std::string& path, std::string_view bytes, Sync sync) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!fd.valid()) return SystemError(errno, path);
  TRY(WriteAll(fd.get(), bytes, path));
  if (sync == Sync::kYes && ::fdatasync(fd.get()) != 0) return SystemError(errno, path);
  return {};
}

Status SystemFiles::MakeFolders(const std::string& path) {
  if (path.empty()) return {};
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return SystemError(error.value(), path);
  return {};
}

Status SystemFiles::Rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return SystemError(errno, from + " -> " + to);
  TRY(SyncFolder(ParentPath(to)));
  if (ParentPath(from) != ParentPath(to)) TRY(SyncFolder(ParentPath(from)));
  return {};
}

Status SystemFiles::Remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return SystemError(errno, path);
  return {};
}

Status SystemFiles::RemoveTree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return SystemError(error.value(), path);
  return {};
}

Result<std::vector<FileInfo>> SystemFiles::List(const std::string& path) const {
  std::error_code error;
  std::vector<FileInfo> entries;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    auto info = Info(it->path().string());
    if (info.ok()) entries.push_back(std::move(info).value());  // else: removed meanwhile
  }
  if (error) return SystemError(error.value(), path);
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

Result<FileInfo> SystemFiles::Info(const std::string& path) const {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return SystemError(errno, path);
  return FileInfo{BaseName(path), S_ISDIR(info.st_mode), static_cast<uint64_t>(info.st_size),
                  FromTimespec(info.st_mtim)};
}

Result<DiskSpace> SystemFiles::Space(const std::string& path) const {
  struct statvfs info {};
  if (::statvfs(path.c_str(), &info) != 0) return SystemError(errno, path);
  return DiskSpace{uint64_t{info.f_blocks} * info.f_frsize, uint64_t{info.f_bavail} * info.f_frsize};
}

Result<std::unique_ptr<FileLock>> SystemFiles::Lock(const std::string& path) {
  TRY(MakeFolders(ParentPath(path)));
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd.valid()) return SystemError(errno, path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return Error(Code::kUnavailable, path + ": another process holds this lock");
    return SystemError(errno, path);
  }
  return std::unique_ptr<FileLock>(std::make_unique<SystemFileLock>(std::move(fd)));
}

Result<std::string> ResolveInside(const std::string& root, std::string_view user_path) {
  const Error outside(Code::kPermissionDenied, "path leads outside " + root);
  const fs::path wanted(user_path);
  if (user_path.empty() || user_path.find('\0') != std::string_view::npos) {
    return Error(Code::kInvalidArgument, "path is empty or holds a zero byte");
  }
  std::error_code error;
  const fs::path base = fs::weakly_canonical(root, error);
  if (error) return SystemError(error.value(), root);
  const fs::path full = fs::weakly_canonical(wanted.is_absolute() ? wanted : base / wanted, error);
  if (error) return SystemError(error.value(), root);
  const auto [base_end, full_it] = std::mismatch(base.begin(), base.end(), full.begin(), full.end());
  if (base_end != base.end()) return outside;
  return full.string();
}

std::string JoinPath(std::string_view folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  std::string joined(folder);
  if (joined.back() != '/') joined.push_back('/');
  return joined.append(name);
}

std::string ParentPath(std::string_view path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

std::string BaseName(std::string_view path) { return fs::path(path).filename().string(); }

}  // namespace vigia
