// Stored inferences as one relation: parquet and the segments that are not yet in it, each record once,
// also while a compactor works. The cost depends on the days of the window, not on those outside it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/archive_files.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/unique_fd.h"
#include "columnar/database.h"

namespace vigia::archive {

enum class Kinds { kPredictions, kShadows, kRejected, kAll };

struct ScanRequest {
  std::string store_folder;
  std::optional<WallTime> from;  // [from, to) by timestamp; unset: without bound
  std::optional<WallTime> to;
  std::optional<std::string> model_version;
  Kinds kinds = Kinds::kPredictions;
};

// The snapshot that one call saw. Queries of `relation` work while it lives.
class InferenceScan {
 public:
  ~InferenceScan();
  InferenceScan(const InferenceScan&) = delete;
  InferenceScan& operator=(const InferenceScan&) = delete;

  // Stands where a table stands, in any query of the database: "SELECT avg(idade) FROM " + relation().
  // Columns as in record_frame.h; a feature is there when some file or segment of the window has it.
  const std::string& relation() const { return relation_; }
  const std::vector<columnar::Field>& fields() const { return fields_; }
  bool HasColumn(std::string_view name) const;

 private:
  friend class ScanBuilder;
  explicit InferenceScan(const columnar::Database& database) : database_(database) {}

  columnar::Database database_;
  std::string relation_;
  std::string table_;  // rows of segments; empty: none
  std::vector<columnar::Field> fields_;
  std::vector<UniqueFd> pinned_;  // files stay readable when a merge removes them
};

// Errors: kUnavailable when the store changed too often to be seen whole; those of reading parquet.
// An empty store gives an empty relation.
Result<std::unique_ptr<InferenceScan>> ScanInferences(const columnar::Database& database, const Files& files,
                                                      const ScanRequest& request);

}  // namespace vigia::archive
