#include "drift/assess.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>

#include "base/executor.h"
#include "base/random.h"
#include "drift/statistics.h"
#include "tabular/table.h"

namespace vigia::drift {
namespace {

using tabular::kMissing;

double NormalCdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

// A known population: 13 features such as the services have, and a score. It can give rows, for a
// baseline, and the exact chance of every slot, for windows of any size.
struct Population {
  enum class Kind { kNormal, kExponential, kGrid, kPhase, kLevels, kScore };
  struct Feature {
    std::string name;
    Kind kind;
    double missing;
    double shift = 0;  // in standard deviations, kNormal only
  };
  std::vector<Feature> features = {
      {"fase", Kind::kPhase, 0},      {"idade", Kind::kGrid, 0.01}, {"genero", Kind::kLevels, 0},
      {"inst", Kind::kLevels, 0.02},  {"iaa", Kind::kNormal, 0.06}, {"ieg", Kind::kNormal, 0.07},
      {"ips", Kind::kExponential, 0}, {"ipp", Kind::kNormal, 0.08}, {"ida", Kind::kNormal, 0.5},
      {"ipv", Kind::kGrid, 0.1},      {"ian", Kind::kPhase, 0.003}, {"mat", Kind::kExponential, 0.67},
      {"por", Kind::kNormal, 0.0}};

  static constexpr double kLevelShares[] = {0.62, 0.30, 0.07, 0.009, 0.001};
  static constexpr const char* kLevelNames[] = {"Publica", "Rede", "Privada", "Outro", "Raro"};

  static double Draw(const Feature& feature, Rng& rng) {
    switch (feature.kind) {
      case Kind::kNormal: return rng.Normal() + feature.shift;
      case Kind::kExponential: return -std::log(1 - rng.Uniform());
      case Kind::kGrid: return std::round(10 * (6 + rng.Normal())) / 10;
      case Kind::kPhase: return static_cast<double>(rng.Below(8));
      case Kind::kScore: return 1 / (1 + std::exp(-rng.Normal()));
      case Kind::kLevels: break;
    }
    return kMissing;
  }

  static double Cdf(const Feature& feature, double x) {
    switch (feature.kind) {
      case Kind::kNormal: return NormalCdf(x - feature.shift);
      case Kind::kExponential: return x <= 0 ? 0 : 1 - std::exp(-x);
      case Kind::kGrid: return NormalCdf(std::floor(x * 10 + 1e-9) / 10 + 0.05 - 6);
      case Kind::kPhase: return std::clamp((std::floor(x) + 1) / 8, 0.0, 1.0);
      case Kind::kScore: return x <= 0 ? 0 : x >= 1 ? 1 : NormalCdf(std::log(x / (1 - x)));
      case Kind::kLevels: break;
    }
    return 0;
  }

  baseline::Baseline MakeBaseline(size_t rows, Rng& rng) const {
    tabular::Table table;
    baseline::BaselineSettings settings;
    settings.model_version = "v1.1.0";
    for (const Feature& feature : features) {
      settings.features.push_back(feature.name);
      if (feature.kind == Kind::kLevels) {
        std::vector<std::optional<std::string>> values(rows);
        for (auto& value : values) {
          if (rng.Uniform() < feature.missing) continue;
          double u = rng.Uniform();
          size_t level = 0;
          while (level < 4 && u >= kLevelShares[level]) u -= kLevelShares[level++];
          value = kLevelNames[level];
        }
        table.AddCategories(feature.name, values);
      } else {
        std::vector<double> values(rows);
        for (double& value : values) value = rng.Uniform() < feature.missing ? kMissing : Draw(feature, rng);
        table.AddNumbers(feature.name, values);
      }
    }
    std::vector<double> scores(rows);
    for (double& score : scores) score = Draw({"risk_score", Kind::kScore, 0}, rng);
    return *baseline::BuildBaseline(table, scores, settings);
  }

  static std::vector<double> SlotShares(const Feature& feature, const baseline::Bins& bins) {
    std::vector<double> shares(bins.slots(), 0);
    shares[bins.missing()] = feature.missing;
    const double present = 1 - feature.missing;
    if (feature.kind == Kind::kLevels) {
      for (size_t i = 0; i < 5; ++i) shares[SlotOf(bins, kLevelNames[i])] += present * kLevelShares[i];
      return shares;
    }
    const baseline::Cuts cuts = CutsOf(bins);
    double before = 0;
    for (size_t i = 0; i < cuts.slots.size(); ++i) {
      const double until = i < cuts.cuts.size() ? Cdf(feature, cuts.cuts[i]) : 1;
      shares[cuts.slots[i]] += present * (until - before);
      before = until;
    }
    return shares;
  }

  WindowCounts DrawWindow(const baseline::Baseline& baseline, uint64_t rows, Rng& rng) const {
    WindowCounts window;
    window.requests = window.instances = rows;
    const auto draw = [&](const Feature& feature, const baseline::Bins& bins) {
      SlotCounts counts;
      counts.counts.resize(bins.slots());
      DrawMultinomial(rng, rows, SlotShares(feature, bins), counts.counts);
      return counts;
    };
    for (size_t i = 0; i < features.size(); ++i) {
      window.features.push_back(draw(features[i], baseline.features[i].bins));
    }
    window.scores = draw({"risk_score", Kind::kScore, 0}, baseline.scores.bins);
    return window;
  }
};

Thresholds Quick() {
  Thresholds thresholds;
  thresholds.noise.noise_threshold = false;  // the threshold is for people; the verdict does not use it
  return thresholds;
}

DriftReport Judge(const baseline::Baseline& baseline, const WindowCounts& window,
                  const Thresholds& thresholds = Quick()) {
  return Assess(baseline, window, thresholds, 7, *ParseTime("2026-11-20T10:00:00Z"));
}

struct Verdicts {
  int red = 0, yellow = 0, other = 0;
};

// Windows `first` to `last - 1` of that many rows.
Verdicts Simulate(uint64_t rows, int first, int last) {
  const Population population;
  Rng rng(rows + static_cast<uint64_t>(first));
  Verdicts verdicts;
  baseline::Baseline baseline;
  for (int i = first; i < last; ++i) {
    if (i % 4 == 0) baseline = population.MakeBaseline(765, rng);
    Thresholds thresholds = Quick();
    thresholds.noise.seed = static_cast<uint64_t>(i);
    switch (Judge(baseline, population.DrawWindow(baseline, rows, rng), thresholds).global) {
      case DriftStatus::kRed: ++verdicts.red; break;
      case DriftStatus::kYellow: ++verdicts.yellow; break;
      case DriftStatus::kGreen: break;
      default: ++verdicts.other;
    }
  }
  return verdicts;
}

// 1,000 windows without drift at each size: at most 1% red. Of any colour: half a percent is meant.
class FalseAlarmTest : public testing::TestWithParam<uint64_t> {};

TEST_P(FalseAlarmTest, AtMostOnePercent) {
  std::array<Verdicts, 2> halves;
  ThreadExecutor(2).ParallelFor(2, [&](size_t half) {
    const int first = static_cast<int>(half) * 500;
    halves[half] = Simulate(GetParam(), first, first + 500);
  });
  Verdicts verdicts;
  for (const Verdicts& half : halves) {
    verdicts.red += half.red;
    verdicts.yellow += half.yellow;
    verdicts.other += half.other;
  }
  EXPECT_LE(verdicts.red, 10);
  EXPECT_LE(verdicts.red + verdicts.yellow, 15);
  EXPECT_EQ(verdicts.other, 0);
  RecordProperty("red", verdicts.red);
  RecordProperty("yellow", verdicts.yellow);
}

INSTANTIATE_TEST_SUITE_P(Sizes, FalseAlarmTest, testing::Values(100, 1000, 100000));

// "Found": the feature itself, and with it the report, is not green. The PSI of half a standard
// deviation is 0.25 in the limit, right on the line between yellow and red, so the colour may be
// either; that it is beyond noise is what counts.
TEST(AssessTest, HalfADeviationInOneOfThirteenIsFound) {
  Population shifted;
  const size_t which = 4;  // iaa
  const Population still;
  Rng rng(99);
  int found = 0, elsewhere = 0;
  constexpr int kWindows = 100;
  for (int i = 0; i < kWindows; ++i) {
    const baseline::Baseline baseline = still.MakeBaseline(765, rng);
    shifted.features[which].shift = i % 2 == 0 ? 0.5 : -0.5;
    const DriftReport report = Judge(baseline, shifted.DrawWindow(baseline, 2000, rng));
    const DriftStatus status = report.features[which].status;
    const bool coloured = status == DriftStatus::kRed || status == DriftStatus::kYellow;
    found += coloured && report.global == status && report.WorstFirst()[0]->name == "iaa" ? 1 : 0;
    elsewhere += report.Count(DriftStatus::kRed) + report.Count(DriftStatus::kYellow) > 1 ? 1 : 0;
  }
  EXPECT_GE(found, kWindows * 95 / 100);
  EXPECT_LE(elsewhere, kWindows * 3 / 100);
}

TEST(AssessTest, ALargeShiftIsRedAlreadyAtAHundredRows) {
  Population shifted;
  shifted.features[4].shift = 1.5;
  Rng rng(3);
  const baseline::Baseline baseline = Population{}.MakeBaseline(765, rng);
  const DriftReport report = Judge(baseline, shifted.DrawWindow(baseline, 100, rng));
  EXPECT_EQ(report.global, DriftStatus::kRed);
  EXPECT_EQ(report.features[4].status, DriftStatus::kRed);
}

// The published tool: identical data scores 0.361, red by construction.
TEST(AssessTest, IdenticalDistributionsAreGreenAtEverySize) {
  Rng rng(4);
  const baseline::Baseline baseline = Population{}.MakeBaseline(1000, rng);
  for (const uint64_t times : {1, 2, 10, 100, 100000}) {
    WindowCounts window;
    window.requests = window.instances = 1000 * times;
    for (const auto& profile : baseline.features) {
      SlotCounts counts{profile.counts, std::nullopt};
      for (uint64_t& count : counts.counts) count *= times;
      window.features.push_back(counts);
    }
    window.scores.counts = baseline.scores.counts;
    for (uint64_t& count : window.scores.counts) count *= times;
    const DriftReport report = Judge(baseline, window);
    EXPECT_EQ(report.global, DriftStatus::kGreen);
    EXPECT_EQ(report.Count(DriftStatus::kGreen), 13u);
    for (const FeatureDrift& drift : report.features) EXPECT_LT(drift.psi.psi, 1e-9) << drift.name;
    EXPECT_LT(report.score.psi.psi, 1e-9);
  }
}

TEST(AssessTest, AWindowFromTheBaselinesOwnRowsIsGreenAtEverySize) {
  Rng rng(15);
  const Population population;
  const baseline::Baseline baseline = population.MakeBaseline(765, rng);
  for (const uint64_t rows : {50, 51, 64, 100, 300, 1000, 10000, 1000000}) {
    EXPECT_EQ(Judge(baseline, population.DrawWindow(baseline, rows, rng)).global, DriftStatus::kGreen) << rows;
  }
}

TEST(AssessTest, TooFewRowsIsAStatusOfItsOwn) {
  Rng rng(6);
  const Population population;
  const baseline::Baseline baseline = population.MakeBaseline(765, rng);
  for (const uint64_t rows : {1, 49}) {
    const DriftReport report = Judge(baseline, population.DrawWindow(baseline, rows, rng));
    EXPECT_EQ(report.global, DriftStatus::kTooFewRows) << rows;
    EXPECT_EQ(report.Count(DriftStatus::kTooFewRows), 13u);
    EXPECT_EQ(report.score.status, DriftStatus::kTooFewRows);
  }
  EXPECT_EQ(Judge(baseline, population.DrawWindow(baseline, 0, rng)).global, DriftStatus::kNoData);
  const baseline::Baseline tiny = population.MakeBaseline(30, rng);
  EXPECT_EQ(Judge(tiny, population.DrawWindow(tiny, 1000, rng)).global, DriftStatus::kTooFewRows);
}

// One category and one number, without the rest of the population.
baseline::Baseline SmallBaseline() {
  tabular::Table table;
  std::vector<std::optional<std::string>> genero;
  std::vector<double> ieg, scores;
  for (int i = 0; i < 1000; ++i) {
    genero.push_back(i % 2 == 0 ? "Menina" : "Menino");
    ieg.push_back(i % 20 == 0 ? kMissing : i % 7);
    scores.push_back((i % 10) / 10.0);
  }
  table.AddCategories("genero", genero);
  table.AddNumbers("ieg", ieg);
  baseline::BaselineSettings settings;
  settings.features = {"genero", "ieg", "calculada"};
  return *baseline::BuildBaseline(table, scores, settings);
}

WindowCounts SameAs(const baseline::Baseline& baseline) {
  WindowCounts window;
  window.requests = window.instances = baseline.n_samples;
  for (const auto& profile : baseline.features) window.features.push_back({profile.counts, std::nullopt});
  window.scores.counts = baseline.scores.counts;
  return window;
}

// The published tool: categories never reached the store, so they were missing at 100% and red.
TEST(AssessTest, CategoriesAreCountedAndUnseenLevelsShow) {
  const baseline::Baseline baseline = SmallBaseline();
  WindowCounts window = SameAs(baseline);
  EXPECT_EQ(Judge(baseline, window).features[0].status, DriftStatus::kGreen);
  const baseline::Bins& bins = baseline.features[0].bins;
  window.features[0].counts[0] -= 300;
  window.features[0].counts[bins.unseen()] += 300;
  EXPECT_EQ(Judge(baseline, window).features[0].status, DriftStatus::kRed);
}

// … and a feature without a profile was red when it was sent.
TEST(AssessTest, AFeatureWithoutABaselineIsNotJudged) {
  const baseline::Baseline baseline = SmallBaseline();
  WindowCounts window = SameAs(baseline);
  const baseline::Bins& bins = baseline.features[2].bins;
  std::swap(window.features[2].counts[bins.missing()], window.features[2].counts[bins.unseen()]);
  const DriftReport report = Judge(baseline, window);
  EXPECT_EQ(report.features[2].status, DriftStatus::kNoBaseline);
  EXPECT_EQ(report.global, DriftStatus::kGreen);
}

TEST(AssessTest, MissingRatesHaveThresholdsAndASignificanceOfTheirOwn) {
  const baseline::Baseline baseline = SmallBaseline();
  const baseline::Bins& bins = baseline.features[1].bins;
  struct Case {
    uint64_t rows, missing;
    DriftStatus status;
  };
  for (const Case& c : {Case{1000, 90, DriftStatus::kGreen},    // + 0.04
                        Case{1000, 110, DriftStatus::kYellow},  // + 0.06
                        Case{1000, 10, DriftStatus::kGreen},    // − 0.04
                        Case{1000, 160, DriftStatus::kRed},     // + 0.11
                        Case{60, 8, DriftStatus::kGreen}}) {    // + 0.083, but of 60 rows only
    WindowCounts window = SameAs(baseline);
    window.instances = c.rows;
    auto& counts = window.features[1].counts;
    std::fill(counts.begin(), counts.end(), 0);
    counts[bins.missing()] = c.missing;
    for (uint64_t i = c.missing; i < c.rows; ++i) ++counts[i % 7];
    window.features[0].counts = {c.rows / 2, c.rows / 2, 0, 0, 0, 0};
    window.scores.counts.assign(baseline.scores.bins.slots(), 0);
    for (uint64_t i = 0; i < c.rows; ++i) ++window.scores.counts[i % 10];
    EXPECT_EQ(Judge(baseline, window).features[1].status, c.status) << c.missing << " of " << c.rows;
  }
}

TEST(AssessTest, TheScoreAloneCanMakeAReportRed) {
  const baseline::Baseline baseline = SmallBaseline();
  WindowCounts window = SameAs(baseline);
  std::fill(window.scores.counts.begin(), window.scores.counts.end(), 0);
  window.scores.counts[0] = 1000;
  const DriftReport report = Judge(baseline, window);
  EXPECT_EQ(report.score.status, DriftStatus::kRed);
  EXPECT_EQ(report.global, DriftStatus::kRed);
}

TEST(AssessTest, AWindowIsExactlyNDays) {
  const WallTime now = *ParseTime("2026-11-20T10:35:00.5Z");
  const Window week = LastDays(now, 7);
  EXPECT_EQ(FormatTime(week.start), "2026-11-13T10:35:00.500000Z");
  EXPECT_EQ(week.end, now);
  // The week before begins where this one ends, and shares nothing with it.
  EXPECT_EQ(LastDays(week.start, 7).end, week.start);
}

TEST(AssessTest, WorstFirst) {
  const baseline::Baseline baseline = SmallBaseline();
  WindowCounts window = SameAs(baseline);
  window.features[1].counts[0] += 400;
  window.features[1].counts[1] -= 100;
  window.instances += 300;
  const DriftReport report = Judge(baseline, window);
  EXPECT_EQ(report.WorstFirst()[0]->name, "ieg");
  EXPECT_EQ(report.WorstFirst()[2]->name, "calculada");
}

}  // namespace
}  // namespace vigia::drift
