// Every instant at which a writer can fail or die: the registry must verify afterwards, its champion
// must be the old or the new one, and trying again must succeed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <thread>

#include "base/mem_files.h"
#include "base/temp_folder.h"
#include "registry/layout.h"
#include "registry/registry.h"
#include "registry/testing/artifacts.h"

namespace vigia::registry {
namespace {

using ::testing::IsEmpty;
using Operation = std::function<bool(Registry&)>;

struct Case {
  const char* name;
  Operation operation;  // true: reported success
  std::string old_champion, new_champion;
};

std::vector<Case> Cases(const std::string& artifacts) {
  return {
      {"register",
       [artifacts](Registry& r) {
         return r.Register({"v1.2.0", artifacts, "", "ana", "", ""}).ok();
       },
       "v1.1.0", "v1.1.0"},
      {"register rejected",
       [artifacts](Registry& r) {
         return r.Register({"v1.2.0", artifacts, "", "ana", "", "worse"}).ok();
       },
       "v1.1.0", "v1.1.0"},
      {"promote",
       [](Registry& r) {
         return r.Promote({"v1.0.0", "ana", "x"}).ok();
       },
       "v1.1.0", "v1.0.0"},
      {"rollback",
       [](Registry& r) {
         return r.Rollback({"", "ana", "x"}).ok();
       },
       "v1.1.0", "v1.0.0"},
      {"reject", [](Registry& r) { return r.Reject("v1.0.0", "ana", "x").ok(); }, "v1.1.0", "v1.1.0"},
  };
}

// Two versions, the second the champion after the first.
void Prepare(Files& files, const Clock& clock, const std::string& artifacts, const std::string& folder) {
  Registry registry({folder}, files, clock);
  CHECK(testing::WriteArtifacts(files, artifacts, 5.0).ok(), "artifacts");
  for (const char* version : {"v1.0.0", "v1.1.0"}) {
    CHECK(registry.Register({version, artifacts, "", "ana", "", ""}).ok(), "register");
    CHECK(registry.Promote({version, "ana", ""}).ok(), "promote");
  }
}

// What must hold after a restart, whatever happened.
void ExpectSound(Files& files, const Clock& clock, const std::string& folder, const Case& test) {
  Registry registry({folder}, files, clock);
  const auto before = registry.CurrentChampion();
  ASSERT_TRUE(before.ok()) << before.error().message();
  const std::string champion = (*before)->version;
  EXPECT_TRUE(champion == test.old_champion || champion == test.new_champion) << champion;
  EXPECT_THAT(registry.Verify().value(), IsEmpty());
  const auto manifests = registry.List().value();
  for (const Manifest& manifest : manifests) {  // statuses read right before any repair
    EXPECT_EQ(manifest.status == VersionStatus::kChampion, manifest.version == champion);
  }
  ASSERT_TRUE(registry.Recover().ok());
  EXPECT_THAT(registry.Verify().value(), IsEmpty());
  EXPECT_FALSE(files.Exists(JoinPath(folder, kStagingFolder)));
  const auto history = registry.ReadHistory().value();
  EXPECT_EQ(history.problem, "");
  std::map<std::string, int> registrations;
  std::string last_change;
  for (const HistoryEntry& entry : history.entries) {
    if (entry.action == "register") ++registrations[entry.version];
    if (!entry.to.empty()) last_change = entry.to;
  }
  EXPECT_EQ(last_change, champion);
  const auto repaired = registry.List().value();
  for (const Manifest& manifest : repaired) {
    EXPECT_EQ(registrations[manifest.version], 1) << manifest.version;
    const std::string path = JoinPath(JoinPath(folder, manifest.version), kManifestFile);
    EXPECT_EQ(ParseJson(files.Read(path).value()).value()["status"], StatusName(manifest.status));
  }
}

// After a failure, the same command again ends where it would have ended.
void ExpectDoneWhenTriedAgain(Files& files, const Clock& clock, const std::string& folder, const Case& test) {
  Registry registry({folder}, files, clock);
  const std::string champion = registry.CurrentChampion().value()->version;
  const bool registered = registry.Show("v1.2.0").ok();
  const bool already = registered || (champion == test.new_champion && test.new_champion != test.old_champion);
  EXPECT_TRUE(already || test.operation(registry));
  EXPECT_EQ(registry.CurrentChampion().value()->version, test.new_champion);
  ExpectSound(files, clock, folder, test);
}

TEST(FaultTest, EveryWriteMayFail) {
  for (const Case& test : Cases("artifacts")) {
    for (int fail_after = 0;; ++fail_after) {
      SCOPED_TRACE(std::string(test.name) + ", failing after writes: " + std::to_string(fail_after));
      FakeClock clock(ParseTime("2026-11-20T10:00:00Z").value());
      MemFiles files(clock);
      Prepare(files, clock, "artifacts", "registry");
      Registry registry({"registry"}, files, clock);
      const int before = files.write_count();
      files.FailWritesAfter(fail_after);
      const bool succeeded = test.operation(registry);
      const int writes = files.write_count() - before;
      files.FailWritesAfter(-1);
      EXPECT_EQ(registry.CurrentChampion().value()->version, succeeded ? test.new_champion : test.old_champion);
      ExpectSound(files, clock, "registry", test);
      ExpectDoneWhenTriedAgain(files, clock, "registry", test);
      if (writes < fail_after) {
        EXPECT_TRUE(succeeded);
        EXPECT_GE(fail_after, 3);
        break;
      }
    }
  }
}

// Ends the process at the n-th change of the disk: before it, or in the middle of a write.
class DyingFiles final : public Files {
 public:
  enum class When { kBefore, kMidway };
  DyingFiles(int operations, When when) : left_(operations), when_(when) {}

  Result<std::string> Read(const std::string& path) const override { return real_.Read(path); }
  Status Write(const std::string& path, std::string_view bytes) override {
    if (--left_ < 0) {
      if (when_ == When::kMidway) {  // what a kill inside SystemFiles::Write leaves behind
        CHECK(real_.MakeFolders(ParentPath(path)).ok(), "folders");
        CHECK(real_.Append(path + ".tmp-1-0", bytes.substr(0, bytes.size() / 2), Sync::kNo).ok(), "half a file");
      }
      ::_exit(9);
    }
    return real_.Write(path, bytes);
  }
  Status Append(const std::string& path, std::string_view bytes, Sync sync) override {
    Count();
    return real_.Append(path, bytes, sync);
  }
  Status MakeFolders(const std::string& path) override {
    Count();
    return real_.MakeFolders(path);
  }
  Status Rename(const std::string& from, const std::string& to) override {
    Count();
    return real_.Rename(from, to);
  }
  Status Remove(const std::string& path) override {
    Count();
    return real_.Remove(path);
  }
  Status RemoveTree(const std::string& path) override {
    Count();
    return real_.RemoveTree(path);
  }
  Result<std::vector<FileInfo>> List(const std::string& path) const override { return real_.List(path); }
  Result<FileInfo> Info(const std::string& path) const override { return real_.Info(path); }
  Result<DiskSpace> Space(const std::string& path) const override { return real_.Space(path); }
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override { return real_.Lock(path); }

 private:
  void Count() {
    if (--left_ < 0) ::_exit(9);
  }

  SystemFiles real_;
  int left_;
  When when_;
};

// True when the child finished before its time to die.
bool RunAndDie(const std::string& folder, const Case& test, int operations, DyingFiles::When when) {
  const pid_t child = ::fork();
  CHECK(child >= 0, "fork");
  if (child == 0) {
    DyingFiles files(operations, when);
    const SystemClock clock;
    Registry registry({folder}, files, clock);
    ::_exit(test.operation(registry) ? 0 : 1);
  }
  int status = 0;
  CHECK(::waitpid(child, &status, 0) == child && WIFEXITED(status), "waitpid");
  EXPECT_NE(WEXITSTATUS(status), 1);
  return WEXITSTATUS(status) == 0;
}

TEST(KillTest, EveryFileOperationMayBeTheLast) {
  for (const auto when : {DyingFiles::When::kBefore, DyingFiles::When::kMidway}) {
    const TempFolder folder;
    const std::string artifacts = JoinPath(folder.path(), "artifacts");
    const std::string prepared = JoinPath(folder.path(), "prepared");
    SystemFiles files;
    const SystemClock clock;
    Prepare(files, clock, artifacts, prepared);
    for (const Case& test : Cases(artifacts)) {
      for (int operations = 0;; ++operations) {
        SCOPED_TRACE(std::string(test.name) + ", killed at operation " + std::to_string(operations));
        const std::string registry = JoinPath(folder.path(), "registry");
        ASSERT_TRUE(files.RemoveTree(registry).ok());
        std::filesystem::copy(prepared, registry, std::filesystem::copy_options::recursive);
        const bool finished = RunAndDie(registry, test, operations, when);
        ExpectSound(files, clock, registry, test);
        ExpectDoneWhenTriedAgain(files, clock, registry, test);
        if (!finished) continue;
        EXPECT_GE(operations, 2);
        break;
      }
    }
  }
}

TEST(ConcurrencyTest, WritersTakeTurnsAndLoseNothing) {
  const TempFolder folder;
  SystemFiles files;
  const SystemClock clock;
  const std::string artifacts = JoinPath(folder.path(), "artifacts"), path = JoinPath(folder.path(), "registry");
  Prepare(files, clock, artifacts, path);
  constexpr int kWriters = 4, kRounds = 3;
  const auto yield = [](Duration) { std::this_thread::yield(); };
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] {
      Registry registry({path, 1'000'000'000}, files, clock, yield);
      for (int round = 0; round < kRounds; ++round) {
        const std::string version = "v2." + std::to_string(writer) + "." + std::to_string(round);
        EXPECT_TRUE(registry.Register({version, artifacts, "", "w", "", ""}).ok());
        EXPECT_TRUE(registry.Promote({version, "w", ""}).ok());
        EXPECT_TRUE(registry.CurrentChampion().ok());  // readers take no lock
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Registry registry({path}, files, clock);
  EXPECT_THAT(registry.Verify().value(), IsEmpty());
  EXPECT_EQ(registry.List().value().size(), 2U + kWriters * kRounds);
  const auto entries = registry.ReadHistory().value().entries;
  EXPECT_EQ(entries.size(), 4U + 2U * kWriters * kRounds);
  std::string champion;
  for (const HistoryEntry& entry : entries) {  // every change starts where the one before ended
    if (entry.to.empty()) continue;
    EXPECT_EQ(entry.from, champion);
    champion = entry.to;
  }
  EXPECT_EQ(champion, registry.CurrentChampion().value()->version);
}

}  // namespace
}  // namespace vigia::registry
