#include "sample/cohort.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "sample/testing/draw.h"
#include "sample/truth.h"

namespace vigia::sample {
namespace {

TEST(CohortTest, RefusesSettingsThatMakeNoWorkbook) {
  const std::vector<Settings> bad = {{0, {2022}, 1},  {kMaxStudents + 1, {2022}, 1}, {10, {}, 1}, {10, {2021}, 1},
                                     {10, {2025}, 1}, {10, {2022, 2022}, 1}};
  for (const Settings& settings : bad) {
    const auto cohort = DrawCohort(settings);
    ASSERT_FALSE(cohort.ok());
    EXPECT_EQ(cohort.error().code(), Code::kInvalidArgument);
  }
}

TEST(CohortTest, HasTheShapeOfTheRealWorkbook) {
  const Cohort cohort = Draw(860, 42);
  EXPECT_EQ(cohort.In(2022).size(), 860U);
  EXPECT_EQ(cohort.In(2023).size(), 1014U);
  EXPECT_EQ(cohort.In(2024).size(), 1156U);
  const auto first = SummarisePair(cohort, 2022).value();
  const auto second = SummarisePair(cohort, 2023).value();
  EXPECT_NEAR(static_cast<double>(first.pupils), 600, 50);
  EXPECT_NEAR(static_cast<double>(second.pupils), 765, 50);
  EXPECT_NEAR(first.base_rate, 0.61, 0.05);
  EXPECT_NEAR(second.base_rate, 0.40, 0.05);
  EXPECT_FALSE(SummarisePair(cohort, 2024).ok());
}

TEST(CohortTest, SameSeedSamePupilsOtherSeedOthers) {
  EXPECT_EQ(TruthCsv(Draw(200, 7)), TruthCsv(Draw(200, 7)));
  EXPECT_NE(TruthCsv(Draw(200, 7)), TruthCsv(Draw(200, 8)));
}

TEST(CohortTest, LagAndIanAreFunctionsOfPhaseAndAge) {
  const Cohort cohort = Draw(3000, 3);
  std::set<double> ians;
  for (const Pupil& pupil : cohort.pupils) {
    for (const auto& row : pupil.rows) {
      if (!row.has_value()) continue;
      EXPECT_EQ(row->Lag(), row->phase - IdealPhaseOfAge(row->age));
      EXPECT_EQ(row->Ian(), row->Lag() >= 0 ? 10 : row->Lag() >= -2 ? 5 : 2.5);
      EXPECT_LE(row->phase, row->year == 2024 ? kAlumniPhase : row->year == 2023 ? kUniversityPhase : 7);
      EXPECT_EQ(std::isnan(row->ida), std::isnan(row->ieg));
      EXPECT_TRUE(!std::isnan(row->ida) || row->phase >= 7);  // missing by structure
      ians.insert(row->Ian());
    }
  }
  EXPECT_EQ(ians.size(), 3U);
}

double Correlation(const std::vector<std::pair<double, double>>& pairs) {
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  for (const auto& [a, b] : pairs) x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
  const auto n = static_cast<double>(pairs.size());
  return (xy - x * y / n) / std::sqrt((xx - x * x / n) * (yy - y * y / n));
}

TEST(CohortTest, IndicatorsShareAbilityAndPersist) {
  const Cohort cohort = Draw(20'000, 5);
  std::vector<std::pair<double, double>> same_year, next_year;
  for (const Pupil& pupil : cohort.pupils) {
    const PupilYear* row = pupil.In(2022);
    const PupilYear* next = pupil.In(2023);
    if (row == nullptr) continue;
    same_year.emplace_back(row->ieg, row->ipv);
    if (next != nullptr && !std::isnan(next->ida)) next_year.emplace_back(row->ida, next->ida);
  }
  EXPECT_NEAR(Correlation(same_year), 0.59, 0.08);  // what the real sheet of 2022 has
  EXPECT_NEAR(Correlation(next_year), 0.60, 0.08);  // and from 2022 to 2023
}

// The generating model's promise: among rows whose true risk is about r, a share r ends up behind.
TEST(CohortTest, TrueRiskIsCalibratedInEveryDecile) {
  const Cohort cohort = Draw(120'000, 11);
  for (const int year : {2022, 2023}) {
    double expected[10] = {}, observed[10] = {}, variance[10] = {}, all = 0, positives = 0, total = 0;
    for (const Pupil& pupil : cohort.pupils) {
      const PupilYear* now = pupil.In(year);
      const PupilYear* next = pupil.In(year + 1);
      if (now == nullptr || next == nullptr) continue;
      const double risk = TrueRisk(*now);
      ASSERT_GE(risk, 0.0);
      ASSERT_LE(risk, 1.0);
      const auto decile = std::min<size_t>(static_cast<size_t>(risk * 10), 9);
      expected[decile] += risk;
      observed[decile] += next->Lag() < 0 ? 1 : 0;
      variance[decile] += risk * (1 - risk);
      all += risk;
      positives += next->Lag() < 0 ? 1 : 0;
      total += 1;
    }
    for (size_t i = 0; i < 10; ++i) {  // 4 standard errors: a false alarm in 16,000 deciles
      EXPECT_NEAR(observed[i], expected[i], 4 * std::sqrt(variance[i]) + 1e-9) << year << " decile " << i;
    }
    EXPECT_NEAR(all / total, positives / total, 0.005);
  }
}

TEST(CohortTest, NoRuleBeatsTheOracle) {
  const Cohort cohort = Draw(60'000, 13);
  for (const int year : {2022, 2023}) {
    const auto pair = SummarisePair(cohort, year).value();
    EXPECT_GT(pair.oracle_auc, 0.88);
    EXPECT_LT(pair.oracle_auc, 0.95);
    EXPECT_GT(pair.oracle_auc, pair.persistence_auc + 0.05);
    EXPECT_GT(pair.persistence_auc, 0.7);
  }
}

TEST(GeneratingModelTest, EdgesOfTheRisk) {
  PupilYear row;
  row.year = 2022;
  row.age = 11, row.phase = 0;  // two behind: only a double promotion and no birthday would help
  EXPECT_GT(TrueRisk(row), 0.99);
  row.age = 7, row.phase = 0;  // eight next year at most, and ALFA is right for that
  EXPECT_EQ(TrueRisk(row), 0.0);
  row.age = 20, row.phase = 8;
  EXPECT_EQ(TrueRisk(row), 0.0);
  row.age = 17, row.phase = 7;  // without indicators: has left school, moves on
  EXPECT_EQ(TrueRisk(row), 0.0);
  row.ieg = 8;
  EXPECT_GT(TrueRisk(row), 0.0);
  row.age = 12, row.phase = 3;
  row.ipv = 4;
  const double weak = TrueRisk(row);
  row.ipv = 9.5;
  EXPECT_LE(TrueRisk(row), weak);
}

}  // namespace
}  // namespace vigia::sample
