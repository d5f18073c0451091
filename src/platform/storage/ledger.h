// Durable state of the control plane: documents by (collection, key), append-only streams, and
// commits that change several of them at once or not at all. Each commit names the epoch of the
// owner; a commit of an owner that has been replaced is refused, so two never write.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"

namespace vigia::storage {

// Grows with every TakeOver. 0 owns nothing.
using Epoch = int64_t;

struct Document {
  std::string key;
  Json value;
};

struct StreamEntry {
  int64_t seq = 0;  // 1, 2, 3 … without gaps in its stream
  Json value;
};

// What one commit changes, in this order: erase, put, append.
struct Batch {
  struct Put {
    std::string collection;
    std::string key;
    Json value;
  };
  struct Erase {
    std::string collection;
    std::string key;
  };
  struct Append {
    std::string stream;
    Json value;
  };
  std::vector<Erase> erases;
  std::vector<Put> puts;
  std::vector<Append> appends;

  bool empty() const { return erases.empty() && puts.empty() && appends.empty(); }
};

// Thread-safe. What a function returned OK for survives a power cut.
class Ledger {
 public:
  virtual ~Ledger() = default;

  // Becomes the owner and fences off every earlier one, at once.
  virtual Result<Epoch> TakeOver(std::string_view owner, WallTime now) = 0;

  // All of it or nothing. kFailedPrecondition: `epoch` is not the latest (stop acting);
  // kResourceExhausted: the disk is full; kUnavailable: try again.
  virtual Status Commit(Epoch epoch, const Batch& batch) = 0;

  virtual Result<std::optional<Json>> Get(std::string_view collection, std::string_view key) const = 0;
  virtual Result<std::vector<Document>> List(std::string_view collection) const = 0;  // sorted by key
  // At most `limit` documents with a key less than `before` (empty: all), the greatest key first.
  virtual Result<std::vector<Document>> Page(std::string_view collection, std::string_view before,
                                             size_t limit) const = 0;
  // Entries with seq > after, at most `limit`, in order. An unknown stream is empty.
  virtual Result<std::vector<StreamEntry>> Read(std::string_view stream, int64_t after = 0,
                                                size_t limit = SIZE_MAX) const = 0;
};

// SQLite in WAL mode with synchronous=FULL. Makes the file, its folder and its tables.
// A file that is not a ledger, or of a newer version, is kFailedPrecondition; a damaged one kDataLoss.
Result<std::unique_ptr<Ledger>> OpenSqliteLedger(const std::string& path);

}  // namespace vigia::storage
