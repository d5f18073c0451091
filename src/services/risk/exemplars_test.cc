#include "risk/exemplars.h"

#include <gtest/gtest.h>

#include <thread>

namespace vigia::risk {
namespace {

MonoTime At(int milliseconds) { return MonoTime(std::chrono::hours(1)) + std::chrono::milliseconds(milliseconds); }
WallTime Wall(int seconds) { return WallTime(std::chrono::seconds(1'800'000'000 + seconds)); }

TEST(Exemplars, KeepTheLastRequestOfABucket) {
  Exemplars exemplars;
  exemplars.CellOf(0.0007).Set(At(0), Wall(0), "first", 0.0007);
  EXPECT_FALSE(exemplars.CellOf(0.0008).IsDue(At(999)));
  EXPECT_TRUE(exemplars.CellOf(0.0008).IsDue(At(1000)));
  EXPECT_TRUE(exemplars.CellOf(100).IsDue(At(0)));
  exemplars.CellOf(0.001).Set(At(1000), Wall(1), std::string(80, 'x'), 0.001);
  exemplars.CellOf(100).Set(At(0), Wall(0), "slow", 100);
  std::vector<MetricsText::Exemplar> merged;
  exemplars.MergeInto(merged);
  ASSERT_EQ(merged.size(), LatencyBounds().size() + 1);
  EXPECT_EQ(merged[3].trace_id, std::string(64, 'x'));
  EXPECT_EQ(merged[3].value, 0.001);
  EXPECT_EQ(merged[3].unix_seconds, 1'800'000'001);
  EXPECT_EQ(merged[0].trace_id, "");
  EXPECT_EQ(merged.back().trace_id, "slow");
  Exemplars newer;
  newer.CellOf(100).Set(At(5), Wall(5), "slower", 101);
  newer.MergeInto(merged);
  exemplars.MergeInto(merged);
  EXPECT_EQ(merged.back().trace_id, "slower");
}

TEST(Exemplars, AReaderNeverSeesHalfOfOne) {
  ExemplarCell cell;
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) {
      const MetricsText::Exemplar seen = cell.Get();
      if (seen.trace_id.empty()) continue;
      const std::string want(static_cast<size_t>(seen.value) % 60 + 1,
                             static_cast<char>('a' + static_cast<int>(seen.value) % 26));
      EXPECT_EQ(seen.trace_id, want);
    }
  });
  for (int i = 0; i < 20'000; ++i) {
    cell.Set(At(i), Wall(i), std::string(static_cast<size_t>(i % 60 + 1), static_cast<char>('a' + i % 26)), i);
  }
  done = true;
  reader.join();
  EXPECT_EQ(cell.Get().value, 19'999);
}

}  // namespace
}  // namespace vigia::risk
