#include "drill/quick.h"

#include <gtest/gtest.h>

#include "control/builtin_runbooks.h"
#include "runbooks/load.h"

namespace vigia::drill {
namespace {

TEST(QuickTest, ShortensTimesAndNothingElse) {
  EXPECT_EQ(QuickRunbook(R"(# for: 10m
checks:
  - name: a
    when: {signal: x, function: max, window: 1h, below: 1}
    every: 500ms
    for: 10m
  - {when: {signal: y, function: last, window: 2d}, keep_firing_for: 1h, every: 1m}
guards:
  cooldown: 2h
  max_runs: [{runs: 3, per: 1h}]
mitigate:
  - steps: [{id: w, wait: 1d}, {id: b, run: [vigia, block-ip, x, --for, 1h], timeout: 30s}]
verify: {when: .x, after: 1h, every: 10m, need: 3, timeout: 6h}
escalate:
  policy: sre
  after: 15m
)"),
            R"(# for: 10m
checks:
  - name: a
    when: {signal: x, function: max, window: 2s, below: 1}
    every: 500ms
    for: 500ms
  - {when: {signal: y, function: last, window: 2d}, keep_firing_for: 0s, every: 500ms}
guards:
  cooldown: 1s
  max_runs: [{runs: 3, per: 1h}]
mitigate:
  - steps: [{id: w, wait: 1s}, {id: b, run: [vigia, block-ip, x, --for, 1h], timeout: 30s}]
verify: {when: .x, after: 1s, every: 500ms, need: 3, timeout: 20s}
escalate:
  policy: sre
  after: 15m
)");
}

TEST(QuickTest, EveryBuiltInRunbookStaysARunbook) {
  const auto catalogue = runbooks::Catalogue::BuiltIn();
  for (const control::BuiltInRunbook& built_in : control::BuiltInRunbooks()) {
    std::vector<config::Problem> problems;
    const auto runbook = runbooks::LoadRunbook(QuickRunbook(std::string(built_in.text)), std::string(built_in.file),
                                               catalogue, problems);
    for (const config::Problem& problem : problems) ADD_FAILURE() << problem.ToString();
    for (const checks::Check& check : runbook.checks) {
      EXPECT_LE(check.every, std::chrono::seconds(1)) << check.name;
      EXPECT_LE(check.hold, std::chrono::seconds(1)) << check.name;
    }
  }
}

}  // namespace
}  // namespace vigia::drill
