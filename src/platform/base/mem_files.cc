#include "base/mem_files.h"

#include <utility>

namespace vigia {

namespace {
Error Missing(const std::string& path) { return Error(Code::kNotFound, path + ": No such file or directory"); }
bool IsBelow(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}
}  // namespace

class MemFiles::HeldLock final : public FileLock {
 public:
  HeldLock(MemFiles& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~HeldLock() override {
    const std::scoped_lock lock(files_.mutex_);
    files_.locks_.erase(path_);
  }

 private:
  MemFiles& files_;
  std::string path_;
};

void MemFiles::FailWritesAfter(int writes, Code code) {
  const std::scoped_lock lock(mutex_);
  fail_after_ = writes < 0 ? -1 : writes_ + writes;
  fail_code_ = code;
}

int MemFiles::write_count() const {
  const std::scoped_lock lock(mutex_);
  return writes_;
}

Status MemFiles::CountWrite(const std::string& path) {
  if (fail_after_ >= 0 && writes_ >= fail_after_) return Error(fail_code_, path + ": injected fault");
  ++writes_;
  return {};
}

void MemFiles::AddFolders(const std::string& path) {
  for (std::string folder = path; folder != "." && folder != "/" && !folder.empty(); folder = ParentPath(folder)) {
    folders_.insert(folder);
  }
}

Result<std::string> MemFiles::Read(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  const auto found = files_.find(path);
  if (found == files_.end()) return Missing(path);
  return found->second.bytes;
}

Status MemFiles::Write(const std::string& path, std::string_view bytes) {
  const std::scoped_lock lock(mutex_);
  TRY(CountWrite(path));
  AddFolders(ParentPath(path));
  files_[path] = Entry{std::string(bytes), clock_.Now()};
  return {};
}

Status MemFiles::Append(const std::string& path, std::string_view bytes, Sync) {
  const std::scoped_lock lock(mutex_);
  TRY(CountWrite(path));
  Entry& entry = files_[path];
  entry.bytes.append(bytes);
  entry.modified = clock_.Now();
  return {};
}

Status MemFiles::MakeFolders(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  AddFolders(path);
  return {};
}

Status MemFiles::Rename(const std::string& from, const std::string& to) {
  const std::scoped_lock lock(mutex_);
  TRY(CountWrite(to));
  if (auto node = files_.extract(from)) {
    node.key() = to;
    files_.erase(to);
    files_.insert(std::move(node));
    return {};
  }
  if (!folders_.contains(from)) return Missing(from);
  std::map<std::string, Entry> moved;
  for (auto it = files_.begin(); it != files_.end();) {
    if (IsBelow(it->first, from)) {
      moved.emplace(to + it->first.substr(from.size()), std::move(it->second));
      it = files_.erase(it);
    } else {
      ++it;
    }
  }
  files_.merge(moved);
  std::set<std::string> kept;
  for (const std::string& folder : folders_) {
    const bool inside = folder == from || IsBelow(folder, from);
    kept.insert(inside ? to + folder.substr(from.size()) : folder);
  }
  folders_ = std::move(kept);
  return {};
}

Status MemFiles::Remove(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  TRY(CountWrite(path));
  if (files_.erase(path) == 0) return Missing(path);
  return {};
}

Status MemFiles::RemoveTree(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  TRY(CountWrite(path));
  std::erase_if(files_, [&](const auto& item) { return item.first == path || IsBelow(item.first, path); });
  std::erase_if(folders_, [&](const auto& folder) { return folder == path || IsBelow(folder, path); });
  return {};
}

Result<std::vector<FileInfo>> MemFiles::List(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  if (!folders_.contains(path)) return Missing(path);
  std::map<std::string, FileInfo> entries;
  for (const std::string& folder : folders_) {
    if (IsBelow(folder, path) && ParentPath(folder) == path) {
      entries[BaseName(folder)] = FileInfo{BaseName(folder), true, 0, {}};
    }
  }
  for (const auto& [name, entry] : files_) {
    if (ParentPath(name) == path) {
      entries[BaseName(name)] = FileInfo{BaseName(name), false, entry.bytes.size(), entry.modified};
    }
  }
  std::vector<FileInfo> sorted;
  for (auto& [name, info] : entries) sorted.push_back(std::move(info));
  return sorted;
}

Result<FileInfo> MemFiles::Info(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  if (folders_.contains(path)) return FileInfo{BaseName(path), true, 0, {}};
  const auto found = files_.find(path);
  if (found == files_.end()) return Missing(path);
  return FileInfo{BaseName(path), false, found->second.bytes.size(), found->second.modified};
}

Result<DiskSpace> MemFiles::Space(const std::string&) const { return DiskSpace{uint64_t{1} << 40, uint64_t{1} << 39}; }

Result<std::unique_ptr<FileLock>> MemFiles::Lock(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  if (!locks_.insert(path).second) return Error(Code::kUnavailable, path + ": another process holds this lock");
  return std::unique_ptr<FileLock>(std::make_unique<HeldLock>(*this, path));
}

}  // namespace vigia
