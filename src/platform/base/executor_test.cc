#include "base/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace vigia {
namespace {

TEST(ExecutorTest, RunsEveryPieceOnce) {
  for (unsigned threads : {1U, 2U, 7U}) {
    ThreadExecutor executor(threads);
    std::vector<std::atomic<int>> hits(1000);
    executor.ParallelFor(hits.size(), [&](size_t i) { ++hits[i]; });
    for (const auto& hit : hits) EXPECT_EQ(hit.load(), 1);
  }
}

TEST(ExecutorTest, InlineKeepsTheOrder) {
  std::vector<size_t> order;
  InlineExecutor().ParallelFor(4, [&](size_t i) { order.push_back(i); });
  EXPECT_EQ(order, (std::vector<size_t>{0, 1, 2, 3}));
}

}  // namespace
}  // namespace vigia
