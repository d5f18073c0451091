// Segments in memory, on a disk that a test can fill or break. Thread-safe.
#pragma once

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>

#include "inference/segment_file.h"
#include "inference/segment_format.h"

namespace vigia::inference {

class FakeSegmentFolder final : public SegmentFolder {
 public:
  struct State {
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<std::string>> files;
    uint64_t room = UINT64_MAX;  // bytes that still fit
    int write_error = 0;         // every write fails with this, after `room` bytes
    bool truncate_works = true;
    int writes = 0;
    int syncs = 0;
    int open = 0;
    uint64_t stamp = 0;
  };

  explicit FakeSegmentFolder(std::shared_ptr<State> state) : state_(std::move(state)) {}

  Result<std::unique_ptr<SegmentFile>> Create(const std::string& name) override {
    const std::lock_guard lock(state_->mutex);
    auto bytes = std::make_shared<std::string>();
    state_->files[name] = bytes;
    ++state_->open;
    return std::unique_ptr<SegmentFile>(std::make_unique<File>(state_, name, bytes));
  }
  void Remove(const std::string& name) override {
    const std::lock_guard lock(state_->mutex);
    state_->files.erase(name);
  }
  FolderUsage Usage() const override {
    const std::lock_guard lock(state_->mutex);
    FolderUsage usage;
    for (const auto& [name, bytes] : state_->files) {
      ++usage.segments;
      usage.bytes += bytes->size();
    }
    return usage;
  }
  uint64_t RotationStamp() const override {
    const std::lock_guard lock(state_->mutex);
    return state_->stamp;
  }

 private:
  class File final : public SegmentFile {
   public:
    File(std::shared_ptr<State> state, std::string name, std::shared_ptr<std::string> bytes)
        : state_(std::move(state)), name_(std::move(name)), bytes_(std::move(bytes)) {}
    ~File() override {
      const std::lock_guard lock(state_->mutex);
      --state_->open;
    }
    WriteOutcome WriteAt(uint64_t offset, std::string_view bytes) override {
      const std::lock_guard lock(state_->mutex);
      ++state_->writes;
      const size_t fits = std::min<uint64_t>(bytes.size(), state_->room);
      if (state_->room != UINT64_MAX) state_->room -= fits;
      if (bytes_->size() < offset + fits) bytes_->resize(offset + fits, '\0');
      bytes_->replace(offset, fits, bytes.substr(0, fits));
      if (fits == bytes.size() && state_->write_error == 0) return {fits, 0};
      return {fits, state_->write_error != 0 ? state_->write_error : ENOSPC};
    }
    bool Truncate(uint64_t size) override {
      const std::lock_guard lock(state_->mutex);
      if (!state_->truncate_works) return false;
      bytes_->resize(size, '\0');
      return true;
    }
    bool SyncData() override {
      const std::lock_guard lock(state_->mutex);
      ++state_->syncs;
      return true;
    }
    bool Linked() const override {
      const std::lock_guard lock(state_->mutex);
      const auto it = state_->files.find(name_);
      return it != state_->files.end() && it->second == bytes_;
    }

   private:
    std::shared_ptr<State> state_;
    std::string name_;
    std::shared_ptr<std::string> bytes_;
  };

  std::shared_ptr<State> state_;
};

}  // namespace vigia::inference
