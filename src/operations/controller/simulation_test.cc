#include "controller/simulation.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/text.h"

namespace vigia::controller::simulation {
namespace {

// VIGIA_SEEDS: how many seeds (the slow test asks for 10,000), from VIGIA_FIRST_SEED on.
// VIGIA_SEED: tell the story of one.
uint64_t FromEnvironment(const char* name, uint64_t fallback) {
  const char* text = std::getenv(name);
  const auto number = text != nullptr ? ParseInteger(text) : std::nullopt;
  return number ? static_cast<uint64_t>(*number) : fallback;
}

std::string Story(uint64_t seed, Options options) {
  options.keep_story = true;
  std::string story;
  for (const std::string& line : Simulate(seed, options).story) story += line + "\n";
  return story;
}

TEST(SimulationTest, KeepsItsPromisesWhateverHappens) {
  const uint64_t only = FromEnvironment("VIGIA_SEED", 0);
  const uint64_t count = FromEnvironment("VIGIA_SEEDS", 30);
  Outcome all;
  int failed = 0;
  const uint64_t first = only != 0 ? only : FromEnvironment("VIGIA_FIRST_SEED", 1);
  const uint64_t last = only != 0 ? only : first + count - 1;
  for (uint64_t seed = first; seed <= last && failed < 3; ++seed) {
    const Outcome outcome = Simulate(seed, {});
    all.crashes += outcome.crashes;
    all.takeovers += outcome.takeovers;
    all.actions += outcome.actions;
    all.pages += outcome.pages;
    all.incidents += outcome.incidents;
    all.healed += outcome.healed;
    all.silences += outcome.silences;
    if (outcome.violations.empty() && only == 0) continue;
    failed += outcome.violations.empty() ? 0 : 1;
    for (const std::string& violation : outcome.violations) ADD_FAILURE() << "seed " << seed << ": " << violation;
    std::cerr << Story(seed, {});
  }
  std::cerr << "seeds " << first << " to " << last << ": incidents " << all.incidents << ", healed unattended "
            << all.healed << ", crashes " << all.crashes << ", takeovers " << all.takeovers << ", actions "
            << all.actions << ", pages that arrived " << all.pages << ", silences " << all.silences << "\n";
  if (only != 0) return;
  // A simulation in which nothing happens would prove nothing.
  EXPECT_GT(all.crashes, static_cast<int>(count));
  EXPECT_GT(all.takeovers, static_cast<int>(count / 4));
  EXPECT_GT(all.healed, static_cast<int>(count / 2));
  EXPECT_GT(all.pages, static_cast<int>(count));
  EXPECT_GT(all.silences, static_cast<int>(count / 2));
}

TEST(SimulationTest, ASeedReplaysExactly) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const std::string story = Story(seed, {});
    EXPECT_GT(story.size(), 1000U);
    EXPECT_EQ(story, Story(seed, {}));
    EXPECT_EQ(Simulate(seed, {}).fingerprint, Simulate(seed, {}).fingerprint);
  }
}

// Acting before the intent is durable must not go unseen.
TEST(SimulationTest, CatchesActingBeforeTheIntentIsDurable) {
  Options planted;
  planted.lazy_ledger = true;
  std::string seen;
  for (uint64_t seed = 1; seed <= 300 && seen.find("took effect twice") == std::string::npos; ++seed) {
    for (const std::string& violation : Simulate(seed, planted).violations) seen += violation + "\n";
  }
  EXPECT_NE(seen.find("took effect twice"), std::string::npos) << seen;
}

}  // namespace
}  // namespace vigia::controller::simulation
