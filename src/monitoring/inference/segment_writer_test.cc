#include "inference/segment_writer.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "inference/fake_segment_folder.h"
#include "inference/segment_reader.h"

namespace vigia::inference {
namespace {

const WallTime kStart = WallTime(std::chrono::seconds(1'795'174'613));

RecordSchema SomeSchema(const std::string& version = "v1.0.0") {
  return {version, ValueDetail::kExact, {{"idade", ValueType::kNumber, {}, {}}, {"iaa", ValueType::kNumber, {}, {}}}};
}

class SegmentWriterTest : public testing::Test {
 protected:
  explicit SegmentWriterTest(WriterSettings settings = {}) : settings_(settings) { Restart(); }

  void Restart() {
    writer_.reset();
    writer_ = std::make_unique<SegmentWriter>(settings_, folder_, clock_, entropy_);
    writer_->Maintain(clock_.Mono());
    schema_ = *writer_->UseSchema(SomeSchema());
  }

  void Add(const std::string& id) {
    const double features[] = {7, static_cast<double>(id.size())};
    Record record;
    record.schema = schema_;
    record.request_id = id;
    record.time = clock_.Now();
    record.features = features;
    record.score = 0.25;
    writer_->Add(record);
  }
  CommitResult Commit() { return writer_->Commit(clock_.Mono()); }
  CommitResult Store(const std::string& id) {
    Add(id);
    return Commit();
  }

  // Request ids in every file, sorted.
  std::vector<std::string> Stored() {
    std::vector<std::string> ids;
    for (const auto& [name, bytes] : state_->files) {
      auto reader = SegmentReader::Open(*bytes);
      if (!reader.ok()) continue;
      while (const StoredRecord* record = reader->Next()) ids.emplace_back(record->request_id);
      EXPECT_EQ(reader->summary().damaged_bytes + reader->summary().unreadable, 0U);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }
  uint64_t Lost(LossCause cause) const { return writer_->counters().lost[static_cast<size_t>(cause)].value(); }
  bool Degraded() const { return writer_->counters().degraded_since_us.load() != 0; }

  WriterSettings settings_;
  std::shared_ptr<FakeSegmentFolder::State> state_ = std::make_shared<FakeSegmentFolder::State>();
  FakeSegmentFolder folder_{state_};
  FakeClock clock_{kStart};
  FakeEntropy entropy_{7};
  std::unique_ptr<SegmentWriter> writer_;
  SchemaHandle schema_ = kNoSchema;
};

TEST_F(SegmentWriterTest, ATurnIsOneWrite) {
  const int before = state_->writes;
  for (int i = 0; i < 100; ++i) Add("r" + std::to_string(i));
  EXPECT_EQ(Stored().size(), 0U);
  const CommitResult result = Commit();
  EXPECT_EQ(result.stored, 100U);
  EXPECT_EQ(result.lost, 0U);
  EXPECT_EQ(state_->writes, before + 1);
  EXPECT_EQ(Stored().size(), 100U);
  EXPECT_EQ(Commit().stored, 0U);
  EXPECT_EQ(state_->writes, before + 1);
}

TEST_F(SegmentWriterTest, ATurnLargerThanTheBufferIsStoredWhole) {
  for (int i = 0; i < 10'000; ++i) Add("request-" + std::to_string(i));
  EXPECT_EQ(Commit().stored, 10'000U);
  EXPECT_EQ(Stored().size(), 10'000U);
}

TEST_F(SegmentWriterTest, TwoVersionsShareASegment) {
  const SchemaHandle other = *writer_->UseSchema(SomeSchema("v2.0.0"));
  EXPECT_EQ(*writer_->UseSchema(SomeSchema("v2.0.0")), other);
  const double features[] = {1, 2};
  for (const SchemaHandle handle : {schema_, other, schema_}) {
    Record record;
    record.schema = handle;
    record.features = features;
    writer_->Add(record);
  }
  Commit();
  std::vector<std::string> versions;
  for (const auto& [name, bytes] : state_->files) {
    auto reader = SegmentReader::Open(*bytes);
    while (const StoredRecord* record = reader->Next()) versions.push_back(record->schema->model_version);
  }
  EXPECT_EQ(versions, (std::vector<std::string>{"v1.0.0", "v2.0.0", "v1.0.0"}));
}

TEST_F(SegmentWriterTest, ARefusalNeedsNoModel) {
  Record record;
  record.kind = RecordKind::kRejected;
  record.status = 503;
  record.error_code = "MODEL_NOT_LOADED";
  record.occurrences = 40;
  writer_->Add(record);
  EXPECT_EQ(Commit().stored, 1U);
  EXPECT_EQ(writer_->counters().refused.value(), 40U);
}

TEST_F(SegmentWriterTest, RotatesByAgeUnderLoadAndWhenIdle) {
  Store("a");
  clock_.Advance(std::chrono::seconds(21));
  Store("b");  // the loop itself sees that the segment is old
  Store("c");
  EXPECT_EQ(state_->open, 2);
  writer_->Maintain(clock_.Mono());
  EXPECT_EQ(state_->open, 2);  // a retired one closed, the next one prepared
  clock_.Advance(std::chrono::seconds(21));
  writer_->Maintain(clock_.Mono());  // idle: the helper rotates
  EXPECT_EQ(Stored(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(state_->files.size(), 4U);  // two with records, one active, one next
  writer_.reset();
  EXPECT_EQ(state_->files.size(), 2U);  // empty ones are removed
}

TEST_F(SegmentWriterTest, RotatesOnRequestOnlyWhenThereIsSomething) {
  writer_->RequestRotation();
  writer_->Maintain(clock_.Mono());
  EXPECT_EQ(state_->files.size(), 2U);
  Store("a");
  writer_->RequestRotation();
  writer_->Maintain(clock_.Mono());
  EXPECT_EQ(state_->files.size(), 3U);
}

class SmallSegmentsTest : public SegmentWriterTest {
 protected:
  static WriterSettings Small() {
    WriterSettings settings;
    settings.rotate_bytes = 2000;
    return settings;
  }
  SmallSegmentsTest() : SegmentWriterTest(Small()) {}
};

TEST_F(SmallSegmentsTest, RotatesBySizeAndLosesNothing) {
  for (int i = 0; i < 100; ++i) {
    Store("r" + std::to_string(i));
    if (i % 3 == 0) writer_->Maintain(clock_.Mono());
  }
  EXPECT_GE(state_->files.size(), 5U);
  EXPECT_EQ(Stored().size(), 100U);
}

TEST_F(SegmentWriterTest, AFullDiskLosesCountsAndRecovers) {
  Store("before");
  state_->room = 0;
  EXPECT_EQ(Store("lost").lost, 1U);
  EXPECT_TRUE(Degraded());
  EXPECT_EQ(Lost(LossCause::kDiskFull), 1U);
  const int writes = state_->writes;
  for (int i = 0; i < 1000; ++i) Store("also lost");
  EXPECT_EQ(state_->writes, writes);  // no busy loop: it waits before it tries again
  EXPECT_EQ(Lost(LossCause::kDiskFull), 1001U);
  state_->room = UINT64_MAX;
  clock_.Advance(std::chrono::milliseconds(150));
  EXPECT_EQ(Store("after").stored, 1U);
  EXPECT_FALSE(Degraded());
  EXPECT_EQ(Stored(), (std::vector<std::string>{"after", "before"}));
}

TEST_F(SegmentWriterTest, RecoveryNeedsNoTraffic) {
  state_->room = 0;
  Store("lost");
  writer_->Maintain(clock_.Mono());
  EXPECT_TRUE(Degraded());
  state_->room = UINT64_MAX;
  clock_.Advance(std::chrono::milliseconds(600));
  writer_->Maintain(clock_.Mono());
  EXPECT_FALSE(Degraded());
  EXPECT_EQ(Store("after").stored, 1U);
}

TEST_F(SegmentWriterTest, AHalfWrittenTurnKeepsItsWholeRecords) {
  EXPECT_TRUE(rc::check([this] {
    state_->room = UINT64_MAX;
    state_->truncate_works = *rc::gen::arbitrary<bool>();
    state_->files.clear();
    Restart();
    if (*rc::gen::arbitrary<bool>()) Store("first");
    const auto before = writer_->counters().stored.value();
    state_->room = *rc::gen::inRange<uint64_t>(0, 3000);
    const int records = *rc::gen::inRange(1, 20);
    for (int i = 0; i < records; ++i) Add("r" + std::to_string(i));
    const CommitResult result = Commit();
    RC_ASSERT(result.stored + result.lost == static_cast<uint64_t>(records));
    RC_ASSERT(writer_->counters().stored.value() == before + result.stored);
    RC_ASSERT(Stored().size() == before + result.stored);
    state_->room = UINT64_MAX;
    clock_.Advance(std::chrono::seconds(5));
    writer_->Maintain(clock_.Mono());
    RC_ASSERT(Store("last").stored == 1U);
    RC_ASSERT(Stored().size() == before + result.stored + 1);
    writer_.reset();
    RC_ASSERT(Stored().size() == before + result.stored + 1);
    Restart();
  }));
}

TEST_F(SegmentWriterTest, AnIllFileIsLeftBehind) {
  Store("a");
  state_->write_error = EIO;
  state_->room = 0;
  Store("lost");
  EXPECT_EQ(Lost(LossCause::kIoError), 1U);
  state_->write_error = 0;
  state_->room = UINT64_MAX;
  writer_->Maintain(clock_.Mono());
  clock_.Advance(std::chrono::seconds(1));
  Store("b");
  EXPECT_EQ(Stored(), (std::vector<std::string>{"a", "b"}));
  size_t with_records = 0;
  for (const auto& [name, bytes] : state_->files) with_records += bytes->size() > kHeaderBytes ? 1 : 0;
  EXPECT_EQ(with_records, 2U);
}

TEST_F(SegmentWriterTest, AFolderThatIsGoneComesBack) {
  Store("a");
  state_->files.clear();
  writer_->Maintain(clock_.Mono());  // notices
  Store("still into the removed file");
  writer_->Maintain(clock_.Mono());
  EXPECT_EQ(Store("b").stored, 1U);
  EXPECT_EQ(Stored(), (std::vector<std::string>{"b"}));
}

TEST_F(SegmentWriterTest, StartsOnAFullDisk) {
  state_->room = 0;
  Restart();
  EXPECT_EQ(Store("lost").lost, 1U);
  EXPECT_EQ(Lost(LossCause::kNoSegment), 1U);
  EXPECT_TRUE(Degraded());
  state_->room = UINT64_MAX;
  clock_.Advance(std::chrono::seconds(1));
  writer_->Maintain(clock_.Mono());
  EXPECT_EQ(Store("stored").stored, 1U);
  EXPECT_FALSE(Degraded());
}

class FlushingTest : public SegmentWriterTest {
 protected:
  static WriterSettings Flushing() {
    WriterSettings settings;
    settings.flush_every = std::chrono::milliseconds(50);
    return settings;
  }
  FlushingTest() : SegmentWriterTest(Flushing()) {}
};

TEST_F(FlushingTest, SyncsOnlyWhatIsNew) {
  Store("a");
  EXPECT_EQ(state_->syncs, 0);
  for (int i = 0; i < 5; ++i) {
    clock_.Advance(std::chrono::milliseconds(50));
    writer_->Maintain(clock_.Mono());
  }
  EXPECT_EQ(state_->syncs, 1);
}

TEST_F(SegmentWriterTest, RefusesSchemasThatCannotBeStored) {
  RecordSchema large = SomeSchema();
  for (int i = 0; i < 4000; ++i) {
    large.features.push_back({"feature_with_a_long_name_" + std::to_string(i), ValueType::kNumber, {}, {}});
  }
  EXPECT_EQ(writer_->UseSchema(large).error().code(), Code::kResourceExhausted);
  RecordSchema bad = SomeSchema();
  bad.features[0].name = "";
  EXPECT_EQ(writer_->UseSchema(bad).error().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace vigia::inference
