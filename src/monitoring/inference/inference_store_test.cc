#include "inference/inference_store.h"

#include <gtest/gtest.h>

#include <set>

#include "base/files.h"
#include "base/temp_folder.h"
#include "inference/segment_reader.h"

namespace vigia::inference {
namespace {

RecordSchema OneFeature() { return {"v1.0.0", ValueDetail::kExact, {{"idade", ValueType::kNumber, {}, {}}}}; }

void Add(SegmentWriter& writer, SchemaHandle schema, const std::string& id) {
  const double features[] = {7};
  Record record;
  record.schema = schema;
  record.request_id = id;
  record.features = features;
  writer.Add(record);
}

// Ids in all segments of a folder; a repeated one is a failure.
std::set<std::string> StoredIds(const std::string& folder) {
  SystemFiles files;
  std::set<std::string> ids;
  const std::vector<FileInfo> infos = *files.List(folder);
  for (const FileInfo& info : infos) {
    if (!SegmentNameTime(info.name).ok()) continue;
    const std::string bytes = *files.Read(JoinPath(folder, info.name));
    auto reader = SegmentReader::Open(bytes);
    EXPECT_TRUE(reader.ok());
    while (const StoredRecord* record = reader->Next()) EXPECT_TRUE(ids.emplace(record->request_id).second);
    EXPECT_EQ(reader->summary().damaged_bytes + reader->summary().torn_bytes, 0U);
  }
  return ids;
}

// Real files, real helper thread, two loops: rotations by request while both write.
TEST(InferenceStoreTest, LoopsWriteWhileTheHelperRotates) {
  const TempFolder folder;
  const std::string wal = WalFolder(folder.path());
  SystemClock clock;
  SystemEntropy entropy;
  StoreSettings settings;
  settings.maintenance_every = std::chrono::milliseconds(1);
  settings.writer.rotate_bytes = 50'000;
  settings.writer.flush_every = std::chrono::milliseconds(1);
  constexpr int kTurns = 3000;
  InferenceStatus status;
  {
    InferenceStore store(settings, std::make_unique<SystemSegmentFolder>(wal), clock, entropy);
    std::vector<std::thread> loops;
    for (int loop = 0; loop < 2; ++loop) {
      loops.emplace_back([&, loop] {
        auto writer = store.NewWriter();
        const SchemaHandle schema = *writer->UseSchema(OneFeature());
        for (int turn = 0; turn < kTurns; ++turn) {
          Add(*writer, schema, std::to_string(loop) + "-" + std::to_string(turn));
          ASSERT_EQ(writer->Commit(clock.Mono()).stored, 1U);
          if (turn % 500 == 0) {
            ASSERT_TRUE(RequestRotation(wal).ok());
          }
        }
      });
    }
    for (std::thread& loop : loops) loop.join();
    status = store.Status();
  }
  EXPECT_EQ(status.stored_records, 2U * kTurns);
  EXPECT_EQ(status.lost_records, 0U);
  EXPECT_FALSE(status.degraded_since.has_value());
  EXPECT_GT(status.segments_begun, 4U);
  EXPECT_EQ(StoredIds(wal).size(), 2U * kTurns);
}

TEST(InferenceStoreTest, ASegmentIsLockedWhileItsWriterLives) {
  const TempFolder folder;
  const std::string wal = WalFolder(folder.path());
  SystemFiles files;
  FakeClock clock(WallTime(std::chrono::seconds(1'795'174'613)));
  FakeEntropy entropy(1);
  StoreSettings settings;
  settings.maintenance_every = Duration::zero();
  InferenceStore store(settings, std::make_unique<SystemSegmentFolder>(wal), clock, entropy);
  auto writer = store.NewWriter();
  Add(*writer, *writer->UseSchema(OneFeature()), "a");
  EXPECT_EQ(writer->Commit(clock.Mono()).stored, 1U);
  const auto unlocked = [&] {
    size_t count = 0;
    const std::vector<FileInfo> infos = *files.List(wal);
    for (const FileInfo& info : infos) {
      if (SegmentNameTime(info.name).ok() && files.Lock(JoinPath(wal, info.name)).ok()) ++count;
    }
    return count;
  };
  EXPECT_EQ(unlocked(), 0U);
  ASSERT_TRUE(RequestRotation(wal).ok());
  store.Maintain();
  EXPECT_EQ(unlocked(), 1U);
  Add(*writer, *writer->UseSchema(OneFeature()), "b");
  writer->Commit(clock.Mono());
  writer.reset();
  EXPECT_EQ(unlocked(), 2U);
  EXPECT_EQ(StoredIds(wal), (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(store.Status().stored_records, 2U);
}

}  // namespace
}  // namespace vigia::inference
