#include "storage/mem_ledger.h"

#include <algorithm>

namespace vigia::storage {

void MemLedger::SetFault(Fault fault) {
  const std::lock_guard lock(mutex_);
  fault_ = std::move(fault);
}

Result<Epoch> MemLedger::TakeOver(std::string_view, WallTime) {
  const std::lock_guard lock(mutex_);
  return ++epoch_;
}

Status MemLedger::Commit(Epoch epoch, const Batch& batch) {
  const std::lock_guard lock(mutex_);
  if (epoch != epoch_) return Error(Code::kFailedPrecondition, "another owner has taken the ledger over");
  if (fault_) TRY(fault_(batch));
  for (const Batch::Erase& erase : batch.erases) documents_[erase.collection].erase(erase.key);
  for (const Batch::Put& put : batch.puts) documents_[put.collection].insert_or_assign(put.key, put.value);
  for (const Batch::Append& append : batch.appends) streams_[append.stream].push_back(append.value);
  ++commits_;
  return {};
}

Result<std::optional<Json>> MemLedger::Get(std::string_view collection, std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const auto found = documents_.find(collection);
  if (found == documents_.end()) return std::optional<Json>();
  const auto document = found->second.find(key);
  if (document == found->second.end()) return std::optional<Json>();
  return std::optional<Json>(document->second);
}

Result<std::vector<Document>> MemLedger::List(std::string_view collection) const {
  const std::lock_guard lock(mutex_);
  std::vector<Document> documents;
  if (const auto found = documents_.find(collection); found != documents_.end()) {
    for (const auto& [key, value] : found->second) documents.push_back({key, value});
  }
  return documents;
}

Result<std::vector<Document>> MemLedger::Page(std::string_view collection, std::string_view before,
                                              size_t limit) const {
  std::vector<Document> documents = TRY(List(collection));
  std::erase_if(documents, [&](const Document& one) { return !before.empty() && one.key >= before; });
  std::reverse(documents.begin(), documents.end());
  if (documents.size() > limit) documents.resize(limit);
  return documents;
}

Result<std::vector<StreamEntry>> MemLedger::Read(std::string_view stream, int64_t after, size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<StreamEntry> entries;
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return entries;
  for (size_t i = static_cast<size_t>(std::max<int64_t>(after, 0)); i < found->second.size(); ++i) {
    if (entries.size() == limit) break;
    entries.push_back({static_cast<int64_t>(i) + 1, found->second[i]});
  }
  return entries;
}

int64_t MemLedger::commits() const {
  const std::lock_guard lock(mutex_);
  return commits_;
}

}  // namespace vigia::storage
