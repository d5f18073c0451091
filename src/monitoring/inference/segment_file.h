// The files behind the write path. An interface, so that tests can fill the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vigia::inference {

// Why a record was lost. Names are used in metrics.
enum class LossCause {
  kDiskFull,   // no space, quota or file size limit
  kIoError,    // any other failure of a write
  kNoSegment,  // no file could be made
  kTooLarge,   // one record larger than the buffer of a turn
};
inline constexpr size_t kLossCauses = 4;
std::string_view LossCauseName(LossCause cause);  // "disk_full", "io_error", "no_segment", "too_large"
LossCause CauseOfErrno(int error_number);

struct WriteOutcome {
  size_t written = 0;  // bytes that are in the file, also after a failure
  int error = 0;       // errno, 0 when everything was written
};

// An open segment. Holds an exclusive lock on the file until destroyed, also when the process dies:
// who can lock a segment knows that nobody will write to it again.
// One writing thread; SyncData and Linked may be called from another one meanwhile.
class SegmentFile {
 public:
  virtual ~SegmentFile() = default;
  virtual WriteOutcome WriteAt(uint64_t offset, std::string_view bytes) = 0;
  virtual bool Truncate(uint64_t size) = 0;
  virtual bool SyncData() = 0;
  virtual bool Linked() const = 0;  // still in its folder
};

struct FolderUsage {
  uint64_t segments = 0;
  uint64_t bytes = 0;
};

// Thread-safe.
class SegmentFolder {
 public:
  virtual ~SegmentFolder() = default;
  // A new locked file; makes the folder when it is missing.
  virtual Result<std::unique_ptr<SegmentFile>> Create(const std::string& name) = 0;
  virtual void Remove(const std::string& name) = 0;
  virtual FolderUsage Usage() const = 0;
  // Changes each time that somebody asks for the open segments to be closed (RequestRotation); 0: never.
  virtual uint64_t RotationStamp() const = 0;
};

class SystemSegmentFolder final : public SegmentFolder {
 public:
  explicit SystemSegmentFolder(std::string path) : path_(std::move(path)) {}
  Result<std::unique_ptr<SegmentFile>> Create(const std::string& name) override;
  void Remove(const std::string& name) override;
  FolderUsage Usage() const override;
  uint64_t RotationStamp() const override;

 private:
  std::string path_;
};

// Asks the writers of this folder, in whatever process, to close their segments soon.
Status RequestRotation(const std::string& folder);

// <home>/monitoring/inference_store/wal
std::string WalFolder(const std::string& store_folder);

}  // namespace vigia::inference
