#include "storage/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "base/temp_folder.h"
#include "storage/mem_ledger.h"

namespace vigia::storage {
namespace {

// Both implementations keep the same contract.
class LedgerTest : public testing::TestWithParam<bool> {
 protected:
  LedgerTest() {
    if (GetParam()) {
      ledger_ = OpenSqliteLedger(Path()).value();
    } else {
      ledger_ = std::make_unique<MemLedger>();
    }
  }
  std::string Path() const { return folder_.path() + "/state/vigia.db"; }

  TempFolder folder_;
  std::unique_ptr<Ledger> ledger_;
};

INSTANTIATE_TEST_SUITE_P(All, LedgerTest, testing::Bool(),
                         [](const auto& test) { return test.param ? "Sqlite" : "Memory"; });

TEST_P(LedgerTest, PagesFromTheGreatestKeyDown) {
  const Epoch epoch = ledger_->TakeOver("a", WallTime{}).value();
  Batch batch;
  for (const char* key : {"INC-000001", "INC-000002", "INC-000003"})
    batch.puts.push_back({"incident", key, {{"k", key}}});
  batch.puts.push_back({"run", "RUN-000009", 1});
  ASSERT_TRUE(ledger_->Commit(epoch, batch).ok());
  const auto keys = [&](std::string_view before, size_t limit) {
    std::string all;
    for (const Document& one : ledger_->Page("incident", before, limit).value()) all += one.key.substr(9);
    return all;
  };
  EXPECT_EQ(keys("", 2), "32");
  EXPECT_EQ(keys("INC-000002", 10), "1");
  EXPECT_EQ(keys("INC-000001", 10), "");
  EXPECT_EQ(keys("", SIZE_MAX), "321");
  EXPECT_TRUE(ledger_->Page("nothing", "", 5).value().empty());
}

TEST_P(LedgerTest, CommitsDocumentsAndStreamsTogether) {
  const Epoch epoch = ledger_->TakeOver("a", WallTime{}).value();
  Batch batch;
  batch.puts = {{"incident", "2", {{"n", 2}}}, {"incident", "1", {{"n", 1}}}, {"run", "1", "x"}};
  batch.appends = {{"timeline", "first"}, {"timeline", "second"}, {"other", 7}};
  ASSERT_TRUE(ledger_->Commit(epoch, batch).ok());

  EXPECT_EQ(ledger_->Get("incident", "1").value().value(), (Json{{"n", 1}}));
  EXPECT_FALSE(ledger_->Get("incident", "3").value().has_value());
  EXPECT_FALSE(ledger_->Get("none", "3").value().has_value());
  const auto listed = ledger_->List("incident").value();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].key, "1");

  Batch next;
  next.erases = {{"incident", "1"}, {"incident", "absent"}};
  next.puts = {{"incident", "2", {{"n", 3}}}};
  next.appends = {{"timeline", "third"}};
  ASSERT_TRUE(ledger_->Commit(epoch, next).ok());
  EXPECT_EQ(ledger_->List("incident").value().at(0).value, (Json{{"n", 3}}));
  const auto entries = ledger_->Read("timeline", 1, 10).value();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].seq, 2);
  EXPECT_EQ(entries[1].value, "third");
  EXPECT_EQ(ledger_->Read("timeline", 0, 1).value().size(), 1U);
  EXPECT_TRUE(ledger_->Read("nothing").value().empty());
}

TEST_P(LedgerTest, FencesOffTheFormerOwner) {
  const Epoch first = ledger_->TakeOver("a", WallTime{}).value();
  const Epoch second = ledger_->TakeOver("b", WallTime{}).value();
  EXPECT_GT(second, first);
  Batch batch;
  batch.puts = {{"c", "k", 1}};
  EXPECT_EQ(ledger_->Commit(first, batch).error().code(), Code::kFailedPrecondition);
  EXPECT_FALSE(ledger_->Get("c", "k").value().has_value());
  EXPECT_TRUE(ledger_->Commit(second, batch).ok());
}

TEST(MemLedgerTest, AFaultChangesNothing) {
  MemLedger ledger;
  const Epoch epoch = ledger.TakeOver("a", WallTime{}).value();
  ledger.SetFault([](const Batch&) { return Error(Code::kResourceExhausted, "disk full"); });
  Batch batch;
  batch.puts = {{"c", "k", 1}};
  EXPECT_EQ(ledger.Commit(epoch, batch).error().code(), Code::kResourceExhausted);
  ledger.SetFault({});
  EXPECT_FALSE(ledger.Get("c", "k").value().has_value());
  EXPECT_TRUE(ledger.Commit(epoch, batch).ok());
  EXPECT_EQ(ledger.commits(), 1);
}

TEST(SqliteLedgerTest, SurvivesAKill) {
  const TempFolder folder;
  const std::string path = folder.path() + "/vigia.db";
  const pid_t child = ::fork();
  if (child == 0) {
    auto ledger = OpenSqliteLedger(path).value();
    const Epoch epoch = ledger->TakeOver("a", WallTime{}).value();
    for (int i = 1;; ++i) {
      Batch batch;
      batch.puts = {{"c", "count", i}};
      batch.appends = {{"s", i}};
      if (!ledger->Commit(epoch, batch).ok()) ::_exit(1);
      if (i == 50) ::kill(::getpid(), SIGKILL);
    }
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  auto ledger = OpenSqliteLedger(path).value();
  EXPECT_EQ(ledger->Get("c", "count").value().value(), 50);
  EXPECT_EQ(ledger->Read("s").value().size(), 50U);
  EXPECT_EQ(ledger->TakeOver("b", WallTime{}).value(), 2);
}

TEST(SqliteLedgerTest, TwoConnectionsSeeOneEpoch) {
  const TempFolder folder;
  const std::string path = folder.path() + "/vigia.db";
  auto one = OpenSqliteLedger(path).value();
  auto two = OpenSqliteLedger(path).value();
  const Epoch first = one->TakeOver("one", WallTime{}).value();
  const Epoch second = two->TakeOver("two", WallTime{}).value();
  Batch batch;
  batch.puts = {{"c", "k", 1}};
  EXPECT_EQ(one->Commit(first, batch).error().code(), Code::kFailedPrecondition);
  EXPECT_TRUE(two->Commit(second, batch).ok());
}

TEST(SqliteLedgerTest, RefusesWhatIsNotALedger) {
  const TempFolder folder;
  const std::string path = folder.path() + "/other.db";
  std::ofstream(path) << std::string(4096, 'x');
  EXPECT_EQ(OpenSqliteLedger(path).error().code(), Code::kFailedPrecondition);
}

}  // namespace
}  // namespace vigia::storage
