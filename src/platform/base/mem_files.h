// A file system in memory, for tests: with faults on demand. Thread-safe.
#pragma once

#include <map>
#include <set>

#include "base/files.h"

namespace vigia {

class MemFiles final : public Files {
 public:
  explicit MemFiles(const Clock& clock) : clock_(clock) {}

  // The write after the next `writes` ones, and all after it, fail with `code`
  // and leave what was there. A negative number turns the fault off.
  void FailWritesAfter(int writes, Code code = Code::kResourceExhausted);
  int write_count() const;

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

 private:
  struct Entry {
    std::string bytes;
    WallTime modified;
  };
  class HeldLock;

  Status CountWrite(const std::string& path);
  void AddFolders(const std::string& path);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> files_;
  std::set<std::string> folders_;
  std::set<std::string> locks_;
  int writes_ = 0;
  int fail_after_ = -1;
  Code fail_code_ = Code::kResourceExhausted;
};

}  // namespace vigia
