// The whole control plane on virtual time, with everything that can go wrong, from one seed:
// crashes at every journal boundary and between effects, a second owner, clock jumps, full disks,
// commands that fail, hang or lose their answer, and dead channels. The same seed gives the same story.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vigia::controller::simulation {

struct Options {
  // A planted bug: commits say yes before they are durable, so that actions begin before their
  // intent is; a crash then loses the newest ones.
  bool lazy_ledger = false;
  bool keep_story = false;
};

struct Outcome {
  std::vector<std::string> violations;  // of the invariants; empty is good
  std::vector<std::string> story;       // what happened, a line each
  uint64_t fingerprint = 0;             // of the story
  int crashes = 0;
  int takeovers = 0;
  int actions = 0;
  int pages = 0;
  int incidents = 0;
  int silences = 0;
  int healed = 0;  // by runbooks alone
};

Outcome Simulate(uint64_t seed, const Options& options);

}  // namespace vigia::controller::simulation
