// A runbook, typed: what starts it, what guards it, what it looks at, what it does, how that is
// proved, and whom it wakes. A step is a command that a person could type.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "calendar/cron.h"
#include "checks/check.h"
#include "jq/filter.h"
#include "signals/signal.h"

namespace vigia::runbooks {

using checks::Severity;

enum class Mode { kAuto, kApprove, kDryRun, kOff };
enum class Effect { kRead, kWrite, kDestructive };
std::string_view EffectName(Effect effect);
std::string_view ModeName(Mode mode);  // "auto", "approve", "dry-run", "off"
std::optional<Mode> ParseMode(std::string_view name);

// A jq expression over the run's document (document.h). Shared, because filters do not copy.
using Expression = std::shared_ptr<const jq::Filter>;

struct Program {
  std::vector<jq::Template> arguments;  // never a shell string
};
struct HttpCall {
  std::string method = "GET";
  jq::Template url;
  std::vector<std::pair<std::string, jq::Template>> headers;
  std::optional<jq::Template> body;
  std::vector<int> expect;  // statuses that are a success; empty: 200-299
};
using Command = std::variant<Program, HttpCall>;

// A read-only command that says whether a step's effect is there.
struct Probe {
  Command command;
  Expression done_when;  // over {probe: {status, out, text}, …}; a probe that fails tells nothing
  Duration timeout = std::chrono::seconds(10);
};

struct Retry {
  int max = 0;
  Duration backoff = std::chrono::seconds(1);  // doubles
};

struct Act {
  Command command;
  Effect effect = Effect::kRead;
  bool idempotent = false;
  Duration timeout = std::chrono::seconds(60);
  Retry retry;
  std::optional<Probe> probe;
  std::optional<Command> undo;  // idempotent, says the linter
  Duration undo_timeout = std::chrono::seconds(60);
};
struct Wait {
  Duration length{};
};
struct Assert {
  Expression that;
};
struct Approve {
  std::vector<std::string> by;  // "role:oncall", "person:ana"
  int min = 1;
  Duration timeout = std::chrono::minutes(10);
};

enum class OnFailure { kNextAttempt, kContinue, kEscalate };

struct Step {
  std::string id;  // unique in the runbook
  int line = 0;
  std::string text;      // what it is for, one sentence
  Expression condition;  // `if`; null: always
  OnFailure on_failure = OnFailure::kNextAttempt;
  std::variant<Act, Wait, Assert, Approve> what;
};

struct Attempt {
  std::string name;
  int line = 0;
  std::string text;
  Expression condition;
  std::vector<Step> steps;
};

struct Trigger {
  std::string check;                       // fires for each of its alerts
  std::vector<signals::Matcher> matchers;  // or alerts, ours and foreign, with these labels
  std::string schedule;                    // or a time: "0 3 * * 0"
  std::optional<calendar::Cron> cron;      // that time, read
  std::string time_zone;                   // of the schedule; empty: UTC
  int line = 0;
};

struct Cap {
  int runs = 3;
  Duration per = std::chrono::hours(6);
};
struct BlastRadius {
  std::vector<std::string> group_by;
  int max_targets = 1;       // keys of this runbook that may be worked on at once in a group
  double min_healthy = 0.0;  // share of the trigger check's instances in the group that must be quiet
};
struct ApprovalRule {
  Expression when;  // over the document with .step; null: never asked
  Approve ask;
};

struct Guards {
  Duration cooldown = std::chrono::minutes(5);               // after a run that wrote something, for its key
  std::vector<Cap> max_runs = {{3, std::chrono::hours(6)}};  // for a key, of runs that wrote something
  int max_concurrent = 0;                                    // of this runbook; 0: no limit
  std::vector<jq::Template> locks;                           // shared by all runbooks; waited for
  std::optional<BlastRadius> blast_radius;
  std::vector<std::string> deny_windows;  // names of windows in which nothing is written
  std::vector<Expression> require;        // checked before every write; unknown is a no
  std::optional<ApprovalRule> approval;
  Duration deadline = std::chrono::hours(1);  // from creation to healed or handed over
};

struct Verify {
  Expression when;
  Duration after = Duration::zero();
  Duration every = std::chrono::seconds(5);
  int need = 3;        // passes in a row
  int fail_after = 0;  // failures in a row; 0: only the timeout fails it
  Duration timeout = std::chrono::minutes(5);
};

// Fail-back: the successful attempt is a detour; go back when the main road is open again.
struct Revert {
  Expression when;
  Duration hold = std::chrono::minutes(15);  // `for`
  Duration max_hold = std::chrono::hours(24);
};

// Reasons for which people are called. `open`: at once, while the runbook works.
enum class Reason {
  kOpen,
  kGuardDenied,
  kExhausted,
  kInconclusive,
  kUnknownOutcome,
  kApprovalTimeout,
  kApprovalRefused,
  kDeadline,
  kStepFailed,
  kUndoFailed,
  kHoldExpired,
  kRevertFailed,
  kDryRun,
  kModeOff,
  kNoRunbook,
  kTakenOver
};
std::string_view ReasonName(Reason reason);

struct Escalate {
  std::string policy;
  bool at_once = false;           // page when the incident opens, not only when the runbook gives up
  std::optional<Duration> after;  // page when it is not resolved after so long
  // Facts by which a policy calls a higher level at once (escalation::Level::on), with the condition
  // under which each is true when people are called.
  std::vector<std::pair<std::string, Expression>> facts = {};
};

struct Postmortem {
  enum class When { kAlways, kEscalated, kNever };
  When when = When::kAlways;
  std::string owner;
  Duration due = std::chrono::hours(24 * 5);
};

enum class OnResolve { kVerify, kStop };

struct NamedSelector {
  std::string name;  // .signals.NAME of the document
  signals::Selector selector;
  std::optional<signals::Selector> of;  // a share, as in a check's condition: one number
  // Labels of the run that the series must have too; default: those of the key that the series has.
  std::vector<std::string> match;
};

struct Runbook {
  std::string name;  // unique, kebab-case
  std::string file;
  std::string hash;    // SHA-256 of the document's text: a run goes on with the text it began with
  std::string source;  // that text
  std::string title;
  std::string summary;
  Mode mode = Mode::kAuto;
  Severity severity = Severity::kP3;
  std::vector<checks::Check> checks;  // its own, beside those configured elsewhere
  std::vector<Trigger> triggers;
  std::vector<std::string> key;  // label names: one incident and one run for each distinct value
  std::vector<NamedSelector> signals;
  OnResolve on_resolve = OnResolve::kVerify;
  Guards guards;
  std::vector<Step> diagnose;
  std::vector<Attempt> mitigate;
  std::optional<Verify> verify;  // lint asks for it when something is mitigated
  std::optional<Revert> revert;
  Escalate escalate;
  Postmortem postmortem;
};

// Every command as a person would type it, with templates as they are written.
std::string CommandText(const Command& command);

const Step* FindStep(const Runbook& runbook, std::string_view id);

}  // namespace vigia::runbooks
