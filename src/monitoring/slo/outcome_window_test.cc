#include "slo/outcome_window.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace vigia::slo {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Success = OutcomeWindow::Success;
using Speed = OutcomeWindow::Speed;

MonoTime At(Duration since_start) { return MonoTime(hours(1000)) + since_start; }

Outcomes Within(const OutcomeWindow& window, Duration length, MonoTime now) {
  std::array<Outcomes, 1> sums;
  window.AddTo(sums, std::array<Duration, 1>{length}, now);
  return sums[0];
}

TEST(OutcomeWindow, CountsWhatIsRecent) {
  OutcomeWindow window;
  window.Add(At(minutes(0)), Success::kNo, Speed::kFast);
  window.Add(At(minutes(4)), Success::kYes, Speed::kSlow);
  window.Add(At(minutes(4)), Success::kYes, Speed::kFast);
  EXPECT_EQ(Within(window, minutes(5), At(minutes(4))).requests, 3U);
  EXPECT_EQ(Within(window, minutes(5), At(minutes(4))).failed, 1U);
  EXPECT_EQ(Within(window, minutes(5), At(minutes(5))).requests, 2U);
  EXPECT_EQ(Within(window, minutes(5), At(minutes(5))).failed, 0U);
  EXPECT_EQ(Within(window, minutes(5), At(minutes(5))).slow, 1U);
  EXPECT_EQ(Within(window, minutes(5), At(minutes(9))).requests, 0U);
  EXPECT_EQ(Within(window, hours(72), At(hours(71))).requests, 3U);
  EXPECT_EQ(Within(window, hours(72), At(hours(72) + minutes(3))).requests, 2U);
  EXPECT_EQ(Within(window, hours(72), At(hours(73))).requests, 0U);
}

TEST(OutcomeWindow, ForgetsAfterThreeDays) {
  OutcomeWindow window;
  for (int minute = 0; minute < 10'000; ++minute) window.Add(At(minutes(minute)), Success::kNo, Speed::kSlow);
  const Outcomes sums = Within(window, hours(72), At(minutes(9'999)));
  EXPECT_EQ(sums.requests, 4320U);
  EXPECT_EQ(sums.failed, 4320U);
  EXPECT_EQ(Within(window, hours(1), At(minutes(9'999))).slow, 60U);
}

TEST(OutcomeWindow, IsReadWhileItIsWritten) {
  OutcomeWindow window;
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) EXPECT_LE(Within(window, hours(72), At(minutes(100))).requests, 100'000U);
  });
  for (int i = 0; i < 100'000; ++i) window.Add(At(minutes(i / 1000)), Success::kYes, Speed::kFast);
  done = true;
  reader.join();
  EXPECT_EQ(Within(window, hours(72), At(minutes(100))).requests, 100'000U);
}

}  // namespace
}  // namespace vigia::slo
