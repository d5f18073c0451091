#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

#include "base/random.h"
#include "catalog/catalog.h"
#include "dataset/build.h"
#include "dataset/leakage.h"

namespace vigia::dataset {

namespace {

struct YearPair {
  int features, labels;
};

Result<std::vector<YearPair>> ChoosePairs(const Sources& sources, const BuildSettings& settings) {
  if (settings.feature_year || settings.label_year) {
    const int features = settings.feature_year ? *settings.feature_year : *settings.label_year - 1;
    const int labels = settings.label_year ? *settings.label_year : features + 1;
    if (labels <= features) {
      return Error(Code::kInvalidArgument, "the label year " + std::to_string(labels) +
                                               " must come after the feature year " + std::to_string(features));
    }
    TRY(SheetOfYear(sources, features));
    TRY(SheetOfYear(sources, labels));
    return std::vector<YearPair>{{features, labels}};
  }
  std::vector<YearPair> pairs;
  std::string years;
  for (size_t i = 0; i < sources.sheets.size(); ++i) {
    years += (i > 0 ? ", " : "") + std::to_string(sources.sheets[i].year);
    if (i > 0 && sources.sheets[i].year == sources.sheets[i - 1].year + 1) {
      pairs.push_back({sources.sheets[i - 1].year, sources.sheets[i].year});
    }
  }
  if (pairs.empty()) {
    return Error(Code::kInvalidArgument, "no two consecutive years in the source (years: " + years + ")");
  }
  return pairs;
}

const Year& FindYear(const std::vector<Year>& years, int year) {
  const auto found = std::find_if(years.begin(), years.end(), [&](const Year& y) { return y.year == year; });
  CHECK(found != years.end(), "every year of a pair is read");
  return *found;
}

// A number for each pupil, the same in every pair, that says nothing of the RA: positions of a shuffle.
std::unordered_map<std::string_view, double> NumberPupils(const Dataset& dataset, Rng rng) {
  std::vector<std::string_view> pupils;
  std::unordered_map<std::string_view, double> numbers;
  for (const Pair& pair : dataset.pairs) {
    const Year& year = FindYear(dataset.years, pair.feature_year);
    for (const size_t row : pair.rows) {
      if (numbers.emplace(year.pupils[row], 0).second) pupils.push_back(year.pupils[row]);
    }
  }
  rng.Shuffle(pupils);
  for (size_t i = 0; i < pupils.size(); ++i) numbers[pupils[i]] = static_cast<double>(i + 1);
  return numbers;
}

Result<tabular::Table> Stack(const Dataset& dataset, uint64_t seed) {
  const Rng rng(seed);
  const auto numbers = NumberPupils(dataset, rng.Fork(1));
  tabular::Table stacked;
  for (const Pair& pair : dataset.pairs) {
    const Year& year = FindYear(dataset.years, pair.feature_year);
    tabular::Table part;
    std::vector<double> pupils;
    for (const size_t row : pair.rows) pupils.push_back(numbers.at(year.pupils[row]));
    part.AddNumbers(std::string(catalog::kYear), std::vector<double>(pair.rows.size(), pair.feature_year));
    part.AddNumbers(std::string(catalog::kPupil), std::move(pupils));
    const tabular::Table features = year.features.SelectRows(pair.rows);
    for (const tabular::Column& column : features.columns()) part.Add(column);
    part.AddNumbers(std::string(catalog::kTarget), pair.labels);
    TRY(stacked.Append(part));
  }
  // The order of the sheets follows the RA; ours does not.
  std::vector<size_t> order(stacked.rows());
  std::iota(order.begin(), order.end(), size_t{0});
  Rng shuffle = rng.Fork(2);
  shuffle.Shuffle(order);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return stacked.columns()[0].numbers[a] < stacked.columns()[0].numbers[b];
  });
  return stacked.SelectRows(order);
}

}  // namespace

Result<Dataset> Assemble(const Sources& sources, const BuildSettings& settings) {
  const std::vector<YearPair> pairs = TRY(ChoosePairs(sources, settings));
  std::set<int> feature_years, all_years;
  for (const YearPair& pair : pairs) {
    feature_years.insert(pair.features);
    all_years.insert({pair.features, pair.labels});
  }
  Dataset dataset;
  for (const int year : all_years) {
    const Use use = feature_years.contains(year) ? Use::kFeatures : Use::kLabelOnly;
    const SourceSheet* sheet = TRY(SheetOfYear(sources, year));
    dataset.years.push_back(TRY(Normalize(*sheet, use, settings.normalize)));
  }
  for (const YearPair& pair : pairs) {
    dataset.pairs.push_back(
        TRY(JoinYears(FindYear(dataset.years, pair.features), FindYear(dataset.years, pair.labels))));
  }
  dataset.table = TRY(Stack(dataset, settings.seed));
  TRY(CheckTrainingTable(dataset.table));
  const auto add = [&](const std::vector<Finding>& findings) {
    dataset.findings.insert(dataset.findings.end(), findings.begin(), findings.end());
  };
  for (const Year& year : dataset.years) add(year.findings);
  for (const Pair& pair : dataset.pairs) add(pair.findings);
  return dataset;
}

}  // namespace vigia::dataset
