#include "retrain/guardrails.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace vigia::retrain {

namespace {

using evaluation::Metric;

// Differences below this are rounding of sums over rows, not a loss.
constexpr double kRounding = 1e-9;

Guardrail Judge(Metric metric, double margin, const evaluation::MetricIntervals& champion,
                const evaluation::MetricIntervals& challenger, const evaluation::MetricIntervals& difference) {
  Guardrail rail{metric, margin, champion[metric].value, challenger[metric].value, difference[metric]};
  // Harm: how much worse the challenger is. Brier is an error, so its rise is the harm.
  const double sign = metric == Metric::kBrier ? 1 : -1;
  const double estimate = sign * rail.difference.value;
  const double least = std::min(sign * rail.difference.low, sign * rail.difference.high);
  const double most = std::max(sign * rail.difference.low, sign * rail.difference.high);
  rail.estimate_within = estimate <= margin + kRounding;  // false for NaN
  if (std::isnan(estimate) || std::isnan(rail.difference.low) || std::isnan(rail.difference.high)) {
    rail.status = GuardrailStatus::kTooSmall;
  } else if (least > margin + kRounding) {
    rail.status = GuardrailStatus::kFailed;
  } else if (most <= margin + kRounding) {
    rail.status = GuardrailStatus::kPassed;
  }
  return rail;
}

std::string Numbers(const Guardrail& rail) {
  const bool error = rail.metric == Metric::kBrier;
  return fmt::format("{} {:.3f} -> {:.3f}, difference {:+.3f} [{:+.3f}, {:+.3f}], allowed {} {:.3f}",
                     evaluation::MetricName(rail.metric), rail.champion, rail.challenger, rail.difference.value,
                     rail.difference.low, rail.difference.high, error ? "rise" : "drop", rail.margin);
}

}  // namespace

std::string_view GuardrailStatusName(GuardrailStatus status) {
  switch (status) {
    case GuardrailStatus::kPassed: return "passed";
    case GuardrailStatus::kFailed: return "failed";
    case GuardrailStatus::kTooSmall: return "too_small_to_tell";
  }
  return "too_small_to_tell";
}

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kApproved: return "approved";
    case Verdict::kRejected: return "rejected";
    case Verdict::kUndecided: return "undecided";
  }
  return "undecided";
}

std::vector<Guardrail> JudgeGuardrails(const evaluation::MetricIntervals& champion,
                                       const evaluation::MetricIntervals& challenger,
                                       const evaluation::MetricIntervals& difference, const Margins& margins) {
  return {Judge(Metric::kRecall, margins.recall, champion, challenger, difference),
          Judge(Metric::kPrecision, margins.precision, champion, challenger, difference),
          Judge(Metric::kBrier, margins.brier, champion, challenger, difference),
          Judge(Metric::kRocAuc, margins.roc_auc, champion, challenger, difference)};
}

Decision Decide(std::span<const Guardrail> guardrails) {
  Decision decision;
  bool failed = false, beyond = false, small = false;
  for (const Guardrail& rail : guardrails) {
    if (rail.status == GuardrailStatus::kFailed) {
      failed = true;
      decision.reasons.push_back(Numbers(rail) + ": worse than allowed");
    } else if (rail.status == GuardrailStatus::kTooSmall) {
      small = true;
      beyond |= !rail.estimate_within;
      decision.reasons.push_back(Numbers(rail) + (rail.estimate_within
                                                      ? ": too few rows to be sure, the estimate is within"
                                                      : ": too few rows to tell, and the estimate is beyond"));
    }
  }
  decision.verdict = failed ? Verdict::kRejected : beyond ? Verdict::kUndecided : Verdict::kApproved;
  decision.proven = decision.verdict == Verdict::kApproved && !small;
  if (decision.reasons.empty())
    decision.reasons.emplace_back("every guardrail is met, also at the interval's worst end");
  return decision;
}

}  // namespace vigia::retrain
