// A process that the crash tests kill.
//   crash_child write STORE      stores records for ever; prints each id once it is committed
//   crash_child compact STORE N  dies at the Nth change of the file system (before it when N is even,
//                                after it when odd); exits with 0 when there were fewer
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "archive/compactor.h"
#include "inference/inference_store.h"

namespace vigia::archive {
namespace {

constexpr int kCrashed = 42;

// Passes everything on, and ends the process at one of the changes.
class DyingFiles final : public Files {
 public:
  explicit DyingFiles(int die_at) : die_at_(die_at) {}

  Result<std::string> Read(const std::string& path) const override { return files_.Read(path); }
  Status Write(const std::string& path, std::string_view bytes) override {
    return Change([&] { return files_.Write(path, bytes); });
  }
  Status Append(const std::string& path, std::string_view bytes, Sync sync) override {
    return Change([&] { return files_.Append(path, bytes, sync); });
  }
  Status MakeFolders(const std::string& path) override {
    return Change([&] { return files_.MakeFolders(path); });
  }
  Status Rename(const std::string& from, const std::string& to) override {
    return Change([&] { return files_.Rename(from, to); });
  }
  Status Remove(const std::string& path) override {
    return Change([&] { return files_.Remove(path); });
  }
  Status RemoveTree(const std::string& path) override {
    return Change([&] { return files_.RemoveTree(path); });
  }
  Result<std::vector<FileInfo>> List(const std::string& path) const override { return files_.List(path); }
  Result<FileInfo> Info(const std::string& path) const override { return files_.Info(path); }
  Result<DiskSpace> Space(const std::string& path) const override { return files_.Space(path); }
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override { return files_.Lock(path); }

 private:
  template <typename Action>
  Status Change(const Action& action) {
    if (next_++ == die_at_) ::_exit(kCrashed);
    const Status done = action();
    if (next_++ == die_at_) ::_exit(kCrashed);
    return done;
  }

  SystemFiles files_;
  int die_at_;
  int next_ = 0;
};

int CompactAndDie(const std::string& store_folder, int die_at) {
  DyingFiles files(die_at);
  SystemEntropy entropy;
  const auto database = columnar::Database::Open({});
  CompactSettings settings;
  settings.store_folder = store_folder;
  const WallTime now = WallTime(std::chrono::seconds(1'795'176'000));
  const auto report = Compact(settings, *database, files, entropy, now);
  if (!report.ok()) std::cerr << report.error().message() << "\n";
  return report.ok() ? 0 : 1;
}

// Records of one turn; their ids go to stdout only when all of them were stored.
void Turn(inference::SegmentWriter& writer, inference::SchemaHandle schema, WallTime time, MonoTime now, int turn) {
  const double features[] = {static_cast<double>(turn)};
  std::string ids;
  const int records = 1 + turn % 5;
  for (int i = 0; i < records; ++i) {
    const std::string id = std::to_string(::getpid()) + "-" + std::to_string(turn) + "-" + std::to_string(i);
    inference::Record record;
    record.schema = schema;
    record.request_id = id;
    record.time = time;
    record.features = features;
    writer.Add(record);
    ids += id + "\n";
  }
  if (writer.Commit(now).lost > 0) return;
  if (::write(STDOUT_FILENO, ids.data(), ids.size()) != static_cast<ssize_t>(ids.size())) std::exit(1);
}

int WriteForEver(const std::string& store_folder) {
  SystemClock clock;
  SystemEntropy entropy;
  inference::StoreSettings settings;
  settings.maintenance_every = std::chrono::milliseconds(1);
  settings.writer.rotate_bytes = 20'000;
  inference::InferenceStore store(
      settings, std::make_unique<inference::SystemSegmentFolder>(inference::WalFolder(store_folder)), clock, entropy);
  auto writer = store.NewWriter();
  const auto schema = *writer->UseSchema(
      {"v1.0.0", inference::ValueDetail::kExact, {{"idade", inference::ValueType::kNumber, {}, {}}}});
  for (int turn = 0;; ++turn) Turn(*writer, schema, clock.Now(), clock.Mono(), turn);
}

}  // namespace
}  // namespace vigia::archive

int main(int count, char** arguments) {
  const std::string mode = count > 1 ? arguments[1] : "";
  if (mode == "write" && count == 3) return vigia::archive::WriteForEver(arguments[2]);
  if (mode == "compact" && count == 4) return vigia::archive::CompactAndDie(arguments[2], std::atoi(arguments[3]));
  return 2;
}
