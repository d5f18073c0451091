// Real processes, killed: what was acknowledged is in the store, once.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "archive/store_fixture.h"
#include "base/random.h"
#include "base/unique_fd.h"

namespace vigia::archive {
namespace {

class Child {
 public:
  explicit Child(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), VIGIA_CRASH_CHILD);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    int ends[2];
    CHECK(::pipe2(ends, O_CLOEXEC) == 0, "no pipe");
    output_.Reset(ends[0]);
    const UniqueFd write_end(ends[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
    CHECK(::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) == 0, "no child");
    ::posix_spawn_file_actions_destroy(&actions);
  }
  ~Child() {
    if (pid_ > 0) Kill();
  }
  void Kill() {
    ::kill(pid_, SIGKILL);
    Wait();
  }
  int Wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  // Appends whole lines until `least` were read or the child is gone.
  void ReadLines(size_t least, std::vector<std::string>& lines) {
    char buffer[4096];
    for (size_t got = 0; got < least;) {
      const ssize_t bytes = ::read(output_.get(), buffer, sizeof buffer);
      if (bytes <= 0) return;
      for (ssize_t i = 0; i < bytes; ++i) {
        if (buffer[i] != '\n') {
          partial_ += buffer[i];
          continue;
        }
        lines.push_back(std::exchange(partial_, {}));
        ++got;
      }
    }
  }

 private:
  pid_t pid_ = -1;
  UniqueFd output_;
  std::string partial_;
};

class CrashTest : public StoreFixture {
 protected:
  void ExpectEachOnce(const Ids& stored, const std::vector<std::string>& acknowledged) {
    for (const std::string& id : acknowledged) {
      const auto found = stored.find(id);
      ASSERT_NE(found, stored.end()) << id << " was acknowledged and is lost";
    }
    for (const auto& [id, count] : stored) ASSERT_EQ(count, 1) << id;
  }
};

TEST_F(CrashTest, FiftyKilledWriters) {
  writer_.reset();
  Rng rng(5);
  std::vector<std::string> acknowledged;
  for (int kill = 0; kill < 50; ++kill) {
    Child writer({"write", store_folder()});
    writer.ReadLines(1 + rng.Below(2000), acknowledged);
    writer.Kill();
    writer.ReadLines(SIZE_MAX, acknowledged);  // what was still in the pipe was acknowledged, too
    if (kill % 10 == 3) CompactClosed();
    if (kill % 10 == 7) ExpectEachOnce(Counts(Scan()->relation()), acknowledged);
  }
  CompactClosed();
  const Ids stored = InParquet();
  ExpectEachOnce(stored, acknowledged);
  // A turn may be committed and not yet acknowledged when the process dies: at most one of up to five records.
  EXPECT_LE(stored.size(), acknowledged.size() + 50 * 5);
  const std::vector<FileInfo> left = *files_.List(inference::WalFolder(store_folder()));
  EXPECT_TRUE(left.empty()) << left.size() << " segments are left";
  writer_ = store_->NewWriter();
}

// Two days, several segments and enough parquet for a merge, so that every step happens.
TEST_F(CrashTest, ACompactorKilledAtEveryChange) {
  Ids wanted;
  const auto add = [&](const std::string& id) {
    Add(id);
    wanted[id] = 1;
  };
  for (int i = 0; i < 3; ++i) {
    add("parquet-" + std::to_string(i));
    CompactAll();
  }
  for (int i = 0; i < 3; ++i) {
    add("segment-" + std::to_string(i));
    Rotate();
  }
  clock_.Advance(std::chrono::hours(12) - std::chrono::seconds(5));
  add("before midnight");
  clock_.Advance(std::chrono::seconds(10));
  add("after midnight");
  writer_.reset();
  const std::string prepared = store_folder();
  int crashes = 0;
  for (int at = 0;; ++at) {
    const TempFolder home;
    settings_.store_folder = StoreFolder(home.path());
    std::filesystem::create_directories(ParentPath(settings_.store_folder));
    std::filesystem::copy(prepared, settings_.store_folder, std::filesystem::copy_options::recursive);
    Child compactor({"compact", settings_.store_folder, std::to_string(at)});
    const int code = compactor.Wait();
    ASSERT_TRUE(code == 0 || code == 42) << code;
    ScanRequest request;
    request.store_folder = settings_.store_folder;
    {
      auto scan = ScanInferences(database_, files_, request);
      ASSERT_TRUE(scan.ok()) << scan.error().message();
      EXPECT_EQ(Counts((*scan)->relation()), wanted) << "killed at " << at << ", before recovery";
    }
    const auto report = Compact(settings_, database_, files_, entropy_, kNoon);
    ASSERT_TRUE(report.ok()) << report.error().message();
    EXPECT_EQ(Counts("read_parquet('" + settings_.store_folder + "/*.parquet', union_by_name = true)"), wanted)
        << "killed at " << at;
    EXPECT_FALSE(files_.Exists(settings_.store_folder + "/merge.json"));
    EXPECT_FALSE(files_.Exists(settings_.store_folder + "/.merge"));
    EXPECT_TRUE(files_.List(inference::WalFolder(settings_.store_folder))->empty());
    if (code == 0) break;
    ++crashes;
  }
  EXPECT_GT(crashes, 20);
  settings_.store_folder = store_folder();
  writer_ = store_->NewWriter();
}

// Killed while DuckDB is writing: what it had written aside is removed, nothing of it is ever read.
TEST_F(CrashTest, ACompactorKilledWhileItWritesParquet) {
  constexpr int kRecords = 200'000;
  const double features[] = {1, 0};
  const auto schema = *writer_->UseSchema(PlainSchema());
  for (int i = 0; i < kRecords; ++i) {
    const std::string id = "r" + std::to_string(i);
    inference::Record record;
    record.schema = schema;
    record.request_id = id;
    record.time = clock_.Now();
    record.features = features;
    writer_->Add(record);
  }
  ASSERT_EQ(writer_->Commit(clock_.Mono()).stored, static_cast<uint64_t>(kRecords));
  writer_.reset();
  {
    Child compactor({"compact", store_folder(), "1000000"});
    for (bool writing = false; !writing;) {
      const std::vector<FileInfo> listing = *files_.List(store_folder());
      for (const FileInfo& info : listing) writing = writing || info.name.find(".parquet") != std::string::npos;
    }
    compactor.Kill();
  }
  CompactClosed();
  const columnar::Frame counts = Query("SELECT count(*) AS n, count(DISTINCT request_id) AS d FROM read_parquet('" +
                                       store_folder() + "/*.parquet')");
  EXPECT_EQ(counts.columns[0].integers[0], kRecords);
  EXPECT_EQ(counts.columns[1].integers[0], kRecords);
  const std::vector<FileInfo> listing = *files_.List(store_folder());
  for (const FileInfo& info : listing) EXPECT_EQ(info.name.find(".tmp-"), std::string::npos) << info.name;
  writer_ = store_->NewWriter();
}

}  // namespace
}  // namespace vigia::archive
