// How Vigia trains: which inputs are tried, which estimators, how they are compared and what wins.
// Everything that one would want to argue about is here, in Recipe's defaults and recipe.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "features/spec.h"

namespace vigia::training {

enum class Family { kLogisticRegression, kGradientBoosting, kRandomForest };
std::string_view FamilyName(Family family);  // "logistic_regression", as in model.json
std::vector<std::string> FamilyNames();

// `stable`: five inputs whose meaning does not move from year to year.
// `full`: all of them, and every indicator, composite, missing flag, tenure and category.
enum class InputSet { kStable, kFull };
std::string_view InputSetName(InputSet set);

// XGBoost's parameters, by its names.
struct TreeSettings {
  int rounds = 100;
  int max_depth = 3;
  int num_parallel_tree = 1;
  double eta = 0.05;
  double subsample = 0.8;
  double colsample_bytree = 1;
  double colsample_bynode = 1;
  double min_child_weight = 2;
  double lambda = 1;
};

struct Candidate {
  std::string name;  // "gb_depth3_stable"
  Family family = Family::kLogisticRegression;
  InputSet inputs = InputSet::kStable;
  double c = 1;        // logistic regression: inverse strength of the L2 penalty
  TreeSettings trees;  // the others
};

enum class CalibrationChoice { kAuto, kSigmoid, kIsotonic, kNone };

struct ThresholdPolicy {
  double min_recall = 0.80;
  // Precisions within this many standard errors of the highest count as the highest; of those
  // thresholds the lowest is taken. 0 is the literal rule, which a few pupils decide.
  double tolerance_se = 0.5;
  // Flagging more than this many times the base rate is said aloud.
  double max_flagged_to_base_rate = 2;
};

struct Recipe {
  std::vector<Candidate> candidates;
  size_t folds = 5;
  size_t repeats = 5;
  size_t min_rows = 50;
  size_t min_class_rows = 10;       // of either class
  size_t min_level_rows = 10;       // a rarer category level gets no input
  double missing_flag_rate = 0.05;  // from here on, that a value is missing is an input
  CalibrationChoice calibration = CalibrationChoice::kAuto;
  ThresholdPolicy threshold;
  uint64_t seed = 42;
};

Recipe DefaultRecipe();

// Only candidates of these families, by FamilyName, remain; all of them when `names` is empty.
void KeepFamilies(const std::vector<std::string>& names, Recipe& recipe);

// An input that is not fitted yet. monotone: -1 when the risk may only fall as the input rises.
struct PlannedInput {
  features::DerivedFeature derived;
  int monotone = 0;
};

// What planning needs to know of the training data's raw features.
struct RawSummary {
  features::RawFeature feature;
  double missing_rate = 0;         // 1: no value at all
  std::vector<size_t> level_rows;  // categories: rows of each level
};

// The inputs of a set, from the raw features that have data; those without take no part.
std::vector<PlannedInput> PlanInputs(InputSet set, const std::vector<RawSummary>& raw, const Recipe& recipe);

}  // namespace vigia::training
