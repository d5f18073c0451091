// The file system, passed in. Writers are crash-safe: a reader sees the old file or the new one,
// never half of one, and what Write returned OK for survives a power cut.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace vigia {

struct FileInfo {
  std::string name;  // last component
  bool is_directory = false;
  uint64_t size = 0;
  WallTime modified{};
};

struct DiskSpace {
  uint64_t total_bytes = 0;
  uint64_t free_bytes = 0;  // what an unprivileged process may use
};

// Held until destroyed, also when the process dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

// Paths are absolute or relative to the process. Thread-safe. Errors name the path and the cause.
class Files {
 public:
  virtual ~Files() = default;
  virtual Result<std::string> Read(const std::string& path) const = 0;
  // Write aside, fsync, rename, fsync the folder. Makes missing parent folders.
  virtual Status Write(const std::string& path, std::string_view bytes) = 0;
  // Appends and, if asked, waits for the disk. Makes the file, not its folder.
  enum class Sync { kNo, kYes };
  virtual Status Append(const std::string& path, std::string_view bytes, Sync sync) = 0;
  virtual Status MakeFolders(const std::string& path) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;      // fsyncs both folders
  virtual Status Remove(const std::string& path) = 0;                             // one file; missing is an error
  virtual Status RemoveTree(const std::string& path) = 0;                         // missing is fine
  virtual Result<std::vector<FileInfo>> List(const std::string& path) const = 0;  // sorted by name
  virtual Result<FileInfo> Info(const std::string& path) const = 0;
  virtual Result<DiskSpace> Space(const std::string& path) const = 0;
  // Exclusive advisory lock on a file that is made if missing. kUnavailable when another holds it.
  virtual Result<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;

  bool Exists(const std::string& path) const { return Info(path).ok(); }
};

class SystemFiles final : public Files {
 public:
  Result<std::string> Read(const std::string& path) const override;
  Status Write(const std::string& path, std::string_view bytes) override;
  Status Append(const std::string& path, std::string_view bytes, Sync sync) override;
  Status MakeFolders(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status RemoveTree(const std::string& path) override;
  Result<std::vector<FileInfo>> List(const std::string& path) const override;
  Result<FileInfo> Info(const std::string& path) const override;
  Result<DiskSpace> Space(const std::string& path) const override;
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;
};

// A path a user gave, resolved inside `root`: kPermissionDenied when it leads out of it
// (.., an absolute path, a symbolic link). The path need not exist.
Result<std::string> ResolveInside(const std::string& root, std::string_view user_path);

std::string JoinPath(std::string_view folder, std::string_view name);
std::string ParentPath(std::string_view path);
std::string BaseName(std::string_view path);

}  // namespace vigia
