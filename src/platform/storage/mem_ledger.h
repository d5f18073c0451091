// A ledger in memory, for tests and the simulation: with faults on demand.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "storage/ledger.h"

namespace vigia::storage {

class MemLedger final : public Ledger {
 public:
  // Called before each commit: an error refuses it with nothing changed, as a full disk does.
  using Fault = std::function<Status(const Batch&)>;
  void SetFault(Fault fault);

  Result<Epoch> TakeOver(std::string_view owner, WallTime now) override;
  Status Commit(Epoch epoch, const Batch& batch) override;
  Result<std::optional<Json>> Get(std::string_view collection, std::string_view key) const override;
  Result<std::vector<Document>> List(std::string_view collection) const override;
  Result<std::vector<Document>> Page(std::string_view collection, std::string_view before, size_t limit) const override;
  Result<std::vector<StreamEntry>> Read(std::string_view stream, int64_t after, size_t limit) const override;

  int64_t commits() const;  // that succeeded

 private:
  mutable std::mutex mutex_;
  Fault fault_;
  Epoch epoch_ = 0;
  int64_t commits_ = 0;
  std::map<std::string, std::map<std::string, Json, std::less<>>, std::less<>> documents_;
  std::map<std::string, std::vector<Json>, std::less<>> streams_;
};

}  // namespace vigia::storage
