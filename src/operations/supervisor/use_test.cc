#include "supervisor/use.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/mem_files.h"

namespace vigia::supervisor {
namespace {

using std::chrono::seconds;

class UseTest : public testing::Test {
 protected:
  // Ticks are hundredths of a second; of its only thread the wait is in ns.
  void Has(int pid, int session, int ticks, int pages, int64_t waited, int start = 5) {
    const std::string folder = "/proc/" + std::to_string(pid);
    const std::string stat = std::to_string(pid) + " (a) S 1 1 " + std::to_string(session) + " 0 -1 0 0 0 0 0 " +
                             std::to_string(ticks) + " 0 0 0 20 0 1 0 " + std::to_string(start) + " 0 " +
                             std::to_string(pages) + " 0";
    ASSERT_TRUE(files_.Write(folder + "/stat", stat).ok());
    const std::string thread = folder + "/task/" + std::to_string(pid);
    ASSERT_TRUE(files_.Write(thread + "/schedstat", "1 " + std::to_string(waited) + " 3\n").ok());
  }

  FakeClock clock_{WallTime()};
  MemFiles files_{clock_};
  UseMeter meter_{files_};
  const MonoTime start_{};
};

TEST_F(UseTest, CountsASessionsProcessesTogether) {
  Has(10, 10, 100, 3, 0);
  Has(11, 10, 50, 2, 0);
  Has(20, 20, 1000, 7, 0);
  const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  EXPECT_EQ(ResidentBytes(files_, 10), 5 * page);
  const auto first = meter_.Look({10}, start_);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first.at(10).resident_bytes, 5 * page);
  EXPECT_FALSE(first.at(10).used.has_value()) << "there is nothing to compare with";
  Has(10, 10, 160, 3, 300'000'000);
  Has(11, 10, 90, 2, 100'000'000);
  const auto second = meter_.Look({10}, start_ + seconds(2));
  EXPECT_NEAR(second.at(10).used.value(), 0.5, 1e-9);
  EXPECT_NEAR(second.at(10).wanted.value(), 0.7, 1e-9);
}

TEST_F(UseTest, WhatBeganSinceCountsFromNothing) {
  Has(10, 10, 100, 3, 5);
  meter_.Look({10}, start_);
  Has(10, 10, 30, 3, 0, 900);  // the number was given to another process
  Has(12, 10, 20, 3, 0);       // a child
  const auto uses = meter_.Look({10}, start_ + seconds(1));
  EXPECT_NEAR(uses.at(10).used.value(), 0.5, 1e-9);
  EXPECT_NEAR(uses.at(10).wanted.value(), 0.5, 1e-9);
}

TEST_F(UseTest, ASessionThatIsNewHasNoBeginning) {
  Has(10, 10, 100, 3, 0);
  meter_.Look({10}, start_);
  Has(30, 30, 5000, 3, 0);
  const auto uses = meter_.Look({10, 30}, start_ + seconds(1));
  EXPECT_FALSE(uses.at(30).used.has_value());
  EXPECT_EQ(meter_.Look({40}, start_ + seconds(2)).count(40), 0u);
}

TEST(ChooseProcessorsTest, EachServiceTakesTheNextOnes) {
  ServiceSpec spec;
  const std::vector<int> available = {0, 2, 4, 6};
  EXPECT_TRUE(ChooseProcessors(spec, 0, available).empty()) << "no limit";
  spec.processors = 2;
  EXPECT_EQ(ChooseProcessors(spec, 0, available), (std::vector<int>{0, 2}));
  EXPECT_EQ(ChooseProcessors(spec, 1, available), (std::vector<int>{4, 6}));
  spec.first_processor = 3;
  EXPECT_EQ(ChooseProcessors(spec, 0, available), (std::vector<int>{6, 0}));
  spec.processors = 4;
  EXPECT_TRUE(ChooseProcessors(spec, 0, available).empty()) << "all that there are";
}

TEST(OwnProcessorsTest, ThereIsOne) { EXPECT_FALSE(OwnProcessors().empty()); }

}  // namespace
}  // namespace vigia::supervisor
