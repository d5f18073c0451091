// Scenarios: given these signals at these virtual times, want this alert between, this step, this page.
// One text file each in tests/scenarios; the format is in tests/scenarios/README.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "escalation/directory.h"
#include "runbooks/action.h"
#include "runbooks/runbook.h"
#include "signals/labels.h"

namespace vigia::controller::scenario {

struct Series {
  std::string name;
  signals::LabelSet labels;
};

// set SERIES VALUE, clear SERIES.
struct SetSignal {
  Series series;
  std::optional<double> value;
};
// acknowledge, resolve, approve or refuse by a person: about the open incident of a runbook.
struct PersonActs {
  std::string what;
  std::string person;
  std::string runbook;
};
struct Channel {
  std::string name;
  bool dead = false;
};
struct Happening {
  int line = 0;
  Duration at{};
  std::variant<SetSignal, PersonActs, Channel> what;
};

// What a command does: `when PREFIX: ok|fail|hang [takes 2s] [JSON]; set SERIES VALUE`. Several for one
// prefix are used in turn, the last one from then on. A command that none fits succeeds with {}.
struct Answer {
  int line = 0;
  std::string prefix;
  runbooks::ActionResult::End end = runbooks::ActionResult::End::kDone;
  Duration takes = std::chrono::milliseconds(200);
  Json out = Json::object();
  std::vector<SetSignal> effects;
};

// `want 3s..10s EVENT` or `never 3s..10s EVENT`; an event fits when it begins with these words.
struct Want {
  int line = 0;
  bool never = false;
  Duration from{};
  Duration to{};
  std::string event;
};

struct Scenario {
  std::string file;
  WallTime start{};
  Duration tick = std::chrono::milliseconds(500);
  Duration end = std::chrono::minutes(2);
  std::vector<std::string> runbooks;
  std::map<std::string, std::string> policies;  // by runbook: in place of its own
  std::vector<Happening> happenings;            // by time
  std::vector<Answer> answers;
  std::vector<Want> wants;
};

// The error begins with file:line.
Result<Scenario> Parse(const std::string& text, const std::string& file);

struct Event {
  Duration at{};
  std::string text;
};
struct Outcome {
  std::vector<Event> events;
  std::string mismatch;  // the first, "file:line: sentence"; empty: all is as wanted
};
// `runbooks` are all that a scenario may name.
Outcome Play(const Scenario& scenario, const std::vector<runbooks::Runbook>& runbooks,
             const escalation::Directory& directory);

}  // namespace vigia::controller::scenario
