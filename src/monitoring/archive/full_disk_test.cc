// A real file system without room. Needs root for the mount; elsewhere the fakes of `inference` test the same.
#include <sys/mount.h>

#include <cstring>
#include <filesystem>

#include "archive/store_fixture.h"

namespace vigia::archive {
namespace {

class SmallDisk {
 public:
  explicit SmallDisk(const std::string& path) : path_(path) {
    mounted_ = ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=1m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_;
};

TEST(FullDiskTest, LosesCountsRecoversAndCompacts) {
  const TempFolder folder;
  const SmallDisk disk(folder.path());
  if (!disk.mounted()) GTEST_SKIP() << "cannot mount: " << std::strerror(errno);
  SystemFiles files;
  SystemEntropy entropy;
  FakeClock clock(kNoon);
  inference::StoreSettings settings;
  settings.maintenance_every = Duration::zero();
  CompactSettings compact;
  compact.store_folder = StoreFolder(folder.path());
  inference::InferenceStore store(
      settings, std::make_unique<inference::SystemSegmentFolder>(inference::WalFolder(compact.store_folder)), clock,
      entropy);
  auto writer = store.NewWriter();
  const auto schema = *writer->UseSchema(PlainSchema());
  const double features[] = {1, 0};
  std::map<std::string, int64_t> acknowledged;
  const auto turn = [&](int number) {
    std::vector<std::string> ids;
    for (int i = 0; i < 10; ++i) {
      ids.push_back("request-" + std::to_string(number) + "-" + std::to_string(i));
      inference::Record record;
      record.schema = schema;
      record.request_id = ids.back();
      record.time = clock.Now();
      record.features = features;
      writer->Add(record);
    }
    const inference::CommitResult result = writer->Commit(clock.Mono());
    EXPECT_EQ(result.stored + result.lost, 10U);
    for (size_t i = 0; i < result.stored; ++i) acknowledged[ids[i]] = 1;  // the first of the turn
    return result.lost;
  };
  const std::string filler = JoinPath(folder.path(), "filler");
  ASSERT_TRUE(files.Append(filler, std::string(900 << 10, 'x'), Files::Sync::kNo).ok());
  int number = 0;
  while (turn(number++) == 0) ASSERT_LT(number, 10'000);
  for (int i = 0; i < 100; ++i) turn(number++);
  store.Maintain();
  EXPECT_TRUE(store.Status().degraded_since.has_value());
  EXPECT_GT(store.Status().lost_by_cause[static_cast<size_t>(inference::LossCause::kDiskFull)], 100U);
  EXPECT_EQ(store.Status().stored_records, acknowledged.size());

  // No room for parquet either: an error, and the segments stay.
  writer->RequestRotation();
  store.Maintain();
  const columnar::Database database = *columnar::Database::Open({});
  const auto full = Compact(compact, database, files, entropy, clock.Now());
  EXPECT_FALSE(full.ok() && full->records > 0);

  ASSERT_TRUE(files.Remove(filler).ok());
  clock.Advance(std::chrono::seconds(5));
  store.Maintain();
  EXPECT_FALSE(store.Status().degraded_since.has_value());  // without traffic
  EXPECT_EQ(turn(number++), 0U);
  EXPECT_EQ(store.Status().stored_records, acknowledged.size());
  writer.reset();
  const auto report = Compact(compact, database, files, entropy, clock.Now());
  ASSERT_TRUE(report.ok()) << report.error().message();
  auto rows = database.Query("SELECT request_id, count(*) AS n FROM read_parquet($1) GROUP BY 1",
                             {std::vector<std::string>{compact.store_folder + "/*.parquet"}});
  const columnar::Frame frame = *rows->ReadAll();
  std::map<std::string, int64_t> stored;
  for (size_t i = 0; i < frame.rows(); ++i) stored[frame.columns[0].texts[i]] = frame.columns[1].integers[i];
  EXPECT_EQ(stored, acknowledged);
}

}  // namespace
}  // namespace vigia::archive
