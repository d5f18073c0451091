// The retraining policy: what a challenger may not lose against the champion.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/bootstrap.h"

namespace vigia::retrain {

// How much worse the challenger may be. Values of the runbooks' policy.
struct Margins {
  double recall = 0.02;
  double precision = 0.05;
  double brier = 0.02;  // may rise by
  double roc_auc = 0;   // not lower
};

enum class GuardrailStatus {
  kPassed,    // the whole interval is within the margin
  kFailed,    // the whole interval is beyond it: the challenger is worse
  kTooSmall,  // the interval spans the margin: these rows are too few to tell
};
std::string_view GuardrailStatusName(GuardrailStatus status);  // "passed", "failed", "too_small_to_tell"

struct Guardrail {
  evaluation::Metric metric = evaluation::Metric::kRecall;
  double margin = 0;
  double champion = 0, challenger = 0;
  evaluation::Interval difference;  // challenger − champion, paired
  GuardrailStatus status = GuardrailStatus::kTooSmall;
  bool estimate_within = false;  // the difference's estimate is within the margin, whatever the interval says
};

// All four, in the policy's order: recall, precision, Brier, ROC-AUC.
std::vector<Guardrail> JudgeGuardrails(const evaluation::MetricIntervals& champion,
                                       const evaluation::MetricIntervals& challenger,
                                       const evaluation::MetricIntervals& difference, const Margins& margins);

enum class Verdict {
  kApproved,   // nothing failed, and every estimate is within its margin
  kRejected,   // at least one guardrail failed
  kUndecided,  // nothing failed, but an estimate is beyond its margin on too few rows to tell
};
std::string_view VerdictName(Verdict verdict);  // "approved", "rejected", "undecided"

struct Decision {
  Verdict verdict = Verdict::kUndecided;
  bool proven = false;               // approved, and every interval is within its margin
  std::vector<std::string> reasons;  // one sentence each, never empty
};

// A metric that is not defined on the rows counts as too few rows.
Decision Decide(std::span<const Guardrail> guardrails);

}  // namespace vigia::retrain
