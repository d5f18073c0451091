#include "sample/generating_model.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/result.h"

namespace vigia::sample {

namespace {

struct Scale {
  double mean, deviation;
};

// One row per year: the level and spread of each indicator, and what moves pupils on from that year.
struct YearModel {
  Scale ieg, subject, ipv, iaa, ips, ipp;
  double iaa_zero;          // share of self-assessments left at 0
  double promotion;         // intercept of the promotion log-odds
  double birthday;          // P(recorded age is one more next year)
  double stay, stay_older;  // P(in next year's sheet): phases 0..6, and 7 and up
};

constexpr std::array<YearModel, kYears> kModels = {{
    {{8.0, 1.65}, {6.1, 2.35}, {7.25, 1.15}, {8.7, 1.2}, {6.9, 1.25}, {0, 0}, 0.02, 0.95, 0.80, 0.70, 0.60},
    {{8.7, 1.15}, {6.7, 1.90}, {8.03, 1.00}, {8.5, 1.2}, {5.1, 2.20}, {7.56, 1.0}, 0.18, 1.35, 0.60, 0.735, 0.92},
    {{8.5, 1.25}, {6.5, 2.00}, {7.80, 1.10}, {8.6, 1.2}, {6.0, 1.60}, {7.4, 1.1}, 0.05, 1.35, 0.60, 0.735, 0.92},
}};

const YearModel& ModelOf(int year) {
  CHECK(year >= kFirstYear && year <= kLastYear, "a year that the generating model does not know");
  return kModels[static_cast<size_t>(year - kFirstYear)];
}

// Loadings on latent ability; the rest of the variance is noise of the year.
constexpr double kIegLoading = 0.75, kSubjectLoading = 0.72, kIpvLoading = 0.78, kIaaLoading = 0.35, kIpsLoading = 0.20,
                 kIppLoading = 0.50;
constexpr double kAgeSlope = -0.22;  // of every achievement, per deviation of age
constexpr double kAbilityPersistence = 0.92;
constexpr double kDoublePromotion = 0.02;  // of those who advance, skip a phase
constexpr double kSeniorPromotion = 0.95;  // phase 7 with indicators; without them they have left school: 1

constexpr double kIpvWeight = 0.75, kIegWeight = 0.30, kIdaWeight = 0.25, kIaaWeight = 0.10;

double Logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// A missing indicator counts as average.
double Standard(double value, const Scale& scale) {
  return std::isnan(value) ? 0.0 : (value - scale.mean) / scale.deviation;
}

double RoundTo(double value, double step) { return std::round(value / step) * step; }

double Draw(const Scale& scale, double loading, double ability, double age_shift, Rng& rng) {
  const double noise = std::sqrt(1.0 - loading * loading) * rng.Normal();
  return std::clamp(scale.mean + scale.deviation * (loading * ability + noise + age_shift), 0.0, 10.0);
}

double NearestOf(std::span<const double> grid, double value) {
  return *std::min_element(grid.begin(), grid.end(),
                           [value](double a, double b) { return std::abs(a - value) < std::abs(b - value); });
}

double DrawIps(const YearModel& model, int year, double ability, Rng& rng) {
  static constexpr std::array<double, 7> kGrid = {2.5, 3.8, 5.0, 6.3, 7.5, 8.8, 10.0};
  static constexpr std::array<double, 7> kOffsetGrid = {2.52, 3.76, 5.0, 5.02, 6.26, 7.52, 10.0};
  const double value = Draw(model.ips, kIpsLoading, ability, 0, rng);
  return year == 2022 ? NearestOf(kGrid, value) : NearestOf(kOffsetGrid, value);
}

template <size_t n>
size_t Weighted(const std::array<double, n>& weights, Rng& rng) {
  double total = 0;
  for (const double weight : weights) total += weight;
  double left = rng.Uniform() * total;
  for (size_t i = 0; i < n; ++i) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return n - 1;
}

constexpr int kYoungest = 7;
// Ages 7..18 of newcomers; university pupils (2023 on) are drawn apart.
constexpr std::array<std::array<double, 12>, kYears> kNewcomerAges = {{
    {14, 57, 96, 116, 102, 107, 100, 85, 63, 52, 48, 20},
    {27, 70, 55, 45, 42, 38, 30, 25, 15, 12, 8, 0},
    {45, 75, 55, 45, 35, 30, 25, 22, 14, 12, 8, 0},
}};
// Lags −3..1 of newcomers.
constexpr std::array<std::array<double, 5>, kYears> kNewcomerLags = {{
    {0.03, 0.21, 0.535, 0.215, 0.01},
    {0.02, 0.13, 0.50, 0.34, 0.01},
    {0.03, 0.17, 0.57, 0.22, 0.01},
}};
constexpr std::array<double, kYears> kUniversityNewcomers = {0.0, 0.125, 0.05};

}  // namespace

int IdealPhaseOfAge(int age) {
  if (age <= 8) return 0;
  if (age == 9) return 1;
  if (age <= 11) return 2;
  if (age <= 13) return 3;
  return std::min(age - 10, kUniversityPhase);
}

int PupilYear::IdealPhase() const { return IdealPhaseOfAge(age); }

double PupilYear::Ian() const {
  const int lag = Lag();
  return lag >= 0 ? 10.0 : lag >= -2 ? 5.0 : 2.5;
}

double PupilYear::Inde() const {
  const double with_ipp = 0.1 * Ian() + 0.2 * (ida + ieg + ipv) + 0.1 * (iaa + ips);
  return year == 2022 ? with_ipp / 0.9 : with_ipp + 0.1 * ipp;  // there was no IPP in 2022
}

double PromotionProbability(const PupilYear& row) {
  if (row.phase >= kUniversityPhase) return 0.0;
  if (row.phase == kUniversityPhase - 1) return std::isnan(row.ieg) ? 1.0 : kSeniorPromotion;
  const YearModel& model = ModelOf(row.year);
  static constexpr std::array<double, 7> kPhaseEffect = {-0.75, 0.35, 0.15, 0.35, 0.25, 0.3, 2.5};
  const int lag = row.Lag();
  const double lag_effect = lag <= -2 ? 1.9 : lag == -1 ? 0.20 : -0.85;
  // Average of the subjects has less spread than one of them.
  const Scale ida = {model.subject.mean, 0.87 * model.subject.deviation};
  return Logistic(model.promotion + kPhaseEffect[static_cast<size_t>(row.phase)] + lag_effect +
                  kIpvWeight * Standard(row.ipv, model.ipv) + kIegWeight * Standard(row.ieg, model.ieg) +
                  kIdaWeight * Standard(row.ida, ida) + kIaaWeight * Standard(row.iaa, model.iaa));
}

double TrueRisk(const PupilYear& row) {
  if (row.phase >= kUniversityPhase) return 0.0;
  const double promotion = PromotionProbability(row);
  const double birthday = ModelOf(row.year).birthday;
  const std::array<double, 3> steps = {1.0 - promotion, promotion * (1.0 - kDoublePromotion),
                                       promotion * kDoublePromotion};
  double risk = 0;
  for (int aged = 0; aged <= 1; ++aged) {
    for (int step = 0; step < 3; ++step) {
      const int next_phase = std::min(row.phase + step, kUniversityPhase);
      if (next_phase >= IdealPhaseOfAge(row.age + aged)) continue;
      risk += (aged == 1 ? birthday : 1.0 - birthday) * steps[static_cast<size_t>(step)];
    }
  }
  return std::min(risk, 1.0);  // the parts may add up to a rounding error more
}

PupilYear Advance(const PupilYear& row, Rng& rng) {
  PupilYear next;
  next.year = row.year + 1;
  next.age = row.age + (rng.Uniform() < ModelOf(row.year).birthday ? 1 : 0);
  const bool promoted = rng.Uniform() < PromotionProbability(row);
  const bool twice = rng.Uniform() < kDoublePromotion;
  if (row.phase >= kUniversityPhase) {
    const bool graduated = next.year == kLastYear && rng.Uniform() < 0.55;
    next.phase = graduated ? kAlumniPhase : row.phase;
  } else {
    next.phase = std::min(row.phase + (promoted ? (twice ? 2 : 1) : 0), kUniversityPhase);
  }
  return next;
}

double StayProbability(const PupilYear& row) {
  const YearModel& model = ModelOf(row.year);
  return row.phase >= kUniversityPhase - 1 ? model.stay_older : model.stay;
}

void DrawIndicators(double ability, PupilYear& row, Rng& rng) {
  const YearModel& model = ModelOf(row.year);
  const bool left_school = row.phase >= kUniversityPhase;
  const bool leaving = row.year != 2022 && row.phase == kUniversityPhase - 1 && rng.Uniform() < 0.55;
  if (!left_school) {
    row.iaa = rng.Uniform() < model.iaa_zero ? 0.0 : RoundTo(Draw(model.iaa, kIaaLoading, ability, 0, rng), 0.1);
    if (row.year == 2024) row.iaa += 0.002;
    row.ips = DrawIps(model, row.year, ability, rng);
  }
  if (left_school || leaving) return;  // missing by structure, not by chance
  const double age_shift = kAgeSlope * (row.age - 12) / 2.8;
  row.ieg = RoundTo(Draw(model.ieg, kIegLoading, ability, age_shift, rng), 0.1);
  row.mat = RoundTo(Draw(model.subject, kSubjectLoading, ability, age_shift, rng), 0.1);
  row.por = RoundTo(Draw(model.subject, kSubjectLoading, ability, age_shift, rng), 0.1);
  if (row.phase >= 3) row.ing = RoundTo(Draw(model.subject, kSubjectLoading, ability, age_shift, rng), 0.1);
  row.ida = RoundTo(row.phase >= 3 ? (row.mat + row.por + row.ing) / 3 : (row.mat + row.por) / 2, 0.1);
  row.ipv = RoundTo(Draw(model.ipv, kIpvLoading, ability, age_shift, rng), 0.01);
  if (row.year == 2024 || (row.year == 2023 && row.ipv >= 9.995)) row.ipv += 0.01;
  if (row.year != 2022) row.ipp = RoundTo(Draw(model.ipp, kIppLoading, ability, age_shift, rng), 1.0 / 96);
}

double NextAbility(double ability, Rng& rng) {
  return kAbilityPersistence * ability + std::sqrt(1 - kAbilityPersistence * kAbilityPersistence) * rng.Normal();
}

PupilYear DrawNewcomer(int year, Rng& rng) {
  const auto index = static_cast<size_t>(year - kFirstYear);
  CHECK(index < kYears, "a year that the generating model does not know");
  PupilYear row;
  row.year = year;
  if (rng.Uniform() < kUniversityNewcomers[index]) {
    row.age = 18 + static_cast<int>(std::min(rng.Below(6), rng.Below(9)));
    row.phase = kUniversityPhase;
    return row;
  }
  row.age = kYoungest + static_cast<int>(Weighted(kNewcomerAges[index], rng));
  const int lag = static_cast<int>(Weighted(kNewcomerLags[index], rng)) - 3;
  row.phase = std::clamp(row.IdealPhase() + lag, 0, kUniversityPhase - 1);
  return row;
}

}  // namespace vigia::sample
