#include "training/recipe.h"

#include <algorithm>

namespace vigia::training {
namespace {

using features::DerivedFeature;
using features::FeatureType;
using features::Operation;

constexpr const char* kIndicators[] = {"iaa", "ieg", "ips", "ipp", "ida", "ipv", "ian"};
constexpr const char* kGrades[] = {"matematica", "portugues", "ingles"};
// What a pupil's schooling is worth this year; the other indicators shift between years.
constexpr const char* kAcademic[] = {"ida", "ieg", "ipv"};

class Planner {
 public:
  Planner(const std::vector<RawSummary>& raw, const Recipe& recipe) : raw_(raw), recipe_(recipe) {}

  void AddStable() {
    Add("fase", Operation::kIdentity, {"fase"});
    Add("idade", Operation::kIdentity, {"idade"});
    Add("defasagem_atual", Operation::kCurrentLag, {"defasagem", "fase", "idade"}, -1);
    Add("defasagem_se_retido", Operation::kLagIfRetained, {"fase", "idade"}, -1);
    Add("media_academica", Operation::kMean, WithData(kAcademic), -1);
  }

  void AddRest() {
    const std::vector<std::string> indicators = WithData(kIndicators);
    for (const std::string& name : indicators) Add(name, Operation::kIdentity, {name});
    for (const std::string& name : WithData(kGrades)) Add(name, Operation::kIdentity, {name});
    if (HasData("inde")) Add("inde", Operation::kIdentity, {"inde"});
    Add("media_indicadores", Operation::kMean, indicators);
    Add("minimo_indicadores", Operation::kMin, indicators);
    Add("maximo_indicadores", Operation::kMax, indicators);
    Add("desvio_indicadores", Operation::kStd, indicators);
    Add("amplitude_indicadores", Operation::kRange, indicators);
    for (const std::string& name : indicators) AddMissingFlag(name);
    for (const std::string& name : WithData(kGrades)) AddMissingFlag(name);
    if (HasData("ano_ingresso")) Add("anos_programa", Operation::kTenure, {"ano_ingresso"});
    AddLevels("genero");
    AddLevels("instituicao");
  }

  std::vector<PlannedInput> Take() { return std::move(inputs_); }

 private:
  const RawSummary* Find(std::string_view name) const {
    const auto found =
        std::find_if(raw_.begin(), raw_.end(), [&](const RawSummary& r) { return r.feature.name == name; });
    return found == raw_.end() ? nullptr : &*found;
  }

  bool HasData(std::string_view name) const {
    const RawSummary* raw = Find(name);
    return raw != nullptr && raw->missing_rate < 1;
  }

  template <size_t n>
  std::vector<std::string> WithData(const char* const (&names)[n]) const {
    std::vector<std::string> present;
    for (const char* name : names) {
      if (HasData(name)) present.emplace_back(name);
    }
    return present;
  }

  // Leaves out an input that needs a raw feature which does not exist.
  void Add(std::string name, Operation operation, std::vector<std::string> raw, int monotone = 0) {
    if (raw.empty()) return;
    for (const std::string& needed : raw) {
      if (Find(needed) == nullptr) return;
    }
    DerivedFeature derived;
    derived.name = std::move(name);
    derived.operation = operation;
    derived.inputs = std::move(raw);
    inputs_.push_back({std::move(derived), monotone});
  }

  void AddMissingFlag(const std::string& name) {
    if (Find(name)->missing_rate >= recipe_.missing_flag_rate) Add(name + "_ausente", Operation::kMissing, {name});
  }

  void AddLevels(const std::string& name) {
    const RawSummary* raw = Find(name);
    if (raw == nullptr || raw->feature.type != FeatureType::kCategory) return;
    for (size_t level = 0; level < raw->feature.levels.size(); ++level) {
      if (raw->level_rows[level] < recipe_.min_level_rows) continue;
      Add(name + "=" + raw->feature.levels[level], Operation::kOneHot, {name});
      inputs_.back().derived.level = raw->feature.levels[level];
    }
  }

  const std::vector<RawSummary>& raw_;
  const Recipe& recipe_;
  std::vector<PlannedInput> inputs_;
};

Candidate Logistic(std::string name, double c, InputSet inputs) {
  return {std::move(name), Family::kLogisticRegression, inputs, c, {}};
}

Candidate Boosting(std::string name, const TreeSettings& trees, InputSet inputs) {
  return {std::move(name), Family::kGradientBoosting, inputs, 1, trees};
}

// Breiman's forest by XGBoost: one round of many trees on bootstrap-like samples, no shrinkage.
Candidate Forest(std::string name, int depth, double colsample) {
  return {std::move(name),
          Family::kRandomForest,
          InputSet::kStable,
          1,
          {.rounds = 1,
           .max_depth = depth,
           .num_parallel_tree = 300,
           .eta = 1,
           .subsample = 0.632,
           .colsample_bynode = colsample,
           .min_child_weight = 1,
           .lambda = 0.1}};
}

}  // namespace

std::string_view FamilyName(Family family) {
  switch (family) {
    case Family::kLogisticRegression: return "logistic_regression";
    case Family::kGradientBoosting: return "gradient_boosting";
    case Family::kRandomForest: return "random_forest";
  }
  return "";
}

std::vector<std::string> FamilyNames() {
  std::vector<std::string> names;
  for (const Family family : {Family::kLogisticRegression, Family::kGradientBoosting, Family::kRandomForest}) {
    names.emplace_back(FamilyName(family));
  }
  return names;
}

std::string_view InputSetName(InputSet set) { return set == InputSet::kStable ? "stable" : "full"; }

Recipe DefaultRecipe() {
  const TreeSettings depth2{.rounds = 200, .max_depth = 2};
  const TreeSettings depth3{.rounds = 100, .max_depth = 3};
  const TreeSettings depth3_sampled{
      .rounds = 120, .max_depth = 3, .colsample_bytree = 0.8, .min_child_weight = 3, .lambda = 3};
  const TreeSettings depth4{.rounds = 100, .max_depth = 4, .eta = 0.04, .colsample_bytree = 0.8, .lambda = 3};
  Recipe recipe;
  recipe.candidates = {
      Logistic("logistic_c0.3_stable", 0.3, InputSet::kStable),
      Logistic("logistic_c1_stable", 1, InputSet::kStable),
      Logistic("logistic_c3_stable", 3, InputSet::kStable),
      Logistic("logistic_c1_full", 1, InputSet::kFull),
      Boosting("boosting_depth2_stable", depth2, InputSet::kStable),
      Boosting("boosting_depth3_stable", depth3, InputSet::kStable),
      Boosting("boosting_depth3_sampled_stable", depth3_sampled, InputSet::kStable),
      Boosting("boosting_depth4_stable", depth4, InputSet::kStable),
      Boosting("boosting_depth3_sampled_full", depth3_sampled, InputSet::kFull),
      Forest("forest_depth8_stable", 8, 0.6),
      Forest("forest_depth6_stable", 6, 0.8),
  };
  return recipe;
}

void KeepFamilies(const std::vector<std::string>& names, Recipe& recipe) {
  if (names.empty()) return;
  std::erase_if(recipe.candidates, [&](const Candidate& candidate) {
    return std::find(names.begin(), names.end(), FamilyName(candidate.family)) == names.end();
  });
}

std::vector<PlannedInput> PlanInputs(InputSet set, const std::vector<RawSummary>& raw, const Recipe& recipe) {
  Planner planner(raw, recipe);
  planner.AddStable();
  if (set == InputSet::kFull) planner.AddRest();
  return planner.Take();
}

}  // namespace vigia::training
